"""Money at the desk: cash, card, UPI or a transfer, taken by a person; and what is asked less."""

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.terms import Account, EntryKind, PaymentMethod
from outpatient.models import Receipt
from outpatient.payments.actions.due import within_due
from outpatient.payments.actions.ledger import DESK, change_sums, post
from outpatient.payments.actions.receive import Incoming, receive
from outpatient.payments.events import PaymentDiscounted
from outpatient.payments.queries import PatientAccount, get_account, list_receipts


async def take_payment(
    tx: Tx, *, actor: Actor, payment_id: int, amount_minor: int | None, method: PaymentMethod, reference: str | None
) -> Receipt:
    """Take money at the desk, at most what is due and by default all of it; `reference` is what the slip says.

    PaymentClosed, NothingDue; Invalid: more than is due.
    """
    account = await get_account(tx, actor, payment_id=payment_id, lock=True)
    amount = within_due(account, amount_minor)
    number = len(await list_receipts(tx, account.payment)) + 1
    incoming = Incoming(
        provider=DESK,
        reference=f"desk-{account.payment.id}-{number}",
        amount_minor=amount,
        currency=account.payment.currency,
        method=method,
        slip=reference,
    )
    _, receipt = await receive(tx, payment_id=account.payment.id, incoming=incoming, by=actor)
    assert receipt is not None
    return receipt


async def discount_payment(tx: Tx, *, actor: Actor, payment_id: int, amount_minor: int, reason: str) -> PatientAccount:
    """Ask so much less of what is due; a discount of all of it pays it (PaymentClosed, NothingDue, Invalid)."""
    account = await get_account(tx, actor, payment_id=payment_id, lock=True)
    amount = within_due(account, amount_minor)
    await change_sums(tx, account.payment, discount=amount)
    await post(
        tx,
        account,
        kind=EntryKind.DISCOUNT,
        debit=Account.DISCOUNTS,
        credit=Account.PATIENT,
        amount_minor=amount,
        reference=f"discount-{account.payment.id}",
        by=actor,
    )
    await tx.record(PaymentDiscounted.of(account.payment, account.visit, amount_minor=amount, reason=reason), by=actor)
    await tx.session.refresh(account.payment)
    return account
