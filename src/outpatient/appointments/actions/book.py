"""Booking a time: the wish becomes an offered slot, and the slot is taken in one statement."""

import json
from datetime import datetime, timedelta
from typing import Any

from outpatient.access.actor import Actor
from outpatient.appointments.actions.holds import expire_stale_holds
from outpatient.appointments.actions.wish import (
    Booked,
    Booking,
    agreed_price,
    check_own_patient,
    department_of,
    keep_daily_limit,
    offer_of,
)
from outpatient.appointments.errors import SlotUnavailable
from outpatient.appointments.events import AppointmentBooked
from outpatient.appointments.rules import offers
from outpatient.appointments.statements import BOOK
from outpatient.core.database import Database, Tx
from outpatient.core.errors import Invalid, NotFound
from outpatient.core.events import plain
from outpatient.core.terms import BookingType, Prepayment, SlotState
from outpatient.scheduling.queries import OfferedSlot, Runs, Schedule, Schedules
from outpatient.scheduling.rules import local_day

NEAREST = 5
SEARCH_DAYS = 14
TRIES = 4


async def book_appointment(
    runs: Runs, schedules: Schedules, *, actor: Actor, wish: Booking, is_prepaid: bool = False
) -> Booked:
    """Take a slot for a patient: alone in its own transaction (`runs` is the database), or inside an open one.

    Refuses with NotFound (patient, clinician, service), Invalid (time, fee), SlotUnavailable with the nearest free
    slots, DayFull. A hold keeps the slot until `Booked.expires_at`.
    """
    check_own_patient(actor, wish.patient_id)
    within = runs if isinstance(runs, Tx) else None
    schedule = await _schedule(schedules, actor, wish, within)
    has_expired_holds = False
    for _ in range(TRIES):
        if schedule.daily_patient_limit is not None and within is None and isinstance(runs, Database):
            async with runs.transaction() as tx:
                return await book_appointment(tx, schedules, actor=actor, wish=wish, is_prepaid=is_prepaid)
        if not offers(schedule.booking_mode, BookingType.TIME_SLOT):
            raise Invalid.field("bookingType", "This department gives tokens, not times")
        offered = offer_of(schedule, wish, now=schedules.clock.now(), is_staff=not actor.is_patient)
        price = agreed_price(schedule, wish, actor)
        keeps = must_be_paid_first(schedule, actor, is_prepaid=is_prepaid) and price > 0
        if within is not None:
            await keep_daily_limit(within, schedule, actor, offered.slot.starts_at.astimezone(offered.zone).date())
        row = await _book(runs, schedule, actor, wish, offered, price, now=schedules.clock.now(), is_hold=keeps)
        if not row["has_patient"]:
            raise NotFound.of("Patient")
        if row["appointment_id"] is not None:
            return _booked(row, schedule, offered, price, now=schedules.clock.now(), is_hold=keeps)
        if not row["is_fresh"]:
            schedule = await schedules.reload(actor.hospital_id, wish.clinician_id, within=within)
        elif not has_expired_holds and await _expire_holds_at(runs, schedule, offered):
            has_expired_holds = True
        else:
            break
    raise await slot_unavailable(schedules, schedule, offered, wish.service_id, is_staff=not actor.is_patient)


def must_be_paid_first(schedule: Schedule, actor: Actor, *, is_prepaid: bool) -> bool:
    """Whether the slot is only kept until it is paid: as the hospital's `prepayment` says; never for staff bookings."""
    if not actor.is_patient:
        return False
    return schedule.prepayment is Prepayment.ALL or (is_prepaid and schedule.prepayment is Prepayment.BOOKING)


async def _schedule(schedules: Schedules, actor: Actor, wish: Booking, within: Tx | None) -> Schedule:
    if within is not None:
        return await schedules.reload(actor.hospital_id, wish.clinician_id, within=within)
    return await schedules.get(actor.hospital_id, wish.clinician_id)


async def _book(
    runs: Runs,
    schedule: Schedule,
    actor: Actor,
    wish: Booking,
    offered: OfferedSlot,
    price: int,
    *,
    now: datetime,
    is_hold: bool,
) -> Any:
    slot = offered.slot
    service_on = local_day(slot.starts_at, offered.zone)
    expires_at = now + schedule.hold if is_hold else None
    arguments = {
        "hospital_id": actor.hospital_id,
        "clinician_id": schedule.clinician_id,
        "version": schedule.version,
        "patient_id": wish.patient_id,
        "centre_id": offered.centre_id,
        "department_id": department_of(schedule, wish),
        "service_id": wish.service_id,
        "service_on": service_on,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "busy_until": slot.ends_at + timedelta(minutes=schedule.buffer),
        "session_type": wish.session_type.value,
        "booking_source": wish.source.value,
        "fee_minor": price,
        "currency": schedule.currency,
        "notes": wish.notes,
        "expires_at": expires_at,
        "actor_id": actor.user_id,
        "now": now,
        "event_name": AppointmentBooked.name,
        "payload": json.dumps(
            {
                "patient_id": wish.patient_id,
                "clinician_id": schedule.clinician_id,
                "centre_id": offered.centre_id,
                "booking_type": BookingType.TIME_SLOT.value,
                "starts_at": plain(slot.starts_at),
                "service_on": service_on.isoformat(),
                "expires_at": plain(expires_at),
            }
        ),
        "route": wish.route,
        "idempotency_key": wish.idempotency_key,
        "digest": wish.digest,
    }
    row: Any = None
    for lane in range(schedule.capacity):
        (row,) = await runs.run(BOOK, lane=lane, **arguments)
        if row["appointment_id"] is not None or not row["is_fresh"] or not row["has_patient"]:
            break
    return row


def _booked(row: Any, schedule: Schedule, offered: OfferedSlot, price: int, *, now: datetime, is_hold: bool) -> Booked:
    local = offered.slot.starts_at.astimezone(offered.zone)
    return Booked(
        row["appointment_id"],
        row["payment_id"],
        offered.centre_id,
        local.date(),
        local.strftime("%H:%M:%S"),
        offered.slot.starts_at,
        offered.slot.ends_at,
        price,
        schedule.currency,
        now + schedule.hold if is_hold else None,
    )


async def _expire_holds_at(runs: Runs, schedule: Schedule, offered: OfferedSlot) -> bool:
    """End the stale holds that stand where somebody wants to book; whether there were any."""
    if isinstance(runs, Tx):
        return bool(await expire_stale_holds(runs, clinician_id=schedule.clinician_id, around=offered.slot.starts_at))
    assert isinstance(runs, Database)
    async with runs.transaction() as tx:
        return bool(await expire_stale_holds(tx, clinician_id=schedule.clinician_id, around=offered.slot.starts_at))


async def slot_unavailable(
    schedules: Schedules, schedule: Schedule, offered: OfferedSlot, service_id: int | None, *, is_staff: bool
) -> SlotUnavailable:
    """The refusal for a taken slot, with the nearest free ones."""
    wanted = offered.slot.starts_at
    on = local_day(wanted, offered.zone)
    first_on = max(on - timedelta(days=1), local_day(schedules.clock.now(), offered.zone))
    days = await schedules.find_slots(
        schedule.hospital_id,
        schedule.clinician_id,
        first_on=min(first_on, on),
        last_on=on + timedelta(days=SEARCH_DAYS),
        centre_id=offered.centre_id,
        service_id=service_id,
        is_staff=is_staff,
    )
    free = [found.slot for day in days.values() for found in day if found.slot.state is SlotState.AVAILABLE]
    nearest = sorted(sorted(free, key=lambda slot: abs(slot.starts_at - wanted))[:NEAREST], key=lambda slot: slot.starts_at)
    return SlotUnavailable(
        details={
            "nearestSlots": [
                {
                    "start": plain(slot.starts_at),
                    "appointmentDate": slot.starts_at.astimezone(offered.zone).date().isoformat(),
                    "appointmentTime": slot.starts_at.astimezone(offered.zone).strftime("%H:%M:%S"),
                }
                for slot in nearest
            ]
        }
    )
