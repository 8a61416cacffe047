"""How full a day is, and who of a department is asked first."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select

from outpatient.appointments.rules import LIVE
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid, NotFound
from outpatient.core.terms import AppointmentStatus, VisitStatus
from outpatient.models import (
    Appointment,
    Centre,
    Clinician,
    Department,
    Visit,
)
from outpatient.scheduling.queries import Runs, Schedule
from outpatient.scheduling.queries.schedules import busy_rows
from outpatient.scheduling.rules import Slot, Window, day_bounds, local_day, slots
from outpatient.scheduling.statements import BUSY


def _takes_a_place(now: datetime) -> ColumnElement[bool]:
    """Counts for the day's limit: every appointment that is not over or given up; a stale hold is given up."""
    return and_(
        Appointment.status.in_(LIVE | {AppointmentStatus.COMPLETED}),
        or_(Appointment.expires_at.is_(None), Appointment.expires_at > now),
    )


async def count_patients(tx: Tx, hospital_id: int, clinician_id: int, on: date) -> int:
    """How many patients a clinician has on a day: the booked ones, and who walked in."""
    booked: int = await tx.one_or_none(
        select(func.count())
        .select_from(Appointment)
        .where(
            Appointment.hospital_id == hospital_id,
            Appointment.clinician_id == clinician_id,
            Appointment.service_on == on,
            _takes_a_place(tx.now),
        )
    )
    walked_in: int = await tx.one_or_none(
        select(func.count())
        .select_from(Visit)
        .where(
            Visit.clinician_id == clinician_id,
            Visit.service_on == on,
            Visit.appointment_id.is_(None),
            Visit.status.not_in((VisitStatus.CANCELLED, VisitStatus.NO_SHOW)),
        )
    )
    return booked + walked_in


async def count_holds(tx: Tx, hospital_id: int, patient_id: int) -> int:
    """How many slots a patient keeps unpaid just now."""
    held: int = await tx.one_or_none(
        select(func.count())
        .select_from(Appointment)
        .where(
            Appointment.hospital_id == hospital_id,
            Appointment.patient_id == patient_id,
            Appointment.status == AppointmentStatus.PENDING,
            Appointment.expires_at > tx.now,
        )
    )
    return held


async def list_candidates(
    tx: Tx,
    hospital_id: int,
    department_id: int,
    *,
    on: date | None,
    starts_at: datetime | None,
    centre_id: int | None,
) -> list[int]:
    """The department's clinicians in the order in which they are asked: on duty (today), then fewest patients that day.

    NotFound: no such department, or it is in another centre.
    """
    found = await tx.rows(
        select(Centre.id, Centre.time_zone)
        .join(Department, and_(Department.hospital_id == Centre.hospital_id, Department.centre_id == Centre.id))
        .where(Department.hospital_id == hospital_id, Department.id == department_id, Department.is_active)
    )
    if not found or centre_id not in (None, found[0]["id"]):
        raise NotFound.of("Department")
    zone = ZoneInfo(found[0]["time_zone"])
    day = on or (local_day(starts_at, zone) if starts_at else None)
    if day is None:
        raise Invalid.field("appointmentDate", "This field is required")
    patients = func.count(Appointment.id)
    is_today = day == local_day(tx.now, zone)
    return list(
        await tx.all(
            select(Clinician.id)
            .outerjoin(
                Appointment,
                and_(
                    Appointment.hospital_id == Clinician.hospital_id,
                    Appointment.clinician_id == Clinician.id,
                    Appointment.service_on == day,
                    _takes_a_place(tx.now),
                ),
            )
            .where(
                Clinician.hospital_id == hospital_id,
                Clinician.department_id == department_id,
                Clinician.is_active,
                Clinician.deleted_at.is_(None),
            )
            .group_by(Clinician.id, Clinician.is_on_duty)
            .order_by(*((Clinician.is_on_duty.desc(),) if is_today else ()), patients, Clinician.id)
        )
    )


async def list_slots(
    runs: Runs,
    schedule: Schedule,
    centre_id: int,
    *,
    first_on: date,
    last_on: date,
    service_id: int | None,
    window: Window,
    now: datetime,
) -> list[Slot]:
    """A clinician's slots at one centre, free or not, as this schedule gives them and the store fills them."""
    found: list[Slot] = []
    for centre in schedule.at_centre(centre_id):
        rows = await runs.run(
            BUSY,
            hospital_id=schedule.hospital_id,
            clinician_id=schedule.clinician_id,
            range_from=day_bounds(first_on, centre.zone)[0],
            range_to=day_bounds(last_on, centre.zone)[1] + timedelta(days=1),
        )
        grid, busy = schedule.grid(centre, service_id), list(busy_rows(rows, now))
        for day in slots(grid, busy, first_on=first_on, last_on=last_on, window=window).values():
            found.extend(day)
    return found
