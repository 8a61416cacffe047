"""From the line into the room: next, call, start."""

from sqlalchemy import select

from outpatient.access.actor import Actor
from outpatient.core.constraints import Crowded
from outpatient.core.database import Database, Tx
from outpatient.core.errors import NotFound
from outpatient.core.terms import VisitStatus
from outpatient.models import Clinician, Department, Visit
from outpatient.queue.actions.change import follow, move_visit
from outpatient.queue.errors import ConsultationRunning, NeedsClinician, QueueEmpty
from outpatient.queue.events import VisitStatusChanged
from outpatient.queue.queries import entry_of, find_in_progress, get_visit, get_zone, list_clinician_queue
from outpatient.queue.rules.line import Entry
from outpatient.queue.statements import CALL_NEXT
from outpatient.scheduling.rules import local_day

NEXT_ROUTE = "queue/next"
TRIES = 50  # each time that somebody else was faster for everybody who waited; there is one patient less each time


async def call_next_patient(
    database: Database,
    *,
    actor: Actor,
    clinician_id: int,
    idempotency_key: str | None = None,
    digest: str | None = None,
) -> Entry:
    """Call the head of a clinician's line: an atomic claim that finishes nobody (QueueEmpty, NotFound).

    Two desks that press at once call two different patients. With an Idempotency-Key a repeat calls nobody else.
    """
    if actor.is_clinician and actor.clinician_id != clinician_id:
        raise NotFound.of("Clinician")
    for _ in range(TRIES):
        rows = await database.run(
            CALL_NEXT,
            hospital_id=actor.hospital_id,
            clinician_id=clinician_id,
            centre_ids=None if actor.centre_ids is None else list(actor.centre_ids),
            now=database.clock.now(),
            actor_id=actor.user_id,
            event_name=VisitStatusChanged.name,
            route=NEXT_ROUTE,
            idempotency_key=idempotency_key,
            digest=digest,
        )
        if not rows:
            raise NotFound.of("Clinician")
        if rows[0]["id"] is not None:
            return entry_of(rows[0])
        if not rows[0]["was_too_late"]:
            raise await _nobody(database, actor, clinician_id)
    raise Crowded


async def _nobody(database: Database, actor: Actor, clinician_id: int) -> QueueEmpty:
    """Why nobody can be called: the line is empty, or everybody in it asked to be called later."""
    queue = await list_clinician_queue(database, actor, hospital_id=actor.hospital_id, clinician_id=clinician_id)
    later = [one.visit.not_before for one in queue if one.number is not None and one.visit.not_before is not None]
    if not later:
        return QueueEmpty()
    next_at = min(later).isoformat().replace("+00:00", "Z")
    return QueueEmpty("Everybody in line asked to be called later", {"nextAt": next_at})


async def call_visit(tx: Tx, *, actor: Actor, visit_id: int, reason: str | None = None) -> Visit:
    """Call one patient, whatever his place in the line. A repeat answers as the first time."""
    visit = await get_visit(tx, actor, visit_id, lock=True)
    if visit.status is not VisitStatus.CALLED:
        clinician_id = _clinician_of(visit, actor)
        await move_visit(
            tx,
            visit,
            VisitStatus.CALLED,
            by=actor,
            reason=reason,
            called_at=tx.now,
            started_at=None,
            clinician_id=clinician_id,
            not_before=None,
            hold_reason=None,
        )
    return visit


async def start_visit(tx: Tx, *, actor: Actor, visit_id: int, reason: str | None = None) -> Visit:
    """The patient is in the room. A clinician sees one patient at a time (ConsultationRunning).

    What was left running on an earlier day is parked and flagged. A repeat answers as the first time.
    """
    visit = await get_visit(tx, actor, visit_id)
    clinician_id = _clinician_of(visit, actor)
    await lock_clinician(tx, visit.hospital_id, clinician_id)
    visit = await get_visit(tx, actor, visit_id, lock=True)
    if visit.status is VisitStatus.IN_PROGRESS:
        return visit
    if _clinician_of(visit, actor) != clinician_id:
        raise Crowded  # he was given to somebody else meanwhile
    await make_room(tx, clinician_id, by=actor)
    await move_visit(
        tx,
        visit,
        VisitStatus.IN_PROGRESS,
        by=actor,
        reason=reason,
        started_at=tx.now,
        called_at=visit.called_at or tx.now,
        clinician_id=clinician_id,
        not_before=None,
    )
    return visit


async def make_room(tx: Tx, clinician_id: int, *, by: Actor) -> None:
    """See that nobody is in the clinician's room: who was left there on an earlier day is parked, with a reason."""
    running = await find_in_progress(tx, clinician_id)
    if running is None:
        return
    zone = await get_zone(tx, running)
    began_on = local_day(running.started_at or tx.now, zone)
    if began_on >= local_day(tx.now, zone):
        raise ConsultationRunning(details={"visitId": running.id, "tokenLabel": running.token_label})
    reason = f"Left unfinished on {began_on:%d %B %Y}"
    await follow(tx, running, VisitStatus.ON_HOLD, by=by, reason=reason, hold_reason=reason)


async def lock_clinician(tx: Tx, hospital_id: int, clinician_id: int) -> None:
    """Stand in line: one at a time decides who is in a clinician's room."""
    await tx.execute(
        select(Clinician.id)
        .where(Clinician.hospital_id == hospital_id, Clinician.id == clinician_id)
        .with_for_update(key_share=True)
    )


async def lock_department(tx: Tx, hospital_id: int, department_id: int) -> None:
    """Stand in line: one at a time moves somebody among those who wait for anybody of a department."""
    await tx.execute(
        select(Department.id)
        .where(Department.hospital_id == hospital_id, Department.id == department_id)
        .with_for_update(key_share=True)
    )


def _clinician_of(visit: Visit, actor: Actor) -> int:
    """Who sees the patient: his clinician; where he waits for anybody, the clinician who calls (NeedsClinician)."""
    clinician_id = visit.clinician_id or (actor.clinician_id if actor.is_clinician else None)
    if clinician_id is None:
        raise NeedsClinician
    return clinician_id
