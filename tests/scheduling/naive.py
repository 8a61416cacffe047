"""A second, naive slot engine that counts minute by minute, and the situations in which both must agree."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from hypothesis import strategies as st

from outpatient.scheduling.rules import (
    Busy,
    Grid,
    Hours,
    Opening,
    Window,
)
from tests.scheduling.diary import (
    AVAILABLE,
    BOOKED,
    CAIRO,
    DAY,
    HELD,
    HORIZON,
    KATHMANDU,
    KOLKATA,
    LONDON,
    LORD_HOWE,
    MINUTE,
    NEW_YORK,
    NOTICE,
    PAST,
    SAO_PAULO,
    TIME_OFF,
    ZONES,
    every_date,
)


@lru_cache(maxsize=512)
def clock_of(on, zone):
    """Every UTC minute around a local date, with what the clock in the zone shows (naive)."""
    first = datetime(on.year, on.month, on.day, tzinfo=UTC) - timedelta(hours=15)
    instants = [first + n * MINUTE for n in range(54 * 60)]
    return [(instant, instant.astimezone(zone).replace(tzinfo=None)) for instant in instants]


def minutes_touched(starts_at, ends_at):
    first = starts_at.replace(second=0, microsecond=0)
    while first < ends_at:
        yield first
        first += MINUTE


def naive_offer(a_grid, on):
    offer = {}
    midnight = datetime(on.year, on.month, on.day)  # noqa: DTZ001
    for rule in a_grid.hours:
        if rule.weekday != on.weekday():
            continue
        closes_at = next(
            instant for instant, wall in clock_of(on, a_grid.zone) if wall >= midnight + rule.end_minute * MINUTE
        )
        seen = set()
        for instant, wall in clock_of(on, a_grid.zone):
            minute = (wall - midnight) // MINUTE
            if minute in seen or not rule.start_minute <= minute < rule.end_minute:
                continue
            seen.add(minute)
            ends_at = instant + a_grid.duration * MINUTE
            if (minute - rule.start_minute) % (a_grid.duration + a_grid.buffer) == 0 and ends_at <= closes_at:
                offer[instant] = ends_at
    for opening in a_grid.openings:
        if opening.starts_at.astimezone(a_grid.zone).date() == on:
            offer[opening.starts_at] = opening.ends_at
    return offer


def naive_slots(a_grid, taken, first_on, last_on, window):
    """By date: (start, end, state, lane, the refs that would be right)."""
    rows_at = defaultdict(list)  # (lane, minute) → rows
    for row in taken:
        for lane in range(a_grid.capacity) if row.lane is None else [row.lane]:
            for minute in minutes_touched(row.starts_at, row.ends_at):
                rows_at[lane, minute].append(row)
    listed = {}
    for on in every_date(first_on, last_on):
        listed[on] = []
        for starts_at, ends_at in sorted(naive_offer(a_grid, on).items()):
            needed = list(minutes_touched(starts_at, ends_at + a_grid.buffer * MINUTE))
            in_lane = [
                [row for minute in needed for row in rows_at.get((lane, minute), ())] for lane in range(a_grid.capacity)
            ]
            refs, lane = {None}, None
            today = window.now.astimezone(a_grid.zone).date()
            if starts_at < window.now:
                state = PAST
            elif all(in_lane):
                rows = [row for rows in in_lane for row in rows]
                state = next(state for state in (TIME_OFF, BOOKED, HELD) if any(row.state == state for row in rows))
                refs = {row.ref for row in rows if row.state == state}
            elif starts_at < window.now + window.notice * MINUTE:
                state = NOTICE
            elif window.horizon is not None and on > today + timedelta(days=window.horizon):
                state = HORIZON
            else:
                state, lane = AVAILABLE, in_lane.index([])
            listed[on].append((starts_at, ends_at, state, lane, refs))
    return listed


CLOCK_CHANGES = {
    KOLKATA: [],
    KATHMANDU: [],
    LONDON: [date(2026, 3, 29), date(2026, 10, 25), date(2029, 3, 25)],
    NEW_YORK: [date(2026, 3, 8), date(2026, 11, 1), date(2030, 11, 3)],
    LORD_HOWE: [date(2026, 4, 5), date(2026, 10, 4), date(2028, 4, 2)],
    CAIRO: [date(2026, 4, 24), date(2026, 10, 29), date(2026, 10, 30)],
    SAO_PAULO: [date(2018, 2, 17), date(2018, 2, 18), date(2018, 11, 4)],
}


@st.composite
def situations(draw):
    zone = draw(st.sampled_from(ZONES))
    some_date = st.dates(date(2026, 1, 1), date(2030, 12, 31))
    changes = CLOCK_CHANGES[zone]
    first_on = draw(st.one_of(st.sampled_from(changes), some_date) if changes else some_date)
    last_on = first_on + timedelta(days=draw(st.integers(0, 2)))
    midnight = datetime(first_on.year, first_on.month, first_on.day, tzinfo=zone).astimezone(UTC)

    def instant():
        seconds = draw(st.sampled_from([0, 0, 0, 1, 30]))
        return midnight + draw(st.integers(-300, 3 * 1440)) * MINUTE + timedelta(seconds=seconds)

    rules = []
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.one_of(st.integers(0, 1439), st.sampled_from([0, 30, 60, 105, 540])))
        end = draw(st.one_of(st.integers(start + 1, 1440), st.sampled_from([1440, max(start + 1, 150)])))
        rules.append(Hours(draw(st.sampled_from(every_date(first_on, last_on))).weekday(), start, end))
    openings = {}
    for _ in range(draw(st.integers(0, 3))):
        starts_at = instant()
        openings[starts_at] = Opening(starts_at, starts_at + draw(st.integers(1, 90)) * MINUTE)
    capacity = draw(st.integers(1, 3))
    rows = []
    for ref in range(draw(st.integers(0, 10))):
        starts_at = instant()
        length = draw(st.one_of(st.integers(1, 240), st.sampled_from([1440, 4000]))) * MINUTE
        lane = draw(st.one_of(st.none(), st.integers(0, capacity)))
        rows.append(Busy(starts_at, starts_at + length, lane, draw(st.sampled_from([BOOKED, HELD, TIME_OFF])), ref))
    shape = Grid(
        zone,
        tuple(rules),
        tuple(openings.values()),
        duration=draw(st.one_of(st.sampled_from([10, 15, 30, 60]), st.integers(7, 180))),
        buffer=draw(st.one_of(st.just(0), st.integers(1, 20))),
        capacity=capacity,
    )
    window = Window(instant() - draw(st.sampled_from([0, 3])) * DAY, draw(st.sampled_from([0, 90, 1500])))
    window = Window(window.now, window.notice, draw(st.sampled_from([None, 0, 1, 4])))
    return shape, rows, first_on, last_on, window
