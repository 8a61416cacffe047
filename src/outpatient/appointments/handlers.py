"""What follows for appointments when somebody's time changes."""

from outpatient.access.actor import Actor
from outpatient.appointments.actions import cancel_appointment, expire_holds_within
from outpatient.core.database import Tx
from outpatient.scheduling.events import TimeOffTaken

REASON = "The clinician is not available at this time"


async def cancel_affected(tx: Tx, event: TimeOffTaken, by: Actor) -> None:
    """Time off ends the appointments in it, in its own transaction, and the holds that nobody paid in time."""
    for appointment_id in event.appointment_ids:
        await cancel_appointment(tx, actor=by, appointment_id=appointment_id, reason=event.reason or REASON)
    while await expire_holds_within(tx, clinician_id=event.clinician_id, since=event.starts_at, until=event.ends_at):
        pass
