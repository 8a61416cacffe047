"""One payment with the visit that it is for, and who may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from outpatient.access.actor import Actor
from outpatient.access.reach import within_reach
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.terms import VisitStatus
from outpatient.models import Appointment, Centre, Payment, Receipt, Refund, Visit
from outpatient.payments.rules import due_of


def visible_to(actor: Actor | None) -> ColumnElement[bool]:
    """The payments (joined to their visits) that somebody may see: his own, his patients', his centres'."""
    return within_reach(actor, Visit)


def due_minor(payment: Payment, visit: VisitStatus) -> int:
    """What is still asked for; nothing when the visit will not take place."""
    if visit is VisitStatus.CANCELLED:
        return 0
    return due_of(payment.status, amount=payment.amount_minor, discount=payment.discount_minor, paid=payment.paid_minor)


@dataclass(frozen=True, slots=True)
class PatientAccount:
    """A payment, its visit, and the zone in which the centre counts its days."""

    payment: Payment
    visit: Visit
    time_zone: str

    @property
    def is_over(self) -> bool:
        """Whether the visit will not take place, so that nothing can be asked for it."""
        return self.visit.status is VisitStatus.CANCELLED

    @property
    def due_minor(self) -> int:
        """What is still asked for."""
        return due_minor(self.payment, self.visit.status)

    @property
    def kept_minor(self) -> int:
        """What came in and did not go back."""
        return self.payment.paid_minor - self.payment.refunded_minor


async def get_account(
    tx: Tx,
    actor: Actor | None,
    *,
    payment_id: int | None = None,
    appointment_id: int | None = None,
    visit_id: int | None = None,
    lock: bool = False,
) -> PatientAccount:
    """The account that one of these ids names, as far as the actor may see it (NotFound).

    Locked for a change in the order in which everybody locks: appointment, visit, payment.
    """
    named = {
        Payment.id: payment_id,
        Payment.appointment_id: appointment_id,
        Payment.visit_id: visit_id,
    }
    terms = [column == value for column, value in named.items() if value is not None]
    found = await tx.rows(
        select(Payment.id, Payment.appointment_id, Payment.visit_id, Centre.time_zone)
        .join(Visit, Visit.id == Payment.visit_id)
        .join(Centre, Centre.id == Visit.centre_id)
        .where(*terms, visible_to(actor))
    )
    if not found:
        raise NotFound.of("Payment" if payment_id else "Appointment" if appointment_id else "Visit")
    (row,) = found
    if lock and row["appointment_id"] is not None:
        await tx.execute(_locked(select(Appointment.id).where(Appointment.id == row["appointment_id"])))
    visit, payment = select(Visit).where(Visit.id == row["visit_id"]), select(Payment).where(Payment.id == row["id"])
    return PatientAccount(
        visit=await tx.one_or_none(_locked(visit) if lock else visit),
        payment=await tx.one_or_none(_locked(payment) if lock else payment),
        time_zone=row["time_zone"],
    )


def _locked(query: Any) -> Any:
    return query.with_for_update(key_share=True).execution_options(populate_existing=True)


async def list_receipts(tx: Tx, payment: Payment) -> Sequence[Receipt]:
    """What came in for a payment, the oldest first."""
    return await tx.all(
        select(Receipt)
        .where(Receipt.hospital_id == payment.hospital_id, Receipt.payment_id == payment.id)
        .order_by(Receipt.id)
    )


async def list_returnable(tx: Tx, payment: Payment) -> Sequence[Receipt]:
    """What came in and can still go back, the newest first."""
    return await tx.all(
        select(Receipt)
        .where(
            Receipt.hospital_id == payment.hospital_id,
            Receipt.payment_id == payment.id,
            Receipt.returned_minor < Receipt.amount_minor,
        )
        .order_by(Receipt.id.desc())
        .execution_options(populate_existing=True)
    )


async def get_refund_and_receipt(tx: Tx, refund_id: int) -> tuple[Refund, Receipt]:
    """A refund and the receipt that it is of."""
    found = await tx.execute(
        select(Refund, Receipt)
        .join(Receipt, Receipt.id == Refund.receipt_id)
        .where(Refund.id == refund_id)
        .execution_options(populate_existing=True)
    )
    refund, receipt = found.one()
    return refund, receipt
