"""The slot engine against facts of the calendar and against a second, naive engine that counts minute by minute."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outpatient.core.terms import SlotState
from outpatient.scheduling.rules import (
    Busy,
    Grid,
    Hours,
    Opening,
    Slot,
    Window,
    day_bounds,
    find_slot,
    local_day,
    slots,
    wall_time,
)

AVAILABLE, BOOKED, HELD, TIME_OFF = SlotState.AVAILABLE, SlotState.BOOKED, SlotState.HELD, SlotState.TIME_OFF
PAST, NOTICE, HORIZON = SlotState.PAST, SlotState.NOTICE, SlotState.HORIZON

KOLKATA = ZoneInfo("Asia/Kolkata")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
LONDON = ZoneInfo("Europe/London")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
CAIRO = ZoneInfo("Africa/Cairo")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
ZONES = [KOLKATA, KATHMANDU, LONDON, NEW_YORK, LORD_HOWE, CAIRO, SAO_PAULO]

LONG_AGO = Window(datetime(2000, 1, 1, tzinfo=UTC))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ALL_DAY = tuple(Hours(weekday, 0, 1440) for weekday in range(7))
FRIDAY = date(2026, 11, 20)


def every_date(first_on, last_on):
    return [first_on + timedelta(days=n) for n in range((last_on - first_on).days + 1)]


def at(clock, on=FRIDAY, zone=KOLKATA):
    """The instant of "HH:MM" or "HH:MM:SS" on a date in a zone."""
    return datetime.fromisoformat(f"{on}T{clock}").replace(tzinfo=zone).astimezone(UTC)


def hours(*spans, on=FRIDAY):
    """Rules for the weekday of a date, from spans such as "09:00-12:30"."""
    rules = []
    for span in spans:
        start, end = (int(hour) * 60 + int(minute) for hour, minute in (clock.split(":") for clock in span.split("-")))
        rules.append(Hours(on.weekday(), start, end))
    return tuple(rules)


def grid(*spans, on=FRIDAY, zone=KOLKATA, openings=(), duration=30, buffer=0, capacity=1):
    return Grid(zone, hours(*spans, on=on), tuple(openings), duration, buffer, capacity)


def busy(start, end, lane=0, state=BOOKED, ref=1):
    return Busy(at(start), at(end), lane, state, ref)


def day(a_grid, taken=(), *, on=FRIDAY, window=LONG_AGO):
    """The slots of one date."""
    return slots(a_grid, taken, first_on=on, last_on=on, window=window)[on]


def clocks(listed, zone=KOLKATA):
    return [slot.starts_at.astimezone(zone).strftime("%H:%M") for slot in listed]


def states(listed):
    return [slot.state for slot in listed]


# ── The naive engine ─────────────────────────────────────────────────────────────────────────────────────────────────


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


@settings(derandomize=True, deadline=None, max_examples=200)
@given(situations())
def test_the_engine_agrees_with_counting_minute_by_minute(situation):
    shape, rows, first_on, last_on, window = situation
    listed = slots(shape, rows, first_on=first_on, last_on=last_on, window=window)
    expected = naive_slots(shape, rows, first_on, last_on, window)
    assert list(listed) == every_date(first_on, last_on)
    for on, found in listed.items():
        assert [(s.starts_at, s.ends_at, s.state, s.lane) for s in found] == [one[:4] for one in expected[on]]
        assert all(s.ref in refs for s, (*_, refs) in zip(found, expected[on], strict=True))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(situations())
def test_what_is_shown_is_bookable_and_what_is_bookable_is_shown(situation):
    shape, rows, first_on, last_on, window = situation
    listed = slots(shape, rows, first_on=first_on, last_on=last_on, window=window)
    shown = {slot.starts_at: slot for found in listed.values() for slot in found}
    for starts_at in shown:
        for seconds in (-60, 0, 1, 30, 60, 300):
            instant = starts_at + timedelta(seconds=seconds)
            if first_on <= local_day(instant, shape.zone) <= last_on:
                assert find_slot(shape, rows, starts_at=instant, window=window) == shown.get(instant)


# ── Days and clocks ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("zone", "short", "long"),
    [
        (KOLKATA, None, None),
        (KATHMANDU, None, None),
        (LONDON, 23, 25),
        (NEW_YORK, 23, 25),
        (LORD_HOWE, 23.5, 24.5),
        (CAIRO, 23, 25),
        (SAO_PAULO, None, None),
    ],
    ids=str,
)
def test_each_year_has_one_short_and_one_long_day_where_clocks_change(zone, short, long):
    for year in range(2026, 2031):
        dates = every_date(date(year, 1, 1), date(year, 12, 31))
        lengths = Counter((end - start) / timedelta(hours=1) for start, end in (day_bounds(on, zone) for on in dates))
        expected = {24.0: len(dates)} if short is None else {24.0: len(dates) - 2, short: 1, long: 1}
        assert lengths == expected


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_days_follow_each_other_without_hole_or_overlap(zone):
    dates = every_date(date(2026, 1, 1), date(2030, 12, 31))
    for on in dates:
        start, end = day_bounds(on, zone)
        assert local_day(start, zone) == on == local_day(end - timedelta(microseconds=1), zone)
        assert end == day_bounds(on + DAY, zone)[0]


def test_a_day_without_midnight_begins_at_one():
    assert day_bounds(date(2026, 4, 24), CAIRO) == (
        at("22:00", date(2026, 4, 23), UTC),
        at("21:00", date(2026, 4, 24), UTC),
    )
    assert day_bounds(date(2018, 11, 4), SAO_PAULO)[0] == at("01:00", date(2018, 11, 4), SAO_PAULO)
    assert wall_time(date(2018, 11, 4), 0, SAO_PAULO) is None
    assert wall_time(date(2018, 11, 3), 1440, SAO_PAULO) is None


def test_a_day_whose_last_hour_comes_twice_has_25_hours():
    start, end = day_bounds(date(2018, 2, 17), SAO_PAULO)
    assert end - start == timedelta(hours=25)
    start, end = day_bounds(date(2026, 10, 29), CAIRO)
    assert end - start == timedelta(hours=25)


def test_a_date_that_a_country_skipped_has_no_minute_and_no_slot():
    apia, skipped = ZoneInfo("Pacific/Apia"), date(2011, 12, 30)
    start, end = day_bounds(skipped, apia)
    assert start == end == at("10:00", skipped, UTC)
    assert day(Grid(apia, ALL_DAY, (), 30), on=skipped) == []


def test_a_wall_time_in_a_gap_does_not_exist():
    spring = date(2026, 3, 29)
    assert wall_time(spring, 59, LONDON) == at("00:59", spring, UTC)
    assert [wall_time(spring, minute, LONDON) for minute in range(60, 120)] == [None] * 60
    assert wall_time(spring, 120, LONDON) == at("01:00", spring, UTC)


def test_a_wall_time_that_comes_twice_is_the_first_of_the_two():
    autumn = date(2026, 10, 25)
    assert wall_time(autumn, 90, LONDON) == at("00:30", autumn, UTC)
    assert wall_time(autumn, 120, LONDON) == at("02:00", autumn, UTC)


def test_minute_1440_is_the_next_midnight():
    assert wall_time(FRIDAY, 1440, KOLKATA) == at("00:00", FRIDAY + DAY)


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_round_the_clock_hours_give_each_wall_time_that_exists_once(zone):
    """Every date of 2026-2030: no slot in a gap, none doubled, none on another date."""
    dates = every_date(date(2026, 1, 1), date(2030, 12, 31))
    listed = slots(Grid(zone, ALL_DAY, (), 30), (), first_on=dates[0], last_on=dates[-1], window=LONG_AGO)
    for on, found in listed.items():
        walls = [slot.starts_at.astimezone(zone).replace(tzinfo=None) for slot in found]
        assert {wall.date() for wall in walls} == {on}
        assert walls == sorted(set(walls))
        existing = [minute for minute in range(0, 1440, 30) if wall_time(on, minute, zone) is not None]
        assert [wall.hour * 60 + wall.minute for wall in walls] == existing


def test_early_hours_in_kolkata_are_on_the_local_date_though_utc_is_still_on_the_day_before():
    listed = slots(grid("00:00-05:30"), (), first_on=FRIDAY - DAY, last_on=FRIDAY + DAY, window=LONG_AGO)
    assert [len(found) for found in listed.values()] == [0, 11, 0]
    assert listed[FRIDAY][0].starts_at == datetime(2026, 11, 19, 18, 30, tzinfo=UTC)
    assert {slot.starts_at.date() for slot in listed[FRIDAY]} == {FRIDAY - DAY}


def test_hours_keep_their_wall_time_through_summer_and_winter():
    for on in (date(2026, 1, 7), date(2026, 7, 8)):
        assert clocks(day(grid("09:00-10:00", on=on, zone=LONDON), on=on), LONDON) == ["09:00", "09:30"]


def test_an_hour_that_comes_twice_is_offered_once():
    autumn = date(2026, 10, 25)
    listed = day(grid("00:30-03:00", on=autumn, zone=LONDON), on=autumn)
    assert clocks(listed, LONDON) == ["00:30", "01:00", "01:30", "02:00", "02:30"]
    assert listed[2].starts_at == at("00:30", autumn, UTC)
    assert listed[3].starts_at == at("02:00", autumn, UTC)


def test_hours_that_begin_in_a_gap_keep_their_grid():
    spring = date(2026, 3, 29)
    assert clocks(day(grid("01:15-03:15", on=spring, zone=LONDON), on=spring), LONDON) == ["02:15", "02:45"]


def test_hours_that_end_in_a_gap_end_when_the_clock_jumps():
    spring = date(2026, 3, 29)
    listed = day(grid("00:00-01:30", on=spring, zone=LONDON, duration=25), on=spring)
    assert clocks(listed, LONDON) == ["00:00", "00:25"]
    listed = day(grid("00:00-01:30", on=spring, zone=LONDON, duration=20), on=spring)
    assert clocks(listed, LONDON) == ["00:00", "00:20", "00:40"]


def test_a_slot_over_a_clock_change_lasts_its_real_minutes():
    spring = date(2026, 3, 29)
    only = day(grid("00:30-02:30", on=spring, zone=LONDON, duration=60), on=spring)[0]
    assert only.ends_at - only.starts_at == timedelta(hours=1)
    assert only.ends_at == at("02:30", spring, LONDON)


def test_a_naive_instant_is_refused():
    naive = datetime(2026, 11, 20, 9, 0)  # noqa: DTZ001
    with pytest.raises(ValueError, match="no zone"):
        local_day(naive, KOLKATA)
    with pytest.raises(ValueError, match="no zone"):
        find_slot(grid("09:00-10:00"), (), starts_at=naive, window=LONG_AGO)
    with pytest.raises(ValueError, match="no zone"):
        day(grid("09:00-10:00"), window=Window(naive))


# ── The grid ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_grid_is_anchored_at_the_start_of_the_hours():
    assert clocks(day(grid("09:10-10:40", duration=30))) == ["09:10", "09:40", "10:10"]


def test_a_slot_never_ends_after_its_hours():
    listed = day(grid("09:00-10:30", duration=40))
    assert clocks(listed) == ["09:00", "09:40"]
    assert listed[-1].ends_at <= at("10:30")


def test_a_buffer_widens_the_grid_and_may_overhang_the_end():
    assert clocks(day(grid("09:00-10:10", duration=30, buffer=10))) == ["09:00", "09:40"]


def test_overlapping_hours_do_not_double_a_start():
    assert clocks(day(grid("09:00-10:00", "09:00-10:00", "09:30-10:30"))) == ["09:00", "09:30", "10:00"]


def test_hours_on_shifted_grids_are_listed_in_order():
    assert clocks(day(grid("09:15-10:15", "09:00-10:00"))) == ["09:00", "09:15", "09:30", "09:45"]


def test_hours_hold_on_their_weekday_only():
    listed = slots(grid("09:00-09:30"), (), first_on=FRIDAY - DAY, last_on=FRIDAY + 7 * DAY, window=LONG_AGO)
    assert [on for on, found in listed.items() if found] == [FRIDAY, FRIDAY + 7 * DAY]
    assert list(listed) == every_date(FRIDAY - DAY, FRIDAY + 7 * DAY)


def test_a_range_that_ends_before_it_begins_is_empty():
    assert slots(grid("09:00-10:00"), (), first_on=FRIDAY, last_on=FRIDAY - DAY, window=LONG_AGO) == {}


def test_half_a_minute_past_nine_is_not_a_slot():
    shape = grid("09:00-10:00")
    assert find_slot(shape, (), starts_at=at("09:00:30"), window=LONG_AGO) is None
    assert find_slot(shape, (), starts_at=at("09:00"), window=LONG_AGO) == day(shape)[0]


def test_an_instant_written_in_another_zone_finds_the_same_slot():
    elsewhere = at("09:00").astimezone(NEW_YORK)
    assert find_slot(grid("09:00-10:00"), (), starts_at=elsewhere, window=LONG_AGO) == day(grid("09:00-10:00"))[0]


def test_an_opening_is_offered_exactly_as_it_is():
    extra = Opening(at("20:05"), at("20:50"))
    listed = day(grid("09:00-09:30", openings=[extra]))
    assert [(slot.starts_at, slot.ends_at) for slot in listed][1:] == [(extra.starts_at, extra.ends_at)]


def test_an_opening_wins_over_a_computed_slot_with_its_start():
    listed = day(grid("09:00-10:00", openings=[Opening(at("09:00"), at("09:10"))]))
    assert clocks(listed) == ["09:00", "09:30"]
    assert listed[0].ends_at == at("09:10")


def test_an_opening_belongs_to_the_local_date_of_its_start():
    late = Opening(at("23:50"), at("00:20", FRIDAY + DAY))
    listed = slots(grid(openings=[late]), (), first_on=FRIDAY - DAY, last_on=FRIDAY + DAY, window=LONG_AGO)
    assert [len(found) for found in listed.values()] == [0, 1, 0]


# ── What is taken ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_booking_takes_every_slot_that_it_touches_and_no_neighbour():
    listed = day(grid("09:00-11:00"), [busy("09:20", "10:00")])
    assert states(listed) == [BOOKED, BOOKED, AVAILABLE, AVAILABLE]


def test_a_row_that_began_on_the_evening_before_takes_the_first_slot():
    night = Busy(at("22:00", FRIDAY - DAY), at("00:10"), 0, BOOKED, 7)
    assert states(day(grid("00:00-01:00"), [night])) == [BOOKED, AVAILABLE]


def test_a_row_beyond_midnight_takes_the_slot_whose_buffer_reaches_it():
    after_midnight = Busy(at("00:05", FRIDAY + DAY), at("01:00", FRIDAY + DAY), 0, BOOKED, 7)
    assert states(day(grid("23:30-24:00", buffer=10), [after_midnight])) == [BOOKED]
    assert states(day(grid("23:30-24:00", buffer=5), [after_midnight])) == [AVAILABLE]


def test_a_slot_needs_its_buffer_free_too():
    shape = grid("09:00-10:20", buffer=10)
    assert states(day(shape, [busy("09:35", "09:40", state=TIME_OFF)])) == [TIME_OFF, AVAILABLE]
    opening = grid(openings=[Opening(at("09:00"), at("09:15"))], buffer=10)
    assert states(day(opening, [busy("09:24", "09:30")])) == [BOOKED]
    assert states(day(opening, [busy("09:25", "09:30")])) == [AVAILABLE]


def test_bounds_within_a_minute_are_rounded_outward():
    shape = grid("09:00-10:30")
    assert states(day(shape, [busy("09:29:59", "10:00:01")])) == [BOOKED, BOOKED, BOOKED]
    assert states(day(shape, [busy("09:30:00", "09:59:30")])) == [AVAILABLE, BOOKED, AVAILABLE]


def test_an_opening_with_seconds_shifts_no_other_slot_against_its_neighbours():
    shape = grid("09:00-10:00", openings=[Opening(at("08:00:30"), at("08:10:30"))])
    assert states(day(shape, [busy("09:30", "10:00")])) == [AVAILABLE, AVAILABLE, BOOKED]


def test_a_row_in_the_last_minute_of_an_opening_is_seen_by_the_day_and_by_the_slot():
    shape = grid("10:00-10:30", openings=[Opening(at("09:00"), at("09:30:20"))])
    rows = [busy("09:30:40", "09:45")]
    listed = day(shape, rows)
    assert states(listed) == [BOOKED, AVAILABLE]
    assert find_slot(shape, rows, starts_at=at("09:00"), window=LONG_AGO) == listed[0]


def test_a_slot_names_what_takes_it():
    rows = [
        busy("09:00", "09:30", ref=11),
        busy("09:30", "10:00", state=HELD, ref=12),
        busy("10:00", "10:30", None, TIME_OFF, 13),
    ]
    listed = day(grid("09:00-11:00"), rows)
    assert [(slot.state, slot.ref) for slot in listed] == [(BOOKED, 11), (HELD, 12), (TIME_OFF, 13), (AVAILABLE, None)]


def test_the_first_free_lane_is_offered():
    shape = grid("09:00-09:30", capacity=3)
    rows = [busy("09:00", "09:30", lane=0), busy("09:00", "09:30", lane=2), busy("09:00", "09:30", lane=1)]
    assert [day(shape, rows[:n])[0].lane for n in range(4)] == [0, 1, 1, None]


def test_a_slot_needs_one_lane_for_its_whole_length():
    rows = [busy("09:00", "09:10", lane=0), busy("09:20", "09:30", lane=1)]
    assert states(day(grid("09:00-09:30", capacity=2), rows)) == [BOOKED]


def test_time_off_takes_every_lane():
    off = busy("09:10", "09:20", lane=None, state=TIME_OFF, ref=5)
    assert day(grid("09:00-09:30", capacity=3), [off])[0] == Slot(at("09:00"), at("09:30"), TIME_OFF, 5, None)


def test_a_lane_that_was_closed_takes_nothing():
    assert states(day(grid("09:00-09:30", capacity=1), [busy("09:00", "09:30", lane=1)])) == [AVAILABLE]


def test_a_short_row_is_seen_behind_a_long_one_that_is_over():
    rows = [busy("08:00", "09:00", ref=1), busy("08:30", "08:40", lane=1, ref=2), busy("09:10", "09:20", ref=3)]
    assert [(slot.state, slot.ref) for slot in day(grid("09:00-10:00"), rows)] == [(BOOKED, 3), (AVAILABLE, None)]


def test_the_same_row_is_named_whether_a_day_or_one_slot_is_asked_for():
    rows = [busy("09:00", "09:40", lane=0, ref=1), busy("09:00", "10:00", lane=1, ref=2)]
    shape = grid("09:00-10:00", capacity=2)
    listed = day(shape, rows)
    assert [find_slot(shape, rows, starts_at=slot.starts_at, window=LONG_AGO) for slot in listed] == listed


# ── States ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_strongest_reason_is_given_first():
    """All reasons hold for one slot; without the strongest, the next one shows."""
    shape = grid("09:00-09:30", capacity=2)
    off = busy("09:00", "09:30", None, TIME_OFF, 1)
    booked, held = busy("09:00", "09:30", 0, BOOKED, 2), busy("09:00", "09:30", 1, HELD, 3)
    other_hold = busy("09:00", "09:30", 0, HELD, 4)
    yesterday = at("20:00", FRIDAY - DAY)
    steps = [
        (PAST, [held, booked, off], Window(at("09:01"), notice=1440, horizon=0)),
        (TIME_OFF, [held, booked, off], Window(yesterday, notice=1440, horizon=0)),
        (BOOKED, [held, booked], Window(yesterday, notice=1440, horizon=0)),
        (HELD, [held, other_hold], Window(yesterday, notice=1440, horizon=0)),
        (NOTICE, [held], Window(yesterday, notice=1440, horizon=0)),
        (HORIZON, [held], Window(yesterday, notice=60, horizon=0)),
        (AVAILABLE, [held], Window(yesterday, notice=60, horizon=1)),
    ]
    for state, rows, window in steps:
        slot = day(shape, rows, window=window)[0]
        assert slot.state == state
        assert slot.ref in ({None} if state not in (TIME_OFF, BOOKED, HELD) else {row.ref for row in rows})
        assert slot.lane == (0 if state == AVAILABLE else None)


def test_a_slot_that_begins_now_is_not_past():
    shape = grid("09:00-10:00")
    assert states(day(shape, window=Window(at("09:00")))) == [AVAILABLE, AVAILABLE]
    assert states(day(shape, window=Window(at("09:00:01")))) == [PAST, AVAILABLE]


def test_notice_ends_exactly_when_its_minutes_are_over():
    assert states(day(grid("09:00-10:30"), window=Window(at("08:00"), notice=90))) == [NOTICE, AVAILABLE, AVAILABLE]


def test_notice_counts_real_minutes_over_a_clock_change():
    spring = date(2026, 3, 29)
    half_past_midnight = datetime(2026, 3, 29, 0, 30, tzinfo=LONDON)
    listed = day(grid("02:00-03:30", on=spring, zone=LONDON), on=spring, window=Window(half_past_midnight, notice=60))
    assert states(listed) == [NOTICE, AVAILABLE, AVAILABLE]


def test_the_horizon_counts_local_dates():
    shape = Grid(KOLKATA, ALL_DAY, (), 720)
    just_after_midnight = Window(at("00:10"), horizon=1)
    listed = slots(shape, (), first_on=FRIDAY, last_on=FRIDAY + 2 * DAY, window=just_after_midnight)
    assert [states(found) for found in listed.values()] == [[PAST, AVAILABLE], [AVAILABLE] * 2, [HORIZON] * 2]


# ── Speed ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_month_of_ten_minute_slots_with_500_rows_is_a_matter_of_milliseconds():
    """Measured 6 ms; the bound is wide enough for a slow machine, and far below any engine that loops over rows."""
    shape = Grid(KOLKATA, tuple(Hours(weekday, 540, 1020) for weekday in range(7)), (), 10)
    rows = [Busy(at("09:00") + n * 89 * MINUTE, at("09:10") + n * 89 * MINUTE, 0, BOOKED, n) for n in range(500)]
    times = []
    for _ in range(5):
        begun = process_time()
        listed = slots(shape, iter(rows), first_on=FRIDAY, last_on=FRIDAY + 30 * DAY, window=LONG_AGO)
        times.append(process_time() - begun)
    assert sum(map(len, listed.values())) == 31 * 48
    assert min(times) < 0.06
