"""What a day in the queue was like, in figures: how many, how long, and how true the estimates were (docs/queue.md)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from math import floor
from statistics import fmean

from outpatient.core.terms import VisitStatus
from outpatient.queue.rules.order import IN_LINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """When what happened to a visit, as far as it has come."""

    status: VisitStatus
    is_booked: bool
    service_on: date
    starts_at: datetime | None = None
    checked_in_at: datetime | None = None
    called_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    estimated_minutes: int | None = None
    estimated_from: int | None = None
    estimated_to: int | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """Minutes that something took: mean, median and 90th percentile of `counted` times (None: there are none)."""

    counted: int
    mean: float | None
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Estimates made on arrival against what really happened.

    `within` is the share (0 to 1) of waits that ended inside the range that was told; the error is in minutes.
    """

    scored: int
    within: float | None
    median_error: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """A service day in figures. `still_waiting` of the waits are not over: they count with their time so far."""

    statuses: Counter[VisitStatus]
    booked: int
    walk_ins: int
    carryovers: int
    waits: Spell
    still_waiting: int
    ways: Spell
    consultations: Spell
    estimates: Accuracy


def figures_of(courses: Iterable[Course], *, on: date, zone: tzinfo, now: datetime) -> Figures:
    """The figures of service day `on`; visits of earlier days among them are carryovers, whose nights do not count."""
    courses = list(courses)
    own = [course for course in courses if course.service_on == on]
    called = [course for course in own if _is_on(course.called_at, on, zone)]
    waits = _minutes((_waited_since(course), course.called_at) for course in called)
    so_far = _minutes((_waited_since(course), now) for course in own if course.status in IN_LINE)
    return Figures(
        statuses=Counter(course.status for course in courses),
        booked=sum(course.is_booked for course in own),
        walk_ins=sum(not course.is_booked for course in own),
        carryovers=len(courses) - len(own),
        waits=spell_of(waits + so_far),
        still_waiting=len(so_far),
        ways=spell_of([minutes for minutes in _ways(called) if minutes > 0]),
        consultations=spell_of([minutes for minutes in _consultations(own, on, zone) if minutes > 0]),
        estimates=accuracy_of(called),
    )


def spell_of(minutes: Sequence[float]) -> Spell:
    """Mean, median and 90th percentile, to a tenth of a minute."""
    if not minutes:
        return Spell(0, None, None, None)
    return Spell(
        len(minutes), round(fmean(minutes), 1), round(percentile(minutes, 0.5), 1), round(percentile(minutes, 0.9), 1)
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies, between two neighbours in proportion."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def accuracy_of(called: Iterable[Course]) -> Accuracy:
    """How true the estimates of those who were called have been; minutes count whole, as people read them."""
    hits, errors = 0, []
    for course in called:
        told = (course.estimated_minutes, course.estimated_from, course.estimated_to)
        for truth in _minutes([(course.checked_in_at, course.called_at)]):
            minutes, earliest, latest = told
            if minutes is None or earliest is None or latest is None:
                continue
            hits += earliest <= floor(truth) <= latest
            errors.append(abs(truth - minutes))
    if not errors:
        return Accuracy(0, None, None)
    return Accuracy(len(errors), round(hits / len(errors), 3), round(percentile(errors, 0.5), 1))


def _waited_since(course: Course) -> datetime | None:
    """When the wait began: on arrival, but not before the time that was booked."""
    if course.checked_in_at is None or course.starts_at is None:
        return course.checked_in_at
    return max(course.checked_in_at, course.starts_at)


def _is_on(instant: datetime | None, on: date, zone: tzinfo) -> bool:
    return instant is not None and instant.astimezone(zone).date() == on


def _ways(called: Iterable[Course]) -> list[float]:
    return _minutes((course.called_at, course.started_at) for course in called)


def _consultations(courses: Iterable[Course], on: date, zone: tzinfo) -> list[float]:
    return _minutes(
        (course.started_at, course.completed_at)
        for course in courses
        if course.status is VisitStatus.COMPLETED
        and course.checked_in_at is not None
        and _is_on(course.completed_at, on, zone)
    )


def _minutes(spans: Iterable[tuple[datetime | None, datetime | None]]) -> list[float]:
    """The minutes of each span of which both ends are known; one that ends before it begins took none."""
    return [
        max((until - since).total_seconds(), 0.0) / 60
        for since, until in spans
        if since is not None and until is not None
    ]
