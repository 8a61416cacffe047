"""What an appointment's or a visit's changes mean for its money: asked no more, given back, asked again."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from outpatient.core.database import Tx, Who
from outpatient.core.terms import CancelledBy, PaymentStatus
from outpatient.models import Invoice, Payment, PaymentLink, PaymentOrder
from outpatient.payments.actions.refund import give_back
from outpatient.payments.errors import MoneyWentBack
from outpatient.payments.queries import get_account, get_refund_terms
from outpatient.payments.rules import refund_share

UNPAID = (PaymentStatus.PENDING, PaymentStatus.FAILED, PaymentStatus.PAID)
"""What a payment may be for which no money came in; PAID if all of it was discounted."""


async def void_payment(
    tx: Tx,
    *,
    hospital_id: int,
    appointment_id: int | None = None,
    visit_id: int | None = None,
    status: PaymentStatus,
    starts_at: datetime,
    cancelled_by: CancelledBy,
    reason: str,
    by: Who | None,
) -> None:
    """Nothing is asked any more for what will not take place (`status`: CANCELLED or EXPIRED), named by either id.

    What was paid for it goes back by the hospital's rules, in the same transaction.
    """
    voided = await tx.all(
        update(Payment)
        .where(
            Payment.hospital_id == hospital_id,
            Payment.visit_id == visit_id if appointment_id is None else Payment.appointment_id == appointment_id,
            Payment.paid_minor == 0,
            Payment.status.in_(UNPAID),
        )
        .values(status=status)
        .returning(Payment.id)
    )
    if voided:
        return
    account = await get_account(tx, None, appointment_id=appointment_id, visit_id=visit_id, lock=True)
    if account.kept_minor == 0:
        return
    terms = await get_refund_terms(tx, hospital_id)
    share = refund_share(
        account.kept_minor,
        full_notice=timedelta(minutes=terms.full_refund_notice_minutes),
        late_percent=terms.late_refund_percent,
        starts_at=starts_at,
        now=tx.now,
        cancelled_by=cancelled_by,
    )
    if share:
        await give_back(tx, account, share, reason=reason, by=by)


async def ask_again(tx: Tx, *, hospital_id: int, visit_id: int) -> None:
    """Ask once more for what was asked no more, because the visit takes place after all.

    MoneyWentBack: it was paid, and the money is on its way to the patient.
    """
    payment: Payment | None = await tx.one_or_none(
        select(Payment)
        .where(Payment.hospital_id == hospital_id, Payment.visit_id == visit_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if payment is None:
        return
    if payment.refunded_minor:
        raise MoneyWentBack
    if payment.status is PaymentStatus.CANCELLED:
        is_free = payment.amount_minor == payment.discount_minor > 0
        payment.status = PaymentStatus.PAID if is_free else PaymentStatus.PENDING
        await tx.session.flush()


async def change_amount(tx: Tx, *, hospital_id: int, appointment_id: int, amount_minor: int) -> bool:
    """Ask another amount for an appointment for which nothing was paid, discounted, ordered or invoiced.

    False: it is too late.
    """
    tables = (PaymentOrder, PaymentLink, Invoice)
    begun = [select(table.payment_id).where(table.hospital_id == hospital_id) for table in tables]
    changed = await tx.all(
        update(Payment)
        .where(
            Payment.hospital_id == hospital_id,
            Payment.appointment_id == appointment_id,
            Payment.status == PaymentStatus.PENDING,
            Payment.paid_minor == 0,
            Payment.discount_minor == 0,
            *(Payment.id.not_in(ids) for ids in begun),
        )
        .values(amount_minor=amount_minor)
        .returning(Payment.id)
        .execution_options(synchronize_session=False)
    )
    return bool(changed)
