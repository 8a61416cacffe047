"""Booking a time: the wish becomes an offered slot, and the slot is taken in one statement."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from outpatient.access.actor import Actor
from outpatient.appointments.actions.holds import expire_holds_within
from outpatient.appointments.actions.wish import (
    Booked,
    Booking,
    agreed_price,
    check_type,
    department_of,
    hold_end,
    is_hold,
    keep_daily_limit,
    keep_hold_limit,
    lock_clinician,
    offer_of,
)
from outpatient.appointments.errors import SlotUnavailable
from outpatient.appointments.events import AppointmentBooked
from outpatient.appointments.queries import list_slots
from outpatient.appointments.statements import BOOK
from outpatient.core.database import Database, Tx
from outpatient.core.errors import NotFound, Problem
from outpatient.core.events import plain
from outpatient.core.terms import BookingType, SlotState
from outpatient.scheduling.queries import OfferedSlot, Runs, Schedule, Schedules
from outpatient.scheduling.rules import local_day

NEAREST = 5
SEARCH_DAYS = 14
TRIES = 4


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a wish comes to under one version of the schedule."""

    schedule: Schedule
    offered: OfferedSlot
    department_id: int | None
    price: int
    now: datetime
    expires_at: datetime | None


async def book_slot(
    runs: Runs, schedules: Schedules, *, actor: Actor, wish: Booking, clinician_id: int, is_prepaid: bool
) -> Booked:
    """Take a slot of this clinician. Counting limits need a transaction; without them one statement is all."""
    within = runs if isinstance(runs, Tx) else None
    hospital_id, has_expired_holds = actor.hospital_id, False
    schedule = await _schedule(schedules, hospital_id, clinician_id, within)
    for _ in range(TRIES):
        try:
            plan = _plan(schedule, actor, wish, now=schedules.clock.now(), is_prepaid=is_prepaid)
        except Problem:  # said by a schedule that may have changed since we read it
            fresh = await schedules.reload(hospital_id, clinician_id, within=within)
            if fresh.version == schedule.version:
                raise
            schedule = fresh
            continue
        if isinstance(runs, Database) and (schedule.daily_patient_limit is not None or plan.expires_at is not None):
            async with runs.transaction() as tx:
                return await book_slot(
                    tx, schedules, actor=actor, wish=wish, clinician_id=clinician_id, is_prepaid=is_prepaid
                )
        warnings = await _keep_limits(within, plan, actor, wish) if within is not None else ()
        row = await _take(runs, plan, actor, wish)
        if not row["has_patient"]:
            raise NotFound.of("Patient")
        if row["appointment_id"] is not None:
            return _booked(row, plan, warnings)
        if not row["is_fresh"]:
            schedule = await schedules.reload(hospital_id, clinician_id, within=within)
        elif not has_expired_holds and await _expire_holds_at(runs, plan):
            has_expired_holds = True
        else:
            raise await slot_unavailable(runs, schedule, plan.offered, actor, wish.service_id, now=plan.now)
    raise SlotUnavailable("The schedule is being changed just now. Please try again.")


async def _schedule(schedules: Schedules, hospital_id: int, clinician_id: int, within: Tx | None) -> Schedule:
    if within is not None:
        return await schedules.reload(hospital_id, clinician_id, within=within)
    return await schedules.get(hospital_id, clinician_id)


def _plan(schedule: Schedule, actor: Actor, wish: Booking, *, now: datetime, is_prepaid: bool) -> _Plan:
    check_type(schedule, BookingType.TIME_SLOT)
    offered = offer_of(schedule, wish, actor, now=now)
    price = agreed_price(schedule, wish, actor)
    expires_at = hold_end(schedule, now, is_hold=is_hold(schedule, actor, price, is_prepaid=is_prepaid))
    return _Plan(schedule, offered, department_of(schedule, wish), price, now, expires_at)


async def _keep_limits(tx: Tx, plan: _Plan, actor: Actor, wish: Booking) -> tuple[str, ...]:
    schedule = plan.schedule
    if plan.expires_at is None and schedule.daily_patient_limit is None:
        return ()
    await lock_clinician(tx, schedule.hospital_id, schedule.clinician_id)  # clinician before patient, by every door
    if plan.expires_at is not None:
        await keep_hold_limit(tx, schedule, wish.patient_id)
    return await keep_daily_limit(tx, schedule, actor, local_day(plan.offered.slot.starts_at, plan.offered.zone))


async def _take(runs: Runs, plan: _Plan, actor: Actor, wish: Booking) -> Any:
    schedule, slot = plan.schedule, plan.offered.slot
    service_on = local_day(slot.starts_at, plan.offered.zone)
    booked = AppointmentBooked(
        hospital_id=actor.hospital_id,
        subject_id=0,  # known to the statement alone, and no part of the payload
        patient_id=wish.patient_id,
        clinician_id=schedule.clinician_id,
        centre_id=plan.offered.centre_id,
        booking_type=BookingType.TIME_SLOT,
        starts_at=slot.starts_at,
        service_on=service_on,
        expires_at=plan.expires_at,
    )
    arguments = {
        "hospital_id": actor.hospital_id,
        "clinician_id": schedule.clinician_id,
        "version": schedule.version,
        "patient_id": wish.patient_id,
        "centre_id": plan.offered.centre_id,
        "department_id": plan.department_id,
        "service_id": wish.service_id,
        "service_on": service_on,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "busy_until": slot.ends_at + timedelta(minutes=schedule.buffer),
        "session_type": wish.session_type.value,
        "booking_source": wish.source.value,
        "fee_minor": plan.price,
        "currency": schedule.currency,
        "notes": wish.notes,
        "expires_at": plan.expires_at,
        "actor_id": actor.user_id,
        "now": plan.now,
        "event_name": booked.name,
        "payload": json.dumps(booked.payload()),
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


def _booked(row: Any, plan: _Plan, warnings: tuple[str, ...]) -> Booked:
    local = plan.offered.slot.starts_at.astimezone(plan.offered.zone)
    return Booked(
        appointment_id=row["appointment_id"],
        payment_id=row["payment_id"],
        clinician_id=plan.schedule.clinician_id,
        centre_id=plan.offered.centre_id,
        on=local.date(),
        at=local.strftime("%H:%M:%S"),
        starts_at=plan.offered.slot.starts_at,
        ends_at=plan.offered.slot.ends_at,
        amount_minor=plan.price,
        currency=plan.schedule.currency,
        expires_at=plan.expires_at,
        warnings=warnings,
    )


async def _expire_holds_at(runs: Runs, plan: _Plan) -> bool:
    """End the stale holds that stand where somebody wants to book; whether there were any."""
    if isinstance(runs, Database):
        async with runs.transaction() as tx:
            return await _expire_holds_at(tx, plan)
    assert isinstance(runs, Tx)
    return bool(
        await expire_holds_within(
            runs,
            clinician_id=plan.schedule.clinician_id,
            since=plan.offered.slot.starts_at,
            until=plan.offered.slot.ends_at,
        )
    )


async def slot_unavailable(
    runs: Runs, schedule: Schedule, offered: OfferedSlot, actor: Actor, service_id: int | None, *, now: datetime
) -> SlotUnavailable:
    """The refusal for a taken slot, with the nearest free ones."""
    wanted = offered.slot.starts_at
    on = local_day(wanted, offered.zone)
    days = await list_slots(
        runs,
        schedule,
        offered.centre_id,
        first_on=max(on - timedelta(days=1), local_day(now, offered.zone)),
        last_on=on + timedelta(days=SEARCH_DAYS),
        service_id=service_id,
        window=schedule.window(now, is_staff=not actor.is_patient),
        now=now,
    )
    free = [slot.starts_at for slot in days if slot.state is SlotState.AVAILABLE]
    nearest = sorted(sorted(free, key=lambda at: abs(at - wanted))[:NEAREST])
    return SlotUnavailable(
        details={
            "nearestSlots": [
                {
                    "start": plain(at),
                    "appointmentDate": at.astimezone(offered.zone).date().isoformat(),
                    "appointmentTime": at.astimezone(offered.zone).strftime("%H:%M:%S"),
                }
                for at in nearest
            ]
        }
    )
