"""What follows for appointments when somebody's time changes, and when they are paid."""

from outpatient.access.actor import Actor
from outpatient.appointments.actions import cancel_appointment, confirm_paid, expire_holds_within, expire_stale_holds
from outpatient.appointments.queries import get_appointment
from outpatient.core.database import Tx, Who
from outpatient.core.terms import AppointmentStatus, PaymentStatus
from outpatient.models import Appointment
from outpatient.payments.events import PaymentDiscounted, PaymentReceived
from outpatient.scheduling.events import TimeOffTaken

REASON = "The clinician is not available at this time"


async def cancel_affected(tx: Tx, event: TimeOffTaken, by: Actor) -> None:
    """Time off ends the appointments in it, in its own transaction, and the holds that nobody paid in time."""
    for appointment_id in event.appointment_ids:
        await cancel_appointment(tx, actor=by, appointment_id=appointment_id, reason=event.reason or REASON)
    while await expire_holds_within(tx, clinician_id=event.clinician_id, since=event.starts_at, until=event.ends_at):
        pass


async def take_up_payment(tx: Tx, event: PaymentReceived | PaymentDiscounted, by: Who | None) -> None:
    """Money makes firm what waited for it: a hold that still stands, or a booking that staff made.

    A hold whose time is over ends first, and its money goes back with it; what is cancelled is never revived.
    """
    if event.appointment_id is None:
        return
    appointment = await get_appointment(tx, None, event.appointment_id, lock=True)
    if appointment.expires_at is not None and appointment.expires_at <= tx.now:
        await expire_stale_holds(tx, Appointment.id == appointment.id)
    elif event.status is PaymentStatus.PAID and appointment.status is AppointmentStatus.PENDING:
        await confirm_paid(tx, appointment, by=by)
