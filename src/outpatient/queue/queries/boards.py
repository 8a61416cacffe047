"""The day at a centre, as boards and lists show it: one read each, whatever they hold.

A visit is found by its centre and service day. What was left unfinished on earlier days is found where it stands, by
the small indexes of those who are in the house, and belongs to today.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Select,
    SelectBase,
    and_,
    case,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    text,
    union_all,
)

from outpatient.access.actor import Actor
from outpatient.appointments.queries import describe, described
from outpatient.appointments.queries import visible_to as appointments_visible_to
from outpatient.centres.queries import list_centres
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid, NotFound
from outpatient.core.paging import Page
from outpatient.core.terms import AppointmentStatus, VisitStatus, VisitType
from outpatient.models import (
    LINE,
    PRESENT,
    ROOM,
    Appointment,
    Centre,
    Clinician,
    Department,
    HospitalConfig,
    Pace,
    Patient,
    Service,
    User,
    Visit,
)
from outpatient.queue.queries.visits import visible_to
from outpatient.queue.rules.board import Row
from outpatient.queue.rules.figures import Course
from outpatient.queue.rules.line import Entry
from outpatient.queue.rules.order import PRESENT as IN_THE_HOUSE
from outpatient.scheduling.rules import local_day

MOST = 10_000  # visits or appointments on one board: some hundred times a busy clinician's day

_OF_VISIT = tuple(
    getattr(Visit, name) for name in Entry._fields if name in Visit.__mapper__.columns and name != "service_id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A centre's service days, from the first to the last, and which of all days it is there now."""

    centre_id: int
    first_on: date
    last_on: date
    today: date

    @property
    def has_today(self) -> bool:
        return self.first_on <= self.today <= self.last_on


def _chosen() -> Select[*tuple[Any, ...]]:
    """Visits with what their appointments say of them, to be narrowed down and limited."""
    service_id = func.coalesce(Visit.service_id, Appointment.service_id).label("service_id")
    return select(*_OF_VISIT, service_id, Appointment.starts_at).outerjoin(
        Appointment, Appointment.id == Visit.appointment_id
    )


def _with_names(chosen: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Chosen visits with the names around them. Only the patient and the centre must be there.

    The choice is limited, so it is made first: PostgreSQL would plan so many joins in the order of their writing.
    """
    visit = chosen.subquery("visit")
    usual_minutes = func.coalesce(Department.default_consultation_minutes, HospitalConfig.default_consultation_minutes)
    return (
        select(
            *visit.c,
            Patient.full_name.label("patient_name"),
            Patient.phone.label("patient_phone"),
            Clinician.room,
            Centre.time_zone,
            Pace.mean_seconds,
            Pace.spread_seconds,
            usual_minutes.label("usual_minutes"),
            User.full_name.label("clinician_name"),
            Service.name.label("service_name"),
        )
        .select_from(visit)
        .join(Patient, Patient.id == visit.c.patient_id)
        .join(Centre, Centre.id == visit.c.centre_id)
        .outerjoin(HospitalConfig, HospitalConfig.hospital_id == Centre.hospital_id)
        .outerjoin(Clinician, Clinician.id == visit.c.clinician_id)
        .outerjoin(User, User.id == Clinician.user_id)
        .outerjoin(Department, Department.id == visit.c.department_id)
        .outerjoin(Service, Service.id == visit.c.service_id)
        .outerjoin(Pace, Pace.clinician_id == visit.c.clinician_id)
    )


def _row(row: Mapping[str, Any]) -> Row:
    return Row(Entry(**{name: value for name, value in row.items() if name != "starts_at"}), row["starts_at"])


async def list_visits_of_days(tx: Tx, actor: Actor, days: Days, clinician: Clinician | None) -> list[Row]:
    """The visits of a centre's days, in no order; of a clinician's: his own, and what waits for anybody with him.

    Who is in the house belongs to today, whatever his service day. A hold that ran out is nobody who is expected.
    Invalid: there are more than anybody could look at.
    """
    whose = _queue_of(clinician)
    chosen = _chosen().where(
        Visit.id.in_(_of_days(actor.hospital_id, days, whose)), visible_to(actor), _is_no_stale_hold(tx)
    )
    rows = await tx.rows(_with_names(chosen.limit(MOST + 1)))
    return [_row(row) for row in _bounded(rows, "to")]


async def list_in_house(tx: Tx, actor: Actor) -> list[Row]:
    """Who is in the house, at every centre that the actor sees, in no order (Invalid: too many to look at)."""
    among = Visit.id.in_(union_all(*_present(actor.hospital_id, None)))
    rows = await tx.rows(_with_names(_chosen().where(among, visible_to(actor)).limit(MOST + 1)))
    return [_row(row) for row in _bounded(rows, "hospitalId")]


async def list_courses(tx: Tx, actor: Actor, days: Days, clinician: Clinician | None) -> list[Course]:
    """When what happened to the visits of a centre's day, or to a clinician's own among them."""
    whose = None if clinician is None else Visit.clinician_id == clinician.id
    is_over = not_(_is_no_stale_hold(tx))  # as the sweep will say of it
    status = case((is_over, literal(VisitStatus.CANCELLED, Visit.status.type)), else_=Visit.status)
    rows = await tx.rows(
        select(
            status.label("status"),
            Visit.appointment_id.is_not(None).label("is_booked"),
            Visit.service_on,
            Appointment.starts_at,
            Visit.checked_in_at,
            Visit.called_at,
            Visit.started_at,
            Visit.completed_at,
            Visit.estimated_minutes,
            Visit.estimated_from,
            Visit.estimated_to,
        )
        .outerjoin(Appointment, Appointment.id == Visit.appointment_id)
        .where(Visit.id.in_(_of_days(actor.hospital_id, days, whose)), visible_to(actor))
        .limit(MOST + 1)
    )
    return [Course(**row) for row in _bounded(rows, "date")]


async def list_day_appointments(
    tx: Tx, actor: Actor, centres: Mapping[int, date], *, not_here_yet: bool
) -> list[dict[str, Any]]:
    """The appointments of a day at each centre, by time, tokens last; all of them, or those that are still awaited."""
    terms = [
        appointments_visible_to(actor),
        Appointment.hospital_id == actor.hospital_id,
        Appointment.service_on.in_(set(centres.values())),
        or_(
            false(), *(and_(Appointment.centre_id == one, Appointment.service_on == on) for one, on in centres.items())
        ),
    ]
    if not_here_yet:
        terms += [
            Appointment.status.in_((AppointmentStatus.PENDING, AppointmentStatus.CONFIRMED)),
            Visit.status == VisitStatus.EXPECTED,
            _is_no_stale_hold(tx),
        ]
    by_time = (Appointment.starts_at.is_(None), Appointment.starts_at, Appointment.id)
    rows = await tx.rows(described().where(*terms).order_by(*by_time).limit(MOST + 1))
    return [describe(row) for row in _bounded(rows, "date")]


async def list_todays(tx: Tx, actor: Actor) -> dict[int, date]:
    """The centres that the actor may see, each with the day that it is there."""
    return {one.id: local_day(tx.now, ZoneInfo(one.time_zone)) for one in await list_centres(tx, actor)}


async def list_visits(
    tx: Tx,
    actor: Actor,
    page: Page,
    *,
    centre_id: int | None = None,
    clinician_id: int | None = None,
    patient_id: int | None = None,
    status: VisitStatus | None = None,
    visit_type: VisitType | None = None,
    on: date | None = None,
) -> tuple[list[Row], int]:
    """A page of the visits that the actor may see, the latest day first, and how many there are in all."""
    wanted = {
        Visit.centre_id: centre_id,
        Visit.clinician_id: clinician_id,
        Visit.patient_id: patient_id,
        Visit.status: status,
        Visit.service_on: on,
    }
    terms = [visible_to(actor), *(column == value for column, value in wanted.items() if value is not None)]
    if visit_type is not None:
        is_walk_in = Visit.appointment_id.is_(None)
        terms.append(is_walk_in if visit_type is VisitType.WALK_IN else ~is_walk_in)
    among = _where_to_look(actor, patient_id=patient_id, status=status, on=on)
    matching = select(Visit.id, Visit.service_on).where(*terms, *(() if among is None else (among,)))
    total = await tx.one_or_none(select(func.count()).select_from(matching.subquery()))
    order = (Visit.service_on.desc(), Visit.id.desc())
    if among is None:
        chosen = _chosen().where(*terms).order_by(*order).limit(page.limit).offset(page.offset)
    else:  # a small set: PostgreSQL would rather walk the whole table in order until it has met enough of them
        few = matching.cte("few").prefix_with("MATERIALIZED", dialect="postgresql")
        some = select(few.c.id).order_by(few.c.service_on.desc(), few.c.id.desc())
        chosen = _chosen().where(Visit.id.in_(some.limit(page.limit).offset(page.offset))).limit(page.limit)
    found = [_row(row) for row in await tx.rows(_with_names(chosen))]
    return sorted(found, key=lambda row: (row.visit.service_on, row.visit.id), reverse=True), total or 0


async def get_described_visit(tx: Tx, actor: Actor, visit_id: int) -> Row:
    """One visit with the names around it, as lists show it (NotFound)."""
    rows = await tx.rows(_with_names(_chosen().where(Visit.id == visit_id, visible_to(actor)).limit(1)))
    if not rows:
        raise NotFound.of("Visit")
    return _row(rows[0])


def _where_to_look(
    actor: Actor, *, patient_id: int | None, status: VisitStatus | None, on: date | None
) -> ColumnElement[bool] | None:
    """The few visits among which all that are wanted lie, found by an index (None: there is no such narrow way).

    A patient's are found by his appointments and among the walk-ins, whoever is in the house by the indexes of the
    line and the room, and a day's by the hospital's centres.
    """
    hospital_id = actor.hospital_id
    if patient_id is not None:
        return Visit.id.in_(_of_patients(hospital_id, (patient_id,)))
    if actor.is_patient:
        return Visit.id.in_(_of_patients(hospital_id, actor.patient_ids))
    if on is not None:
        return Visit.centre_id.in_(select(Centre.id).where(Centre.hospital_id == hospital_id))
    if status is not None and status in IN_THE_HOUSE:
        return Visit.id.in_(union_all(*_present(hospital_id, None)))
    return None


def _of_patients(hospital_id: int, patient_ids: Sequence[int]) -> SelectBase:
    """A visit's patient is its appointment's, so only those without one are looked for by themselves."""
    booked = (
        select(Visit.id)
        .join(Appointment, Appointment.id == Visit.appointment_id)
        .where(Appointment.hospital_id == hospital_id, Appointment.patient_id.in_(patient_ids))
    )
    return union_all(booked, select(Visit.id).where(Visit.patient_id.in_(patient_ids), text(WALKED_IN)))


WALKED_IN = "visits.appointment_id IS NULL"


def _of_days(hospital_id: int, days: Days, whose: ColumnElement[bool] | None) -> SelectBase:
    own = select(Visit.id).where(
        Visit.hospital_id == hospital_id,
        Visit.centre_id == days.centre_id,
        Visit.service_on.between(days.first_on, days.last_on),
        or_(Visit.service_on >= days.today, Visit.status.not_in(IN_THE_HOUSE)),
        *(() if whose is None else (whose,)),
    )
    return union_all(own, *_present(hospital_id, days, whose)) if days.has_today else own


def _present(
    hospital_id: int, days: Days | None, whose: ColumnElement[bool] | None = None
) -> list[Select[*tuple[Any, ...]]]:
    """Who is in the house: in line or in the room of the hospital's clinicians, or waiting for anybody.

    With `days`, only who was left over at that centre from before today.
    """
    terms = [Visit.hospital_id == hospital_id]
    if days is not None:
        terms += [Visit.centre_id == days.centre_id, Visit.service_on < days.today]
    if whose is not None:
        terms.append(whose)
    with_one = Visit.clinician_id.in_(select(Clinician.id).where(Clinician.hospital_id == hospital_id))
    of_hospital = select(Department.id).where(Department.hospital_id == hospital_id)
    with_nobody = and_(Visit.clinician_id.is_(None), Visit.department_id.in_(of_hospital), text(f"visits.{PRESENT}"))
    return [
        select(Visit.id).where(*terms, with_one, text(f"visits.{LINE}")),
        select(Visit.id).where(*terms, with_one, text(f"visits.{ROOM}")),
        select(Visit.id).where(*terms, with_nobody),
    ]


def _queue_of(clinician: Clinician | None) -> ColumnElement[bool] | None:
    """A clinician's visits, and those of his department that wait for anybody: what his queue shows."""
    if clinician is None:
        return None
    if clinician.department_id is None:
        return Visit.clinician_id == clinician.id
    waits_for_anybody = and_(Visit.clinician_id.is_(None), Visit.department_id == clinician.department_id)
    return or_(Visit.clinician_id == clinician.id, waits_for_anybody)


def _is_no_stale_hold(tx: Tx) -> ColumnElement[bool]:
    return or_(
        Appointment.expires_at.is_(None),
        Appointment.expires_at > tx.now,
        Appointment.status != AppointmentStatus.PENDING,
    )


def _bounded(rows: Sequence[Mapping[str, Any]], field: str) -> Iterable[Mapping[str, Any]]:
    if len(rows) > MOST:
        raise Invalid.field(
            field, f"There is more than one board can show ({MOST:,}); ask for fewer days or a doctorId"
        )
    return rows


async def get_visit_named(tx: Tx, actor: Actor, *, visit_id: int | None, appointment_id: int | None) -> Visit:
    """The visit by its own id, or by its appointment's (NotFound)."""
    named = Visit.id == visit_id if visit_id is not None else Visit.appointment_id == appointment_id
    found: Visit | None = await tx.one_or_none(select(Visit).where(named, visible_to(actor)))
    if found is None:
        raise NotFound.of("Visit" if visit_id is not None else "Appointment")
    return found
