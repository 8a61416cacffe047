"""Taking back the last change of a visit: a reverse event that writes back what the event before it kept."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, delete

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission
from outpatient.appointments.actions import reopen_appointment
from outpatient.core.database import Tx
from outpatient.core.errors import Forbidden
from outpatient.core.terms import AppointmentStatus, Priority, VisitStatus
from outpatient.models import StoredEvent, Visit, VisitRecord
from outpatient.models.columns import Instant
from outpatient.payments.actions import ask_again
from outpatient.queue.actions.call import lock_clinician, make_room
from outpatient.queue.actions.change import change_visit
from outpatient.queue.actions.leave import measure_pace
from outpatient.queue.errors import NothingToUndo
from outpatient.queue.events import (
    VisitCheckedIn,
    VisitPrioritised,
    VisitReassigned,
    VisitReordered,
    VisitUndone,
    WalkInAdded,
)
from outpatient.queue.queries import find_last_change, get_visit, lock_both
from outpatient.queue.rules.order import PRESENT

UNDO_WITHIN = timedelta(minutes=5)
BY_ITSELF = {
    VisitStatus.NO_SHOW: "the patient had not come in time. If he is here now, check him in",
    VisitStatus.CANCELLED: "an unpaid hold ended, or the patient cancelled from his phone",
}
"""How a visit came into its state when no member of staff brought it there."""
AT_THE_DESK = {VisitCheckedIn.name, VisitPrioritised.name, VisitReassigned.name, VisitReordered.name}
"""What only the desk does; so is cancelling, which is a status like others."""


async def undo_visit(tx: Tx, *, actor: Actor, visit_id: int) -> Visit:
    """Take back the last change of a visit, if it is at most five minutes old (NothingToUndo).

    What only the desk may do only the desk takes back (Forbidden).

    A finished visit is being seen again and leaves the history; a cancelled one gets its appointment's time and money
    back (SlotUnavailable: somebody else has the time). An undo is not undone.
    """
    visit = await get_visit(tx, actor, visit_id)
    if visit.clinician_id is not None:
        await lock_clinician(tx, visit.hospital_id, visit.clinician_id)
    visit, appointment = await lock_both(tx, actor, visit_id)
    last = await _last_change(tx, visit)
    if last.name in AT_THE_DESK or visit.status is VisitStatus.CANCELLED:
        _require_desk(actor)
    was, before = visit.status, last.payload["before"]
    values = {name: _value(name, text) for name, text in before.items() if name in Visit.__mapper__.columns}
    to = values.get("status", was)
    if to is VisitStatus.IN_PROGRESS and was is not to and visit.clinician_id is not None:
        await make_room(tx, visit.clinician_id, by=actor)
    if was is VisitStatus.CANCELLED:
        await ask_again(tx, hospital_id=visit.hospital_id, visit_id=visit.id)
    if appointment is not None and to is not was:
        back = _appointment_status(to, before.get("appointment_status"))
        if appointment.status is not back:
            await reopen_appointment(tx, appointment, to=back, by=actor)
    await change_visit(tx, visit, VisitUndone, by=actor, values=values, was=was, undone=last.id, what=last.name)
    if was is VisitStatus.COMPLETED:
        await tx.execute(delete(VisitRecord).where(VisitRecord.visit_id == visit.id))
        await measure_pace(tx, visit)
    return visit


async def _last_change(tx: Tx, visit: Visit) -> StoredEvent:
    """What there is to undo (NothingToUndo says why there is nothing)."""
    last = await find_last_change(tx, visit, timedelta.max)
    if last is None:
        raise NothingToUndo
    if last.name == VisitUndone.name:
        raise NothingToUndo("The last change of this visit was undone already")
    if last.name == WalkInAdded.name:
        raise NothingToUndo("A walk-in is not undone but cancelled")
    if last.actor_id is None:
        raise NothingToUndo(f"Nobody here made the last change: {BY_ITSELF.get(visit.status, 'it followed')}")
    if tx.now - last.at > UNDO_WITHIN:
        raise NothingToUndo("The last change of this visit is more than five minutes old")
    return last


def _require_desk(actor: Actor) -> None:
    if not actor.may(Permission.QUEUE_ARRANGE):
        raise Forbidden("This was done at the desk, where it is also taken back")


def _appointment_status(visit: VisitStatus, told: str | None) -> AppointmentStatus:
    """What an appointment is whose visit is that again."""
    if visit in PRESENT:
        return AppointmentStatus.CHECKED_IN
    return AppointmentStatus(told) if told else AppointmentStatus.CONFIRMED


def _value(name: str, text: Any) -> Any:
    """A column's value from the plain one that an event keeps."""
    if text is None:
        return None
    kind = Visit.__mapper__.columns[name].type
    if isinstance(kind, Instant):
        return datetime.fromisoformat(text)
    if isinstance(kind, Date):
        return date.fromisoformat(text)
    if name == "status":
        return VisitStatus(text)
    return Priority(text) if name == "priority" else text
