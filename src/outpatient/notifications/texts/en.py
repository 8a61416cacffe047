"""Messages in English, with local times as people in the clinic say them.

A link stands last and without a full stop, which phones would take for a part of it.
"""

from datetime import date, datetime

from outpatient.core.terms import CancelledBy, SessionType
from outpatient.notifications.kinds import Kind
from outpatient.notifications.texts.facts import Facts, Language


def booked(facts: Facts) -> str:
    return (
        f"Dear {facts.patient}, your appointment{_with(facts)} is booked for {when(facts)}, {where(facts)}."
        f"{_join(facts)}"
    )


def confirmed(facts: Facts) -> str:
    return (
        f"Dear {facts.patient}, your appointment{_with(facts)} on {when(facts)}, {where(facts)}, "
        f"is confirmed.{_join(facts)}"
    )


def rescheduled(facts: Facts) -> str:
    return (
        f"Dear {facts.patient}, your appointment{_with(facts)} has been moved. "
        f"It is now on {when(facts)}, {where(facts)}.{_join(facts)}"
    )


def cancelled(facts: Facts, *, by: CancelledBy) -> str:
    """Says truthfully who cancelled."""
    how = {
        CancelledBy.PATIENT: "was cancelled as you asked.",
        CancelledBy.STAFF: "was cancelled by the clinic. We are sorry. Please contact us for another time.",
        CancelledBy.SYSTEM: "was cancelled automatically. You did not cancel it. Please contact us for another time.",
    }
    return f"Dear {facts.patient}, your appointment{_with(facts)} on {when(facts)} {how[by]}"


def expired(facts: Facts) -> str:
    return (
        f"Dear {facts.patient}, your booking{_with(facts)} on {when(facts)} was not paid in time, "
        "so the time was given back. You are welcome to book again."
    )


def meet_link(facts: Facts, *, is_another: bool = False) -> str:
    """`is_another`: the address that was told before is not the right one any more."""
    now = "has a new link, please use no earlier one." if is_another else "has its link now."
    return f"Dear {facts.patient}, your online appointment{_with(facts)} on {when(facts)} {now}{_join(facts)}"


def reminder(facts: Facts, *, link: str, appointment_id: int) -> str:
    """Asks for an answer: by SMS, or with one tap."""
    return (
        f"Dear {facts.patient}, a reminder of your appointment{_with(facts)} on {when(facts)}, {where(facts)}."
        f"{_join(facts)}\n"
        f"Please reply CONFIRM {appointment_id} or CANCEL {appointment_id}, or tap {link}"
    )


def no_show(facts: Facts) -> str:
    return (
        f"Dear {facts.patient}, we missed you at your appointment{_with(facts)} on {when(facts)}. "
        "If you are here after all, please tell the desk; else you are welcome to book another time."
    )


def no_show_to_clinician(facts: Facts) -> str:
    return f"{facts.patient} did not come to the appointment on {when(facts)}, {where(facts)}."


def no_show_proposed(facts: Facts) -> str:
    return (
        f"{facts.patient} has not arrived for the appointment{_with(facts)} on {when(facts)}. "
        "Please check the patient in, or mark the appointment as missed."
    )


def turn_near(facts: Facts, *, ahead: int, token_label: str, room: str | None) -> str:
    """`ahead` others are seen before."""
    place = {0: "you are next", 1: "one patient is before you"}.get(ahead, f"{ahead} patients are before you")
    come = f"Please come to {room}." if room else "Please wait near the consulting room."
    return f"Dear {facts.patient}, token {token_label}{_with(facts)}: {place}. {come}"


def payment_link(facts: Facts, *, amount: str, until: datetime, link: str) -> str:
    return (
        f"Dear {facts.patient}, please pay {amount} for your appointment{_with(facts)} on {when(facts)}. "
        f"The link is good until {moment(until)}: {link}"
    )


def payment_received(facts: Facts, *, amount: str, reference: str, due: str | None) -> str:
    """`due` is what remains to be paid, None for nothing."""
    left = f" {due} remains to be paid." if due else " Nothing is left to pay."
    return (
        f"Dear {facts.patient}, we have received {amount} for your visit to {facts.centre} on "
        f"{day(facts.service_on)} (receipt {reference}).{left} Thank you."
    )


def refund(facts: Facts, *, amount: str) -> str:
    return (
        f"Dear {facts.patient}, {amount} for your visit to {facts.centre} on {day(facts.service_on)} "
        "has been given back the way you paid. Banks may take some days to show it."
    )


def invoice(facts: Facts, *, label: str, amount: str, link: str) -> str:
    return (
        f"Dear {facts.patient}, this is invoice {label}, {amount}, for your visit to {facts.centre} on "
        f"{day(facts.service_on)}: {link}"
    )


def feedback_request(facts: Facts, *, link: str) -> str:
    return (
        f"Dear {facts.patient}, thank you for your visit to {facts.centre} on {day(facts.service_on)}. "
        f"How was it? Please tell us: {link}"
    )


def otp(*, code: str, minutes: int) -> str:
    return f"{code} is your sign-in code. It is valid for {minutes} minutes. Do not share it with anyone."


def day(on: date) -> str:
    """`Tuesday 3 March 2026`."""
    return f"{on:%A} {on.day} {on:%B %Y}"


def clock(at: datetime) -> str:
    """`10:00 am`."""
    return f"{at.hour % 12 or 12}:{at.minute:02} {'am' if at.hour < 12 else 'pm'}"


def moment(at: datetime) -> str:
    return f"{day(at)} at {clock(at)}"


def when(facts: Facts) -> str:
    """A day and a time; a token has a day only."""
    if facts.starts_at is None:
        return f"{day(facts.service_on)} (by token, in the order of arrival)"
    return f"{day(facts.service_on)} at {clock(facts.starts_at)}"


def where(facts: Facts) -> str:
    if facts.session_type is SessionType.PHONE:
        return "by phone"
    return "online" if facts.session_type is SessionType.ONLINE else f"at {facts.centre}"


def _with(facts: Facts) -> str:
    return f" with {facts.clinician}" if facts.clinician else ""


def _join(facts: Facts) -> str:
    return f" Join here: {facts.link}" if facts.link else ""


LANGUAGE = Language(
    texts={
        Kind.BOOKED: booked,
        Kind.CONFIRMED: confirmed,
        Kind.RESCHEDULED: rescheduled,
        Kind.CANCELLED: cancelled,
        Kind.EXPIRED: expired,
        Kind.MEET_LINK: meet_link,
        Kind.REMINDER: reminder,
        Kind.NO_SHOW: no_show,
        Kind.NO_SHOW_TO_CLINICIAN: no_show_to_clinician,
        Kind.NO_SHOW_PROPOSED: no_show_proposed,
        Kind.TURN_NEAR: turn_near,
        Kind.PAYMENT_LINK: payment_link,
        Kind.PAYMENT_RECEIVED: payment_received,
        Kind.REFUND: refund,
        Kind.INVOICE: invoice,
        Kind.FEEDBACK_REQUEST: feedback_request,
        Kind.OTP: otp,
    },
    subjects={
        Kind.BOOKED: "Your appointment is booked",
        Kind.CONFIRMED: "Your appointment is confirmed",
        Kind.RESCHEDULED: "Your appointment has been moved",
        Kind.CANCELLED: "Your appointment is cancelled",
        Kind.EXPIRED: "Your appointment was not paid in time",
        Kind.MEET_LINK: "The link to your online appointment",
        Kind.REMINDER: "A reminder of your appointment",
        Kind.NO_SHOW: "We missed you",
        Kind.NO_SHOW_TO_CLINICIAN: "A patient did not come",
        Kind.NO_SHOW_PROPOSED: "A patient has not arrived",
        Kind.TURN_NEAR: "It is almost your turn",
        Kind.PAYMENT_LINK: "Your payment link",
        Kind.PAYMENT_RECEIVED: "Your payment has arrived",
        Kind.REFUND: "Your money has been given back",
        Kind.INVOICE: "Your invoice",
        Kind.FEEDBACK_REQUEST: "How was your visit?",
        Kind.OTP: "Your sign-in code",
    },
    when=when,
    where=where,
    day=day,
    moment=moment,
)
