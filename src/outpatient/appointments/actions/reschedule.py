"""Moving an appointment: its old time is given back and the new one taken in one transaction."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import update

from outpatient.access.actor import Actor
from outpatient.appointments.actions.change import keep_notice
from outpatient.appointments.actions.holds import expire_holds_within, free_time, take_time
from outpatient.appointments.actions.slot import slot_unavailable
from outpatient.appointments.actions.token import open_centre
from outpatient.appointments.actions.wish import Booking, keep_daily_limit, lock_clinician, offer_of
from outpatient.appointments.errors import HoldExpired, InvalidTransition
from outpatient.appointments.events import AppointmentRescheduled
from outpatient.appointments.queries import get_appointment, get_zone
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid
from outpatient.core.terms import AppointmentStatus, BookingType
from outpatient.models import Appointment, Visit
from outpatient.scheduling.queries import OfferedSlot, Schedule, Schedules
from outpatient.scheduling.rules import local_day

MOVABLE = frozenset({AppointmentStatus.PENDING, AppointmentStatus.CONFIRMED})


async def reschedule_appointment(
    tx: Tx,
    schedules: Schedules,
    *,
    actor: Actor,
    appointment_id: int,
    starts_at: datetime | None = None,
    on: date | None = None,
    at: time | None = None,
) -> Appointment:
    """Move to another time of the same clinician, by the rules of booking (SlotUnavailable, Invalid, TooLateToCancel).

    The service, and with it the duration, stays; so does the time of day when only a day is given. Moving to where it
    already is changes nothing.
    """
    if starts_at is not None and (on is not None or at is not None):
        raise Invalid.field("start", "Give start, or appointmentDate and appointmentTime, not both")
    seen = await get_appointment(tx, actor, appointment_id)
    if (starts_at, on, at) == (None, None, None):
        return seen
    await lock_clinician(tx, seen.hospital_id, seen.clinician_id)
    appointment = await get_appointment(tx, actor, appointment_id, lock=True)
    if appointment.status not in MOVABLE:
        raise InvalidTransition(f"A {appointment.status.lower().replace('_', '-')} appointment cannot be moved")
    if appointment.expires_at is not None and appointment.expires_at <= tx.now:
        raise HoldExpired
    if actor.is_patient:
        await keep_notice(tx, appointment)
    schedule = await schedules.reload(actor.hospital_id, appointment.clinician_id, within=tx)
    was_at, was_on = appointment.starts_at, appointment.service_on
    if appointment.booking_type is BookingType.TOKEN:
        await _move_day(tx, schedule, actor, appointment, _wish(appointment, starts_at=starts_at, on=on, at=at))
    else:
        if starts_at is None and was_at is not None:
            at = at or was_at.astimezone(await get_zone(tx, appointment)).time()
        wish = _wish(appointment, starts_at=starts_at, on=None if starts_at else on or was_on, at=at)
        await _move_time(tx, schedule, actor, appointment, wish)
    if (appointment.starts_at, appointment.service_on) == (was_at, was_on):
        return appointment
    appointment.updated_at = tx.now
    appointment.reminded_at = appointment.no_show_proposed_at = None
    await tx.execute(
        update(Visit)
        .where(Visit.hospital_id == appointment.hospital_id, Visit.appointment_id == appointment.id)
        .values(service_on=appointment.service_on)
    )
    await tx.record(
        AppointmentRescheduled.of(
            appointment,
            was_at=was_at,
            was_on=was_on,
            starts_at=appointment.starts_at,
            service_on=appointment.service_on,
        ),
        by=actor,
    )
    return appointment


def _wish(appointment: Appointment, **when: Any) -> Booking:
    return Booking(
        patient_id=appointment.patient_id,
        clinician_id=appointment.clinician_id,
        centre_id=appointment.centre_id,
        service_id=appointment.service_id,
        **when,
    )


async def _move_day(tx: Tx, schedule: Schedule, actor: Actor, appointment: Appointment, wish: Booking) -> None:
    if wish.at is not None or wish.starts_at is not None:
        name = "appointmentTime" if wish.at is not None else "start"
        raise Invalid.field(name, "A token is for a day (appointmentDate), not for a time")
    if wish.on is None or wish.on == appointment.service_on:
        return
    await open_centre(tx, schedule, actor, wish, wish.on)
    await keep_daily_limit(tx, schedule, actor, wish.on)
    appointment.service_on = wish.on


async def _move_time(tx: Tx, schedule: Schedule, actor: Actor, appointment: Appointment, wish: Booking) -> None:
    offered = offer_of(schedule, wish, actor, now=tx.now)
    slot, on = offered.slot, local_day(offered.slot.starts_at, offered.zone)
    if slot.starts_at == appointment.starts_at and slot.ends_at == appointment.ends_at:
        return
    if on != appointment.service_on:
        await keep_daily_limit(tx, schedule, actor, on)
    await free_time(tx, appointment)
    if not await _take(tx, schedule, appointment, offered):
        await expire_holds_within(tx, clinician_id=schedule.clinician_id, since=slot.starts_at, until=slot.ends_at)
        if not await _take(tx, schedule, appointment, offered):
            raise await slot_unavailable(tx, schedule, offered, actor, appointment.service_id, now=tx.now)
    appointment.starts_at, appointment.ends_at, appointment.service_on = slot.starts_at, slot.ends_at, on


async def _take(tx: Tx, schedule: Schedule, appointment: Appointment, offered: OfferedSlot) -> bool:
    return await take_time(
        tx,
        appointment,
        capacity=schedule.capacity,
        buffer=schedule.buffer,
        starts_at=offered.slot.starts_at,
        ends_at=offered.slot.ends_at,
    )
