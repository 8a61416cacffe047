"""Holds and other endings: giving a slot back, forgetting what is over."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update

from outpatient.appointments.errors import SlotUnavailable
from outpatient.appointments.events import AppointmentExpired
from outpatient.appointments.queries import get_zone
from outpatient.core.database import Database, Tx, Who
from outpatient.core.terms import AppointmentStatus, CancelledBy, PaymentStatus
from outpatient.models import Appointment, Clinician, HospitalConfig, IdempotencyKey, Occupancy
from outpatient.payments.actions import void_payment
from outpatient.scheduling.rules import day_bounds
from outpatient.scheduling.statements import OCCUPY

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
        await release(tx, appointment, payment=PaymentStatus.EXPIRED, by=None)
        await tx.record(AppointmentExpired.of(appointment, was=AppointmentStatus.PENDING), by=None)
    return len(ended)


async def free_time(tx: Tx, appointment: Appointment) -> None:
    """Give an appointment's time back."""
    await tx.execute(
        delete(Occupancy).where(
            Occupancy.hospital_id == appointment.hospital_id, Occupancy.appointment_id == appointment.id
        )
    )


async def take_time(
    tx: Tx, appointment: Appointment, *, capacity: int, buffer: int, starts_at: datetime, ends_at: datetime
) -> bool:
    """Take an interval (and `buffer` minutes) in the first lane that has it free; False: none has."""
    for lane in range(capacity):
        (taken,) = await tx.run(
            OCCUPY,
            hospital_id=appointment.hospital_id,
            clinician_id=appointment.clinician_id,
            version=None,
            lane=lane,
            starts_at=starts_at,
            ends_at=ends_at + timedelta(minutes=buffer),
            appointment_id=appointment.id,
            time_off_id=None,
        )
        if taken["id"] is not None:
            return True
    return False


async def retake_time(tx: Tx, appointment: Appointment) -> None:
    """Take an appointment's time again, if it is not over (SlotUnavailable: somebody else has it)."""
    if appointment.starts_at is None or appointment.ends_at is None or appointment.ends_at <= tx.now:
        return
    (terms,) = await tx.rows(
        select(Clinician.capacity, HospitalConfig.buffer_minutes)
        .join(HospitalConfig, HospitalConfig.hospital_id == Clinician.hospital_id)
        .where(Clinician.hospital_id == appointment.hospital_id, Clinician.id == appointment.clinician_id)
    )
    if not await take_time(
        tx,
        appointment,
        capacity=terms["capacity"],
        buffer=terms["buffer_minutes"],
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
    ):
        raise SlotUnavailable("Somebody else has this time by now")


async def release(tx: Tx, appointment: Appointment, *, payment: PaymentStatus, by: Who | None) -> None:
    """Give an ended appointment's time back, ask no more money for it and give back what was paid, by the rules.

    Its visit follows by its reaction.
    """
    await free_time(tx, appointment)
    await void_payment(
        tx,
        hospital_id=appointment.hospital_id,
        appointment_id=appointment.id,
        status=payment,
        starts_at=appointment.starts_at or await _end_of_day(tx, appointment),
        cancelled_by=appointment.cancelled_by or CancelledBy.SYSTEM,
        reason=appointment.cancel_reason or "The appointment was cancelled",
        by=by,
    )


async def _end_of_day(tx: Tx, appointment: Appointment) -> datetime:
    """Until when somebody with a token, who has no time, can still come."""
    return day_bounds(appointment.service_on, await get_zone(tx, appointment))[1]


async def forget_old_keys(database: Database) -> None:
    """Forget what clients' Idempotency-Keys made, after KEEP_KEYS; a repeat that late is a new request."""
    async with database.transaction() as tx:
        await tx.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < tx.now - KEEP_KEYS))
