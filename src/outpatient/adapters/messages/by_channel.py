"""Each channel its own carrier, behind the one port of texts."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from outpatient.adapters.messages.port import Messages, TextMessage
from outpatient.core.terms import Channel


@dataclass(frozen=True, slots=True)
class ByChannel:
    """Sends SMS by one adapter and WhatsApp messages by another (or the same)."""

    sms: Messages
    whatsapp: Messages

    async def send(self, *, message: TextMessage, at: datetime, doubtful_since: datetime | None = None) -> str:
        carrier = self.sms if message.channel is Channel.SMS else self.whatsapp
        return await carrier.send(message=message, at=at, doubtful_since=doubtful_since)

    async def close(self) -> None:
        await asyncio.gather(self.sms.close(), self.whatsapp.close())
