"""The queue's rules on plain values: the order, places in it, tokens, loads and waits."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest

from outpatient.core.terms import Priority, TokenReset, VisitStatus
from outpatient.queue.rules.assign import Load, least_loaded, queue_warnings, warnings_for
from outpatient.queue.rules.order import (
    FINE,
    QUEUE_ORDER,
    STEP,
    arrival_position,
    is_callable,
    is_carryover,
    place_at,
    rank_of,
    spread,
)
from outpatient.queue.rules.tokens import FOREVER, token_group, token_label, token_period
from outpatient.queue.rules.wait import (
    LONGEST,
    SHORTEST,
    Estimate,
    Pace,
    estimate_wait,
    left_of,
    measured_pace,
    pace_or_usual,
)

MONDAY = date(2026, 3, 2)
SUNDAY = MONDAY - timedelta(days=1)
NINE = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)


@dataclass(frozen=True)
class One:
    id: int
    position: int
    queue_rank: int = 1
    queue_day: date = MONDAY


def put(line: list[One], index: int, moved: One) -> list[int]:
    """The ids of a line after somebody was put at `index` of it, as the action does."""
    place = place_at(line, index)
    if place is None:
        moved_up = spread(line, index)
        line = [replace(one, position=moved_up.get(one.id, one.position)) for one in line]
        place = place_at(line, index)
    assert place is not None
    moved = replace(moved, queue_rank=place.queue_rank, queue_day=place.queue_day, position=place.position)
    return [one.id for one in sorted([*line, moved], key=QUEUE_ORDER)]


LINES = {
    "plain": [One(1, 10 * STEP), One(2, 20 * STEP), One(3, 30 * STEP)],
    "all at the same instant": [One(1, STEP), One(2, STEP), One(3, STEP)],
    "two at the same instant": [One(1, STEP), One(2, STEP), One(3, 9 * STEP)],
    "no room left": [One(1, 7), One(2, 8), One(3, 9)],
    "ids against the order": [One(30, 1), One(20, 2), One(10, 3)],
    "urgent, carried over, new": [One(1, 9, 0), One(2, 5, 1, SUNDAY), One(3, 1)],
    "two of each": [One(1, 5, 0), One(2, 5, 0), One(3, 5, 1, SUNDAY), One(4, 5, 1, SUNDAY), One(5, 5), One(6, 5)],
    "alone": [One(1, 0)],
}


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("moved_id", [0, 5, 99])
def test_somebody_stands_where_he_was_put_and_the_others_stay(name, moved_id):
    line = [replace(one, id=one.id * 10) for one in LINES[name]]
    for index in range(len(line) + 2):
        ids = [one.id for one in line]
        ids.insert(index, moved_id)
        assert put(line, index, One(moved_id, 3, 1)) == ids


def test_beyond_the_end_is_the_end():
    assert put(LINES["plain"], 99, One(9, 0)) == [1, 2, 3, 9]


def test_the_order_is_urgency_then_day_then_arrival_then_id():
    ordered = [
        *(One(9, 9, 0, SUNDAY), One(8, 9, 0), One(7, 9, 1, SUNDAY), One(1, 1), One(2, 1), One(0, 2)),
    ]
    for shuffled in permutations(ordered):
        assert sorted(shuffled, key=QUEUE_ORDER) == ordered


def test_urgency_has_two_ranks():
    assert {priority: rank_of(priority) for priority in Priority} == {
        Priority.NORMAL: 1,
        Priority.URGENT: 0,
        Priority.VIP: 0,
    }


def test_later_is_further_back_to_the_microsecond():
    later = NINE + timedelta(microseconds=1)
    assert arrival_position(later) - arrival_position(NINE) == FINE
    assert arrival_position(datetime(3000, 1, 1, tzinfo=UTC)) < 2**63


@pytest.mark.parametrize("status", VisitStatus)
@pytest.mark.parametrize(("minutes", "is_time"), [(None, True), (-1, True), (0, True), (1, False)])
def test_those_in_line_can_be_called_once_their_time_has_come(status, minutes, is_time):
    not_before = None if minutes is None else NINE + timedelta(minutes=minutes)
    assert is_callable(status, not_before, NINE) == (status in {"WAITING", "SKIPPED"} and is_time)


@pytest.mark.parametrize("status", VisitStatus)
def test_those_in_the_house_are_brought_forward(status):
    in_the_house = status in {"WAITING", "SKIPPED", "CALLED", "IN_PROGRESS", "ON_HOLD"}
    assert is_carryover(status, SUNDAY, MONDAY) == in_the_house
    assert not is_carryover(status, MONDAY, MONDAY)


@pytest.mark.parametrize(
    ("reset", "day", "first"),
    [
        (TokenReset.DAILY, "2026-03-04", "2026-03-04"),
        (TokenReset.WEEKLY, "2026-03-02", "2026-03-02"),
        (TokenReset.WEEKLY, "2026-03-08", "2026-03-02"),
        (TokenReset.WEEKLY, "2027-01-01", "2026-12-28"),
        (TokenReset.MONTHLY, "2028-02-29", "2028-02-01"),
        (TokenReset.NEVER, "2026-03-04", FOREVER.isoformat()),
    ],
)
def test_a_period_begins_on_its_first_day(reset, day, first):
    assert token_period(date.fromisoformat(day), reset) == date.fromisoformat(first)


def test_a_department_is_one_group_and_a_clinician_without_one_another():
    assert (token_group(3, 7), token_group(None, 7), token_label("C-", 12)) == ("department:3", "clinician:7", "C-12")


def load(clinician_id: int, waiting: int = 0, of_the_day: int = 0, limit: int | None = None, duty: bool = True) -> Load:
    return Load(
        clinician_id=clinician_id,
        is_on_duty=duty,
        waiting=waiting,
        of_the_day=of_the_day,
        daily_limit=limit,
        queue_limit=None,
    )


@pytest.mark.parametrize(
    ("loads", "expected"),
    [
        ([], None),
        ([load(1, duty=False)], None),
        ([load(1, of_the_day=5, limit=5)], None),
        ([load(1, waiting=2), load(2, waiting=1)], 2),
        ([load(1, waiting=0, duty=False), load(2, waiting=9)], 2),
        ([load(1, waiting=0, of_the_day=5, limit=5), load(2, waiting=9, limit=5)], 2),
        ([load(1, of_the_day=4), load(2, of_the_day=3)], 2),
        ([load(2), load(1)], 1),
    ],
)
def test_the_least_loaded_on_duty_below_capacity(loads, expected):
    best = least_loaded(loads)
    assert (best.clinician_id if best else None) == expected


def test_limits_warn_in_words():
    full = replace(load(1, waiting=1, of_the_day=3, limit=3, duty=False), queue_limit=1)
    assert warnings_for(full) == [
        "The clinician is not on duty",
        "This day is over the clinician's limit of 3 patients",
        "1 patient is waiting already; the limit is 1",
    ]
    assert warnings_for(load(1)) == queue_warnings(4, 5) == queue_warnings(4, None) == []


@pytest.mark.parametrize(
    ("minutes", "mean"),
    [
        ([], None),
        ([10, 10], None),
        ([10, 20, 30], 20),
        ([10] * 9 + [200], 10),  # of ten, the longest and the shortest are left out
        ([0, 0, 600], (1 + 1 + 240) / 3),  # a slip of the hand counts as a minute, a forgotten door as four hours
    ],
)
def test_a_pace_is_a_trimmed_mean_of_what_is_believable(minutes, mean):
    pace = measured_pace([60.0 * one for one in minutes])
    assert (pace.mean if pace else None) == (None if mean is None else round(mean * 60))


def test_a_pace_never_leaves_its_bounds():
    assert measured_pace([0.0] * 5) == Pace(SHORTEST, 9)  # a spread of at least 15 %
    assert measured_pace([1e9] * 5) == Pace(LONGEST, 2160)


def test_without_a_pace_the_usual_is_taken_with_half_of_it_as_spread():
    assert pace_or_usual(None, None, 15) == Pace(900, 450)
    assert pace_or_usual(300, 20, 15) == Pace(300, 20)


@pytest.mark.parametrize(
    ("minutes_ago", "left"), [(None, 0), (0, 600), (4, 360), (9, 60), (10, 60), (60, 60), (-1, 660)]
)
def test_what_a_consultation_still_needs(minutes_ago, left):
    started_at = None if minutes_ago is None else NINE - timedelta(minutes=minutes_ago)
    assert left_of(started_at, NINE, Pace(600, 100)) == left


@pytest.mark.parametrize(
    ("ahead", "left", "at_least", "expected"),
    [
        (0, 0, 0, Estimate(0, 0, 0)),
        (0, 90, 0, Estimate(2, 0, 5)),
        (1, 0, 0, Estimate(10, 7, 13)),
        (4, 0, 0, Estimate(40, 34, 46)),
        (1, 300, 0, Estimate(15, 11, 19)),
        (1, 0, 1800, Estimate(30, 30, 33)),
    ],
)
def test_a_wait_is_those_before_and_the_range_grows_slower_than_it(ahead, left, at_least, expected):
    assert estimate_wait(ahead, Pace(600, 120), left, at_least) == expected
