"""Money: whole minor units (paise) inside, major units (1500 = ₹1,500) on the wire, as seed 001 writes them."""

from decimal import Decimal, InvalidOperation

CURRENCIES = frozenset({"INR", "USD", "EUR", "GBP", "AED", "SGD"})
"""What we take; each has 100 minor units, which the arithmetic here relies on."""

TOO_MUCH = 10**9
"""Major units from which on an amount is a slip of the keyboard."""


def to_minor(amount: Decimal | float | str, currency: str = "INR") -> int:
    """Major units as people and clients write them, in exact minor units: 1500.5 → 150050.

    Raises ValueError, with a sentence for the person, for what is no number, negative, too much or finer than 0.01.
    """
    if currency not in CURRENCIES:
        raise ValueError(f"We do not take {currency}.")
    try:
        exact = Decimal(str(amount))  # by its text, so that the float 0.29 is 29 paise and True is no number
    except (InvalidOperation, ValueError):
        raise ValueError("An amount is a number, such as 1500 or 1500.50.") from None
    if not exact.is_finite():
        raise ValueError("An amount is a number, such as 1500 or 1500.50.")
    if exact < 0:
        raise ValueError("An amount cannot be negative.")
    if exact >= TOO_MUCH:
        raise ValueError("This amount is too large.")
    if exact % Decimal("0.01"):
        raise ValueError("An amount has at most two decimals.")
    return int(exact * 100)


def to_major(minor: int) -> int | float:
    """The wire form of seed 001: 1500 when whole, else 1500.5."""
    return minor / 100 if minor % 100 else minor // 100


SIGNS = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£"}


def show_money(minor: int, currency: str = "INR") -> str:
    """An amount as people read it: ₹1,50,000 (rupees are grouped the Indian way), $1,234.50, AED 99."""
    whole, part = divmod(minor, 100)
    digits = f"{whole:,}"
    if currency == "INR" and whole >= 100_000:
        lakhs, rest = divmod(whole, 1000)
        pairs = []
        while lakhs:
            lakhs, pair = divmod(lakhs, 100)
            pairs.append(f"{pair:02d}")
        digits = ",".join([*reversed(pairs), f"{rest:03d}"]).lstrip("0")
    return f"{SIGNS.get(currency, currency + ' ')}{digits}{f'.{part:02d}' if part else ''}"
