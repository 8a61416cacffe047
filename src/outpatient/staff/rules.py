"""How a member of staff gets a username when nobody chose one."""

import re
import unicodedata
from collections.abc import Collection

LONGEST = 56
"""Characters of a username before its number; the column holds 64."""


def username_from(email: str | None, full_name: str) -> str:
    """The e-mail's local part, else the name, in small letters, digits, dots, dashes and underscores."""
    source = email.partition("@")[0] if email else ".".join(full_name.split())
    plain = unicodedata.normalize("NFKD", source.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9._-]", "", plain).strip("._-")[:LONGEST] or "staff"


def free_username(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or with the first number from 2 on that makes it free."""
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted}{number}"
    return name
