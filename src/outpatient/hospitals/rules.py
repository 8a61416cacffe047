"""Short names."""

import re
import unicodedata
from collections.abc import Collection

LONGEST = 60


def slug_of(name: str) -> str:
    """The short name that a hospital's name gives: `St. Mary's` → `st-mary-s`; without Latin letters, `hospital`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].rstrip("-") or "hospital"


def free_slug(wanted: str, taken: Collection[str]) -> str:
    """The short name itself, or with the first number from 2 on that makes it free."""
    candidate, number = wanted, 2
    while candidate in taken:
        candidate, number = f"{wanted}-{number}", number + 1
    return candidate
