"""The figures of a day, as rules: what counts, what does not, and percentiles."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import fmean, median, quantiles
from zoneinfo import ZoneInfo

import pytest

from outpatient.core.terms import VisitStatus
from outpatient.queue.rules.figures import Course, Spell, figures_of, percentile, spell_of

DAY = date(2026, 3, 2)
KOLKATA = ZoneInfo("Asia/Kolkata")
NINE = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)  # in Kolkata
NOON = NINE + timedelta(hours=3)


def at(minutes: float) -> datetime:
    """So many minutes after nine."""
    return NINE + timedelta(minutes=minutes)


def course(status: str, arrived: float | None = 0, called: float | None = None, **more) -> Course:
    given = {"is_booked": False, "service_on": DAY, **more}
    times = {"checked_in_at": arrived, "called_at": called}
    times |= {name: given.pop(name) for name in ("starts_at", "started_at", "completed_at") if name in given}
    instants = {name: None if minutes is None else at(minutes) for name, minutes in times.items()}
    return Course(status=VisitStatus(status), **instants, **given)


def figures(*courses: Course, now: datetime = NOON, on: date = DAY):
    return figures_of(courses, on=on, zone=KOLKATA, now=now)


@pytest.mark.parametrize("seed", range(20))
def test_percentiles_are_those_of_a_plain_computation(seed):
    dice = Random(seed)
    values = [round(dice.uniform(0, 240), 2) for _ in range(dice.randrange(2, 60))]

    assert percentile(values, 0.5) == pytest.approx(median(values))
    for tenth, plain in enumerate(quantiles(values, n=10, method="inclusive"), 1):
        assert percentile(values, tenth / 10) == pytest.approx(plain)
    assert (percentile(values, 0), percentile(values, 1)) == (min(values), max(values))
    spell = spell_of(values)
    assert (spell.counted, spell.mean) == (len(values), round(fmean(values), 1))


def test_of_nothing_there_is_no_mean():
    assert spell_of([]) == Spell(0, None, None, None)
    assert spell_of([7.25]) == Spell(1, 7.2, 7.2, 7.2)


def test_a_booked_patient_does_not_wait_before_his_time():
    early = course("IN_PROGRESS", 0, 40, starts_at=30, is_booked=True)
    late = course("IN_PROGRESS", 50, 70, starts_at=30, is_booked=True)
    before_his_time = course("IN_PROGRESS", 0, 10, starts_at=30, is_booked=True)
    walk_in = course("IN_PROGRESS", 0, 40)

    waits = [figures(one).waits.mean for one in (early, late, before_his_time, walk_in)]

    assert waits == [10, 20, 0, 40]


def test_those_still_waiting_count_with_their_time_so_far():
    called = course("COMPLETED", 0, 10)
    waiting = course("WAITING", 60)
    skipped = course("SKIPPED", 150)
    not_yet_due = course("WAITING", 0, starts_at=200, is_booked=True)

    seen = figures(called, waiting, skipped, not_yet_due)

    assert (seen.waits.counted, seen.still_waiting) == (4, 3)
    assert seen.waits.mean == round(fmean([10, 120, 30, 0]), 1)
    assert seen.waits.median == 20
    assert figures(called, waiting, now=at(61)).waits.mean == 5.5


def test_who_never_came_is_parked_or_left_waits_no_more():
    kinds = [course("EXPECTED", None), course("ON_HOLD"), course("CANCELLED"), course("NO_SHOW")]

    assert figures(*kinds).waits == Spell(0, None, None, None)


def test_a_missed_call_ended_a_wait():
    assert figures(course("NO_SHOW", 0, 25)).waits.mean == 25


def test_a_night_between_the_days_is_no_wait_and_no_consultation():
    monday, tuesday = DAY, DAY + timedelta(days=1)
    over_night = course("COMPLETED", 0, 24 * 60, started_at=24 * 60, completed_at=24 * 60 + 10)
    slept_in_the_room = course("COMPLETED", 0, 10, started_at=20, completed_at=24 * 60)
    still_here = course("WAITING", 0)

    yesterday = figures(over_night, slept_in_the_room, on=monday, now=at(25 * 60))
    today = figures(still_here, on=tuesday, now=at(25 * 60))

    assert (yesterday.waits.counted, yesterday.waits.mean) == (1, 10)
    assert yesterday.consultations.counted == 0
    assert (today.waits.counted, today.still_waiting, today.carryovers) == (0, 0, 1)
    assert today.statuses[VisitStatus.WAITING] == 1


def test_the_day_ends_at_midnight_in_the_zone():
    called_at_midnight = course("IN_PROGRESS", 0, 15 * 60)
    just_before = course("IN_PROGRESS", 0, 15 * 60 - 1)

    assert figures(called_at_midnight).waits.counted == 0
    assert figures(just_before).waits.counted == 1


def test_ways_and_consultations():
    called = course("COMPLETED", 0, 10, started_at=13, completed_at=33)
    started_at_once = course("COMPLETED", 0, 40, started_at=40, completed_at=50)
    running = course("IN_PROGRESS", 0, 60, started_at=61)
    without_the_queue = course("COMPLETED", None, None, started_at=0, completed_at=90, is_booked=True)
    nobody_pressed_start = course("COMPLETED", 0, 70, started_at=70, completed_at=70)

    seen = figures(called, started_at_once, running, without_the_queue, nobody_pressed_start)

    assert (seen.ways.counted, seen.ways.mean) == (2, 2)
    assert (seen.consultations.counted, seen.consultations.mean) == (2, 15)


def estimated(called: float, minutes: int = 20, earliest: int = 15, latest: int = 25) -> Course:
    told = {"estimated_minutes": minutes, "estimated_from": earliest, "estimated_to": latest}
    return course("IN_PROGRESS", 0, called, **told)


def test_estimates_are_scored_by_what_really_happened():
    seen = figures(estimated(15), estimated(25.9), estimated(26), estimated(14.9), course("IN_PROGRESS", 0, 5))

    assert (seen.estimates.scored, seen.estimates.within) == (4, 0.5)
    assert seen.estimates.median_error == round(median([5, 5.9, 6, 5.1]), 1)


def test_who_is_not_called_yet_scores_nothing():
    told = {"estimated_minutes": 20, "estimated_from": 15, "estimated_to": 25}

    seen = figures(course("WAITING", 0, **told))

    assert (seen.estimates.scored, seen.estimates.within, seen.estimates.median_error) == (0, None, None)


def test_counts_add_up():
    courses = [
        course(status, is_booked=number % 2 == 0, service_on=DAY - timedelta(days=number == 4))
        for number, status in enumerate(VisitStatus)
    ]

    seen = figures(*courses)

    assert seen.booked + seen.walk_ins + seen.carryovers == sum(seen.statuses.values()) == len(VisitStatus)
    assert seen.carryovers == 1
