"""What an appointment's end means for its visit, inside the same transaction."""

from outpatient.access.actor import Actor
from outpatient.appointments.events import (
    AppointmentCancelled,
    AppointmentCompleted,
    AppointmentExpired,
    AppointmentMissed,
)
from outpatient.appointments.queries import get_appointment
from outpatient.core.database import Tx
from outpatient.queue.actions import leave
from outpatient.queue.queries import find_visit_of


async def finish_visit(tx: Tx, event: AppointmentCompleted, by: Actor) -> None:
    """The appointment took place, so the visit did."""
    visit = await find_visit_of(tx, event.hospital_id, event.subject_id)
    if visit is not None:
        appointment = await get_appointment(tx, None, event.subject_id)
        began_at = min(appointment.starts_at, tx.now) if appointment.starts_at else None
        await leave.finish(tx, visit, by=by, began_at=began_at, reason=event.reason)


async def close_visit(tx: Tx, event: AppointmentCancelled | AppointmentExpired, by: Actor | None) -> None:
    """The appointment will not take place, so nobody is expected, and who waits waits no more."""
    visit = await find_visit_of(tx, event.hospital_id, event.subject_id)
    if visit is not None:
        reason = event.reason if isinstance(event, AppointmentCancelled) else "Not paid in time"
        await leave.close(tx, visit, by=by, reason=reason, appointment_was=event.was)


async def miss_visit(tx: Tx, event: AppointmentMissed, by: Actor | None) -> None:
    """The patient did not come, or did not answer."""
    visit = await find_visit_of(tx, event.hospital_id, event.subject_id)
    if visit is not None:
        await leave.miss(tx, visit, by=by, reason=None, appointment_was=event.was)
