"""Holds and other endings: giving a slot back."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from outpatient.appointments.events import AppointmentExpired
from outpatient.core.database import Tx
from outpatient.core.terms import AppointmentStatus, CancelledBy, PaymentStatus, VisitStatus
from outpatient.models import Appointment, Occupancy, Visit
from outpatient.payments.actions import void_payment

BATCH = 200


async def expire_stale_holds(tx: Tx, *, clinician_id: int | None = None, around: datetime | None = None) -> int:
    """End holds whose time to pay is over and give their slots back; how many there were (at most BATCH, so repeat)."""
    stale = select(Appointment.id).where(
        Appointment.status == AppointmentStatus.PENDING, Appointment.expires_at <= tx.now
    )
    if clinician_id is not None and around is not None:
        stale = stale.where(
            Appointment.clinician_id == clinician_id,
            Appointment.starts_at > around - timedelta(days=1),
            Appointment.starts_at < around + timedelta(days=1),
        )
    ended = await tx.all(
        update(Appointment)
        .where(
            Appointment.id.in_(stale.order_by(Appointment.id).limit(BATCH).with_for_update(skip_locked=True)),
            Appointment.status == AppointmentStatus.PENDING,
        )
        .values(
            status=AppointmentStatus.CANCELLED,
            cancelled_by=CancelledBy.SYSTEM,
            cancel_reason="Not paid in time",
            expires_at=None,
            updated_at=tx.now,
        )
        .returning(Appointment)
        .execution_options(synchronize_session=False)
    )
    for appointment in ended:
        await release(tx, appointment, payment=PaymentStatus.EXPIRED)
        await tx.record(AppointmentExpired.of(appointment), by=None)
    return len(ended)


async def release(tx: Tx, appointment: Appointment, *, payment: PaymentStatus) -> None:
    """Give an ended appointment's time back, close its visit and ask no more money for it."""
    await tx.execute(
        delete(Occupancy).where(
            Occupancy.hospital_id == appointment.hospital_id, Occupancy.appointment_id == appointment.id
        )
    )
    await tx.execute(
        update(Visit)
        .where(
            Visit.hospital_id == appointment.hospital_id,
            Visit.appointment_id == appointment.id,
            Visit.status.not_in((VisitStatus.COMPLETED, VisitStatus.CANCELLED)),
        )
        .values(status=VisitStatus.CANCELLED)
    )
    await void_payment(tx, hospital_id=appointment.hospital_id, appointment_id=appointment.id, status=payment)
