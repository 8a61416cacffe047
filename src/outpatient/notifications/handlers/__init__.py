"""Messages that follow events, sent after the deed is safe. Each is rendered from the state at the time of sending."""

from outpatient.notifications.handlers.again import send_again, send_otherwise
from outpatient.notifications.handlers.appointments import (
    send_booking,
    send_cancellation,
    send_confirmation,
    send_expiry,
    send_meet_link,
    send_new_time,
    send_requested,
)
from outpatient.notifications.handlers.attendance import (
    send_no_show,
    send_no_show_proposal,
    send_no_show_to_clinician,
    send_reminder,
    send_turn_near,
)
from outpatient.notifications.handlers.codes import send_otp
from outpatient.notifications.handlers.feedback import send_feedback_request
from outpatient.notifications.handlers.money import (
    send_invoice,
    send_payment_link,
    send_payment_received,
    send_refund,
)

__all__ = [
    "send_again",
    "send_booking",
    "send_cancellation",
    "send_confirmation",
    "send_expiry",
    "send_feedback_request",
    "send_invoice",
    "send_meet_link",
    "send_new_time",
    "send_no_show",
    "send_no_show_proposal",
    "send_no_show_to_clinician",
    "send_otherwise",
    "send_otp",
    "send_payment_link",
    "send_payment_received",
    "send_refund",
    "send_reminder",
    "send_requested",
    "send_turn_near",
]
