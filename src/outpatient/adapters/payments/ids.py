"""The gateway's names for things (`order_` and 14 letters or digits) and our names for them (at most 40 characters)."""

import hashlib
import re
import string
from typing import Literal

from outpatient.core.errors import AdapterFailure

Kind = Literal["order", "pay", "plink", "rfnd"]

ALPHANUMERICS = string.digits + string.ascii_letters
LENGTH = 14
LONGEST_NAME = 40


def pattern_of(kind: Kind) -> str:
    return rf"^{kind}_[0-9A-Za-z]{{{LENGTH}}}$"


def checked_id(kind: Kind, text: str) -> str:
    """The id, fit for a path; what has not its shape names nothing (a permanent AdapterFailure)."""
    if not re.fullmatch(pattern_of(kind), text) or text.endswith("\n"):
        raise AdapterFailure(f"The payment gateway knows no such {kind}.", permanent=True)
    return text


def check_asked(*, amount_minor: int, name: str) -> None:
    """Refuses for good what no gateway takes: no amount, no name or too long a name."""
    if amount_minor <= 0:
        raise AdapterFailure("A payment needs an amount.", permanent=True)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise AdapterFailure(f"Our name for a payment has 1 to {LONGEST_NAME} characters.", permanent=True)


def check_key(key: str) -> None:
    """Refuses for good what the gateway does not take as the key of a refund."""
    if not re.fullmatch(r"[0-9A-Za-z_-]{10,40}", key):
        raise AdapterFailure("The key of a refund has 10 to 40 letters, digits, - or _.", permanent=True)


def named_id(kind: Kind, name: str) -> str:
    """An id that follows from a name, so that the same name is always the same thing."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest())
    letters = []
    for _ in range(LENGTH):
        number, index = divmod(number, len(ALPHANUMERICS))
        letters.append(ALPHANUMERICS[index])
    return f"{kind}_" + "".join(letters)
