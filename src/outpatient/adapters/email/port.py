"""E-mail to one person."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with an e-mail, such as an invoice: `invoice-7.pdf`, `application/pdf`."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Email:
    """One e-mail to one address, in plain text and, if given, HTML; `key` makes it one however often it is sent."""

    to: str
    subject: str
    text: str
    key: str
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()


class Emails(Protocol):
    """Sends e-mails."""

    async def send(self, *, email: Email, at: datetime, doubtful_since: datetime | None = None) -> str:
        """Hands the e-mail over, dated with the aware instant `at`, and answers the id by which the carrier knows it.

        The same key again is the same e-mail: nothing more is sent and the id is the same. A carrier that cannot be
        given our key is asked first whether it has the e-mail, when `doubtful_since` says that a try began then of
        which nobody knows how it ended. Raises AdapterFailure.
        """
        ...

    async def close(self) -> None:
        """Lets go of the connections to the carrier."""
        ...
