"""What we asked a payment provider for, and what still has no outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from outpatient.core.database import Tx
from outpatient.core.terms import RefundStatus
from outpatient.models import HospitalConfig, Patient, Payment, PaymentLink, PaymentOrder, Receipt, Refund
from outpatient.payments.rules import FIRST_LOOK, GAPS, is_provider_id

BATCH = 20  # things that one round asks about


@dataclass(frozen=True, slots=True)
class Asked:
    """An order or a link of ours, and the payment that it is for: all of it must fit what the provider reports."""

    id: int
    provider_id: str
    hospital_id: int
    payment_id: int
    appointment_id: int | None
    amount_minor: int
    currency: str


async def find_asked_by_order(tx: Tx, provider: str, order_id: str) -> Asked | None:
    """Our order of this id."""
    if not is_provider_id(order_id):
        return None
    return await _find_asked(
        tx, PaymentOrder, and_(PaymentOrder.provider == provider, PaymentOrder.provider_order_id == order_id)
    )


async def find_asked_by_link(tx: Tx, provider: str, link_id: str) -> Asked | None:
    """Our payment link of this id."""
    if not is_provider_id(link_id):
        return None
    return await _find_asked(
        tx, PaymentLink, and_(PaymentLink.provider == provider, PaymentLink.provider_link_id == link_id)
    )


async def _find_asked(tx: Tx, table: Any, which: ColumnElement[bool]) -> Asked | None:
    rows = await tx.rows(_asked(table).where(which))
    return Asked(**rows[0]) if rows else None


def _asked(table: Any) -> Any:
    provider_id = table.provider_order_id if table is PaymentOrder else table.provider_link_id
    return select(
        table.id,
        provider_id.label("provider_id"),
        table.hospital_id,
        table.payment_id,
        Payment.appointment_id,
        table.amount_minor,
        table.currency,
    ).join(Payment, Payment.id == table.payment_id)


async def find_open_order(tx: Tx, payment: Payment, provider: str, amount_minor: int) -> PaymentOrder | None:
    """An order that can still be paid, for exactly this amount."""
    found = await tx.all(
        select(PaymentOrder)
        .where(
            PaymentOrder.hospital_id == payment.hospital_id,
            PaymentOrder.payment_id == payment.id,
            PaymentOrder.provider == provider,
            PaymentOrder.amount_minor == amount_minor,
            PaymentOrder.closed_at.is_(None),
        )
        .order_by(PaymentOrder.id.desc())
        .limit(1)
    )
    return found[0] if found else None


async def find_open_link(tx: Tx, payment: Payment, provider: str, amount_minor: int) -> PaymentLink | None:
    """A link by which exactly this amount can still be paid."""
    found = await tx.all(
        select(PaymentLink)
        .where(
            PaymentLink.hospital_id == payment.hospital_id,
            PaymentLink.payment_id == payment.id,
            PaymentLink.provider == provider,
            PaymentLink.amount_minor == amount_minor,
            PaymentLink.closed_at.is_(None),
            PaymentLink.expires_at > tx.now,
        )
        .order_by(PaymentLink.id.desc())
        .limit(1)
    )
    return found[0] if found else None


async def count_links(tx: Tx, payment: Payment) -> int:
    """How many links were made for a payment."""
    counted: int | None = await tx.one_or_none(
        select(func.count())
        .select_from(PaymentLink)
        .where(PaymentLink.hospital_id == payment.hospital_id, PaymentLink.payment_id == payment.id)
    )
    return counted or 0


async def find_payer(tx: Tx, payment: Payment) -> Patient | None:
    """The patient whose payment it is."""
    found: Patient | None = await tx.one_or_none(
        select(Patient).where(Patient.hospital_id == payment.hospital_id, Patient.id == payment.patient_id)
    )
    return found


async def get_refund_terms(tx: Tx, hospital_id: int) -> HospitalConfig:
    """The hospital's rules about what goes back."""
    found: HospitalConfig = await tx.one_or_none(
        select(HospitalConfig).where(HospitalConfig.hospital_id == hospital_id)
    )
    return found


async def find_refund_by_provider(tx: Tx, provider: str, provider_refund_id: str) -> Refund | None:
    """The refund that a provider calls by this id."""
    found: Refund | None = await tx.one_or_none(
        select(Refund)
        .join(Receipt, Receipt.id == Refund.receipt_id)
        .where(Receipt.provider == provider, Refund.provider_refund_id == provider_refund_id)
    )
    return found


async def find_refund_by_key(tx: Tx, provider: str, refund_id: int, reference: str) -> Refund | None:
    """Our refund of this id, if it is of the provider's payment `reference`."""
    found: Refund | None = await tx.one_or_none(
        select(Refund)
        .join(Receipt, Receipt.id == Refund.receipt_id)
        .where(Refund.id == refund_id, Receipt.provider == provider, Receipt.reference == reference)
    )
    return found


def is_due_for_a_look(created: Any, checked: Any, now: datetime) -> ColumnElement[bool]:
    """The rows whose provider is to be asked (again), by `rules.GAPS`."""
    terms: list[ColumnElement[bool]] = [false()]
    newest = now - FIRST_LOOK
    for until, gap in GAPS:
        ages = [created <= newest]
        if until.days < 10_000:
            oldest = now - until
            ages.append(created > oldest)
            newest = oldest
        terms.append(and_(*ages, or_(checked.is_(None), checked <= now - gap)))
    return or_(*terms)


async def list_open_orders(tx: Tx, provider: str) -> Sequence[PaymentOrder]:
    """Orders of which we do not know how they ended and should ask now, the least lately asked first."""
    return await _list_open(tx, PaymentOrder, provider)


async def list_open_links(tx: Tx, provider: str) -> Sequence[PaymentLink]:
    """The same of links."""
    return await _list_open(tx, PaymentLink, provider)


async def _list_open(tx: Tx, table: Any, provider: str) -> Sequence[Any]:
    return await tx.all(
        select(table)
        .where(
            table.closed_at.is_(None),
            table.provider == provider,
            is_due_for_a_look(table.created_at, table.checked_at, tx.now),
        )
        .order_by(func.coalesce(table.checked_at, table.created_at), table.id)
        .limit(BATCH)
    )


async def list_pending_refunds(tx: Tx, provider: str) -> Sequence[Refund]:
    """Refunds that the provider has not settled and should be asked about now, the least lately asked first."""
    return await tx.all(
        select(Refund)
        .join(Receipt, Receipt.id == Refund.receipt_id)
        .where(
            Refund.status == RefundStatus.PENDING,
            Receipt.provider == provider,
            is_due_for_a_look(Refund.requested_at, Refund.checked_at, tx.now),
        )
        .order_by(func.coalesce(Refund.checked_at, Refund.requested_at), Refund.id)
        .limit(BATCH)
    )
