"""What can be booked when: seed 001 `/appointments/availability` and `/booking/available-slots`, seed 004
`/doctors/{id}/slots`, and the calendar `/booking/slots-range`.
"""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.core.errors import Forbidden, Invalid
from outpatient.core.terms import SlotState
from outpatient.http.dependencies import Public, allow, authenticate, header_hospital, parts_of, public_hospital
from outpatient.http.lean import LeanRoute
from outpatient.http.schema import Envelope, answer
from outpatient.scheduling.queries import OfferedSlot
from outpatient.scheduling.schemas import (
    AtCentre,
    Blocker,
    DayQuery,
    DaySlots,
    DoctorDayQuery,
    FreeTimes,
    InstantSlot,
    RangeDay,
    RangeOut,
    RangeQuery,
    RangeSlot,
    TimeSlot,
)

lean = APIRouter(tags=["Slots"], route_class=LeanRoute)

MAX_DAYS = 62
BLOCKERS = {
    SlotState.BOOKED: "appointment",
    SlotState.HELD: "appointment",
    SlotState.TIME_OFF: "timeOff",
}


@lean.get("/appointments/availability")
async def list_free_times(
    request: Request, query: Annotated[DayQuery, Query()], actor: Annotated[Actor, allow(P.SLOTS_READ)]
) -> Envelope[FreeTimes]:
    schedules = parts_of(request).schedules
    centre_id = query.centre_id
    if centre_id is None:  # bare times of day say nothing without a place: his main one
        schedule = await schedules.get(actor.hospital_id, query.clinician_id)
        centre_id = schedule.centres[0].centre_id if schedule.centres else None
    days = await schedules.find_slots(
        actor.hospital_id,
        query.clinician_id,
        first_on=query.on,
        last_on=query.on,
        centre_id=centre_id,
        service_id=query.service_id,
        is_staff=not actor.is_patient,
    )
    return answer(FreeTimes(available_slots=[time_of(offered) for offered in days[query.on] if is_free(offered)]))


@lean.get("/booking/available-slots", dependencies=[Public])
async def list_day_slots(request: Request, query: Annotated[DayQuery, Query()]) -> Envelope[DaySlots]:
    slots = await _of_day(request, query, query.clinician_id, query.on)
    return answer(
        DaySlots(
            date=query.on.isoformat(),
            available_slots=[
                TimeSlot(time=time_of(offered), available=is_free(offered), centre_id=offered.centre_id)
                for offered in slots
            ],
        )
    )


@lean.get("/doctors/{clinician_id:int}/slots", dependencies=[Public])
async def list_doctor_slots(
    request: Request, clinician_id: int, query: Annotated[DoctorDayQuery, Query()]
) -> Envelope[list[InstantSlot]]:
    return answer(
        [
            InstantSlot(
                start=offered.slot.starts_at,
                end=offered.slot.ends_at,
                available=is_free(offered),
                centre_id=offered.centre_id,
            )
            for offered in await _of_day(request, query, clinician_id, query.on)
        ]
    )


@lean.get("/booking/slots-range", dependencies=[Public])
async def list_range_slots(request: Request, query: Annotated[RangeQuery, Query()]) -> Envelope[RangeOut]:
    if not 0 <= (query.last_on - query.first_on).days < MAX_DAYS:
        raise Invalid.field("to", f"Must be the day of `from` or a later one, {MAX_DAYS} days in all at most")
    visitor = await find_visitor(request)
    hospital_id = await _hospital(request, query, visitor)
    actor = visitor if visitor and visitor.hospital_id == hospital_id else None
    is_staff = actor is not None and actor.may(P.SCHEDULE_READ)
    days = await parts_of(request).schedules.find_slots(
        hospital_id,
        query.clinician_id,
        first_on=query.first_on,
        last_on=query.last_on,
        centre_id=query.centre_id,
        service_id=query.service_id,
        is_staff=is_staff,
    )
    return answer(
        RangeOut(
            days=[
                _range_day(on, slots if is_staff else _not_over(slots), actor, query.clinician_id)
                for on, slots in days.items()
            ]
        )
    )


def _range_day(on: date, slots: list[OfferedSlot], actor: Actor | None, clinician_id: int) -> RangeDay:
    return RangeDay(
        date=on.isoformat(),
        free_count=sum(map(is_free, slots)),
        slots=[_range_slot(offered, knows=knows_reasons(actor, clinician_id, offered.centre_id)) for offered in slots],
    )


def _range_slot(offered: OfferedSlot, *, knows: bool) -> RangeSlot:
    slot = offered.slot
    kind = BLOCKERS.get(slot.state) if knows and slot.ref is not None else None
    return RangeSlot(
        time=time_of(offered),
        start=slot.starts_at,
        end=slot.ends_at,
        available=is_free(offered),
        centre_id=offered.centre_id,
        state=slot.state if knows else None,
        blocked_by=Blocker(kind=kind, id=slot.ref) if kind and slot.ref else None,
    )


def knows_reasons(actor: Actor | None, clinician_id: int, centre_id: int) -> bool:
    """Whether the caller may see why a slot is not free: staff of the centre; a clinician in his own calendar."""
    if actor is None or not actor.may(P.SCHEDULE_READ) or not actor.sees_centre(centre_id):
        return False
    return not actor.is_clinician or actor.clinician_id == clinician_id


def is_free(offered: OfferedSlot) -> bool:
    return offered.slot.state is SlotState.AVAILABLE


def time_of(offered: OfferedSlot) -> str:
    """The slot's begin as the centre's clocks show it."""
    return offered.slot.starts_at.astimezone(offered.zone).strftime("%H:%M:%S")


def _not_over(slots: list[OfferedSlot]) -> list[OfferedSlot]:
    return [offered for offered in slots if offered.slot.state is not SlotState.PAST]


async def _of_day(request: Request, query: AtCentre, clinician_id: int, on: date) -> list[OfferedSlot]:
    """One day's slots as the public sees them: what is over is not listed."""
    days = await parts_of(request).schedules.find_slots(
        await _hospital(request, query, None),
        clinician_id,
        first_on=on,
        last_on=on,
        centre_id=query.centre_id,
        service_id=query.service_id,
    )
    return _not_over(days[on])


async def find_visitor(request: Request) -> Actor | None:
    """The caller of a public page, if he shows who he is (Unauthenticated: not truly); a stranger here is nobody."""
    if "authorization" not in request.headers:
        return None
    try:
        return await authenticate(request)
    except Forbidden:
        return None


async def _hospital(request: Request, query: AtCentre, visitor: Actor | None) -> int:
    """The hospital that is spoken of. One that is named is not looked up: the clinician is sought inside its walls."""
    named = header_hospital(request) or query.hospital_id or (visitor.hospital_id if visitor else None)
    return named or await public_hospital(request)
