"""A queue as people see it: who is in the room, who is next, how long it will take, and why somebody stands there."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from outpatient.core.terms import Priority, VisitStatus
from outpatient.queue.rules.order import IN_LINE, QUEUE_ORDER, is_callable, is_carryover
from outpatient.queue.rules.wait import Estimate, Pace, estimate_wait, left_of, pace_or_usual

AGES_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Entry(NamedTuple):
    """A visit with the names around it: the columns of the statements in their order, so a row is one as it is."""

    id: int
    appointment_id: int | None
    patient_id: int
    patient_name: str
    patient_phone: str | None
    clinician_id: int | None
    department_id: int | None
    centre_id: int
    service_id: int | None
    token_number: int | None
    token_label: str | None
    status: VisitStatus
    priority: Priority
    service_on: date
    checked_in_at: datetime | None
    called_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    not_before: datetime | None
    hold_reason: str | None
    notes: str | None
    queue_rank: int
    queue_day: date | None
    position: int | None
    estimated_minutes: int | None
    estimated_from: int | None
    estimated_to: int | None
    room: str | None
    time_zone: str
    mean_seconds: int | None = None
    spread_seconds: int | None = None
    usual_minutes: int | None = None
    clinician_name: str | None = None
    service_name: str | None = None

    @property
    def pace(self) -> Pace:
        """The pace by which this visit's wait is estimated."""
        return pace_or_usual(self.mean_seconds, self.spread_seconds, self.usual_minutes or 0)

    @property
    def estimate_on_arrival(self) -> Estimate | None:
        """What the patient was told when he came."""
        if self.estimated_minutes is None or self.estimated_from is None or self.estimated_to is None:
            return None
        return Estimate(self.estimated_minutes, self.estimated_from, self.estimated_to)


class Standing(NamedTuple):
    """A visit and where it stands: `number` in line from 1 (None: not in line), and its wait if that can be told.

    `ahead` are those of the same clinician who come before it.
    """

    visit: Entry
    number: int | None
    wait: Estimate | None
    is_carryover: bool
    ahead: int = 0


def arrange(entries: Iterable[Entry], now: datetime) -> list[Standing]:
    """A queue in the order in which it is shown: in the room, called, in line, asked to wait until later, on hold.

    Those in line are numbered through; each is estimated by the pace of his own clinician and by who of that
    clinician's patients comes before him. Whoever waits for anybody of a department has no estimate.
    """
    groups: tuple[list[Entry], ...] = ([], [], [], [], [])
    today: dict[str, date] = {}
    for entry in entries:
        groups[_group(entry, now)].append(entry)
        if entry.time_zone not in today:
            today[entry.time_zone] = _day_at(entry.time_zone, now)
    seen, called, line, later, held = groups
    seen.sort(key=lambda visit: (visit.started_at or AGES_AGO, visit.id))
    called.sort(key=lambda visit: (visit.called_at or AGES_AGO, visit.id))
    line.sort(key=QUEUE_ORDER)
    later.sort(key=lambda visit: (visit.not_before or AGES_AGO, visit.id))
    held.sort(key=QUEUE_ORDER)
    left = {visit.clinician_id: left_of(visit.started_at, now, visit.pace) for visit in seen}
    ahead = Counter(visit.clinician_id for visit in called)
    arranged = [Standing(visit, None, None, visit.service_on < today[visit.time_zone]) for visit in (*seen, *called)]
    for number, visit in enumerate((*line, *later), 1):
        before = ahead[visit.clinician_id]
        ahead[visit.clinician_id] = before + 1
        wait = None
        if visit.clinician_id is not None:
            delay = max(int((visit.not_before - now).total_seconds()), 0) if visit.not_before else 0
            wait = estimate_wait(before, visit.pace, left.get(visit.clinician_id, 0), delay)
        arranged.append(Standing(visit, number, wait, visit.service_on < today[visit.time_zone], before))
    arranged.extend(Standing(visit, None, None, visit.service_on < today[visit.time_zone]) for visit in held)
    return arranged


def alone(visit: Entry, now: datetime, wait: Estimate | None = None) -> Standing:
    """A visit that is shown by itself."""
    return Standing(visit, None, wait, is_carryover(visit.status, visit.service_on, _day_at(visit.time_zone, now)))


def _group(visit: Entry, now: datetime) -> int:
    if visit.status == VisitStatus.IN_PROGRESS:
        return 0
    if visit.status == VisitStatus.CALLED:
        return 1
    if visit.status not in IN_LINE:
        return 4
    return 2 if is_callable(visit.status, visit.not_before, now) else 3


def _day_at(zone: str, now: datetime) -> date:
    return now.astimezone(_zone(zone)).date()


@lru_cache(64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def explain(queue: Sequence[Standing], visit_id: int) -> list[str]:
    """Why a visit stands where it stands, by who stands before it: sentences for the desk and the patient alike."""
    place = next((one for one in queue if one.visit.id == visit_id), None)
    if place is None or place.number is None:
        return []
    before = [one for one in queue if one.number is not None and one.number < place.number]
    if not before:
        return ["Next in line"]
    urgent = sum(one.visit.queue_rank < place.visit.queue_rank for one in before)
    carried = sum(one.visit.queue_rank == place.visit.queue_rank and _day(one) < _day(place) for one in before)
    sooner = len(before) - urgent - carried
    reasons = [
        _count(urgent, "who must be seen first"),
        _count(carried, "left over from an earlier day"),
        _count(sooner, "who came before or was placed before"),
    ]
    return [f"Number {place.number} in line", *(f"Behind {reason}" for reason in reasons if reason)]


def _day(standing: Standing) -> date:
    return standing.visit.queue_day or standing.visit.service_on


def _count(number: int, what: str) -> str:
    return "" if not number else f"{number} {'patient' if number == 1 else 'patients'} {what}"
