"""What becomes of an appointment: confirmed, cancelled, completed, missed. Every move is a compare-and-set."""

from typing import Any

from sqlalchemy import update

from outpatient.access.actor import Actor
from outpatient.appointments.actions.holds import release
from outpatient.appointments.errors import HoldExpired, InvalidTransition, PaymentRequired, TooLateToCancel
from outpatient.appointments.events import (
    AppointmentCancelled,
    AppointmentCompleted,
    AppointmentConfirmed,
    AppointmentMissed,
    AppointmentUpdated,
)
from outpatient.appointments.queries import get_appointment, get_cancellation_notice
from outpatient.appointments.rules import sources
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid
from outpatient.core.terms import AppointmentStatus, CancelledBy, PaymentStatus, VisitStatus
from outpatient.models import APPOINTMENT_MOVES, Appointment, Visit
from outpatient.payments.actions import change_amount


async def _move(tx: Tx, appointment: Appointment, to: AppointmentStatus, **values: Any) -> bool:
    """Move along the table, whoever else is at it: False when the appointment is in no state that may become `to`."""
    moved = await tx.all(
        update(Appointment)
        .where(
            Appointment.hospital_id == appointment.hospital_id,
            Appointment.id == appointment.id,
            Appointment.status.in_(sources(APPOINTMENT_MOVES, to)),
        )
        .values(status=to, updated_at=tx.now, **values)
        .returning(Appointment.id)
        .execution_options(synchronize_session=False)
    )
    await tx.session.refresh(appointment)
    return bool(moved)


async def confirm_appointment(tx: Tx, *, actor: Actor, appointment_id: int) -> Appointment:
    """"I will come." A hold must be paid first (PaymentRequired); staff who may update may waive that. Repeatable."""
    appointment = await get_appointment(tx, actor, appointment_id, lock=True)
    if appointment.status is AppointmentStatus.CONFIRMED:
        return appointment
    if appointment.expires_at is not None and appointment.status is AppointmentStatus.PENDING:
        if appointment.expires_at <= tx.now:
            raise HoldExpired
        if actor.is_patient or actor.is_clinician:
            raise PaymentRequired
    if not await _move(tx, appointment, AppointmentStatus.CONFIRMED, expires_at=None):
        raise _refusal(appointment, AppointmentStatus.CONFIRMED)
    await tx.record(AppointmentConfirmed.of(appointment), by=actor)
    return appointment


async def cancel_appointment(tx: Tx, *, actor: Actor | None, appointment_id: int, reason: str | None) -> Appointment:
    """Give the slot back, close the visit, void what is unpaid. A repeat answers as the first time.

    A patient cancels within the hospital's notice only (TooLateToCancel); `actor` None is the system.
    """
    appointment = await get_appointment(tx, actor, appointment_id, lock=True)
    if appointment.status is AppointmentStatus.CANCELLED:
        return appointment
    if actor is not None and actor.is_patient:
        await keep_notice(tx, appointment)
    who = CancelledBy.SYSTEM if actor is None else CancelledBy.PATIENT if actor.is_patient else CancelledBy.STAFF
    if not await _move(
        tx, appointment, AppointmentStatus.CANCELLED, cancelled_by=who, cancel_reason=reason, expires_at=None
    ):
        raise _refusal(appointment, AppointmentStatus.CANCELLED)
    await release(tx, appointment, payment=PaymentStatus.CANCELLED)
    await tx.record(AppointmentCancelled.of(appointment, cancelled_by=who, reason=reason), by=actor)
    return appointment


async def keep_notice(tx: Tx, appointment: Appointment) -> None:
    """Refuse a patient who changes his mind too late for the hospital's rules (TooLateToCancel)."""
    notice = await get_cancellation_notice(tx, appointment.hospital_id)
    if appointment.starts_at is not None and appointment.starts_at - notice < tx.now:
        raise TooLateToCancel


async def complete_appointment(tx: Tx, *, actor: Actor, appointment_id: int) -> Appointment:
    """The patient was seen: visit and appointment end together (without a queue; the queue ends visits itself)."""
    appointment = await get_appointment(tx, actor, appointment_id, lock=True)
    if appointment.status is AppointmentStatus.COMPLETED:
        return appointment
    if not await _move(tx, appointment, AppointmentStatus.COMPLETED):
        raise _refusal(appointment, AppointmentStatus.COMPLETED)
    await tx.execute(
        update(Visit)
        .where(Visit.hospital_id == appointment.hospital_id, Visit.appointment_id == appointment.id)
        .values(status=VisitStatus.COMPLETED, started_at=appointment.starts_at or tx.now, completed_at=tx.now)
    )
    await tx.record(AppointmentCompleted.of(appointment), by=actor)
    return appointment


async def mark_no_show(tx: Tx, *, actor: Actor | None, appointment_id: int) -> Appointment:
    """The patient did not come. Repeatable; reversed by checking in on the same day."""
    appointment = await get_appointment(tx, actor, appointment_id, lock=True)
    if appointment.status is AppointmentStatus.NO_SHOW:
        return appointment
    if appointment.starts_at is not None and appointment.starts_at > tx.now:
        raise InvalidTransition("The appointment has not begun yet")
    if not await _move(tx, appointment, AppointmentStatus.NO_SHOW, expires_at=None):
        raise _refusal(appointment, AppointmentStatus.NO_SHOW)
    await tx.execute(
        update(Visit)
        .where(Visit.hospital_id == appointment.hospital_id, Visit.appointment_id == appointment.id)
        .values(status=VisitStatus.NO_SHOW)
    )
    await tx.record(AppointmentMissed.of(appointment), by=actor)
    return appointment


async def update_appointment(tx: Tx, *, actor: Actor, appointment_id: int, **changes: Any) -> Appointment:
    """Change notes, session type or fee (minor units); nothing to change is no change. A paid fee stays (Invalid)."""
    appointment = await get_appointment(tx, actor, appointment_id, lock=True)
    changed = {name: value for name, value in changes.items() if getattr(appointment, name) != value}
    if not changed:
        return appointment
    if "fee_minor" in changed and not await change_amount(
        tx,
        hospital_id=appointment.hospital_id,
        appointment_id=appointment.id,
        amount_minor=changed["fee_minor"],
    ):
        raise Invalid.field("consultationFee", "Something was paid already; the fee cannot change")
    for name, value in changed.items():
        setattr(appointment, name, value)
    appointment.updated_at = tx.now
    await tx.record(AppointmentUpdated.of(appointment, fields=tuple(sorted(changed))), by=actor)
    return appointment


def _refusal(appointment: Appointment, to: AppointmentStatus) -> InvalidTransition:
    return InvalidTransition(
        f"A {appointment.status.lower().replace('_', '-')} appointment cannot become {to.lower().replace('_', '-')}",
        {"status": appointment.status, "to": to},
    )
