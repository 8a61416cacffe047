"""Holds and other endings: giving a slot back, forgetting what is over."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update

from outpatient.appointments.events import AppointmentExpired
from outpatient.core.database import Database, Tx
from outpatient.core.terms import AppointmentStatus, CancelledBy, PaymentStatus, VisitStatus
from outpatient.models import Appointment, IdempotencyKey, Occupancy, Visit
from outpatient.payments.actions import void_payment

BATCH = 200
KEEP_KEYS = timedelta(days=3)
LONGEST = timedelta(days=1)  # no appointment and its buffer last longer


async def expire_holds_within(tx: Tx, *, clinician_id: int, since: datetime, until: datetime) -> int:
    """End the stale holds of one clinician around a stretch of time; how many there were (at most BATCH)."""
    return await expire_stale_holds(
        tx,
        Appointment.clinician_id == clinician_id,
        Appointment.starts_at > since - LONGEST,
        Appointment.starts_at < until + LONGEST,
    )


async def expire_stale_holds(tx: Tx, *which: ColumnElement[bool]) -> int:
    """End holds whose time to pay is over and give their slots back; how many there were (at most BATCH, so repeat)."""
    stale = select(Appointment.id).where(
        Appointment.status == AppointmentStatus.PENDING, Appointment.expires_at <= tx.now, *which
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


async def free_time(tx: Tx, appointment: Appointment) -> None:
    """Give an appointment's time back."""
    await tx.execute(
        delete(Occupancy).where(
            Occupancy.hospital_id == appointment.hospital_id, Occupancy.appointment_id == appointment.id
        )
    )


async def release(tx: Tx, appointment: Appointment, *, payment: PaymentStatus) -> None:
    """Give an ended appointment's time back, close its visit and ask no more money for it."""
    await free_time(tx, appointment)
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


async def forget_old_keys(database: Database) -> None:
    """Forget what clients' Idempotency-Keys made, after KEEP_KEYS; a repeat that late is a new request."""
    async with database.transaction() as tx:
        await tx.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < tx.now - KEEP_KEYS))
