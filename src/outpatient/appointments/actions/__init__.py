"""Every write to appointments, one file per verb."""

from outpatient.appointments.actions.book import book_appointment
from outpatient.appointments.actions.change import (
    cancel_appointment,
    complete_appointment,
    confirm_appointment,
    confirm_paid,
    end_completed,
    end_missed,
    mark_no_show,
    reopen_appointment,
    update_appointment,
)
from outpatient.appointments.actions.holds import expire_holds_within, expire_stale_holds, forget_old_keys
from outpatient.appointments.actions.look import read_appointment, read_appointments, read_history, read_own_day
from outpatient.appointments.actions.opening import book_opening, close_practice
from outpatient.appointments.actions.prepay import book_prepaid, order_payment
from outpatient.appointments.actions.reschedule import reschedule_appointment
from outpatient.appointments.actions.status import set_status
from outpatient.appointments.actions.wish import Booked, Booking

__all__ = [
    "Booked",
    "Booking",
    "book_appointment",
    "book_opening",
    "book_prepaid",
    "cancel_appointment",
    "close_practice",
    "complete_appointment",
    "confirm_appointment",
    "confirm_paid",
    "end_completed",
    "end_missed",
    "expire_holds_within",
    "expire_stale_holds",
    "forget_old_keys",
    "mark_no_show",
    "order_payment",
    "read_appointment",
    "read_appointments",
    "read_history",
    "read_own_day",
    "reopen_appointment",
    "reschedule_appointment",
    "set_status",
    "update_appointment",
]
