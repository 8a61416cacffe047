"""Giving an appointment a status by name: each is the action that leads there."""

from outpatient.access.actor import Actor
from outpatient.appointments.actions.change import (
    cancel_appointment,
    complete_appointment,
    confirm_appointment,
    mark_no_show,
)
from outpatient.appointments.queries import get_appointment
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid
from outpatient.core.terms import AppointmentStatus


async def set_status(
    tx: Tx, *, actor: Actor, appointment_id: int, status: AppointmentStatus, reason: str | None
) -> None:
    """Do what makes an appointment `status` (Invalid: nothing that is done by hand; InvalidTransition)."""
    match status:
        case AppointmentStatus.CONFIRMED:
            await confirm_appointment(tx, actor=actor, appointment_id=appointment_id)
        case AppointmentStatus.CANCELLED:
            await cancel_appointment(tx, actor=actor, appointment_id=appointment_id, reason=reason)
        case AppointmentStatus.COMPLETED:
            await complete_appointment(tx, actor=actor, appointment_id=appointment_id)
        case AppointmentStatus.NO_SHOW:
            await mark_no_show(tx, actor=actor, appointment_id=appointment_id)
        case _:
            if status is not (await get_appointment(tx, actor, appointment_id)).status:
                raise Invalid.field("status", f"An appointment is not set to {status} by hand")
