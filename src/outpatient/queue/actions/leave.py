"""How a visit ends: finished, cancelled, missed. Where there is an appointment it ends first, and the visit follows.

`finish`, `close` and `miss` are the only places that end a visit; the reactions to the appointment's events call them
(reactions.py), and so do the commands below for whoever came without one.
"""

from datetime import datetime

from outpatient.access.actor import Actor
from outpatient.appointments.actions import cancel_appointment, end_completed, end_missed, mark_no_show
from outpatient.core.database import Tx
from outpatient.core.statements import Statement
from outpatient.core.terms import AppointmentStatus, CancelledBy, PaymentStatus, VisitStatus
from outpatient.models import VISIT_MOVES, Appointment, Visit, VisitRecord
from outpatient.payments.actions import void_payment
from outpatient.queue.actions.change import follow, refusal
from outpatient.queue.queries import list_recent_seconds, lock_both
from outpatient.queue.rules.wait import measured_pace

_KEEP_PACE = """INSERT INTO paces (clinician_id, hospital_id, mean_seconds, spread_seconds, counted)
VALUES (:clinician_id, :hospital_id, :mean, :spread, :counted)
ON CONFLICT (clinician_id) DO UPDATE SET
    mean_seconds = excluded.mean_seconds, spread_seconds = excluded.spread_seconds, counted = excluded.counted
RETURNING counted"""
KEEP_PACE = Statement(
    "keep_pace", _KEEP_PACE, lambda connection, given: connection.execute(_KEEP_PACE, given).fetchall()
)


async def complete_visit(tx: Tx, *, actor: Actor, visit_id: int, reason: str | None = None) -> Visit:
    """The consultation is over (VisitMoved: it never began). A repeat answers as the first time."""
    visit, appointment = await _to_end(tx, actor, visit_id, VisitStatus.COMPLETED)
    if visit.status is VisitStatus.COMPLETED:
        return visit
    if appointment is not None:
        await end_completed(tx, appointment, by=actor, reason=reason)
    else:
        await finish(tx, visit, by=actor, began_at=None, reason=reason)
    return visit


async def cancel_visit(tx: Tx, *, actor: Actor, visit_id: int, reason: str | None) -> Visit:
    """The patient leaves unseen, or was entered by mistake; an appointment is cancelled with it."""
    visit, appointment = await _to_end(tx, actor, visit_id, VisitStatus.CANCELLED)
    if visit.status is VisitStatus.CANCELLED:
        return visit
    if appointment is not None:
        await cancel_appointment(tx, actor=actor, appointment_id=appointment.id, reason=reason)
    else:
        await void_payment(
            tx,
            hospital_id=visit.hospital_id,
            visit_id=visit.id,
            status=PaymentStatus.CANCELLED,
            starts_at=tx.now,
            cancelled_by=CancelledBy.PATIENT if actor.is_patient else CancelledBy.STAFF,
            reason=reason or "The visit was cancelled",
            by=actor,
        )
        await close(tx, visit, by=actor, reason=reason)
    return visit


async def miss_visit(tx: Tx, *, actor: Actor, visit_id: int, reason: str | None) -> Visit:
    """The patient was called and did not answer, or never came; checking in or recall brings him back the same day."""
    visit, appointment = await _to_end(tx, actor, visit_id, VisitStatus.NO_SHOW)
    if visit.status is VisitStatus.NO_SHOW:
        return visit
    was_expected = visit.status is VisitStatus.EXPECTED
    appointment_was = appointment.status if appointment is not None else None
    await miss(tx, visit, by=actor, reason=reason, appointment_was=appointment_was)
    if appointment is not None and was_expected:
        await mark_no_show(tx, actor=actor, appointment_id=appointment.id)
    elif appointment is not None:
        await end_missed(tx, appointment, by=actor)
    return visit


async def finish(tx: Tx, visit: Visit, *, by: Actor | None, began_at: datetime | None, reason: str | None) -> None:
    """Finish a locked visit, write its history and measure the clinician's pace anew: once, whoever asks.

    `began_at` is when it began as far as anybody can tell, if nobody pressed start.
    """
    if visit.status in (VisitStatus.COMPLETED, VisitStatus.CANCELLED):
        return
    started_at = visit.started_at or visit.called_at or began_at or tx.now
    await follow(
        tx,
        visit,
        VisitStatus.COMPLETED,
        by=by,
        reason=reason,
        started_at=started_at,
        completed_at=tx.now,
        hold_reason=None,
    )
    await tx.add(
        VisitRecord(
            hospital_id=visit.hospital_id,
            visit_id=visit.id,
            appointment_id=visit.appointment_id,
            patient_id=visit.patient_id,
            clinician_id=visit.clinician_id,
            centre_id=visit.centre_id,
            department_id=visit.department_id,
            service_on=visit.service_on,
            token_label=visit.token_label,
            priority=visit.priority,
            checked_in_at=visit.checked_in_at,
            called_at=visit.called_at,
            started_at=started_at,
            completed_at=tx.now,
        )
    )
    await measure_pace(tx, visit)


async def measure_pace(tx: Tx, visit: Visit) -> None:
    """Work out how fast the visit's clinician has been of late, and keep it for everybody's estimates."""
    if visit.clinician_id is None:
        return
    seconds = await list_recent_seconds(tx, visit.clinician_id)
    pace = measured_pace(seconds)
    if pace is not None:
        await tx.run(
            KEEP_PACE,
            clinician_id=visit.clinician_id,
            hospital_id=visit.hospital_id,
            mean=pace.mean,
            spread=pace.spread,
            counted=len(seconds),
        )


async def close(
    tx: Tx, visit: Visit, *, by: Actor | None, reason: str | None, appointment_was: AppointmentStatus | None = None
) -> None:
    """End a locked visit as cancelled; what its appointment was is kept for undo."""
    if visit.status not in (VisitStatus.COMPLETED, VisitStatus.CANCELLED):
        await follow(
            tx,
            visit,
            VisitStatus.CANCELLED,
            by=by,
            reason=reason,
            appointment_was=appointment_was,
            hold_reason=None,
        )


async def miss(
    tx: Tx, visit: Visit, *, by: Actor | None, reason: str | None, appointment_was: AppointmentStatus | None = None
) -> None:
    """End a locked visit as missed; what its appointment was is kept for undo."""
    if visit.status not in (VisitStatus.COMPLETED, VisitStatus.CANCELLED, VisitStatus.NO_SHOW):
        await follow(
            tx, visit, VisitStatus.NO_SHOW, by=by, reason=reason, appointment_was=appointment_was, hold_reason=None
        )


async def _to_end(tx: Tx, actor: Actor, visit_id: int, to: VisitStatus) -> tuple[Visit, Appointment | None]:
    """The visit and its appointment, locked, if it may end like that (VisitMoved) or has done so already."""
    visit, appointment = await lock_both(tx, actor, visit_id)
    if visit.status is not to and to not in VISIT_MOVES[visit.status]:
        raise refusal(visit, to)
    return visit, appointment
