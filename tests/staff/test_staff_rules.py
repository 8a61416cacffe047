"""Usernames that nobody chose."""

import pytest

from outpatient.staff.rules import free_username, username_from


@pytest.mark.parametrize(
    ("email", "name", "username"),
    [
        ("john@example.com", "John Manager", "john"),
        ("J.O'Hara+x@example.com", "", "j.oharax"),
        (None, "Zoë  van Dam", "zoe.van.dam"),
        (None, "डॉ राव", "staff"),
        ("...@example.com", "", "staff"),
        (None, "x" * 200, "x" * 56),
    ],
)
def test_a_username_is_made_of_the_email_or_the_name(email, name, username):
    assert username_from(email, name) == username


def test_a_taken_username_gets_the_first_free_number():
    assert free_username("john", []) == "john"
    assert free_username("john", ["john", "johnny"]) == "john2"
    assert free_username("john", ["john", "john2", "john4"]) == "john3"
