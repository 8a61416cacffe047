"""What the figures mean as plain values: what an event touches, which days a period has, shares, safe cells."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple, Protocol

from outpatient.core.terms import AppointmentStatus, BookingSource, VisitStatus

Period = Literal["day", "week", "month", "year"]
HOSPITAL = 0  # in place of a centre: the hospital as a whole
NOBODY = 0  # in place of a clinician

SOURCE_LABELS = {
    BookingSource.WEBSITE: "Website",
    BookingSource.WHATSAPP: "WhatsApp",
    BookingSource.WALK_IN: "Walk-in",
    BookingSource.PHONE: "Phone",
    BookingSource.FRONT_DESK: "Front desk",
    BookingSource.REFERRAL: "Referral",
    BookingSource.OTHER: "Other",
}
"""Sources as seed 001 writes them, in the order in which equals are listed."""

TAKES_PLACE = tuple(status for status in AppointmentStatus if status is not AppointmentStatus.CANCELLED)
"""What counts as an appointment in a figure: all but what was cancelled, or given up unpaid."""


class Cell(NamedTuple):
    """A clinician's day at a centre, which is counted as a whole."""

    hospital_id: int
    centre_id: int
    clinician_id: int
    day: date


class Happened(Protocol):
    """An event, as far as the figures read it."""

    name: str
    subject: str
    subject_id: int
    hospital_id: int | None
    payload: dict[str, Any]


@dataclass
class Touched:
    """What events say has changed: rows by id, whom a patient was seen by, and the cells that rows have left.

    `visits` says by which clinicians (0: nobody) each visit was or is to be seen.
    """

    appointments: set[int] = field(default_factory=set)
    visits: dict[int, set[int]] = field(default_factory=dict)
    payments: set[int] = field(default_factory=set)
    patients: set[int] = field(default_factory=set)
    seen: set[tuple[int, int]] = field(default_factory=set)
    left: set[Cell] = field(default_factory=set)


def touched_by(events: Iterable[Happened]) -> Touched:
    """What has to be counted anew after some events. Too much does no harm, so it asks for no details."""
    touched = Touched()
    for event in events:
        if event.subject == "appointment":
            _touch_appointment(touched, event)
        elif event.subject == "visit":
            _touch_visit(touched, event)
        elif event.subject == "patient":
            touched.patients.add(event.subject_id)
        if event.subject == "payment":
            touched.payments.add(event.subject_id)
        elif isinstance(payment_id := event.payload.get("payment_id"), int):
            touched.payments.add(payment_id)
    return touched


def _touch_appointment(touched: Touched, event: Happened) -> None:
    said = event.payload
    touched.appointments.add(event.subject_id)
    if "was_on" in said and event.hospital_id is not None:
        was_on = date.fromisoformat(said["was_on"])
        touched.left.add(Cell(event.hospital_id, said["centre_id"], said["clinician_id"], was_on))
    if event.name == "appointment.created":
        touched.patients.add(said["patient_id"])


def _touch_visit(touched: Touched, event: Happened) -> None:
    said = event.payload
    clinicians = {said["clinician_id"] or NOBODY, said["before"].get("clinician_id", said["clinician_id"]) or NOBODY}
    touched.visits.setdefault(event.subject_id, set()).update(clinicians)
    if VisitStatus.COMPLETED in (said["status"], said.get("was")):
        touched.seen.update((said["patient_id"], clinician_id) for clinician_id in clinicians)
    if event.name == "visit.checked_in":
        touched.appointments.add(said["appointment_id"])  # CHECKED_IN now, which no event of its own says
    if event.name == "visit.walk_in_added":
        touched.patients.add(said["patient_id"])


def first_day(period: Period, today: date) -> date:
    """The day on which the present period began; weeks begin on Monday."""
    match period:
        case "day":
            return today
        case "week":
            return today - timedelta(days=today.weekday())
        case "month":
            return today.replace(day=1)
        case "year":
            return today.replace(month=1, day=1)


def last_day(period: Period, today: date) -> date:
    """The day on which the present period ends."""
    match period:
        case "day":
            return today
        case "week":
            return today + timedelta(days=6 - today.weekday())
        case "month":
            return (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        case "year":
            return today.replace(month=12, day=31)


def each_day(first_on: date, last_on: date) -> list[date]:
    """Every day of a span, both ends too."""
    return [first_on + timedelta(days=number) for number in range((last_on - first_on).days + 1)]


def percentages(counts: Sequence[int]) -> list[int]:
    """Whole percentages that sum to 100, by the largest remainders; the earlier of equals is rounded up first."""
    total = sum(counts)
    if not total:
        return [0] * len(counts)
    shares = [divmod(count * 100, total) for count in counts]
    missing = 100 - sum(whole for whole, _ in shares)
    by_remainder = sorted(range(len(shares)), key=lambda place: -shares[place][1])
    rounded_up = set(by_remainder[:missing])
    return [whole + (place in rounded_up) for place, (whole, _) in enumerate(shares)]


_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def inert(text: str) -> str:
    """A cell's text that no spreadsheet takes for a formula: an apostrophe keeps it text."""
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS_FORMULA) else text


def to_csv(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table as RFC 4180 has it. Texts are made inert; numbers and dates are our own."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(titles)
    writer.writerows([inert(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return written.getvalue()


def by_day(found: Mapping[date, int], first_on: date, last_on: date) -> list[tuple[date, int]]:
    """Each day of a span with what it came to; none is left out."""
    return [(day, found.get(day, 0)) for day in each_day(first_on, last_on)]
