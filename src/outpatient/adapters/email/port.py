"""E-mail to one person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Email:
    """One e-mail to one address, in plain text and, if given, HTML; `key` makes it one however often it is sent."""

    to: str
    subject: str
    text: str
    key: str
    html: str | None = None


class Emails(Protocol):
    """Sends e-mails."""

    async def send(self, *, email: Email, at: datetime) -> str:
        """Hands the e-mail over, dated with the aware instant `at`, and answers the id by which the carrier knows it.

        The same key again is the same e-mail: nothing more is sent and the id is the same. Raises AdapterFailure.
        """
        ...
