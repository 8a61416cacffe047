"""Slots: what can be booked when. Weekly hours and openings, less what is taken, judged from where the caller stands.

Instants are aware and compared in UTC only; wall-clock minutes count from local midnight in the centre's zone. Taken
time is one integer per lane with one bit a minute, so a slot is free in a lane when its bits there are all zero.
`slots` and `find_slot` run the same code: what is shown is bookable, and what is bookable is shown.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from itertools import accumulate
from operator import itemgetter
from zoneinfo import ZoneInfo

from outpatient.core.terms import SlotState

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_Row = tuple[int, int, int | None]  # first minute, minute after the last, id
_BLOCKING = (SlotState.TIME_OFF, SlotState.BOOKED, SlotState.HELD)  # the strongest reason first


@dataclass(frozen=True, slots=True)
class Hours:
    """One availability rule: weekly wall-clock hours at a centre, which do not cross midnight."""

    weekday: int  # 0 Monday
    start_minute: int  # minutes from local midnight, 0..1439
    end_minute: int  # 1..1440, after start_minute


@dataclass(frozen=True, slots=True)
class Opening:
    """One open slot made by hand, offered exactly as it is on the local date of its start."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Busy:
    """One occupancy row; its interval already includes its buffer."""

    starts_at: datetime
    ends_at: datetime
    lane: int | None  # None occupies every lane
    state: SlotState  # BOOKED, HELD or TIME_OFF
    ref: int | None  # id of the appointment or time off


@dataclass(frozen=True, slots=True)
class Grid:
    """All that shapes slots but time itself."""

    zone: ZoneInfo
    hours: tuple[Hours, ...]
    openings: tuple[Opening, ...]
    duration: int  # minutes
    buffer: int = 0  # minutes kept free after each appointment; a rule's slots start every duration + buffer minutes
    capacity: int = 1  # lanes: how many may be booked at once


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when this caller may book."""

    now: datetime
    notice: int = 0  # minutes
    horizon: int | None = None  # days after the local today; None is no limit


@dataclass(frozen=True, slots=True)
class Slot:
    """One bookable interval, or the reason why it is not bookable."""

    starts_at: datetime
    ends_at: datetime
    state: SlotState
    ref: int | None  # what blocks it, when TIME_OFF, BOOKED or HELD
    lane: int | None  # the first free lane, when AVAILABLE


def slots(grid: Grid, busy: Iterable[Busy], *, first_on: date, last_on: date, window: Window) -> dict[date, list[Slot]]:
    """Every slot, free or not, of each local date from first_on to last_on inclusive, in order of start."""
    return _judged(grid, busy, _offered(grid, first_on, last_on), window)


def find_slot(grid: Grid, busy: Iterable[Busy], *, starts_at: datetime, window: Window) -> Slot | None:
    """The very slot that `slots` lists at this instant, or None when it lists none there."""
    starts_at = _utc(starts_at)
    on = local_day(starts_at, grid.zone)
    ends_at = _end_of_opening(grid, starts_at) or _by_hours(grid, on).get(starts_at)
    if ends_at is None:
        return None
    return _judged(grid, busy, {on: {starts_at: ends_at}}, window)[on][0]


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The date that calendars in the zone show at this instant."""
    return _utc(instant).astimezone(zone).date()


def day_bounds(on: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The UTC instants [start, end) of a local day: 24 hours, or more or less when the clocks change."""
    return _reached(on, 0, zone), _reached(on, 1440, zone)


def wall_time(on: date, minute: int, zone: ZoneInfo) -> datetime | None:
    """The UTC instant of a wall-clock minute (1440 is the next midnight): the first of two, or None if skipped."""
    wall = _wall(on, minute)
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    return instant if _shown(instant, zone) == wall else None


def takes_rest_of_day(
    starts_at: datetime, ends_at: datetime, on: date, zone: ZoneInfo, hours: Iterable[Hours], *, now: datetime
) -> bool:
    """Whether an interval takes all that is left, at `now`, of the hours of a local day (without any: of the day)."""
    spans = [
        (_reached(on, rule.start_minute, zone), _reached(on, rule.end_minute, zone))
        for rule in hours
        if rule.weekday == on.weekday()
    ] or [day_bounds(on, zone)]
    left = [(max(opens_at, now), closes_at) for opens_at, closes_at in spans if closes_at > now]
    return bool(left) and all(starts_at <= opens_at and closes_at <= ends_at for opens_at, closes_at in left)


def find_overlap(hours: Sequence[Hours | None], others: Sequence[Hours | None]) -> tuple[int, int] | None:
    """The places (in `hours`, in `others`) of two rules that share a minute of the week; a rule never meets itself."""
    for place, one in enumerate(hours):
        for other_place, other in enumerate(others):
            if one is None or other is None or one is other or one.weekday != other.weekday:
                continue
            if one.start_minute < other.end_minute and other.start_minute < one.end_minute:
                return place, other_place
    return None


@lru_cache(maxsize=4096)  # three look-ups for each booking, of the same few days
def _reached(on: date, minute: int, zone: ZoneInfo) -> datetime:
    """The UTC instant at which the zone's clocks show a wall-clock minute, or jump over it."""
    if (instant := wall_time(on, minute, zone)) is not None:
        return instant
    wall = _wall(on, minute)
    # Inside a gap the offset after it gives an instant before the jump, and the offset before it one after the jump.
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    seconds = range(int((late - early).total_seconds()))
    jump = bisect_left(seconds, wall, key=lambda second: _shown(early + timedelta(seconds=second), zone))
    return early + timedelta(seconds=jump)


def _wall(on: date, minute: int) -> datetime:
    """What the clock shows (a naive datetime) that many minutes after it showed midnight."""
    return datetime.combine(on, time.min) + minute * _MINUTE


def _shown(instant: datetime, zone: ZoneInfo) -> datetime:
    """What clocks in the zone show (a naive datetime) at an instant."""
    return instant.astimezone(zone).replace(tzinfo=None)


def _utc(instant: datetime) -> datetime:
    """The same instant in UTC; a naive one is refused, for it would be read in the server's zone."""
    if instant.tzinfo is None:
        raise ValueError(f"not an instant, it has no zone: {instant}")
    return instant.astimezone(UTC)


def _offered(grid: Grid, first_on: date, last_on: date) -> dict[date, dict[datetime, datetime]]:
    """Start to end of all that hours and openings give, by local date, whoever has taken it."""
    dates = (first_on + timedelta(days=n) for n in range((last_on - first_on).days + 1))
    offered = {on: dict(_by_hours(grid, on)) for on in dates}
    for opening in grid.openings:
        if (day := offered.get(local_day(opening.starts_at, grid.zone))) is not None:
            day[opening.starts_at] = opening.ends_at
    return offered


def _end_of_opening(grid: Grid, starts_at: datetime) -> datetime | None:
    """When the opening that begins at this instant ends, if there is one (of several, the last named)."""
    return next((opening.ends_at for opening in reversed(grid.openings) if opening.starts_at == starts_at), None)


def _by_hours(grid: Grid, on: date) -> Mapping[datetime, datetime]:
    """Start to end of each slot that the weekly hours give on one local date."""
    hours = tuple(rule for rule in grid.hours if rule.weekday == on.weekday())
    return _of_day(on, grid.zone, hours, grid.duration, grid.duration + grid.buffer)


@lru_cache(maxsize=1024)  # every booking of a day asks for the same few
def _of_day(
    on: date, zone: ZoneInfo, hours: tuple[Hours, ...], duration: int, step: int
) -> Mapping[datetime, datetime]:
    midnight, next_midnight = day_bounds(on, zone)
    is_even = next_midnight - midnight == _DAY  # no clock change: adding minutes is exact, and cheaper
    found = {}
    for rule in hours:
        closes_at = _reached(on, rule.end_minute, zone)
        for minute in range(rule.start_minute, rule.end_minute, step):
            starts_at = midnight + minute * _MINUTE if is_even else wall_time(on, minute, zone)
            if starts_at is not None and (ends_at := starts_at + duration * _MINUTE) <= closes_at:
                found[starts_at] = ends_at
    return found


def _judged(
    grid: Grid, busy: Iterable[Busy], offered: dict[date, dict[datetime, datetime]], window: Window
) -> dict[date, list[Slot]]:
    """Each offered interval as a slot with its state, by local date, in order of start."""
    now, buffer = _utc(window.now), grid.buffer * _MINUTE
    bookable_at, today = now + window.notice * _MINUTE, local_day(now, grid.zone)
    judged: dict[date, list[Slot]] = {on: [] for on in offered}
    spans = {on: (min(day), max(day.values()) + buffer) for on, day in offered.items() if day}
    ends = [at for span in spans.values() for at in span]
    taken = _Taken(busy, grid.capacity, min(ends, default=now), max(ends, default=now))
    for on, span in spans.items():
        is_far = window.horizon is not None and (on - today).days > window.horizon
        base, lanes = taken.lanes(*span)
        for starts_at, ends_at in sorted(offered[on].items()):
            first, end = taken.minutes(starts_at, ends_at + buffer)
            lane = _first_free(lanes, (1 << end - base) - (1 << first - base))
            verdict: tuple[SlotState, int | None, int | None]
            if starts_at < now:
                verdict = SlotState.PAST, None, None
            elif lane is None:
                verdict = *taken.reason(first, end), None
            elif starts_at < bookable_at:
                verdict = SlotState.NOTICE, None, None
            elif is_far:
                verdict = SlotState.HORIZON, None, None
            else:
                verdict = SlotState.AVAILABLE, None, lane
            judged[on].append(Slot(starts_at, ends_at, *verdict))
    return judged


def _first_free(lanes: list[int], needed: int) -> int | None:
    """The number of the first lane in which none of the needed minutes is taken."""
    for number, mask in enumerate(lanes):
        if not mask & needed:
            return number
    return None


class _Taken:
    """The taken minutes of a stretch of time: one mask per lane (bit n is minute n), and who took them."""

    def __init__(self, busy: Iterable[Busy], capacity: int, since: datetime, until: datetime) -> None:
        self._since = since.replace(second=0, microsecond=0)
        _, size = self.minutes(since, until)
        until = self._since + size * _MINUTE  # rounded outward too, so that a day and one slot of it see the same rows
        self._lanes = [0] * capacity
        rows: dict[SlotState, list[_Row]] = {state: [] for state in _BLOCKING}
        for row in busy:
            # A lane beyond the capacity was closed after the booking: it takes nothing of what is offered now.
            lanes = range(capacity) if row.lane is None else range(row.lane, min(row.lane + 1, capacity))
            if not lanes or row.ends_at <= self._since or row.starts_at >= until:
                continue
            first, end = self.minutes(row.starts_at, row.ends_at)
            rows[row.state].append((first, end, row.ref))
            for lane in lanes:
                self._lanes[lane] |= (1 << min(end, size)) - (1 << max(first, 0))
        self._reasons = []
        for state in _BLOCKING:
            found = sorted(rows[state], key=itemgetter(0))
            # Entry n is the one of the rows 0..n that ends last: when it is over by some minute, all of them are.
            longest = list(accumulate(found, partial(max, key=itemgetter(1))))
            self._reasons.append((state, [first for first, _, _ in found], longest))

    def minutes(self, starts_at: datetime, ends_at: datetime) -> tuple[int, int]:
        """The minutes [first, end) that an interval touches, rounded outward."""
        return (starts_at - self._since) // _MINUTE, -((self._since - ends_at) // _MINUTE)

    def lanes(self, starts_at: datetime, ends_at: datetime) -> tuple[int, list[int]]:
        """A part of each lane's mask, for short numbers are quick to test, and the minute that its bit 0 stands for."""
        first, end = self.minutes(starts_at, ends_at)
        return first, [(mask >> first) & ((1 << end - first) - 1) for mask in self._lanes]

    def reason(self, first: int, end: int) -> tuple[SlotState, int | None]:
        """The strongest state among the rows that touch the minutes [first, end), and the id of one such row."""
        for state, firsts, longest in self._reasons:
            if begun := bisect_left(firsts, end):
                _, over, ref = longest[begun - 1]
                if over > first:
                    return state, ref
        raise AssertionError("only asked when every lane is taken")
