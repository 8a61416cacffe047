"""The plain rules of the figures."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outpatient.analytics.rules import first_day, inert, last_day, percentages


@given(st.lists(st.integers(0, 10_000), max_size=9))
def test_percentages_sum_to_a_hundred_and_none_is_far_off(counts):
    shares = percentages(counts)

    assert sum(shares) == (100 if sum(counts) else 0)
    for count, share in zip(counts, shares, strict=True):
        assert not sum(counts) or abs(share - count * 100 / sum(counts)) < 1


@pytest.mark.parametrize(("counts", "shares"), [((1, 1, 1), [34, 33, 33]), ((450, 350, 200), [45, 35, 20]), ((), [])])
def test_the_earlier_of_equals_is_rounded_up(counts, shares):
    assert percentages(counts) == shares


@given(st.dates(date(1970, 1, 1), date(2199, 1, 1)))
def test_a_period_holds_its_day_and_ends_where_the_next_begins(day):
    for period in ("day", "week", "month", "year"):
        first, last = first_day(period, day), last_day(period, day)
        assert first <= day <= last
        assert first_day(period, last) == first
        assert first_day(period, last + timedelta(days=1)) == last + timedelta(days=1)
    assert first_day("week", day).weekday() == 0


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  =", "＝"])
def test_what_a_spreadsheet_would_run_is_made_text(start):
    assert inert(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "Asha Rao", "a=b", "'quoted", "1-2"])
def test_other_text_stays(text):
    assert inert(text) == text
