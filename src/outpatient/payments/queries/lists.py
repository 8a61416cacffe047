"""Lists of money, with the names around them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.days import ANY_DAY, Days
from outpatient.core.errors import NotFound
from outpatient.core.paging import Page
from outpatient.core.terms import PaymentStatus, RefundStatus
from outpatient.models import Clinician, Patient, Payment, Receipt, Refund, User, Visit
from outpatient.payments.queries.accounts import due_minor, visible_to


def _payments() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Payment,
            Visit.status.label("visit_status"),
            Visit.service_on,
            Visit.centre_id,
            Visit.clinician_id,
            Patient.full_name.label("patient_name"),
            User.full_name.label("clinician_name"),
        )
        .join(Visit, Visit.id == Payment.visit_id)
        .join(Patient, Patient.id == Payment.patient_id)
        .outerjoin(Clinician, Clinician.id == Visit.clinician_id)
        .outerjoin(User, User.id == Clinician.user_id)
    )


def _describe(row: Mapping[str, Any]) -> dict[str, Any]:
    """A payment by the wire's names, with what is due."""
    payment: Payment = row["Payment"]
    return {
        "payment_id": payment.id,
        "appointment_id": payment.appointment_id,
        "visit_id": payment.visit_id,
        "patient_id": payment.patient_id,
        "patient_name": row["patient_name"],
        "clinician_id": row["clinician_id"],
        "clinician_name": row["clinician_name"],
        "centre_id": row["centre_id"],
        "service_day": row["service_on"],
        "amount": payment.amount_minor,
        "discount": payment.discount_minor,
        "amount_paid": payment.paid_minor,
        "amount_refunded": payment.refunded_minor,
        "amount_due": due_minor(payment, row["visit_status"]),
        "currency": payment.currency,
        "status": payment.status,
        "payment_method": payment.method,
        "transaction_id": payment.transaction_id,
        "paid_at": payment.paid_at,
    }


async def list_payments(
    tx: Tx,
    actor: Actor,
    page: Page,
    *,
    patient_id: int | None = None,
    appointment_id: int | None = None,
    visit_id: int | None = None,
    payment_id: int | None = None,
    status: PaymentStatus | None = None,
    days: Days = ANY_DAY,
) -> tuple[list[dict[str, Any]], int]:
    """A page of the payments that the actor may see, the latest visit first, and how many there are in all."""
    wanted = {
        Payment.id: payment_id,
        Payment.patient_id: patient_id,
        Payment.appointment_id: appointment_id,
        Payment.visit_id: visit_id,
        Payment.status: status,
    }
    terms = [visible_to(actor), *(column == value for column, value in wanted.items() if value is not None)]
    terms.extend(days.hold(Visit.service_on))
    query = _payments().where(*terms).order_by(Visit.service_on.desc(), Payment.id.desc())
    total = await tx.one_or_none(
        select(func.count()).select_from(Payment).join(Visit, Visit.id == Payment.visit_id).where(*terms)
    )
    rows = await tx.rows(query.limit(page.limit).offset(page.offset))
    return [_describe(row) for row in rows], total or 0


async def list_receipts_of(tx: Tx, payment_ids: Sequence[int]) -> Sequence[Receipt]:
    """What came in for these payments, the oldest first."""
    return await tx.all(select(Receipt).where(Receipt.payment_id.in_(payment_ids)).order_by(Receipt.id))


async def list_refunds_of(tx: Tx, payment_ids: Sequence[int]) -> Sequence[Refund]:
    """What went back of these payments, the oldest first."""
    return await tx.all(select(Refund).where(Refund.payment_id.in_(payment_ids)).order_by(Refund.id))


async def get_receipt(tx: Tx, actor: Actor | None, receipt_id: int) -> Receipt:
    """A receipt, as far as the actor may see its payment (NotFound)."""
    found: Receipt | None = await tx.one_or_none(
        select(Receipt)
        .join(Payment, Payment.id == Receipt.payment_id)
        .join(Visit, Visit.id == Payment.visit_id)
        .where(Receipt.id == receipt_id, visible_to(actor))
    )
    if found is None:
        raise NotFound.of("Receipt")
    return found


async def get_refund(tx: Tx, actor: Actor, refund_id: int) -> Refund:
    """A refund, as far as the actor may see its payment (NotFound)."""
    found: Refund | None = await tx.one_or_none(
        select(Refund)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Visit, Visit.id == Payment.visit_id)
        .where(Refund.id == refund_id, visible_to(actor))
    )
    if found is None:
        raise NotFound.of("Refund")
    return found


async def list_refunds(
    tx: Tx, actor: Actor, page: Page, *, payment_id: int | None = None, status: RefundStatus | None = None
) -> tuple[Sequence[Refund], int]:
    """A page of the refunds that the actor may see, the newest first, and how many there are in all."""
    wanted = {Refund.payment_id: payment_id, Refund.status: status}
    terms = [visible_to(actor), *(column == value for column, value in wanted.items() if value is not None)]
    joined = (
        select(Refund)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Visit, Visit.id == Payment.visit_id)
        .where(*terms)
    )
    rows = await tx.all(joined.order_by(Refund.id.desc()).limit(page.limit).offset(page.offset))
    total = await tx.one_or_none(select(func.count()).select_from(joined.order_by(None).subquery()))
    return rows, total or 0
