"""What will have happened: which slots are taken, by whom, and how each visit ends. Plain values and seeded dice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from outpatient.core.terms import AppointmentStatus, BookingSource

PAST, FUTURE = timedelta(days=182), timedelta(days=30)
PAST_EACH, FUTURE_EACH = 35, 15
"""Appointments of each clinician: 70 % in the past six months, 30 % in the next thirty days."""

PAST_ENDS = {AppointmentStatus.COMPLETED: 70, AppointmentStatus.CANCELLED: 15, AppointmentStatus.NO_SHOW: 15}
FUTURE_STATES = {AppointmentStatus.CONFIRMED: 50, AppointmentStatus.PENDING: 35, AppointmentStatus.CANCELLED: 15}
SOURCES = (
    BookingSource.PHONE,
    BookingSource.FRONT_DESK,
    BookingSource.WEBSITE,
    BookingSource.WHATSAPP,
    BookingSource.REFERRAL,
)
REASONS = ("Feels better", "Travelling", "Found an earlier date", "Family emergency", "The doctor is away")


class Step(StrEnum):
    """What happens to an appointment, in this order when at the same moment."""

    BOOK = "book"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    COMPLETE = "complete"
    MISS = "miss"


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A slot that can be taken: whose, and when."""

    clinician_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """One appointment and how it ends. `patient` is a number from 0; `steps` are in order of time."""

    number: int
    slot: FreeSlot
    patient: int
    source: BookingSource
    reason: str
    is_follow_up: bool
    steps: tuple[tuple[datetime, Step], ...]


def plan_appointments(
    dice: Random, free: Sequence[Sequence[FreeSlot]], *, patients: int, began_at: datetime, now: datetime
) -> list[Planned]:
    """Choose slots of each clinician (one sequence each), a patient who has nothing else that day, and a course."""
    chosen = [slot for slots in free for slot in _choose(dice, slots, now)]
    busy: set[tuple[int, object]] = set()
    planned = []
    for number, slot in enumerate(chosen):
        patient = dice.randrange(patients)
        while (patient, slot.starts_at.date()) in busy:
            patient = dice.randrange(patients)
        busy.add((patient, slot.starts_at.date()))
        planned.append(
            Planned(
                number=number,
                slot=slot,
                patient=patient,
                source=dice.choice(SOURCES),
                reason=dice.choice(REASONS),
                is_follow_up=dice.random() < 0.3,
                steps=_course(dice, slot, began_at, now),
            )
        )
    return planned


def _choose(dice: Random, slots: Sequence[FreeSlot], now: datetime) -> list[FreeSlot]:
    """Some of the past and some of the days to come, those of the next two days first: a demo needs a full today."""
    past = [slot for slot in slots if slot.ends_at + timedelta(hours=1) < now]
    to_come = [slot for slot in slots if slot.starts_at > now + timedelta(minutes=30)]
    soon = [slot for slot in to_come if slot.starts_at < now + timedelta(days=2)]
    first = dice.sample(soon, min(len(soon), FUTURE_EACH // 3))
    later = dice.sample([slot for slot in to_come if slot not in first], FUTURE_EACH - len(first))
    return [*dice.sample(past, PAST_EACH), *first, *later]


def _course(dice: Random, slot: FreeSlot, began_at: datetime, now: datetime) -> tuple[tuple[datetime, Step], ...]:
    is_past = slot.starts_at < now
    ends = PAST_ENDS if is_past else FUTURE_STATES
    end = dice.choices(list(ends), list(ends.values()))[0]
    latest = min(slot.starts_at, now) - timedelta(minutes=10)
    booked_at = max(began_at, latest - timedelta(minutes=dice.randint(60, 21 * 24 * 60)))
    changed_at = booked_at + (latest - booked_at) * dice.uniform(0.1, 0.9)
    steps = [(booked_at, Step.BOOK)]
    if end in (AppointmentStatus.COMPLETED, AppointmentStatus.CONFIRMED):
        steps.append((changed_at, Step.CONFIRM))
    if end is AppointmentStatus.CANCELLED:
        steps.append((changed_at, Step.CANCEL))
    if end is AppointmentStatus.COMPLETED:
        steps.append((slot.ends_at + timedelta(minutes=dice.randint(-15, 5)), Step.COMPLETE))
    if end is AppointmentStatus.NO_SHOW:
        steps.append((slot.starts_at + timedelta(minutes=20), Step.MISS))
    return tuple(steps)
