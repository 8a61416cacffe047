"""Links in messages: made here, and read here when somebody follows them."""

from datetime import date, datetime

from outpatient.access.tokens import InvalidToken, read_signed, sign_value
from outpatient.models import Appointment
from outpatient.settings import Settings

REPLY, FEEDBACK = "reply", "feedback"
"""What the signatures of one-tap links are good for."""


def invoice_link(settings: Settings, invoice_id: int) -> str:
    """The invoice as PDF."""
    return f"{settings.base_url}/invoice/{sign_value(settings.secret_key, 'invoice', str(invoice_id))}"


def reply_link(settings: Settings, appointment: Appointment) -> str:
    """The page where the patient says with one tap whether he comes to an appointment at the time that it has now."""
    value = f"{appointment.id}.{moment_of(appointment.starts_at, appointment.service_on)}"
    return f"{settings.base_url}/r/{sign_value(settings.secret_key, REPLY, value)}"


def read_reply_link(secret: str, token: str) -> tuple[int, str]:
    """The appointment that a link is about, and the moment that it had when the link was made (InvalidToken)."""
    appointment_id, _, moment = read_signed(secret, REPLY, token).partition(".")
    if not appointment_id.isdecimal():
        raise InvalidToken
    return int(appointment_id), moment


def feedback_link(settings: Settings, visit_id: int) -> str:
    """The page where a patient says how a visit was."""
    return f"{settings.base_url}/f/{sign_value(settings.secret_key, FEEDBACK, str(visit_id))}"


def read_feedback_link(secret: str, token: str) -> int:
    """The visit that a link asks about (InvalidToken)."""
    visit_id = read_signed(secret, FEEDBACK, token)
    if not visit_id.isdecimal():
        raise InvalidToken
    return int(visit_id)


def moment_of(starts_at: datetime | None, service_on: date) -> str:
    """When an appointment is, in few letters: seconds of the epoch, or for a token its day."""
    return str(int(starts_at.timestamp())) if starts_at else service_on.isoformat()
