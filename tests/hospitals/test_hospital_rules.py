"""Short names of hospitals."""

import pytest

from outpatient.hospitals.rules import free_slug, slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [("St. Mary's", "st-mary-s"), ("  Ünïted  Care ", "united-care"), ("मीबो", "hospital"), ("A" * 90, "a" * 60)],
)
def test_a_short_name_is_made_of_letters_digits_and_hyphens(name, slug):
    assert slug_of(name) == slug


def test_a_taken_short_name_gets_the_first_free_number():
    assert free_slug("mibo", {"mibo", "mibo-2", "mibo-4"}) == "mibo-3"
    assert free_slug("mibo", {"mibo-care"}) == "mibo"
