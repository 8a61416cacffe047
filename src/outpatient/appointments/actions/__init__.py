"""Every write to appointments, one file per verb."""

from outpatient.appointments.actions.book import book_appointment
from outpatient.appointments.actions.change import (
    cancel_appointment,
    complete_appointment,
    confirm_appointment,
    mark_no_show,
    update_appointment,
)
from outpatient.appointments.actions.holds import expire_holds_within, expire_stale_holds, forget_old_keys
from outpatient.appointments.actions.prepay import book_prepaid, order_payment
from outpatient.appointments.actions.reschedule import reschedule_appointment
from outpatient.appointments.actions.wish import Booked, Booking

__all__ = [
    "Booked",
    "Booking",
    "book_appointment",
    "book_prepaid",
    "cancel_appointment",
    "complete_appointment",
    "confirm_appointment",
    "expire_holds_within",
    "expire_stale_holds",
    "forget_old_keys",
    "mark_no_show",
    "order_payment",
    "reschedule_appointment",
    "update_appointment",
]
