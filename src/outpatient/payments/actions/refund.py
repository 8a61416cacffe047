"""Money that goes back: out of the books at once, then handed over at the desk or asked of the provider."""

from collections.abc import Iterable, Sequence

from sqlalchemy import update

from outpatient.access.actor import Actor
from outpatient.core.constraints import Crowded
from outpatient.core.database import Tx, Who
from outpatient.core.errors import Invalid
from outpatient.core.money import show_money
from outpatient.core.terms import Account, EntryKind, RefundStatus
from outpatient.models import Receipt, Refund
from outpatient.payments.actions.ledger import DESK, change_sums, place_of, post
from outpatient.payments.errors import NothingToRefund
from outpatient.payments.events import RefundFailed, RefundProcessed, RefundRequested
from outpatient.payments.queries import PatientAccount, get_account, get_refund_and_receipt, list_returnable

LONGEST_ERROR = 500


def refund_key(refund: Refund) -> str:
    """Our name for a refund at the provider: the same for ever, and never another installation's."""
    return f"refund-{refund.id}-{int(refund.requested_at.timestamp())}"


async def refund_payment(
    tx: Tx, *, actor: Actor, payment_id: int, amount_minor: int | None, reason: str
) -> Sequence[Refund]:
    """Give back so much of a payment (None: all that we keep of it), the latest receipts first.

    NothingToRefund; Invalid: more than we keep of it.
    """
    account = await get_account(tx, actor, payment_id=payment_id, lock=True)
    kept = account.kept_minor
    if kept == 0:
        raise NothingToRefund
    if amount_minor is not None and not 0 < amount_minor <= kept:
        most = show_money(kept, account.payment.currency)
        raise Invalid.field(
            "amount", f"Must be more than 0 and at most {most}, which is what was paid and not returned"
        )
    return await give_back(tx, account, amount_minor or kept, reason=reason, by=actor)


async def give_back(
    tx: Tx,
    account: PatientAccount,
    amount_minor: int,
    *,
    reason: str,
    by: Who | None,
    first: Receipt | None = None,
) -> Sequence[Refund]:
    """Give back so much of a locked account, from the `first` receipt and then the latest ones: one refund for each.

    What came in at the desk is handed over there and so is done. What came through a provider is promised: it counts as
    given back, and the provider is asked after the commit.
    """
    await change_sums(tx, account.payment, refunded=amount_minor)
    receipts = sorted(await list_returnable(tx, account.payment), key=lambda one: one != first)
    refunds = []
    for receipt, amount in _shares(receipts, amount_minor):
        await _take_from(tx, receipt, amount)
        refunds.append(await _add_refund(tx, account, receipt, amount, reason=reason, by=by))
    return refunds


def _shares(receipts: Iterable[Receipt], amount_minor: int) -> Iterable[tuple[Receipt, int]]:
    left = amount_minor
    for receipt in receipts:
        if left == 0:
            return
        share = min(left, receipt.amount_minor - receipt.returned_minor)
        left -= share
        yield receipt, share
    if left:
        raise Crowded  # the receipts say less than the payment's sums do: somebody is changing them


async def _take_from(tx: Tx, receipt: Receipt, amount_minor: int) -> None:
    """Of a receipt never more goes back than came in (a negative amount came back after all)."""
    taken = await tx.all(
        update(Receipt)
        .where(
            Receipt.hospital_id == receipt.hospital_id,
            Receipt.id == receipt.id,
            Receipt.returned_minor + amount_minor <= Receipt.amount_minor,
        )
        .values(returned_minor=Receipt.returned_minor + amount_minor)
        .returning(Receipt.id)
        .execution_options(synchronize_session=False)
    )
    if not taken:
        raise Crowded


async def _add_refund(
    tx: Tx, account: PatientAccount, receipt: Receipt, amount_minor: int, *, reason: str, by: Who | None
) -> Refund:
    is_handed_over = receipt.provider == DESK
    refund = await tx.add(
        Refund(
            hospital_id=receipt.hospital_id,
            payment_id=receipt.payment_id,
            receipt_id=receipt.id,
            amount_minor=amount_minor,
            currency=receipt.currency,
            reason=reason,
            status=RefundStatus.PROCESSED if is_handed_over else RefundStatus.PENDING,
            requested_by=by.user_id if by else None,
            requested_at=tx.now,
            settled_at=tx.now if is_handed_over else None,
        )
    )
    await post(
        tx,
        account,
        kind=EntryKind.REFUND,
        debit=Account.PATIENT,
        credit=place_of(receipt.provider),
        amount_minor=amount_minor,
        reference=f"refund-{refund.id}",
        by=by,
    )
    told = {"refund_id": refund.id, "amount_minor": amount_minor}
    await tx.record(RefundRequested.of(account.payment, account.visit, **told), by=by)
    if is_handed_over:
        await tx.record(RefundProcessed.of(account.payment, account.visit, **told), by=by)
    return refund


async def note_refund(tx: Tx, *, refund_id: int, provider_refund_id: str) -> None:
    """Keep what the provider calls a refund that it has begun."""
    await tx.execute(
        update(Refund)
        .where(Refund.id == refund_id, Refund.provider_refund_id.is_(None))
        .values(provider_refund_id=provider_refund_id)
    )


async def settle_refund(
    tx: Tx, *, refund_id: int, status: RefundStatus, provider_refund_id: str | None = None, error: str | None = None
) -> bool:
    """What became of a promised refund: PROCESSED, or FAILED and then back in the books; False: it was settled before.

    A failed one stays to be seen, and staff may give the money back anew.
    """
    refund, receipt = await get_refund_and_receipt(tx, refund_id)
    account = await get_account(tx, None, payment_id=refund.payment_id, lock=True)
    settled = await tx.all(
        update(Refund)
        .where(Refund.id == refund_id, Refund.status == RefundStatus.PENDING)
        .values(
            status=status,
            settled_at=tx.now,
            provider_refund_id=provider_refund_id or refund.provider_refund_id,
            last_error=error[:LONGEST_ERROR] if error else None,
        )
        .returning(Refund.id)
        .execution_options(synchronize_session=False)
    )
    if not settled:
        return False
    told = {"refund_id": refund.id, "amount_minor": refund.amount_minor}
    if status is RefundStatus.PROCESSED:
        await tx.record(RefundProcessed.of(account.payment, account.visit, **told), by=None)
        return True
    await change_sums(tx, account.payment, refunded=-refund.amount_minor)
    await _take_from(tx, receipt, -refund.amount_minor)
    await post(
        tx,
        account,
        kind=EntryKind.REFUND_FAILED,
        debit=place_of(receipt.provider),
        credit=Account.PATIENT,
        amount_minor=refund.amount_minor,
        reference=f"refund-{refund.id}",
        by=None,
    )
    await tx.record(RefundFailed.of(account.payment, account.visit, **told), by=None)
    return True
