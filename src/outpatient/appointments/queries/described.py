"""Appointments with the names around them, alone and in lists."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select
from sqlalchemy.orm import aliased

from outpatient.access.actor import Actor
from outpatient.appointments.queries.single import visible_to
from outpatient.appointments.rules import LIVE, Period, period_of, wall_parts
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.paging import Page
from outpatient.core.terms import AppointmentStatus
from outpatient.models import (
    Appointment,
    Centre,
    Clinician,
    Patient,
    Payment,
    User,
    Visit,
)
from outpatient.scheduling.rules import local_day

OWN_DAY_ROWS = 200


def described() -> Select[*tuple[Any, ...]]:
    """An appointment with the names around it."""
    doctor = aliased(User)
    return (
        select(
            Appointment,
            Patient.full_name.label("patient_name"),
            Patient.phone.label("patient_phone"),
            doctor.full_name.label("clinician_name"),
            Centre.name.label("centre_name"),
            Centre.time_zone,
            Payment.status.label("payment_status"),
            Payment.id.label("payment_id"),
            Visit.id.label("visit_id"),
            Visit.status.label("visit_status"),
        )
        .join(Patient, Patient.id == Appointment.patient_id)
        .join(Clinician, Clinician.id == Appointment.clinician_id)
        .join(doctor, doctor.id == Clinician.user_id)
        .join(Centre, Centre.id == Appointment.centre_id)
        .outerjoin(Visit, Visit.appointment_id == Appointment.id)
        .outerjoin(Payment, Payment.visit_id == Visit.id)
    )


def describe(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row of `described` as seed 001's keys: date and time are wall-clock in the centre's zone."""
    appointment: Appointment = row["Appointment"]
    starts_at = appointment.starts_at
    local = starts_at.astimezone(ZoneInfo(row["time_zone"])) if starts_at else None
    on, at = wall_parts(local, appointment.service_on)
    return {
        **{column.key: getattr(appointment, column.key) for column in Appointment.__mapper__.column_attrs},
        **{key: value for key, value in row.items() if key not in ("Appointment", "time_zone")},
        "appointment_date": on,
        "appointment_time": at,
        "doctor_id": appointment.clinician_id,
        "start": starts_at,
        "end": appointment.ends_at,
        "consultation_fee": appointment.fee_minor,
        "time_zone": row["time_zone"],
    }


async def get_described(tx: Tx, actor: Actor, appointment_id: int) -> dict[str, Any]:
    """One appointment with everything around it (NotFound)."""
    rows = await tx.rows(described().where(Appointment.id == appointment_id, visible_to(actor)))
    if not rows:
        raise NotFound.of("Appointment")
    return describe(rows[0])


async def list_described(
    tx: Tx,
    actor: Actor,
    page: Page | None,
    *,
    centre_id: int | None = None,
    clinician_id: int | None = None,
    patient_id: int | None = None,
    department_id: int | None = None,
    on: date | None = None,
    month: tuple[date, date] | None = None,
    status: AppointmentStatus | None = None,
    newest_first: bool = False,
) -> tuple[Sequence[dict[str, Any]], int]:
    """A page of the appointments that the actor may see, in time order, and how many there are in all."""
    wanted = {
        Appointment.centre_id: centre_id,
        Appointment.clinician_id: clinician_id,
        Appointment.patient_id: patient_id,
        Appointment.department_id: department_id,
        Appointment.service_on: on,
        Appointment.status: status,
    }
    terms = [visible_to(actor), *(column == value for column, value in wanted.items() if value is not None)]
    if month is not None:
        terms.append(Appointment.service_on.between(*month))
    order = (Appointment.service_on, Appointment.starts_at, Appointment.id)
    query = described().where(*terms).order_by(*((column.desc() for column in order) if newest_first else order))
    if page is not None:
        query = query.limit(page.limit).offset(page.offset)
    total = await tx.one_or_none(select(func.count()).select_from(Appointment).where(*terms))
    return [describe(row) for row in await tx.rows(query)], total or 0


async def list_of_clinician_by_time(tx: Tx, actor: Actor, now: datetime) -> dict[Period, list[dict[str, Any]]]:
    """A clinician's own appointments: current, upcoming (the next 200) and past (the latest 200)."""
    is_ahead = _is_ahead(now)
    order = (Appointment.service_on, Appointment.starts_at, Appointment.id)
    mine = described().where(visible_to(actor))
    ahead = await tx.rows(mine.where(is_ahead).order_by(*order).limit(OWN_DAY_ROWS))
    behind = await tx.rows(mine.where(not_(is_ahead)).order_by(*(key.desc() for key in order)).limit(OWN_DAY_ROWS))
    found: dict[Period, list[dict[str, Any]]] = {"current": [], "upcoming": [], "past": []}
    for row in (*ahead, *behind):
        found[_period_of(row, now)].append(describe(row))
    return found


def _is_ahead(now: datetime) -> ColumnElement[bool]:
    """Live and not over yet; a token may be yesterday's, which `period_of` tells."""
    yesterday = (now - timedelta(days=1)).date()  # no zone is further back
    return and_(
        Appointment.status.in_(LIVE),
        Appointment.service_on >= yesterday,
        or_(Appointment.ends_at > now, Appointment.starts_at.is_(None)),
    )


async def list_ahead(tx: Tx, actor: Actor, *, patient_id: int | None, most: int) -> list[dict[str, Any]]:
    """The next live appointments of a patient that are not over, the soonest first; a hold counts while it lasts."""
    terms = [
        visible_to(actor),
        _is_ahead(tx.now),
        or_(Appointment.expires_at.is_(None), Appointment.expires_at > tx.now),
    ]
    if patient_id is not None:
        terms.append(Appointment.patient_id == patient_id)
    order = (Appointment.service_on, Appointment.starts_at.is_(None), Appointment.starts_at, Appointment.id)
    rows = await tx.rows(described().where(*terms).order_by(*order).limit(OWN_DAY_ROWS))
    return [describe(row) for row in rows if _period_of(row, tx.now) != "past"][:most]


def _period_of(row: Mapping[str, Any], now: datetime) -> Period:
    appointment: Appointment = row["Appointment"]
    return period_of(
        appointment.status,
        appointment.starts_at,
        appointment.ends_at,
        appointment.service_on,
        now=now,
        today=local_day(now, ZoneInfo(row["time_zone"])),
    )
