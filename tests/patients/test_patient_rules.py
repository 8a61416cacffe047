"""The arithmetic of names, phones and ages."""

from datetime import date

import pytest

from outpatient.patients.rules import age_on, birth_problem, name_key, phone_part, search_words

TODAY = date(2026, 3, 2)


def test_case_spacing_and_composed_accents_do_not_make_another_name():
    assert name_key("  JOSÉ   García ") == name_key("jose\u0301 garci\u0301a")


def test_a_name_key_fits_its_column():
    assert len(name_key("ß" * 200)) == 200


def test_a_search_without_words_has_none():
    assert search_words(" \x00 ") == []


@pytest.mark.parametrize(
    ("text", "part"), [("98 76-5", "98765"), ("+91 98", "+9198"), ("91+98", "9198"), ("12", None), ("", None)]
)
def test_a_part_of_a_phone_is_its_digits(text, part):
    assert phone_part(text) == part


@pytest.mark.parametrize(
    ("born_on", "age"),
    [(date(1990, 3, 2), 36), (date(1990, 3, 3), 35), (TODAY, 0), (date(2024, 2, 29), 2)],
)
def test_an_age_changes_on_the_birthday(born_on, age):
    assert age_on(TODAY, born_on, None) == age


def test_an_age_by_the_year_alone_grows_with_the_years():
    assert age_on(TODAY, None, 1946) == 80
    assert age_on(date(2027, 1, 1), None, 1946) == 81
    assert age_on(TODAY, None, None) is None
    assert age_on(TODAY, date(1990, 5, 15), 1946) == 35


def test_nobody_is_born_tomorrow_or_two_centuries_ago():
    assert birth_problem(TODAY, TODAY) is None
    assert birth_problem(date(2026, 3, 3), TODAY) == "This day is in the future"
    assert birth_problem(date(1826, 3, 2), TODAY) == "This is more than 130 years ago"
