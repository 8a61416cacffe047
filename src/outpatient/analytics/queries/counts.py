"""What the figures count, as SELECTs on the tables that people write (docs/analytics.md says the same in words)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    String,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    select,
    tuple_,
    union_all,
    values,
)

from outpatient.analytics.rules import HOSPITAL, NOBODY, Cell, Touched
from outpatient.core.database import Tx
from outpatient.core.days import local_day
from outpatient.core.terms import Account, AppointmentStatus, BookingSource, VisitStatus
from outpatient.models import (
    NO_SOURCE,
    Appointment,
    Centre,
    HospitalConfig,
    LedgerEntry,
    Newcomer,
    Patient,
    Visit,
    VisitRecord,
)

REVENUE = (Account.DESK, Account.GATEWAY)
MISSED = (AppointmentStatus.CANCELLED, AppointmentStatus.NO_SHOW)
COUNTS = (*(status.lower() for status in AppointmentStatus), "walk_ins", "follow_ups", "revenue_minor")
CELL = ("hospital_id", "centre_id", "clinician_id", "day")


class Cells(Protocol):
    """Which cells are meant, as terms on columns: `are` where they are counted, `were` where they are stored."""

    def are(self, hospital: Any, centre: Any, clinician: Any, day: Any) -> ColumnElement[bool]: ...
    def were(self, hospital: Any, centre: Any, clinician: Any, day: Any) -> ColumnElement[bool]: ...


class Named:
    """These cells and no others."""

    def __init__(self, cells: Collection[Cell]) -> None:
        columns = [column(name, Date() if name == "day" else BigInteger()) for name in CELL]
        self._cells = values(*columns, name="cells").data([tuple(cell) for cell in cells]).cte("cells")

    def are(self, *key: Any) -> ColumnElement[bool]:
        return and_(*(one == cell for one, cell in zip(key, self._cells.c, strict=True)))

    def were(self, *key: Any) -> ColumnElement[bool]:
        return tuple_(*key).in_(select(*self._cells.c))


@dataclass(frozen=True)
class Span:
    """All cells of a hospital from one day to another, without an end where it is None."""

    hospital_id: int
    first_on: date | None
    last_on: date | None

    def are(self, hospital: Any, centre: Any, clinician: Any, day: Any) -> ColumnElement[bool]:
        terms = [hospital == self.hospital_id]
        if self.first_on is not None:
            terms.append(day >= self.first_on)
        if self.last_on is not None:
            terms.append(day <= self.last_on)
        return and_(*terms)

    were = are


def count_cells(cells: Cells) -> Select[*tuple[Any, ...]]:
    """Each of these cells that has anything, with all its counts, by the names of `DailyFigures`."""
    parts = union_all(
        _appointments(cells),
        _walk_ins(cells),
        _walk_ins(cells, of_nobody=True),
        _money(cells),
        _money(cells, of_nobody=True),
    ).subquery("parts")
    key = [parts.c[name] for name in CELL]
    return select(*key, *(cast(func.sum(parts.c[name]), BigInteger).label(name) for name in COUNTS)).group_by(*key)


def _part(key: tuple[Any, Any, Any, Any], **counted: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    named = [one.label(name) for one, name in zip(key, CELL, strict=True)]
    counts = [counted.get(name, literal(0, BigInteger)).label(name) for name in COUNTS]
    return select(*named, *counts).group_by(*key)


def _appointments(cells: Cells) -> Select[*tuple[Any, ...]]:
    """By status; a follow-up is of somebody whom this clinician has seen on an earlier day, unless he stays away."""
    key = (Appointment.hospital_id, Appointment.centre_id, Appointment.clinician_id, Appointment.service_on)
    was_seen = (
        select(literal(1))
        .where(
            VisitRecord.patient_id == Appointment.patient_id,
            VisitRecord.clinician_id == Appointment.clinician_id,
            VisitRecord.service_on < Appointment.service_on,
            VisitRecord.hospital_id == Appointment.hospital_id,
        )
        .correlate(Appointment)
        .exists()
    )
    follows_up = case((and_(Appointment.status.not_in(MISSED), was_seen), 1), else_=0)
    by_status = {status.lower(): func.count().filter(Appointment.status == status) for status in AppointmentStatus}
    return _part(key, **by_status, follow_ups=func.sum(follows_up)).where(cells.are(*key))


def _clinician(of: type[Visit | LedgerEntry], *, is_nobody: bool) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
    """Nobody's rows are sought apart, so that each search has its index."""
    if is_nobody:
        return literal(NOBODY, BigInteger), of.clinician_id.is_(None)
    return of.clinician_id, of.clinician_id.is_not(None)  # type: ignore[return-value]


def _walk_ins(cells: Cells, *, of_nobody: bool = False) -> Select[*tuple[Any, ...]]:
    clinician, whose = _clinician(Visit, is_nobody=of_nobody)
    key = (Visit.hospital_id, Visit.centre_id, clinician, Visit.service_on)
    came = and_(Visit.appointment_id.is_(None), Visit.status.not_in((VisitStatus.CANCELLED, VisitStatus.NO_SHOW)))
    return _part(key, walk_ins=func.count()).where(cells.are(*key), whose, came)


def _money(cells: Cells, *, of_nobody: bool = False) -> Select[*tuple[Any, ...]]:
    clinician, whose = _clinician(LedgerEntry, is_nobody=of_nobody)
    key = (LedgerEntry.hospital_id, LedgerEntry.centre_id, clinician, LedgerEntry.entered_on)
    is_revenue = LedgerEntry.account.in_(REVENUE)
    return _part(key, revenue_minor=func.sum(LedgerEntry.amount_minor)).where(cells.are(*key), whose, is_revenue)


# ── newcomers ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Patients(Protocol):
    """Which patients are meant, as a term on the columns that name them."""

    def are(self, hospital: Any, patient: Any) -> ColumnElement[bool]: ...


@dataclass(frozen=True)
class These:
    """These patients and no others."""

    ids: Collection[int]

    def are(self, hospital: Any, patient: Any) -> ColumnElement[bool]:
        term: ColumnElement[bool] = patient.in_(self.ids)
        return term


@dataclass(frozen=True)
class Between:
    """All patients of a hospital whose ids are in a range, both ends too."""

    hospital_id: int
    first_id: int
    last_id: int

    def are(self, hospital: Any, patient: Any) -> ColumnElement[bool]:
        return and_(hospital == self.hospital_id, patient.between(self.first_id, self.last_id))


def count_newcomers(patients: Patients) -> Select[*tuple[Any, ...]]:
    """When each patient was new to the hospital and to each centre, and his source there, as `Newcomer` keeps it."""
    came = _contacts(patients).subquery("came")
    order = (came.c.created_at, came.c.kind, came.c.id)
    per_centre = func.row_number().over(partition_by=(came.c.patient_id, came.c.centre_id), order_by=order)
    in_all = func.row_number().over(partition_by=came.c.patient_id, order_by=order)
    first = select(*came.c, per_centre.label("at_centre"), in_all.label("at_hospital")).subquery("first")
    day = local_day(first.c.created_at, Centre.time_zone)
    of_centre = (
        select(first.c.hospital_id, first.c.centre_id, first.c.patient_id, day.label("day"), first.c.source)
        .join(Centre, Centre.id == first.c.centre_id)
        .join(Patient, and_(Patient.id == first.c.patient_id, Patient.deleted_at.is_(None)))
        .where(first.c.at_centre == 1)
    )
    registered = local_day(Patient.created_at, HospitalConfig.time_zone)
    of_hospital = (
        select(
            Patient.hospital_id,
            literal(HOSPITAL, BigInteger).label("centre_id"),
            Patient.id,
            func.coalesce(day, registered),
            func.coalesce(first.c.source, NO_SOURCE),
        )
        .join(HospitalConfig, HospitalConfig.hospital_id == Patient.hospital_id)
        .outerjoin(first, and_(first.c.patient_id == Patient.id, first.c.at_hospital == 1))
        .outerjoin(Centre, Centre.id == first.c.centre_id)
        .where(Patient.deleted_at.is_(None), patients.are(Patient.hospital_id, Patient.id))
    )
    both = union_all(of_centre, of_hospital).subquery("both")
    return select(*both.c)


def _contacts(patients: Patients) -> Any:
    """Every booking and every walk-in, whatever became of it."""
    booked = select(
        Appointment.hospital_id,
        Appointment.centre_id,
        Appointment.patient_id,
        Appointment.created_at,
        cast(Appointment.booking_source, String).label("source"),
        literal(0, BigInteger).label("kind"),
        Appointment.id,
    ).where(patients.are(Appointment.hospital_id, Appointment.patient_id))
    walked_in = select(
        Visit.hospital_id,
        Visit.centre_id,
        Visit.patient_id,
        Visit.created_at,
        cast(literal(BookingSource.WALK_IN.value), String),
        literal(1, BigInteger),
        Visit.id,
    ).where(patients.are(Visit.hospital_id, Visit.patient_id), Visit.appointment_id.is_(None))
    return union_all(booked, walked_in)


def count_daily_newcomers(cells: Cells) -> Select[*tuple[Any, ...]]:
    """How many were new, by centre, day and source, as `DailyNewcomers` keeps it; a cell's clinician is nobody."""
    key = (Newcomer.hospital_id, Newcomer.centre_id, Newcomer.day, Newcomer.source)
    are = cells.are(Newcomer.hospital_id, Newcomer.centre_id, literal(NOBODY, BigInteger), Newcomer.day)
    return select(*key, func.count()).where(are).group_by(*key)


# ── which cells events have touched ──────────────────────────────────────────────────────────────────────────────────


async def find_touched(tx: Tx, touched: Touched) -> set[Cell]:
    """The cells in which the touched rows are now, or were before."""
    cells = set(touched.left)
    appointments = (Appointment.hospital_id, Appointment.centre_id, Appointment.clinician_id, Appointment.service_on)
    for some in _some(touched.appointments):
        cells |= await _cells(tx, select(*appointments).where(Appointment.id.in_(some)))
    for pairs in _some(touched.seen):
        later = tuple_(Appointment.patient_id, Appointment.clinician_id).in_(pairs)
        cells |= await _cells(tx, select(*appointments).where(later))
    for some in _some(touched.visits):
        cells |= await _cells_of_walk_ins(tx, {visit_id: touched.visits[visit_id] for visit_id in some})
    ledger = (
        LedgerEntry.hospital_id,
        LedgerEntry.centre_id,
        func.coalesce(LedgerEntry.clinician_id, NOBODY),
        LedgerEntry.entered_on,
    )
    for some in _some(touched.payments):
        cells |= await _cells(tx, select(*ledger).where(LedgerEntry.payment_id.in_(some)))
    return cells


async def _cells(tx: Tx, query: Select[*tuple[Any, ...]]) -> set[Cell]:
    return {Cell(*row) for row in await tx.execute(query.distinct())}


async def _cells_of_walk_ins(tx: Tx, clinicians: dict[int, set[int]]) -> set[Cell]:
    rows = await tx.execute(
        select(Visit.id, Visit.hospital_id, Visit.centre_id, Visit.clinician_id, Visit.service_on).where(
            Visit.id.in_(clinicians), Visit.appointment_id.is_(None)
        )
    )
    return {
        Cell(hospital_id, centre_id, clinician_id, day)
        for visit_id, hospital_id, centre_id, now, day in rows
        for clinician_id in clinicians[visit_id] | {now or NOBODY}
    }


def _some(many: Iterable[Any]) -> Iterable[list[Any]]:
    """Not more at once than a statement may name."""
    ordered = sorted(many)
    return (ordered[start : start + 5000] for start in range(0, len(ordered), 5000))


async def list_newcomer_cells(tx: Tx, patients: Patients) -> set[Cell]:
    """The days on which these patients are kept as new."""
    key = (Newcomer.hospital_id, Newcomer.centre_id, literal(NOBODY, BigInteger), Newcomer.day)
    return await _cells(tx, select(*key).where(patients.are(Newcomer.hospital_id, Newcomer.patient_id)))
