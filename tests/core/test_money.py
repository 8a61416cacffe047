from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outpatient.core.money import TOO_MUCH, show_money, to_major, to_minor


@pytest.mark.parametrize(
    ("amount", "minor"),
    [
        (1500, 150_000),
        (1500.5, 150_050),
        (0.29, 29),  # 0.29 * 100 is 28.999999999999996
        (1.1, 110),
        (0, 0),
        (-0.0, 0),
        ("1500", 150_000),
        ("1500.50", 150_050),
        ("0.01", 1),
        ("1.500", 150),
        (Decimal("19.99"), 1_999),
        (Decimal("1.5E+3"), 150_000),
        (TOO_MUCH - 0.01, TOO_MUCH * 100 - 1),
    ],
)
def test_amounts_become_exact_minor_units(amount: Decimal | float | str, minor: int) -> None:
    assert to_minor(amount) == minor
    assert type(to_minor(amount)) is int


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        (-1, "negative"),
        ("-0.01", "negative"),
        (1500.001, "two decimals"),
        ("0.005", "two decimals"),
        (0.1 + 0.2, "two decimals"),
        ("1.0000000000000000000000000000000000001", "two decimals"),
        (Decimal("1e-999999"), "two decimals"),
        (float("nan"), "is a number"),
        (Decimal("sNaN"), "is a number"),
        (float("inf"), "is a number"),
        ("-Infinity", "is a number"),
        (True, "is a number"),
        ("", "is a number"),
        ("1,500", "is a number"),
        ("₹1500", "is a number"),
        ("0x10", "is a number"),
        (1e12, "too large"),
        ("1e999999", "too large"),
        (TOO_MUCH, "too large"),
    ],
)
def test_what_is_no_amount_is_refused(amount: Decimal | float | str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        to_minor(amount)


def test_a_number_of_endless_digits_is_refused() -> None:
    with pytest.raises(ValueError, match="is a number"):
        to_minor(10**5000)


def test_a_currency_without_hundredths_is_refused() -> None:
    with pytest.raises(ValueError, match="JPY"):
        to_minor(1500, "JPY")


@pytest.mark.parametrize(("minor", "wire"), [(150_000, "1500"), (150_050, "1500.5"), (29, "0.29"), (0, "0")])
def test_the_wire_form_is_whole_when_it_can_be(minor: int, wire: str) -> None:
    assert str(to_major(minor)) == wire


@given(st.integers(0, TOO_MUCH * 100 - 1))
def test_there_and_back_is_the_same(minor: int) -> None:
    assert to_minor(to_major(minor)) == minor


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (0, "INR", "₹0"),
        (150_000, "INR", "₹1,500"),
        (150_050, "INR", "₹1,500.50"),
        (5, "INR", "₹0.05"),
        (9_999_900, "INR", "₹99,999"),
        (15_000_000, "INR", "₹1,50,000"),
        (1_00_00_000_00, "INR", "₹1,00,00,000"),
        (12_34_56_789_00, "INR", "₹12,34,56,789"),
        (123_456_700, "USD", "$1,234,567"),
        (9_900, "AED", "AED 99"),
    ],
)
def test_an_amount_is_shown_as_people_of_its_currency_read_it(minor, currency, text):
    assert show_money(minor, currency) == text
