"""What becomes of an appointment: confirmed, cancelled, completed, missed. Every move is a compare-and-set."""

from typing import Any

from sqlalchemy import update

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission
from outpatient.appointments.actions.holds import free_time, release, retake_time
from outpatient.appointments.errors import HoldExpired, InvalidTransition, PaymentRequired, TooLateToCancel
from outpatient.appointments.events import (
    AppointmentCancelled,
    AppointmentCompleted,
    AppointmentConfirmed,
    AppointmentMissed,
    AppointmentReopened,
    AppointmentUpdated,
)
from outpatient.appointments.queries import find_visit, get_appointment, get_cancellation_notice, get_zone
from outpatient.appointments.rules import LIVE, sources
from outpatient.core.database import Tx, Who
from outpatient.core.errors import Invalid
from outpatient.core.terms import AppointmentStatus, CancelledBy, PaymentStatus, VisitStatus
from outpatient.models import APPOINTMENT_MOVES, Appointment
from outpatient.payments.actions import change_amount
from outpatient.scheduling.rules import local_day


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
    """The patient will come. A hold must be paid first (PaymentRequired); who may update appointments may waive that.

    A repeat answers as the first time.
    """
    appointment = await get_appointment(tx, actor, appointment_id, lock=True)
    if appointment.status is AppointmentStatus.CONFIRMED:
        return appointment
    if appointment.expires_at is not None:
        if appointment.expires_at <= tx.now:
            raise HoldExpired
        if not actor.may(Permission.APPOINTMENTS_UPDATE):
            raise PaymentRequired
    if not await _move(tx, appointment, AppointmentStatus.CONFIRMED, expires_at=None):
        raise _refusal(appointment, AppointmentStatus.CONFIRMED)
    await tx.record(AppointmentConfirmed.of(appointment), by=actor)
    return appointment


async def confirm_paid(tx: Tx, appointment: Appointment, *, by: Who | None) -> None:
    """A locked appointment that waited for its money is firm now that all of it is there."""
    if appointment.status is AppointmentStatus.PENDING:
        await _move(tx, appointment, AppointmentStatus.CONFIRMED, expires_at=None)
        await tx.record(AppointmentConfirmed.of(appointment), by=by)


async def cancel_appointment(
    tx: Tx, *, actor: Actor | None, appointment_id: int, reason: str | None, is_repeatable: bool = True
) -> Appointment:
    """Give the slot back, close the visit, void what is unpaid. A repeat answers as the first time, or is refused.

    A patient cancels within the hospital's notice only (TooLateToCancel), and nobody once the clinician sees the
    patient (InvalidTransition); `actor` None is the system.
    """
    appointment = await get_appointment(tx, actor, appointment_id, lock=True)
    if appointment.status is AppointmentStatus.CANCELLED and is_repeatable:
        return appointment
    if AppointmentStatus.CANCELLED not in APPOINTMENT_MOVES[appointment.status]:
        raise _refusal(appointment, AppointmentStatus.CANCELLED)
    await _refuse_while_seen(tx, appointment)
    if actor is not None and actor.is_patient:
        await keep_notice(tx, appointment)
    who = CancelledBy.SYSTEM if actor is None else CancelledBy.PATIENT if actor.is_patient else CancelledBy.STAFF
    was, was_hold = appointment.status, appointment.expires_at is not None
    if not await _move(
        tx, appointment, AppointmentStatus.CANCELLED, cancelled_by=who, cancel_reason=reason, expires_at=None
    ):
        raise _refusal(appointment, AppointmentStatus.CANCELLED)
    await release(tx, appointment, payment=PaymentStatus.CANCELLED, by=actor)
    await tx.record(
        AppointmentCancelled.of(appointment, was=was, cancelled_by=who, reason=reason, was_hold=was_hold), by=actor
    )
    return appointment


async def _refuse_while_seen(tx: Tx, appointment: Appointment) -> None:
    visit = await find_visit(tx, appointment)
    if visit is not None and visit.status is VisitStatus.IN_PROGRESS:
        raise InvalidTransition("The clinician is seeing this patient just now")


async def keep_notice(tx: Tx, appointment: Appointment) -> None:
    """Refuse a patient who changes his mind too late for the hospital's rules (TooLateToCancel)."""
    notice = await get_cancellation_notice(tx, appointment.hospital_id)
    if appointment.starts_at is not None:
        is_late = appointment.starts_at - notice < tx.now
    else:
        is_late = appointment.service_on < local_day(tx.now, await get_zone(tx, appointment))
    if is_late:
        raise TooLateToCancel


async def complete_appointment(tx: Tx, *, actor: Actor, appointment_id: int) -> Appointment:
    """The patient was seen; his visit is finished in the same transaction. A repeat answers as the first time."""
    appointment = await get_appointment(tx, actor, appointment_id, lock=True)
    await end_completed(tx, appointment, by=actor)
    return appointment


async def end_completed(tx: Tx, appointment: Appointment, *, by: Actor, reason: str | None = None) -> None:
    """End a locked appointment as completed (InvalidTransition); the visit follows by its reaction."""
    if appointment.status is AppointmentStatus.COMPLETED:
        return
    if not await _move(tx, appointment, AppointmentStatus.COMPLETED):
        raise _refusal(appointment, AppointmentStatus.COMPLETED)
    if appointment.starts_at is not None and appointment.starts_at > tx.now:
        await free_time(tx, appointment)  # seen before his time, which somebody else may now have
    await tx.record(AppointmentCompleted.of(appointment, reason=reason), by=by)


async def mark_no_show(tx: Tx, *, actor: Actor | None, appointment_id: int) -> Appointment:
    """The patient did not come. Repeatable; reversed by checking in on the same day."""
    appointment = await get_appointment(tx, actor, appointment_id, lock=True)
    if AppointmentStatus.NO_SHOW in APPOINTMENT_MOVES[appointment.status]:
        if appointment.starts_at is not None:
            is_early = appointment.starts_at > tx.now
        else:
            is_early = appointment.service_on > local_day(tx.now, await get_zone(tx, appointment))
        if is_early and appointment.status is not AppointmentStatus.CHECKED_IN:
            raise InvalidTransition("The appointment has not begun yet")
    await end_missed(tx, appointment, by=actor)
    return appointment


async def end_missed(tx: Tx, appointment: Appointment, *, by: Actor | None) -> None:
    """End a locked appointment as missed (InvalidTransition); the visit follows by its reaction."""
    if appointment.status is AppointmentStatus.NO_SHOW:
        return
    if AppointmentStatus.NO_SHOW not in APPOINTMENT_MOVES[appointment.status]:
        raise _refusal(appointment, AppointmentStatus.NO_SHOW)
    await _refuse_while_seen(tx, appointment)
    was = appointment.status
    if not await _move(tx, appointment, AppointmentStatus.NO_SHOW, expires_at=None):
        raise _refusal(appointment, AppointmentStatus.NO_SHOW)
    await tx.record(AppointmentMissed.of(appointment, was=was), by=by)


async def reopen_appointment(tx: Tx, appointment: Appointment, *, to: AppointmentStatus, by: Actor) -> None:
    """Take the end of a locked appointment back: its state, and its time if that is not over.

    SlotUnavailable: somebody else has the time by now.
    """
    was = appointment.status
    if was is AppointmentStatus.CANCELLED:
        await retake_time(tx, appointment)
    appointment.status, appointment.updated_at = to, tx.now
    appointment.cancelled_by = appointment.cancel_reason = None
    await tx.record(AppointmentReopened.of(appointment, was=was), by=by)


async def update_appointment(tx: Tx, *, actor: Actor, appointment_id: int, **changes: Any) -> Appointment:
    """Change notes, session type or fee (minor units); nothing to change is no change. A paid fee stays (Invalid)."""
    appointment = await get_appointment(tx, actor, appointment_id, lock=True)
    changed = {name: value for name, value in changes.items() if getattr(appointment, name) != value}
    if not changed:
        return appointment
    if "fee_minor" in changed:
        await _set_fee(tx, actor, appointment, changed["fee_minor"])
    for name, value in changed.items():
        setattr(appointment, name, value)
    appointment.updated_at = tx.now
    await tx.record(AppointmentUpdated.of(appointment, fields=tuple(sorted(changed))), by=actor)
    return appointment


async def _set_fee(tx: Tx, actor: Actor, appointment: Appointment, fee_minor: int) -> None:
    if not actor.may(Permission.APPOINTMENTS_SET_FEE):
        raise Invalid.field("consultationFee", "Your role may not change the fee")
    if appointment.status not in LIVE:
        raise Invalid.field("consultationFee", "The appointment is over; its fee cannot change any more")
    if not await change_amount(
        tx, hospital_id=appointment.hospital_id, appointment_id=appointment.id, amount_minor=fee_minor
    ):
        raise Invalid.field("consultationFee", "The payment has begun or is closed; the fee cannot change any more")


def _refusal(appointment: Appointment, to: AppointmentStatus) -> InvalidTransition:
    return InvalidTransition(
        f"A {appointment.status.lower().replace('_', '-')} appointment cannot become {to.lower().replace('_', '-')}",
        {"status": appointment.status, "to": to},
    )
