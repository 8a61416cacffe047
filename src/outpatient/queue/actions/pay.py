"""Paying on the way out: the desk takes the money, and with it the visit ends (seed 000)."""

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid
from outpatient.core.terms import PaymentMethod, PaymentStatus, VisitStatus
from outpatient.payments.actions import discount_payment, take_payment
from outpatient.payments.queries import get_account
from outpatient.queue.actions.leave import complete_visit

AT_THE_DESK = "Given at the desk"


async def process_payment(
    tx: Tx,
    *,
    actor: Actor,
    payment_id: int,
    amount_minor: int | None,
    method: PaymentMethod,
    discount_minor: int | None = None,
) -> None:
    """Take money (None: all that is due, after the discount); once all is paid, a consultation that has begun is over.

    Who pays in advance stays in the queue. Refuses like `take_payment` and `discount_payment`.
    """
    account = await get_account(tx, actor, payment_id=payment_id, lock=True)
    if discount_minor:
        try:
            account = await discount_payment(
                tx, actor=actor, payment_id=payment_id, amount_minor=discount_minor, reason=AT_THE_DESK
            )
        except Invalid as refused:
            raise Invalid(details={"discount": refused.details["amount"]}) from None
    if account.due_minor or amount_minor or not discount_minor:
        await take_payment(
            tx, actor=actor, payment_id=payment_id, amount_minor=amount_minor, method=method, reference=None
        )
    await tx.session.refresh(account.payment)
    if account.payment.status is PaymentStatus.PAID and account.visit.status is VisitStatus.IN_PROGRESS:
        await complete_visit(tx, actor=actor, visit_id=account.visit.id)
