"""A clinician's time as staff keep it: seed 001 `/clinicians/{id}/availability`; open slots, time off, on duty."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid
from outpatient.http.dependencies import PublicHospital, Reading, Writing, allow, id_named
from outpatient.http.schema import Envelope, PathId, answer
from outpatient.scheduling import actions, queries
from outpatient.scheduling.actions import When
from outpatient.scheduling.rules import Hours
from outpatient.scheduling.schemas import (
    AffectedOut,
    AvailabilityIn,
    Day,
    DutyIn,
    DutyOut,
    OpenSlotIn,
    OpenSlotOut,
    RuleIn,
    RuleOut,
    Span,
    TimeOffIn,
    TimeOffOut,
    TimeOffTakenOut,
)

router = APIRouter(prefix="/clinicians/{clinician_id:int}", tags=["Schedules"])

From = Annotated[Day | None, Query(alias="from")]
To = Annotated[Day | None, Query(alias="to")]


@router.get("/availability")
async def list_availability(
    clinician_id: PathId,
    hospital_id: PublicHospital,
    tx: Reading,
    centre_id: Annotated[int | None, id_named("centreId")] = None,
) -> Envelope[list[RuleOut]]:
    await queries.get_public_clinician(tx, hospital_id, clinician_id)
    return await _availability(tx, hospital_id, clinician_id, centre_id)


async def _availability(
    tx: Tx, hospital_id: int, clinician_id: int, centre_id: int | None, message: str | None = None
) -> Envelope[list[RuleOut]]:
    rows = await queries.list_availability(tx, hospital_id, clinician_id, centre_id)
    return answer([RuleOut.of(row) for row in rows], message)


@router.put("/availability")
async def replace_availability(
    clinician_id: PathId,
    body: AvailabilityIn,
    actor: Annotated[Actor, allow(P.CLINICIANS_MANAGE)],
    tx: Writing,
    centre_id: Annotated[int | None, id_named("centreId")] = None,
) -> Envelope[list[RuleOut]]:
    centre_id = await actions.replace_availability(
        tx,
        actor=actor,
        clinician_id=clinician_id,
        centre_id=_centre_of(body, centre_id),
        hours=_hours_of(body),
    )
    await tx.session.flush()
    return await _availability(tx, actor.hospital_id, clinician_id, centre_id, "Availability updated successfully")


def _hours_of(body: AvailabilityIn) -> list[Hours | None] | None:
    """The rules, each in its place; None where the place is closed (Invalid: a time is missing)."""
    if body.availability_rules is None:
        return None
    return [_hours(number, rule) for number, rule in enumerate(body.availability_rules)]


def _hours(number: int, rule: RuleIn) -> Hours | None:
    if not rule.is_available:
        return None
    if rule.start_time is None or rule.end_time is None:
        missing = "startTime" if rule.start_time is None else "endTime"
        raise Invalid.field(f"availabilityRules.{number}.{missing}", "This field is required")
    return Hours(rule.day_of_week.number, rule.start_time, rule.end_time)


def _centre_of(body: AvailabilityIn, centre_id: int | None) -> int | None:
    """The one centre that the set is for, by the query or by its rules (Invalid: they name several)."""
    for number, rule in enumerate(body.availability_rules or ()):
        centre_id = centre_id or rule.centre_id
        if rule.centre_id not in (None, centre_id):
            raise Invalid.field(f"availabilityRules.{number}.centreId", "One call sets the hours of one centre")
    return centre_id


@router.get("/open-slots")
async def list_open_slots(
    clinician_id: PathId,
    actor: Annotated[Actor, allow(P.SCHEDULE_READ)],
    tx: Reading,
    first_on: From = None,
    last_on: To = None,
) -> Envelope[list[OpenSlotOut]]:
    clinician = await queries.get_seen_clinician(tx, actor, clinician_id)
    since, until = await queries.get_period(tx, clinician, first_on, last_on)
    found = await queries.list_open_slots(tx, actor, clinician_id, since=since, until=until)
    return answer([OpenSlotOut.model_validate(row) for row in found])


@router.post("/open-slots", status_code=201)
async def add_open_slot(
    clinician_id: PathId, body: OpenSlotIn, actor: Annotated[Actor, allow(P.SCHEDULE_MANAGE)], tx: Writing
) -> Envelope[OpenSlotOut]:
    made = await actions.add_open_slot(
        tx, actor=actor, clinician_id=clinician_id, centre_id=body.centre_id, when=_when(body)
    )
    return answer(OpenSlotOut.model_validate(made), "Open slot added successfully")


@router.delete("/open-slots/{open_slot_id:int}")
async def remove_open_slot(
    clinician_id: PathId, open_slot_id: PathId, actor: Annotated[Actor, allow(P.SCHEDULE_MANAGE)], tx: Writing
) -> Envelope[OpenSlotOut]:
    gone = await actions.remove_open_slot(tx, actor=actor, clinician_id=clinician_id, open_slot_id=open_slot_id)
    return answer(OpenSlotOut.model_validate(gone), "Open slot removed successfully")


@router.get("/time-off")
async def list_time_off(
    clinician_id: PathId,
    actor: Annotated[Actor, allow(P.SCHEDULE_READ)],
    tx: Reading,
    first_on: From = None,
    last_on: To = None,
) -> Envelope[list[TimeOffOut]]:
    clinician = await queries.get_seen_clinician(tx, actor, clinician_id)
    since, until = await queries.get_period(tx, clinician, first_on, last_on)
    found = await queries.list_time_off(tx, actor.hospital_id, clinician_id, since=since, until=until)
    return answer([TimeOffOut.model_validate(row) for row in found])


@router.post(
    "/time-off",
    status_code=201,
    responses={200: {"model": Envelope[TimeOffTakenOut], "description": "With `dryRun`: what would happen"}},
)
async def take_time_off(
    clinician_id: PathId,
    body: TimeOffIn,
    actor: Annotated[Actor, allow(P.SCHEDULE_MANAGE)],
    tx: Writing,
    response: Response,
    dry_run: Annotated[bool, Query(alias="dryRun")] = False,
) -> Envelope[TimeOffTakenOut]:
    if dry_run:
        response.status_code = 200
        return _taken(None, await actions.plan_time_off(tx, actor=actor, clinician_id=clinician_id, when=_when(body)))
    return _taken(
        *await actions.take_time_off(tx, actor=actor, clinician_id=clinician_id, when=_when(body), reason=body.reason)
    )


def _taken(time_off: object | None, plan: actions.Plan) -> Envelope[TimeOffTakenOut]:
    return answer(
        TimeOffTakenOut(
            time_off=None if time_off is None else TimeOffOut.model_validate(time_off),
            affected=[AffectedOut.model_validate(each) for each in plan.affected],
            kept=[AffectedOut.model_validate(each) for each in plan.kept],
        )
    )


@router.delete("/time-off/{time_off_id:int}")
async def remove_time_off(
    clinician_id: PathId, time_off_id: PathId, actor: Annotated[Actor, allow(P.SCHEDULE_MANAGE)], tx: Writing
) -> Envelope[TimeOffOut]:
    gone = await actions.remove_time_off(tx, actor=actor, clinician_id=clinician_id, time_off_id=time_off_id)
    return answer(TimeOffOut.model_validate(gone), "Time off removed successfully")


@router.get("/on-duty")
async def get_on_duty(
    clinician_id: PathId, actor: Annotated[Actor, allow(P.SCHEDULE_READ)], tx: Reading
) -> Envelope[DutyOut]:
    clinician = await queries.get_seen_clinician(tx, actor, clinician_id)
    return answer(DutyOut(clinician_id=clinician.id, is_on_duty=clinician.is_on_duty))


@router.put("/on-duty")
async def set_on_duty(
    clinician_id: PathId, body: DutyIn, actor: Annotated[Actor, allow(P.SCHEDULE_MANAGE)], tx: Writing
) -> Envelope[DutyOut]:
    clinician = await actions.set_on_duty(tx, actor=actor, clinician_id=clinician_id, is_on_duty=body.is_on_duty)
    return answer(DutyOut(clinician_id=clinician.id, is_on_duty=clinician.is_on_duty))


def _when(body: Span) -> When:
    """The body's interval as an action takes it."""
    return When(
        starts_at=body.start, ends_at=body.end, on=body.on, start_minute=body.start_time, end_minute=body.end_time
    )
