"""Every SELECT on appointments, and who may see which: what one may not see is not there."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import aliased

from outpatient.access.actor import Actor
from outpatient.appointments.rules import wall_parts
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.paging import Page
from outpatient.core.terms import AppointmentStatus, Role
from outpatient.models import (
    Appointment,
    Centre,
    Clinician,
    HospitalConfig,
    IdempotencyKey,
    Patient,
    Payment,
    PaymentOrder,
    StoredEvent,
    User,
    Visit,
)


def visible_to(actor: Actor | None) -> ColumnElement[bool]:
    """The appointments that somebody may see: his own as patient or clinician, his centres', his hospital's."""
    if actor is None:
        return true()
    mine = Appointment.hospital_id == actor.hospital_id
    if actor.role is Role.PATIENT:
        return and_(mine, Appointment.patient_id.in_(actor.patient_ids))
    if actor.role is Role.CLINICIAN:
        return and_(mine, Appointment.clinician_id == actor.clinician_id) if actor.clinician_id else false()
    if actor.centre_ids is not None:
        return and_(mine, Appointment.centre_id.in_(actor.centre_ids))
    return mine


async def get_appointment(tx: Tx, actor: Actor | None, appointment_id: int, *, lock: bool = False) -> Appointment:
    """The appointment, as far as the actor may see it (NotFound); locked for a change."""
    query = select(Appointment).where(Appointment.id == appointment_id, visible_to(actor))
    found: Appointment | None = await tx.one_or_none(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound.of("Appointment")
    return found


async def get_cancellation_notice(tx: Tx, hospital_id: int) -> timedelta:
    """How long before its start a patient may still cancel or move an appointment himself."""
    minutes = await tx.one_or_none(
        select(HospitalConfig.cancellation_notice_minutes).where(HospitalConfig.hospital_id == hospital_id)
    )
    return timedelta(minutes=minutes or 0)


def _described() -> Select[Any]:
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
    """One row of `_described` as seed 001's keys: date and time are wall-clock in the centre's zone."""
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
    rows = await tx.rows(_described().where(Appointment.id == appointment_id, visible_to(actor)))
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
    query = _described().where(*terms).order_by(*((column.desc() for column in order) if newest_first else order))
    if page is not None:
        query = query.limit(page.limit).offset(page.offset)
    total = await tx.one_or_none(select(func.count()).select_from(Appointment).where(*terms))
    return [describe(row) for row in await tx.rows(query)], total or 0


async def list_of_clinician_by_time(tx: Tx, actor: Actor, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """A clinician's own appointments: current (going on), upcoming, past (the latest 200)."""
    is_current = and_(Appointment.starts_at <= now, Appointment.ends_at > now, Appointment.status.in_(("PENDING", "CONFIRMED", "CHECKED_IN")))
    is_upcoming = or_(Appointment.starts_at > now, and_(Appointment.starts_at.is_(None), Appointment.service_on >= now.date()))
    base = _described().where(visible_to(actor))
    upcoming = base.where(is_upcoming).order_by(Appointment.service_on, Appointment.starts_at)
    past = base.where(~is_current, ~is_upcoming).order_by(Appointment.service_on.desc(), Appointment.starts_at.desc())
    return {
        "current": [describe(row) for row in await tx.rows(base.where(is_current))],
        "upcoming": [describe(row) for row in await tx.rows(upcoming.limit(200))],
        "past": [describe(row) for row in await tx.rows(past.limit(200))],
    }


async def list_history(tx: Tx, actor: Actor, appointment_id: int) -> Sequence[Mapping[str, Any]]:
    """What happened to an appointment, by whom, the oldest first."""
    await get_appointment(tx, actor, appointment_id)
    return await tx.rows(
        select(StoredEvent.id, StoredEvent.name, StoredEvent.at, StoredEvent.payload, StoredEvent.actor_id, User.full_name.label("actor_name"))
        .outerjoin(User, User.id == StoredEvent.actor_id)
        .where(
            StoredEvent.hospital_id == actor.hospital_id,
            StoredEvent.subject == "appointment",
            StoredEvent.subject_id == appointment_id,
        )
        .order_by(StoredEvent.id)
    )


async def find_idempotent(tx: Tx, actor: Actor, route: str, key: str) -> IdempotencyKey | None:
    """What this key made before, on this route, for this caller."""
    found: IdempotencyKey | None = await tx.one_or_none(
        select(IdempotencyKey).where(
            IdempotencyKey.hospital_id == actor.hospital_id,
            IdempotencyKey.user_id == actor.user_id,
            IdempotencyKey.route == route,
            IdempotencyKey.key == key,
        )
    )
    return found




async def get_prepaid(tx: Tx, actor: Actor, appointment_id: int) -> Mapping[str, Any]:
    """What a prepaid booking answered, read again (NotFound)."""
    rows = await tx.rows(
        select(
            Appointment.id.label("appointment_id"),
            Appointment.expires_at,
            Payment.amount_minor.label("amount"),
            Payment.currency,
            PaymentOrder.provider_order_id.label("payment_order_id"),
        )
        .join(Payment, Payment.appointment_id == Appointment.id)
        .outerjoin(PaymentOrder, PaymentOrder.payment_id == Payment.id)
        .where(Appointment.id == appointment_id, visible_to(actor))
        .order_by(PaymentOrder.id)
        .limit(1)
    )
    if not rows:
        raise NotFound.of("Appointment")
    return rows[0]
