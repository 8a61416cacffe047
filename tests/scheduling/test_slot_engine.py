"""The slot engine against the naive one, and rule by rule: the grid, what is taken, the states."""

from datetime import date, datetime, timedelta

from hypothesis import given, settings

from outpatient.scheduling.rules import (
    Busy,
    Grid,
    Opening,
    Slot,
    Window,
    find_slot,
    local_day,
    slots,
)
from tests.scheduling.diary import (
    ALL_DAY,
    AVAILABLE,
    BOOKED,
    DAY,
    FRIDAY,
    HELD,
    HORIZON,
    KOLKATA,
    LONDON,
    LONG_AGO,
    NEW_YORK,
    NOTICE,
    PAST,
    TIME_OFF,
    at,
    busy,
    clocks,
    day,
    every_date,
    grid,
    states,
)
from tests.scheduling.naive import naive_slots, situations


@settings(max_examples=200)
@given(situations())
def test_the_engine_agrees_with_counting_minute_by_minute(situation):
    shape, rows, first_on, last_on, window = situation
    listed = slots(shape, rows, first_on=first_on, last_on=last_on, window=window)
    expected = naive_slots(shape, rows, first_on, last_on, window)
    assert list(listed) == every_date(first_on, last_on)
    for on, found in listed.items():
        assert [(s.starts_at, s.ends_at, s.state, s.lane) for s in found] == [one[:4] for one in expected[on]]
        assert all(s.ref in refs for s, (*_, refs) in zip(found, expected[on], strict=True))


@settings(max_examples=60)
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
