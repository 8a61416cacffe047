"""Pure rules of booking: what a wall-clock wish means, which moves of status there are, what is over."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Literal

from outpatient.core.terms import AppointmentStatus as Status
from outpatient.core.terms import BookingMode, BookingType

Period = Literal["current", "upcoming", "past"]

LIVE = frozenset({Status.PENDING, Status.CONFIRMED, Status.CHECKED_IN})
"""Appointments that still take their time."""


def sources(moves: Mapping[Status, frozenset[Status]], to: Status) -> list[Status]:
    """The states from which an appointment may become `to`."""
    return [status for status, targets in moves.items() if to in targets]


def minute_of(clock: time) -> int | None:
    """Minutes from midnight; None for a time with seconds, which no slot has."""
    return None if clock.second or clock.microsecond else clock.hour * 60 + clock.minute


def offers(mode: BookingMode, kind: BookingType) -> bool:
    """Whether a hospital or department that books by `mode` takes bookings of this type."""
    return mode is BookingMode.BOTH or mode.value == f"{kind.value}_ONLY"


def wall_parts(instant: datetime | None, on: date) -> tuple[str, str | None]:
    """An appointment's date and time as seed 001 shows them; a token booking has no time."""
    return on.isoformat(), instant.strftime("%H:%M:%S") if instant else None


def period_of(
    status: Status,
    starts_at: datetime | None,
    ends_at: datetime | None,
    service_on: date,
    *,
    now: datetime,
    today: date,
) -> Period:
    """Where an appointment stands in its clinician's day: what is over, missed or cancelled is past.

    A token has no time: it is upcoming until its patient has come, and current from then on.
    """
    if status not in LIVE:
        return "past"
    if starts_at is None or ends_at is None:
        if service_on != today:
            return "upcoming" if service_on > today else "past"
        return "current" if status is Status.CHECKED_IN else "upcoming"
    if ends_at <= now:
        return "past"
    return "current" if starts_at <= now else "upcoming"
