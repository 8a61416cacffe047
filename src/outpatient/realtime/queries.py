"""Every SELECT of the streams: events after a position, what they speak of, who is still signed in, who may listen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select

from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.terms import Role, SessionKind
from outpatient.models import (
    Appointment,
    Centre,
    Clinician,
    Department,
    Hospital,
    Membership,
    Patient,
    Session,
    StoredEvent,
    User,
    Visit,
)
from outpatient.queue.queries import list_queue_around
from outpatient.queue.rules.order import IN_LINE
from outpatient.realtime import audiences
from outpatient.realtime.projections import Facts, Told, tell

BATCH = 500  # events read at once
SESSIONS = 1_000  # looked up at once
ARRIVALS = frozenset({"visit.checked_in", "visit.walk_in_added"})


async def get_position(tx: Tx) -> int:
    """The last position there is (0: nothing has happened yet)."""
    last: int | None = await tx.one_or_none(select(func.max(StoredEvent.position)))
    return last or 0


async def list_told(
    tx: Tx, *, after: int, until: int | None = None, hospital_id: int | None = None, limit: int = BATCH
) -> list[Told]:
    """The events after a position, in order, as their audiences hear them."""
    query = select(StoredEvent).where(StoredEvent.position > after).order_by(StoredEvent.position).limit(limit)
    if until is not None:
        query = query.where(StoredEvent.position <= until)
    if hospital_id is not None:
        query = query.where(StoredEvent.hospital_id == hospital_id)
    events = await tx.all(query)
    facts = await find_facts(tx, [event for event in events if audiences.TELLINGS.get(event.name, audiences.NOBODY).to])
    return [tell(event, facts) for event in events]


async def find_facts(tx: Tx, events: Sequence[StoredEvent]) -> Facts:
    """What the rows behind these events say now, one query for each kind."""
    if not events:
        return Facts()
    visits = await _by_id(tx, Visit, _ids(events, "visit", "visit_id"), Visit.priority, Visit.status)
    appointments = await _by_id(
        tx,
        Appointment,
        {event.subject_id for event in events if event.subject == "appointment"},
        Appointment.status,
        Appointment.department_id,
    )
    patients = await _by_id(tx, Patient, _ids(events, "patient", "patient_id"), Patient.full_name)
    clinicians = await _by_id(
        tx,
        Clinician,
        _ids(events, "clinician", "clinician_id"),
        Clinician.room,
        Clinician.primary_centre_id,
        Clinician.department_id,
    )
    return Facts(visits, appointments, patients, clinicians, await _find_minutes(tx, events, visits))


def _ids(events: Iterable[StoredEvent], subject: str, key: str) -> set[int]:
    found = {event.subject_id if event.subject == subject else event.payload.get(key) for event in events}
    return {one for one in found if one is not None}


async def _by_id(tx: Tx, table: Any, ids: set[int], *columns: Any) -> dict[int, Mapping[str, Any]]:
    if not ids:
        return {}
    rows = await tx.rows(select(table.id, *columns).where(table.id.in_(ids)))
    return {row["id"]: row for row in rows}


async def _find_minutes(
    tx: Tx, events: Sequence[StoredEvent], visits: Mapping[int, Mapping[str, Any]]
) -> dict[int, int]:
    """How long the visits of these events still wait, where they do.

    Who has just arrived was told so a moment ago; whoever was moved is looked up in his line, each line once.
    """
    waiting = {
        event.subject_id: event.name
        for event in events
        if event.subject == "visit" and visits.get(event.subject_id, {}).get("status") in IN_LINE
    }
    if not waiting:
        return {}
    rows = await tx.all(select(Visit).where(Visit.id.in_(waiting)))
    arrived = {row.id for row in rows if waiting[row.id] in ARRIVALS}
    minutes: dict[int, int | None] = {row.id: row.estimated_minutes for row in rows if row.id in arrived}
    seen: set[tuple[int | None, int | None]] = set()
    for row in rows:
        line = (row.clinician_id, None if row.clinician_id else row.department_id)
        if row.id in arrived or line in seen:
            continue
        seen.add(line)
        for standing in await list_queue_around(tx, row):
            if standing.wait is not None and standing.visit.id not in arrived:
                minutes[standing.visit.id] = standing.wait.minutes
    return {visit_id: wait for visit_id, wait in minutes.items() if wait is not None}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that is good: the door it came through, its user's revocation version, and his roles by hospital."""

    kind: SessionKind
    version: int
    is_superadmin: bool
    roles: dict[int, Role]


async def list_signed_in(tx: Tx, session_ids: Sequence[int]) -> dict[int, SignedIn]:
    """Of these sessions those that are good, by id; one query for a thousand of them."""
    found: dict[int, SignedIn] = {}
    for start in range(0, len(session_ids), SESSIONS):
        rows = await tx.rows(
            select(Session.id, Session.kind, User.version, User.is_superadmin, Membership.hospital_id, Membership.role)
            .join(User, and_(User.id == Session.user_id, User.is_active))
            .outerjoin(
                Membership,
                and_(
                    Membership.user_id == Session.user_id,
                    Membership.is_active,
                    Membership.deleted_at.is_(None),
                    Membership.hospital_id.in_(select(Hospital.id).where(Hospital.is_active)),
                ),
            )
            .where(
                Session.id.in_(session_ids[start : start + SESSIONS]),
                Session.revoked_at.is_(None),
                Session.expires_at > tx.now,
            )
        )
        for row in rows:
            one = found.setdefault(row["id"], SignedIn(row["kind"], row["version"], row["is_superadmin"], {}))
            if row["hospital_id"] is not None:
                one.roles[row["hospital_id"]] = row["role"]
    return found


async def find_department_of(tx: Tx, hospital_id: int, clinician_id: int | None) -> audiences.Department | None:
    """The department that a clinician works in."""
    rows = await tx.rows(
        select(Department.id, Department.centre_id)
        .join(
            Clinician,
            and_(Clinician.hospital_id == Department.hospital_id, Clinician.department_id == Department.id),
        )
        .where(Clinician.hospital_id == hospital_id, Clinician.id == clinician_id)
    )
    return audiences.Department(rows[0]["id"], rows[0]["centre_id"]) if rows else None


async def get_public_department(tx: Tx, department_id: int) -> int:
    """The hospital of a department whose waiting room anybody may watch (NotFound)."""
    hospital_id: int | None = await tx.one_or_none(
        select(Department.hospital_id)
        .join(Hospital, and_(Hospital.id == Department.hospital_id, Hospital.is_active))
        .where(Department.id == department_id, Department.is_active)
    )
    if hospital_id is None:
        raise NotFound.of("Department")
    return hospital_id


async def find_user_version(tx: Tx, user_id: int) -> int:
    """The user's revocation version (0: there is no such user)."""
    version: int | None = await tx.one_or_none(select(User.version).where(User.id == user_id))
    return version or 0


async def find_session_kind(tx: Tx, session_id: int) -> SessionKind | None:
    """The door that a session came through."""
    kind: SessionKind | None = await tx.one_or_none(select(Session.kind).where(Session.id == session_id))
    return kind


async def find_centre(tx: Tx, hospital_id: int, centre_id: int) -> int | None:
    """The centre, if the hospital has it."""
    found: int | None = await tx.one_or_none(
        select(Centre.id).where(Centre.hospital_id == hospital_id, Centre.id == centre_id, Centre.deleted_at.is_(None))
    )
    return found
