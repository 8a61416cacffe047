"""How full the clinicians and departments are, and where a walk-in would stand."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select, text

from outpatient.appointments.queries import count_patients
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.terms import TokenReset, VisitStatus
from outpatient.models import (
    LINE,
    ROOM,
    Centre,
    Clinician,
    Department,
    Hospital,
    HospitalConfig,
    Patient,
    Service,
    Visit,
)
from outpatient.queue.rules.assign import Load
from outpatient.scheduling.rules import local_day


@dataclass(frozen=True, slots=True)
class ClinicianLoad:
    """A clinician's load, with what a visit to him needs to know."""

    load: Load
    department_id: int | None
    centre_id: int
    fee_minor: int


@dataclass(frozen=True, slots=True)
class Place:
    """A department, or a clinician's centre where he belongs to none: its day, money and waiting line."""

    hospital_id: int
    department_id: int | None
    centre_id: int
    today: date
    currency: str
    queue_limit: int | None
    unassigned: int


async def list_loads(
    tx: Tx, hospital_id: int, *, clinician_id: int | None = None, department_id: int | None = None
) -> list[ClinicianLoad]:
    """The load of one clinician, or of all of a department's, who are active."""
    rows = await tx.rows(
        select(
            Clinician.id,
            Clinician.primary_centre_id,
            Clinician.is_on_duty,
            Clinician.consultation_fee_minor,
            Department.id.label("department_id"),
            Department.centre_id,
            Centre.time_zone,
            func.coalesce(
                Clinician.daily_patient_limit, Department.daily_patient_limit, HospitalConfig.daily_patient_limit
            ).label("daily_limit"),
            func.coalesce(Department.max_queue_length, HospitalConfig.max_queue_length).label("queue_limit"),
        )
        .join(HospitalConfig, HospitalConfig.hospital_id == Clinician.hospital_id)
        .join(Centre, Centre.id == Clinician.primary_centre_id)
        .outerjoin(
            Department,
            and_(
                Department.hospital_id == Clinician.hospital_id,
                Department.id == Clinician.department_id,
                Department.is_active,
            ),
        )
        .where(
            Clinician.hospital_id == hospital_id,
            Clinician.id == clinician_id if clinician_id is not None else Department.id == department_id,
            Clinician.is_active,
            Clinician.deleted_at.is_(None),
        )
    )
    found = []
    for row in rows:
        today = local_day(tx.now, ZoneInfo(row["time_zone"]))
        load = Load(
            clinician_id=row["id"],
            is_on_duty=row["is_on_duty"],
            waiting=await _count_waiting(tx, row["id"]),
            of_the_day=await count_patients(tx, hospital_id, row["id"], today),
            daily_limit=row["daily_limit"],
            queue_limit=row["queue_limit"],
        )
        centre_id = row["centre_id"] or row["primary_centre_id"]
        found.append(ClinicianLoad(load, row["department_id"], centre_id, row["consultation_fee_minor"]))
    return found


async def _count_waiting(tx: Tx, clinician_id: int) -> int:
    mine = select(func.count()).select_from(Visit).where(Visit.clinician_id == clinician_id)
    in_line = await tx.one_or_none(mine.where(text(f"visits.{LINE}")))
    called = await tx.one_or_none(mine.where(text("visits.status = 'CALLED'")))
    return (in_line or 0) + (called or 0)


async def find_place(tx: Tx, hospital_id: int, *, department_id: int | None, centre_id: int | None) -> Place | None:
    """Where a walk-in to a department, or to a centre without one, would be; None: there is no such place."""
    if department_id is not None:
        its_centre = select(Department.centre_id).where(
            Department.hospital_id == hospital_id, Department.id == department_id, Department.is_active
        )
        centre_id = await tx.one_or_none(its_centre)
    rows = await tx.rows(
        select(
            Centre.time_zone,
            Hospital.currency,
            func.coalesce(
                select(Department.max_queue_length).where(Department.id == department_id).scalar_subquery(),
                HospitalConfig.max_queue_length,
            ).label("queue_limit"),
        )
        .join(Hospital, Hospital.id == Centre.hospital_id)
        .join(HospitalConfig, HospitalConfig.hospital_id == Centre.hospital_id)
        .where(Centre.hospital_id == hospital_id, Centre.id == centre_id, Centre.deleted_at.is_(None))
    )
    if not rows or centre_id is None:
        return None
    unassigned = (
        select(func.count())
        .select_from(Visit)
        .where(Visit.clinician_id.is_(None), Visit.department_id == department_id, text(f"visits.{LINE}"))
    )
    return Place(
        hospital_id,
        department_id,
        centre_id,
        local_day(tx.now, ZoneInfo(rows[0]["time_zone"])),
        rows[0]["currency"],
        rows[0]["queue_limit"],
        await tx.one_or_none(unassigned) or 0,
    )


async def get_service_price(tx: Tx, hospital_id: int, service_id: int) -> int | None:
    """A service's price in minor units (None: the clinician's own fee; NotFound)."""
    rows = await tx.rows(
        select(Service.price_minor).where(
            Service.hospital_id == hospital_id, Service.id == service_id, Service.is_active
        )
    )
    if not rows:
        raise NotFound.of("Service")
    price: int | None = rows[0]["price_minor"]
    return price


async def find_in_line(
    tx: Tx, hospital_id: int, patient_id: int, *, clinician_id: int | None, department_id: int | None
) -> Visit | None:
    """The visit by which a patient is there already: with the clinician, else with anybody of the department."""
    found: Visit | None = await tx.one_or_none(
        select(Visit)
        .where(
            _here(clinician_id, department_id),
            or_(text(f"visits.{LINE}"), text(f"visits.{ROOM}")),
            Visit.hospital_id == hospital_id,
            Visit.patient_id == patient_id,
        )
        .limit(1)
    )
    return found


async def is_expected(
    tx: Tx, hospital_id: int, patient_id: int, *, clinician_id: int | None, department_id: int | None, on: date
) -> bool:
    """Whether a patient has an appointment on a day, with the clinician or in the department, and has not come yet."""
    found = await tx.all(
        select(Visit.id).where(
            _here(clinician_id, department_id),
            Visit.hospital_id == hospital_id,
            Visit.patient_id == patient_id,
            Visit.service_on == on,
            Visit.status == VisitStatus.EXPECTED,
        )
    )
    return bool(found)


def _here(clinician_id: int | None, department_id: int | None) -> ColumnElement[bool]:
    return Visit.clinician_id == clinician_id if clinician_id is not None else Visit.department_id == department_id


async def lock_patient(tx: Tx, hospital_id: int, patient_id: int) -> None:
    """Stand in line: one at a time lets a patient in, so that nobody is let in twice (NotFound: deleted meanwhile)."""
    found = await tx.one_or_none(
        select(Patient.id)
        .where(Patient.hospital_id == hospital_id, Patient.id == patient_id, Patient.deleted_at.is_(None))
        .with_for_update(key_share=True)
    )
    if found is None:
        raise NotFound.of("Patient")


@dataclass(frozen=True, slots=True)
class TokenTerms:
    """What a token given today looks like, and how long its series lasts."""

    today: date
    reset: TokenReset
    prefix: str


async def get_token_terms(tx: Tx, visit: Visit, department_id: int | None) -> TokenTerms:
    """The terms of a token in a department, or in none, at the visit's centre."""
    (row,) = await tx.rows(
        select(
            Centre.time_zone,
            func.coalesce(Department.token_reset_frequency, HospitalConfig.token_reset_frequency).label("reset"),
            func.coalesce(Department.token_prefix, HospitalConfig.token_prefix).label("prefix"),
        )
        .join(HospitalConfig, HospitalConfig.hospital_id == Centre.hospital_id)
        .outerjoin(Department, and_(Department.hospital_id == Centre.hospital_id, Department.id == department_id))
        .where(Centre.id == visit.centre_id)
    )
    return TokenTerms(local_day(tx.now, ZoneInfo(row["time_zone"])), TokenReset(row["reset"]), row["prefix"])
