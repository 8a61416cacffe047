"""Short messages to a phone: SMS and WhatsApp are one port, since a text is a text whichever way it travels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from outpatient.core.errors import AdapterFailure
from outpatient.core.terms import Channel

TextChannel = Literal[Channel.SMS, Channel.WHATSAPP]

MessageStatus = Literal["SENT", "DELIVERED", "READ", "FAILED"]
"""How far a message came; a carrier may report the same status twice and an earlier one after a later one."""


@dataclass(frozen=True, slots=True)
class TextMessage:
    """One text to one phone (`to` in E.164); `key` makes it that one message however often it is sent.

    `template` names the text that the vendor has approved, where a channel asks for one (WhatsApp), and `values` what
    stands in its gaps, by the names that the template gives them. `body` is the whole text, for every other way.
    """

    channel: TextChannel
    to: str
    body: str
    key: str
    template: str | None = None
    values: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What a carrier says later of a message that it took; `error` is its code or kind, never a text about a person."""

    provider_id: str
    status: MessageStatus
    error: str | None = None


class Unsubscribed(AdapterFailure):
    """The person told the carrier to bring nothing more from us (STOP): final until he takes it back."""

    def __init__(self, carrier: str) -> None:
        super().__init__(f"{carrier} brings nothing to this number: its owner unsubscribed", permanent=True)


class Messages(Protocol):
    """Sends texts."""

    async def send(self, *, message: TextMessage, at: datetime, doubtful_since: datetime | None = None) -> str:
        """Hands the message over, at the aware instant `at`, and answers the id by which the carrier knows it.

        The same key again is the same message: nothing more is sent and the id is the same. A carrier that cannot be
        given our key is asked first whether it has the message, when `doubtful_since` says that a try began then of
        which nobody knows how it ended. Raises AdapterFailure; Unsubscribed when the person wants no more texts.
        """
        ...

    async def close(self) -> None:
        """Lets go of the connections to the carrier."""
        ...
