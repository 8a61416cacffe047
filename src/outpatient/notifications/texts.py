"""What messages say, in English: pure functions of plain facts, with local times as people in the clinic say them."""

from dataclasses import dataclass
from datetime import date, datetime

from outpatient.core.terms import CancelledBy, SessionType


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """An appointment as its patient knows it; `starts_at` is local time in the centre's zone, None for a token."""

    patient: str
    clinician: str
    centre: str
    service_on: date
    starts_at: datetime | None
    session_type: SessionType = SessionType.IN_PERSON
    meet_link: str | None = None


SUBJECTS = {
    "send_booking": "Your appointment is booked",
    "send_confirmation": "Your appointment is confirmed",
    "send_new_time": "Your appointment has been moved",
    "send_cancellation": "Your appointment is cancelled",
    "send_expiry": "Your appointment was not paid in time",
}
"""Reaction → the subject of its e-mail."""


def appointment_booked(facts: Facts) -> str:
    return (
        f"Dear {facts.patient}, your appointment with {facts.clinician} is booked for {_when(facts)}, {_where(facts)}."
        f"{_link(facts)}"
    )


def appointment_confirmed(facts: Facts) -> str:
    return (
        f"Dear {facts.patient}, your appointment with {facts.clinician} on {_when(facts)}, {_where(facts)}, "
        f"is confirmed.{_link(facts)}"
    )


def appointment_rescheduled(facts: Facts) -> str:
    return (
        f"Dear {facts.patient}, your appointment with {facts.clinician} has been moved. "
        f"It is now on {_when(facts)}, {_where(facts)}.{_link(facts)}"
    )


def appointment_cancelled(facts: Facts, by: CancelledBy) -> str:
    """Says truthfully who cancelled."""
    how = {
        CancelledBy.PATIENT: "was cancelled as you asked.",
        CancelledBy.STAFF: "was cancelled by the clinic. We are sorry. Please contact us for another time.",
        CancelledBy.SYSTEM: "was cancelled automatically. You did not cancel it. Please contact us for another time.",
    }
    return f"Dear {facts.patient}, your appointment with {facts.clinician} on {_when(facts)} {how[by]}"


def appointment_expired(facts: Facts) -> str:
    return (
        f"Dear {facts.patient}, your booking with {facts.clinician} on {_when(facts)} was not paid in time, "
        "so the time was given back. You are welcome to book again."
    )


def _when(facts: Facts) -> str:
    """`Tuesday 3 March 2026 at 10:00 am`; a token has a day only."""
    day = f"{facts.service_on:%A} {facts.service_on.day} {facts.service_on:%B %Y}"
    if facts.starts_at is None:
        return f"{day} (by token, in the order of arrival)"
    clock = facts.starts_at
    return f"{day} at {clock.hour % 12 or 12}:{clock.minute:02} {'am' if clock.hour < 12 else 'pm'}"


def _where(facts: Facts) -> str:
    if facts.session_type is SessionType.PHONE:
        return "by phone"
    return "online" if facts.session_type is SessionType.ONLINE else f"at {facts.centre}"


def _link(facts: Facts) -> str:
    """Last and without a full stop, which phones would take for a part of it."""
    return f" Join here: {facts.meet_link}" if facts.session_type is SessionType.ONLINE and facts.meet_link else ""
