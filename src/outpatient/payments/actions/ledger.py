"""The books: the only place where ledger entries are made and the sums of a payment change."""

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update

from outpatient.core.constraints import Crowded
from outpatient.core.database import Tx, Who
from outpatient.core.terms import Account, EntryKind
from outpatient.models import LedgerEntry, Payment
from outpatient.payments.queries import PatientAccount
from outpatient.payments.rules import status_of

DESK = "desk"
"""The provider of money that was taken, and is given back, at the desk."""


def place_of(provider: str) -> Account:
    """Where money of this provider stands."""
    return Account.DESK if provider == DESK else Account.GATEWAY


async def post(
    tx: Tx,
    account: PatientAccount,
    *,
    kind: EntryKind,
    debit: Account,
    credit: Account,
    amount_minor: int,
    reference: str,
    by: Who | None,
) -> None:
    """Write the two halves of a posting: so much more on `debit`, so much less on `credit`."""
    payment = account.payment
    for name, amount in ((debit, amount_minor), (credit, -amount_minor)):
        tx.session.add(
            LedgerEntry(
                hospital_id=payment.hospital_id,
                payment_id=payment.id,
                centre_id=account.visit.centre_id,
                clinician_id=account.visit.clinician_id,
                kind=kind,
                account=name,
                amount_minor=amount,
                reference=reference,
                entered_by=by.user_id if by else None,
                entered_on=tx.now.astimezone(ZoneInfo(account.time_zone)).date(),
                at=tx.now,
            )
        )
    await tx.session.flush()


async def change_sums(
    tx: Tx, payment: Payment, *, paid: int = 0, refunded: int = 0, discount: int = 0, **also: Any
) -> None:
    """Add to a payment's sums, and let its status follow: one update that only fits the sums that were looked at.

    The caller holds the account's lock, so that nobody has changed them meanwhile; if somebody has, nothing is done
    (Crowded). What goes back never exceeds what came in: the table itself refuses that.
    """
    sums = {
        "paid_minor": payment.paid_minor + paid,
        "refunded_minor": payment.refunded_minor + refunded,
        "discount_minor": payment.discount_minor + discount,
    }
    status = status_of(
        amount=payment.amount_minor,
        discount=sums["discount_minor"],
        paid=sums["paid_minor"],
        refunded=sums["refunded_minor"],
        was=payment.status,
    )
    changed = await tx.all(
        update(Payment)
        .where(
            Payment.hospital_id == payment.hospital_id,
            Payment.id == payment.id,
            Payment.paid_minor == payment.paid_minor,
            Payment.refunded_minor == payment.refunded_minor,
            Payment.discount_minor == payment.discount_minor,
            Payment.status == payment.status,
        )
        .values(**sums, **also, status=status)
        .returning(Payment.id)
        .execution_options(synchronize_session=False)
    )
    if not changed:
        raise Crowded
    await tx.session.refresh(payment)
