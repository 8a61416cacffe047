"""Money that comes in, whoever says so: once for each of the provider's payments, and never more than was asked."""

from dataclasses import dataclass

from sqlalchemy.dialects import postgresql, sqlite

from outpatient.core.database import Tx, Who
from outpatient.core.terms import Account, EntryKind, PaymentMethod
from outpatient.models import Receipt
from outpatient.payments.actions.ledger import change_sums, place_of, post
from outpatient.payments.actions.refund import give_back
from outpatient.payments.events import PaymentReceived
from outpatient.payments.queries import PatientAccount, get_account, get_receipt

TOO_LATE = "Nothing was to be paid any more"
TOO_MUCH = "More was paid than was due"


@dataclass(frozen=True, slots=True)
class Incoming:
    """Money that is in: `reference` is the provider's payment id, or ours at the desk; `slip` is what people see."""

    provider: str
    reference: str
    amount_minor: int
    currency: str
    method: PaymentMethod
    slip: str | None = None


async def receive(
    tx: Tx, *, payment_id: int, incoming: Incoming, by: Who | None
) -> tuple[PatientAccount, Receipt | None]:
    """Take money in, once (the receipt is None for a repeat); what was not due goes back at once.

    Whoever waits for the payment hears of it in this transaction (reactions.py), and may have to give it back, too.
    """
    account = await get_account(tx, None, payment_id=payment_id, lock=True)
    due = account.due_minor
    receipt_id = await _add_receipt(tx, account, incoming, by)
    if receipt_id is None:
        return account, None
    receipt = await get_receipt(tx, None, receipt_id)
    await change_sums(
        tx,
        account.payment,
        paid=incoming.amount_minor,
        method=incoming.method,
        transaction_id=incoming.slip or incoming.reference,
        paid_at=tx.now,
    )
    await post(
        tx,
        account,
        kind=EntryKind.RECEIPT,
        debit=place_of(incoming.provider),
        credit=Account.PATIENT,
        amount_minor=incoming.amount_minor,
        reference=incoming.reference,
        by=by,
    )
    surplus = max(0, incoming.amount_minor - due)
    event = PaymentReceived.of(
        account.payment,
        account.visit,
        receipt_id=receipt_id,
        amount_minor=incoming.amount_minor,
        surplus_minor=surplus,
        method=incoming.method,
    )
    await tx.record(event, by=by)
    await tx.session.refresh(account.payment)
    back = min(surplus, account.kept_minor)
    if back:
        reason = TOO_MUCH if due else TOO_LATE
        await give_back(tx, account, back, reason=reason, by=None, first=receipt)
    return account, receipt


async def _add_receipt(tx: Tx, account: PatientAccount, incoming: Incoming, by: Who | None) -> int | None:
    """The new receipt's id; None: this money was received before, as the unique key says."""
    new = postgresql.insert if tx.store.dialect == "postgresql" else sqlite.insert
    added: int | None = await tx.one_or_none(
        new(Receipt)
        .values(
            hospital_id=account.payment.hospital_id,
            payment_id=account.payment.id,
            provider=incoming.provider,
            reference=incoming.reference,
            slip=incoming.slip,
            amount_minor=incoming.amount_minor,
            returned_minor=0,
            currency=incoming.currency,
            method=incoming.method,
            received_by=by.user_id if by else None,
            received_at=tx.now,
        )
        .on_conflict_do_nothing()
        .returning(Receipt.id)
    )
    return added
