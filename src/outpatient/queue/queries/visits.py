"""Every SELECT on visits, and who may see which: what one may not see is not there."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select, text

from outpatient.access.actor import Actor
from outpatient.access.reach import within_reach
from outpatient.appointments.queries import get_appointment
from outpatient.core.database import Database, Tx
from outpatient.core.errors import NotFound
from outpatient.core.statements import Rows
from outpatient.core.terms import VisitStatus
from outpatient.models import LINE, ROOM, Appointment, Centre, Clinician, StoredEvent, User, Visit, VisitRecord
from outpatient.queue.events import ONLY_TOLD
from outpatient.queue.rules.line import Entry, Standing, alone, arrange
from outpatient.queue.rules.order import PRESENT, QUEUE_ORDER
from outpatient.queue.rules.wait import RECENT
from outpatient.queue.statements import CLINICIAN_QUEUE, DEPARTMENT_QUEUE, ONE_VISIT
from outpatient.scheduling.rules import local_day


def visible_to(actor: Actor | None) -> ColumnElement[bool]:
    """The visits that somebody may see: his own as patient or clinician, his centres', his hospital's.

    A clinician also sees those of his department that wait for anybody.
    """
    if actor is None or not actor.clinician_id or not actor.is_clinician:
        return within_reach(actor, Visit)
    department = select(Clinician.department_id).where(Clinician.id == actor.clinician_id).scalar_subquery()
    unassigned = and_(Visit.clinician_id.is_(None), Visit.department_id == department)
    return or_(within_reach(actor, Visit), and_(Visit.hospital_id == actor.hospital_id, unassigned))


async def get_visit(tx: Tx, actor: Actor | None, visit_id: int, *, lock: bool = False) -> Visit:
    """The visit, as far as the actor may see it (NotFound); locked for a change (after its appointment, if both)."""
    query = select(Visit).where(Visit.id == visit_id, visible_to(actor))
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found: Visit | None = await tx.one_or_none(query)
    if found is None:
        raise NotFound.of("Visit")
    return found


async def lock_both(tx: Tx, actor: Actor | None, visit_id: int) -> tuple[Visit, Appointment | None]:
    """The visit and its appointment, locked in the order in which everybody locks them: the appointment first."""
    visit = await get_visit(tx, actor, visit_id)
    appointment = None
    if visit.appointment_id is not None:
        appointment = await get_appointment(tx, None, visit.appointment_id, lock=True)
    return await get_visit(tx, actor, visit_id, lock=True), appointment


async def find_visit_of(tx: Tx, hospital_id: int | None, appointment_id: int) -> Visit | None:
    """The one visit of an appointment, locked for a change."""
    found: Visit | None = await tx.one_or_none(
        select(Visit)
        .where(Visit.hospital_id == hospital_id, Visit.appointment_id == appointment_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found


async def find_current_visit(
    tx: Tx, actor: Actor, clinician_id: int, *, first: VisitStatus = VisitStatus.IN_PROGRESS
) -> Visit | None:
    """The patient in a clinician's room: the one being seen, else the one called last; or the other way round."""
    found: Visit | None = await tx.one_or_none(
        select(Visit)
        .where(
            Visit.clinician_id == clinician_id,
            text(f"visits.{ROOM}"),
            Visit.status != VisitStatus.ON_HOLD,
            visible_to(actor),
        )
        .order_by(Visit.status != first, Visit.called_at.desc(), Visit.id.desc())
        .limit(1)
    )
    return found


async def find_in_progress(tx: Tx, clinician_id: int) -> Visit | None:
    """The visit that a clinician has begun and not finished, locked for a change."""
    found: Visit | None = await tx.one_or_none(
        select(Visit)
        .where(Visit.clinician_id == clinician_id, text("visits.status = 'IN_PROGRESS'"))
        .with_for_update(key_share=True)
    )
    return found


async def get_clinician(tx: Tx, actor: Actor, clinician_id: int) -> Clinician:
    """A clinician of the hospital whose queue the actor may see: a clinician his own only (NotFound)."""
    found: Clinician | None = await tx.one_or_none(
        select(Clinician).where(
            Clinician.hospital_id == actor.hospital_id, Clinician.id == clinician_id, Clinician.deleted_at.is_(None)
        )
    )
    if found is None or (actor.is_clinician and actor.clinician_id != clinician_id):
        raise NotFound.of("Clinician")
    return found


async def get_visit_with(tx: Tx, actor: Actor, visit_id: int, clinician: Clinician) -> int:
    """The id of a visit that is this clinician's, or anybody's of his department (NotFound)."""
    visit = await get_visit(tx, actor, visit_id)
    if visit.clinician_id != clinician.id and (
        visit.clinician_id is not None or visit.department_id != clinician.department_id
    ):
        raise NotFound.of("Visit")
    return visit.id


async def get_today(tx: Tx, centre_id: int) -> date:
    """The service day at a centre."""
    zone = await tx.one_or_none(select(Centre.time_zone).where(Centre.id == centre_id))
    return local_day(tx.now, ZoneInfo(zone))


async def list_line(tx: Tx, visit: Visit, *, lock: bool = False) -> list[Visit]:
    """The others who stand in the line of this visit, in order; locked if all of them are to be moved."""
    mine = (
        Visit.clinician_id == visit.clinician_id
        if visit.clinician_id is not None
        else and_(Visit.clinician_id.is_(None), Visit.department_id == visit.department_id)
    )
    query = (
        select(Visit)
        .where(Visit.hospital_id == visit.hospital_id, mine, text(f"visits.{LINE}"), Visit.id != visit.id)
        .execution_options(populate_existing=True)
    )
    return sorted(await tx.all(query.with_for_update(key_share=True) if lock else query), key=QUEUE_ORDER)


async def get_zone(tx: Tx, visit: Visit) -> ZoneInfo:
    """The zone of the centre where the visit takes place."""
    return ZoneInfo(await tx.one_or_none(select(Centre.time_zone).where(Centre.id == visit.centre_id)))


async def list_recent_seconds(tx: Tx, clinician_id: int) -> list[float]:
    """How long a clinician's latest consultations took, in seconds; of patients who were here, and were seen."""
    rows = await tx.rows(
        select(VisitRecord.started_at, VisitRecord.completed_at)
        .where(
            VisitRecord.clinician_id == clinician_id,
            VisitRecord.checked_in_at.is_not(None),
            VisitRecord.completed_at > VisitRecord.started_at,
        )
        .order_by(VisitRecord.completed_at.desc(), VisitRecord.id.desc())
        .limit(RECENT)
    )
    return [(row["completed_at"] - row["started_at"]).total_seconds() for row in rows]


def entry_of(row: Mapping[str, Any]) -> Entry:
    """A row of one of the queue's statements, which may say more than a visit."""
    return Entry(**{name: row[name] for name in Entry._fields if name in row})


async def list_clinician_queue(
    database: Database | Tx, actor: Actor | None, *, hospital_id: int, clinician_id: int
) -> list[Standing]:
    """A clinician's queue in order, with estimates; with it what waits for anybody of his department.

    Who is bound to centres sees what is at his; `actor` None sees everything.
    """
    rows = await database.run(CLINICIAN_QUEUE, hospital_id=hospital_id, clinician_id=clinician_id)
    return _arranged(rows, actor, database)


async def see_clinician_queue(database: Database, actor: Actor, clinician_id: int) -> tuple[ZoneInfo, list[Standing]]:
    """A clinician's queue in one read, and the zone of his day (NotFound: no such clinician in this hospital)."""
    rows = await database.run(CLINICIAN_QUEUE, hospital_id=actor.hospital_id, clinician_id=clinician_id)
    if rows:
        return ZoneInfo(rows[0]["time_zone"]), _arranged(rows, actor, database)
    async with database.reading() as tx:  # empty: nobody is there, or there is no such clinician
        clinician = await get_clinician(tx, actor, clinician_id)
        zone = await tx.one_or_none(select(Centre.time_zone).where(Centre.id == clinician.primary_centre_id))
    return ZoneInfo(zone), []


async def list_department_queue(
    database: Database | Tx, actor: Actor | None, *, hospital_id: int, department_id: int
) -> list[Standing]:
    """The queue of a department, all its clinicians together, in order, with estimates."""
    rows = await database.run(DEPARTMENT_QUEUE, hospital_id=hospital_id, department_id=department_id)
    return _arranged(rows, actor, database)


def _arranged(rows: Rows, actor: Actor | None, database: Database | Tx) -> list[Standing]:
    now = database.now if isinstance(database, Tx) else database.clock.now()
    entries: Iterable[Entry] = (Entry._make(row.values()) for row in rows)
    if actor is not None and actor.centre_ids is not None:
        entries = (entry for entry in entries if actor.sees_centre(entry.centre_id))
    return arrange(entries, now)


async def get_standing(tx: Tx, actor: Actor | None, visit_id: int) -> Standing:
    """One visit and where it stands (NotFound)."""
    visit = await get_visit(tx, actor, visit_id)
    if visit.status in PRESENT:
        for standing in await list_queue_around(tx, visit):
            if standing.visit.id == visit_id:
                return standing
    (row,) = await tx.run(ONE_VISIT, hospital_id=visit.hospital_id, visit_id=visit_id)
    return alone(Entry._make(row.values()), tx.now)


async def list_queue_around(tx: Tx, visit: Visit) -> list[Standing]:
    """The queue that a visit stands in."""
    if visit.clinician_id is not None:
        return await list_clinician_queue(tx, None, hospital_id=visit.hospital_id, clinician_id=visit.clinician_id)
    assert visit.department_id is not None
    return await list_department_queue(tx, None, hospital_id=visit.hospital_id, department_id=visit.department_id)


async def list_history(tx: Tx, visit: Visit) -> Sequence[Mapping[str, Any]]:
    """What happened to a visit, by whom, the oldest first."""
    return await tx.rows(
        select(
            StoredEvent.id, StoredEvent.name, StoredEvent.at, StoredEvent.payload, User.full_name.label("actor_name")
        )
        .outerjoin(User, User.id == StoredEvent.actor_id)
        .where(
            StoredEvent.hospital_id == visit.hospital_id,
            StoredEvent.subject == "visit",
            StoredEvent.subject_id == visit.id,
        )
        .order_by(StoredEvent.id)
    )


async def find_last_change(tx: Tx, visit: Visit, within: timedelta) -> StoredEvent | None:
    """The latest change of a visit, if that was not longer ago; that its patient was told something is none."""
    found: StoredEvent | None = await tx.one_or_none(
        select(StoredEvent)
        .where(StoredEvent.subject == "visit", StoredEvent.subject_id == visit.id, StoredEvent.name.not_in(ONLY_TOLD))
        .order_by(StoredEvent.id.desc())
        .limit(1)
    )
    return found if found is not None and tx.now - found.at <= within else None
