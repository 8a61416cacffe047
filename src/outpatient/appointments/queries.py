"""Every SELECT on appointments, and who may see which: what one may not see is not there."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select, true
from sqlalchemy.orm import aliased

from outpatient.access.actor import Actor
from outpatient.appointments.rules import LIVE, Period, period_of, wall_parts
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid, NotFound
from outpatient.core.paging import Page
from outpatient.core.terms import AppointmentStatus, Role
from outpatient.models import (
    Appointment,
    Centre,
    Clinician,
    Department,
    HospitalConfig,
    IdempotencyKey,
    Patient,
    Payment,
    PaymentOrder,
    StoredEvent,
    User,
    Visit,
)
from outpatient.scheduling.queries import Runs, Schedule
from outpatient.scheduling.queries.schedules import busy_rows
from outpatient.scheduling.rules import Slot, Window, day_bounds, local_day, slots
from outpatient.scheduling.statements import BUSY

OWN_DAY_ROWS = 200


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
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found: Appointment | None = await tx.one_or_none(query)
    if found is None:
        raise NotFound.of("Appointment")
    return found


async def get_cancellation_notice(tx: Tx, hospital_id: int) -> timedelta:
    """How long before its start a patient may still cancel or move an appointment himself."""
    minutes = await tx.one_or_none(
        select(HospitalConfig.cancellation_notice_minutes).where(HospitalConfig.hospital_id == hospital_id)
    )
    return timedelta(minutes=minutes or 0)


def _described() -> Select[*tuple[Any, ...]]:
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


async def list_of_clinician_by_time(tx: Tx, actor: Actor, now: datetime) -> dict[Period, list[dict[str, Any]]]:
    """A clinician's own appointments: current, upcoming (the next 200) and past (the latest 200)."""
    yesterday = (now - timedelta(days=1)).date()  # no zone is further back; which day it is there, `period_of` knows
    is_ahead = and_(
        Appointment.status.in_(LIVE),
        Appointment.service_on >= yesterday,
        or_(Appointment.ends_at > now, Appointment.starts_at.is_(None)),
    )
    order = (Appointment.service_on, Appointment.starts_at, Appointment.id)
    mine = _described().where(visible_to(actor))
    ahead = await tx.rows(mine.where(is_ahead).order_by(*order).limit(OWN_DAY_ROWS))
    behind = await tx.rows(mine.where(not_(is_ahead)).order_by(*(key.desc() for key in order)).limit(OWN_DAY_ROWS))
    found: dict[Period, list[dict[str, Any]]] = {"current": [], "upcoming": [], "past": []}
    for row in (*ahead, *behind):
        found[_period_of(row, now)].append(describe(row))
    return found


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


async def list_history(tx: Tx, actor: Actor, appointment_id: int) -> Sequence[Mapping[str, Any]]:
    """What happened to an appointment, by whom, the oldest first."""
    await get_appointment(tx, actor, appointment_id)
    return await tx.rows(
        select(
            StoredEvent.id, StoredEvent.name, StoredEvent.at, StoredEvent.payload, User.full_name.label("actor_name")
        )
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


async def find_unpaid_hold(tx: Tx, actor: Actor, appointment_id: int) -> Payment | None:
    """The payment of a hold that still waits for its order."""
    found: Payment | None = await tx.one_or_none(
        select(Payment)
        .join(Appointment, Appointment.id == Payment.appointment_id)
        .where(
            Appointment.id == appointment_id,
            visible_to(actor),
            Appointment.status == AppointmentStatus.PENDING,
            Appointment.expires_at > tx.now,
            ~select(PaymentOrder.id).where(PaymentOrder.payment_id == Payment.id).exists(),
        )
    )
    return found


async def find_visit(tx: Tx, appointment: Appointment) -> Visit | None:
    """The appointment's one visit, locked for a change (after the appointment, always in this order)."""
    found: Visit | None = await tx.one_or_none(
        select(Visit)
        .where(Visit.hospital_id == appointment.hospital_id, Visit.appointment_id == appointment.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found


async def find_patient_id(tx: Tx, hospital_id: int, patient_id: int) -> int | None:
    """The patient's id, if there is such a record in this hospital."""
    found: int | None = await tx.one_or_none(
        select(Patient.id).where(
            Patient.hospital_id == hospital_id, Patient.id == patient_id, Patient.deleted_at.is_(None)
        )
    )
    return found


async def get_zone(tx: Tx, appointment: Appointment) -> ZoneInfo:
    """The zone of the centre where it takes place."""
    name = await tx.one_or_none(
        select(Centre.time_zone).where(
            Centre.hospital_id == appointment.hospital_id, Centre.id == appointment.centre_id
        )
    )
    return ZoneInfo(name)


def _takes_a_place(now: datetime) -> ColumnElement[bool]:
    """Counts for the day's limit: every appointment that is not over or given up; a stale hold is given up."""
    return and_(
        Appointment.status.in_(LIVE | {AppointmentStatus.COMPLETED}),
        or_(Appointment.expires_at.is_(None), Appointment.expires_at > now),
    )


async def count_booked(tx: Tx, hospital_id: int, clinician_id: int, on: date) -> int:
    """How many patients a clinician has on a day."""
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
    return booked


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
