"""Days and clocks: the slot engine against facts of the calendar."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from outpatient.scheduling.rules import (
    Grid,
    Window,
    day_bounds,
    find_slot,
    local_day,
    slots,
    wall_time,
)
from tests.scheduling.diary import (
    ALL_DAY,
    CAIRO,
    DAY,
    FRIDAY,
    KATHMANDU,
    KOLKATA,
    LONDON,
    LONG_AGO,
    LORD_HOWE,
    NEW_YORK,
    SAO_PAULO,
    ZONES,
    at,
    clocks,
    day,
    every_date,
    grid,
)


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
