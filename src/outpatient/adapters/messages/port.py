"""Short messages to a phone: SMS and WhatsApp are one port, since a text is a text whichever way it travels."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from outpatient.core.terms import Channel

TextChannel = Literal[Channel.SMS, Channel.WHATSAPP]


@dataclass(frozen=True, slots=True)
class TextMessage:
    """One text to one phone (`to` in E.164); `key` makes it that one message however often it is sent.

    `template` names the text that the vendor has approved, where a channel asks for one (WhatsApp).
    """

    channel: TextChannel
    to: str
    body: str
    key: str
    template: str | None = None


class Messages(Protocol):
    """Sends texts."""

    async def send(self, *, message: TextMessage, at: datetime) -> str:
        """Hands the message over, at the aware instant `at`, and answers the id by which the carrier knows it.

        The same key again is the same message: nothing more is sent and the id is the same. Raises AdapterFailure.
        """
        ...
