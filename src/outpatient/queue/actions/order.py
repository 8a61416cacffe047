"""Moving within the line: skip, park, bring back, delay, give priority, reorder. The arrival time never changes."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from outpatient.access.actor import Actor
from outpatient.appointments.actions import reopen_appointment
from outpatient.core.constraints import Crowded
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid
from outpatient.core.terms import AppointmentStatus, Priority, VisitStatus
from outpatient.models import VISIT_MOVES, HospitalConfig, Visit
from outpatient.queue.actions.call import lock_clinician, lock_department
from outpatient.queue.actions.change import change_visit, move_visit, refusal
from outpatient.queue.errors import DayIsOver
from outpatient.queue.events import VisitDelayed, VisitPrioritised, VisitReordered
from outpatient.queue.queries import get_visit, get_zone, list_line, lock_both
from outpatient.queue.rules.order import IN_LINE, QUEUE_ORDER, arrival_position, is_callable, place_at, rank_of, spread
from outpatient.scheduling.rules import local_day

LONGEST_DELAY = timedelta(hours=24)


async def skip_visit(tx: Tx, *, actor: Actor, visit_id: int, reason: str | None) -> Visit:
    """The patient does not answer: he is offered again after the next few (`skip_positions`). A repeat changes nothing.

    He goes behind those who stand next after him, urgent or not: being urgent does not bring him back to the head.
    """
    visit = await _alone_in_line(tx, actor, visit_id)
    if visit.status is VisitStatus.SKIPPED:
        return visit
    if VisitStatus.SKIPPED not in VISIT_MOVES[visit.status]:
        raise refusal(visit, VisitStatus.SKIPPED)
    positions = await tx.one_or_none(
        select(HospitalConfig.skip_positions).where(HospitalConfig.hospital_id == visit.hospital_id)
    )
    line = await list_line(tx, visit)
    ahead = sum(QUEUE_ORDER(other) < QUEUE_ORDER(visit) for other in _callable(line, tx.now))
    place = await make_place(tx, visit, line, ahead + (positions or 0))
    await move_visit(tx, visit, VisitStatus.SKIPPED, by=actor, reason=reason, called_at=None, **place)
    return visit


async def hold_visit(tx: Tx, *, actor: Actor, visit_id: int, reason: str | None) -> Visit:
    """Park a patient (a blood test, a phone call): he is not called until he is brought back. Repeatable."""
    visit = await get_visit(tx, actor, visit_id, lock=True)
    if visit.status is not VisitStatus.ON_HOLD:
        await move_visit(tx, visit, VisitStatus.ON_HOLD, by=actor, reason=reason, hold_reason=reason)
    return visit


async def recall_visit(tx: Tx, *, actor: Actor, visit_id: int, reason: str | None) -> Visit:
    """Bring back into the line who was parked, called too soon or missed, at his old place. Repeatable.

    Who was skipped keeps the place behind the others. Who was missed can be brought back on the same service day only
    (DayIsOver).
    """
    visit, appointment = await lock_both(tx, actor, visit_id)
    if visit.status is VisitStatus.WAITING:
        return visit
    if visit.status is VisitStatus.EXPECTED or (visit.status is VisitStatus.NO_SHOW and visit.checked_in_at is None):
        raise refusal(visit, VisitStatus.WAITING)  # he was never here: that is an arrival, with a token
    if visit.status is VisitStatus.NO_SHOW:
        if visit.service_on != local_day(tx.now, await get_zone(tx, visit)):
            raise DayIsOver
        if appointment is not None:
            await reopen_appointment(tx, appointment, to=AppointmentStatus.CHECKED_IN, by=actor)
    await move_visit(
        tx,
        visit,
        VisitStatus.WAITING,
        by=actor,
        reason=reason,
        called_at=None,
        started_at=None,
        hold_reason=None,
        not_before=None,
    )
    return visit


async def delay_visit(
    tx: Tx, *, actor: Actor, visit_id: int, minutes: int | None, until: datetime | None, reason: str | None
) -> Visit:
    """Do not call a patient before an instant, whatever his priority; his place and his arrival stay (Invalid).

    Who was called goes back into the line.
    """
    if (minutes is None) == (until is None):
        raise Invalid.field("minutes", "Say either for how many minutes, or until when")
    visit = await get_visit(tx, actor, visit_id, lock=True)
    not_before = until or tx.now + timedelta(minutes=minutes or 0)
    if not tx.now < not_before <= tx.now + LONGEST_DELAY:
        raise Invalid.field("until" if until else "minutes", "Must be within the next 24 hours")
    values: dict[str, Any] = {"not_before": not_before}
    if visit.status is VisitStatus.CALLED:
        values |= {"status": VisitStatus.WAITING, "called_at": None}
    elif visit.status not in IN_LINE:
        raise refusal(visit, be="delayed")
    if visit.not_before != not_before:
        await change_visit(tx, visit, VisitDelayed, by=actor, values=values, not_before=not_before, reason=reason)
    return visit


async def prioritise_visit(tx: Tx, *, actor: Actor, visit_id: int, priority: Priority, reason: str) -> Visit:
    """Make a patient more or less urgent, for a reason that stays in his history; among equals arrival decides."""
    visit = await get_visit(tx, actor, visit_id, lock=True)
    if visit.status not in (*IN_LINE, VisitStatus.CALLED, VisitStatus.ON_HOLD, VisitStatus.EXPECTED):
        raise refusal(visit, be="given another priority")
    if visit.priority is priority:
        return visit
    values: dict[str, Any] = {"priority": priority, "queue_rank": rank_of(priority)}
    if visit.checked_in_at is not None:
        values |= {"queue_day": visit.service_on, "position": arrival_position(visit.checked_in_at)}
    if visit.status is VisitStatus.SKIPPED:
        values["status"] = VisitStatus.WAITING
    await change_visit(tx, visit, VisitPrioritised, by=actor, values=values, priority=priority, reason=reason)
    return visit


async def reorder_visit(tx: Tx, *, actor: Actor, visit_id: int, new_position: int, reason: str | None) -> Visit:
    """Give somebody in line the place `new_position` (from 1; beyond the end is the end) among those of his line.

    He stands there at once: a delay that he asked for ends.
    """
    visit = await _alone_in_line(tx, actor, visit_id)
    if visit.status not in IN_LINE:
        raise refusal(visit, be="moved in the line")
    line = await list_line(tx, visit)
    values: dict[str, Any] = {"not_before": None}
    if not is_callable(visit.status, visit.not_before, tx.now) or new_position != _number(visit, line, tx.now):
        values |= await make_place(tx, visit, line, new_position - 1)
    if any(getattr(visit, name) != value for name, value in values.items()):
        await change_visit(tx, visit, VisitReordered, by=actor, values=values, new_position=new_position, reason=reason)
    return visit


async def _alone_in_line(tx: Tx, actor: Actor, visit_id: int) -> Visit:
    """The visit, locked, while nobody else moves anybody in its line: two who move each other would wait for ever."""
    visit = await get_visit(tx, actor, visit_id)
    clinician_id = visit.clinician_id
    if clinician_id is not None:
        await lock_clinician(tx, visit.hospital_id, clinician_id)
    elif visit.department_id is not None:
        await lock_department(tx, visit.hospital_id, visit.department_id)
    visit = await get_visit(tx, actor, visit_id, lock=True)
    if visit.clinician_id != clinician_id:
        raise Crowded  # he was given to somebody else meanwhile, and stands in another line
    return visit


def _callable(line: list[Visit], now: datetime) -> list[Visit]:
    """Those of a line who can be called now; they are the first of it as people see it."""
    return [other for other in line if is_callable(other.status, other.not_before, now)]


def _number(visit: Visit, line: list[Visit], now: datetime) -> int:
    """The number that somebody has in a line of others."""
    return 1 + sum(QUEUE_ORDER(other) < QUEUE_ORDER(visit) for other in _callable(line, now))


async def make_place(tx: Tx, visit: Visit, line: list[Visit], index: int) -> dict[str, Any]:
    """The columns that put a visit at `index` of a line he is not in; the others move up where there is no room.

    Those who asked to wait until later are not counted. Nobody else there: he keeps his place.
    """
    seen = _callable(line, tx.now)
    if not seen:
        return {}
    index = line.index(seen[index]) if index < len(seen) else line.index(seen[-1]) + 1
    place = place_at(line, index)
    if place is None:
        line = await list_line(tx, visit, lock=True)
        for other_id, position in spread(line, index).items():
            next(other for other in line if other.id == other_id).position = position
        await tx.session.flush()
        place = place_at(line, index)
    assert place is not None
    return {"queue_rank": place.queue_rank, "queue_day": place.queue_day, "position": place.position}
