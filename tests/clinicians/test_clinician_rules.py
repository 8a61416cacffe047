"""The plain rules of clinicians."""

import pytest

from outpatient.clinicians.rules import average_rating


@pytest.mark.parametrize(
    ("stars", "ratings", "average"),
    [(None, None, None), (0, 0, None), (5, 1, 5.0), (13, 3, 4.3), (17, 4, 4.3), (14, 3, 4.7), (85, 20, 4.3)],
)
def test_an_average_has_one_decimal_halves_up(stars, ratings, average):
    assert average_rating(stars, ratings) == average
