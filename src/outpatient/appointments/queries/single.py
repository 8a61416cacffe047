"""One appointment, who may see it, and what hangs on it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select

from outpatient.access.actor import Actor
from outpatient.access.reach import within_reach
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.terms import AppointmentStatus
from outpatient.models import (
    Appointment,
    Centre,
    HospitalConfig,
    Patient,
    Payment,
    PaymentOrder,
    StoredEvent,
    User,
    Visit,
)


def visible_to(actor: Actor | None) -> ColumnElement[bool]:
    """The appointments that somebody may see: his own as patient or clinician, his centres', his hospital's."""
    return within_reach(actor, Appointment)


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
    """The patient's id, if there is such a record in this hospital; locked, so that nobody deletes it meanwhile."""
    found: int | None = await tx.one_or_none(
        select(Patient.id)
        .where(Patient.hospital_id == hospital_id, Patient.id == patient_id, Patient.deleted_at.is_(None))
        .with_for_update(read=True, key_share=True)
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
