"""How booking and its sequel can be refused."""

from outpatient.core.errors import AdapterError, Conflict


class SlotUnavailable(Conflict):
    code, message = "SLOT_UNAVAILABLE", "Time slot not available"


class InvalidTransition(Conflict):
    code, message = "INVALID_TRANSITION", "The appointment cannot change in this way any more"


class PaymentRequired(Conflict):
    code, message = "PAYMENT_REQUIRED", "This appointment is kept until it is paid; it cannot be confirmed before"


class HoldExpired(Conflict):
    code, message = "HOLD_EXPIRED", "The time to pay is over and the slot was given back. Please book again."


class TooManyHolds(Conflict):
    code, message = "TOO_MANY_HOLDS", "You have unpaid bookings waiting. Please pay or cancel one of them first."


class DayFull(Conflict):
    code, message = "DAY_FULL", "No more patients can be booked with this clinician on this day"


class TooLateToCancel(Conflict):
    code, message = "TOO_LATE", "It is too late to change this appointment yourself. Please call the clinic."


class PaymentFailed(AdapterError):
    code, message = "PAYMENT_FAILED", "Payment processing failed. The slot was given back; please try again."
