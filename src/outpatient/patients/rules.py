"""What makes two patient records the same person's, how a name or phone is searched, and how old somebody is."""

import unicodedata
from datetime import date

LONGEST_NAME_KEY = 200
LEAST_DIGITS = 3
OLDEST = 130
"""Years; a date of birth before that is a slip of the keyboard."""


def name_key(full_name: str) -> str:
    """A name for comparing: case, spacing and the way an accent is written do not count."""
    return " ".join(unicodedata.normalize("NFC", full_name).casefold().split())[:LONGEST_NAME_KEY]


def search_words(text: str) -> list[str]:
    """The words of a search by name, each of which must be somewhere in the `name_key`."""
    return name_key(text.replace("\x00", " ")).split()


def phone_part(text: str) -> str | None:
    """What a piece of a phone number, however written, looks like inside E.164; None below three digits."""
    digits = "".join(char for char in text if char in "0123456789")
    if len(digits) < LEAST_DIGITS:
        return None
    return f"+{digits}" if text.lstrip().startswith("+") else digits


def birth_problem(born_on: date, today: date) -> str | None:
    """Why nobody can be born on that day, in one sentence."""
    if born_on > today:
        return "This day is in the future"
    return f"This is more than {OLDEST} years ago" if today.year - born_on.year > OLDEST else None


def age_on(today: date, date_of_birth: date | None, birth_year: int | None) -> int | None:
    """Age in whole years; from a year of birth alone it may be one too many."""
    if date_of_birth is not None:
        return today.year - date_of_birth.year - ((today.month, today.day) < (date_of_birth.month, date_of_birth.day))
    return None if birth_year is None else max(0, today.year - birth_year)
