"""Carriers at the port that fail on command, and what they were asked."""

import json
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from outpatient.adapters.messages.local import LocalMessages
from outpatient.adapters.messages.port import Unsubscribed
from outpatient.core.errors import AdapterFailure
from outpatient.core.terms import Channel
from outpatient.models import Notification
from tests.appointments.wishes import Elsewhere


class KilledError(BaseException):
    """The process dies here."""


@dataclass
class Carrier:
    """Brings texts as the local one does, but for what it was told to do to the next ones on a channel."""

    local: LocalMessages
    doings: dict[Channel, list[str]] = field(default_factory=dict)
    asked: list[tuple[Channel, datetime | None]] = field(default_factory=list)

    async def send(self, *, message, at, doubtful_since=None):
        self.asked.append((message.channel, doubtful_since))
        waiting = self.doings.get(message.channel, [])
        match waiting.pop(0) if waiting else "bring":
            case "silence":
                raise AdapterFailure("The carrier did not answer")
            case "refuse":
                raise AdapterFailure("The carrier refused with 400", permanent=True)
            case "busy":
                failure = AdapterFailure("The carrier refused with 429")
                failure.is_certain = True
                raise failure
            case "stop":
                raise Unsubscribed("The carrier")
            case "die before":
                raise KilledError
            case "die after":
                await self.local.send(message=message, at=at, doubtful_since=doubtful_since)
                raise KilledError
            case "answer lost":
                await self.local.send(message=message, at=at, doubtful_since=doubtful_since)
                raise AdapterFailure("The carrier did not answer")
        return await self.local.send(message=message, at=at, doubtful_since=doubtful_since)

    async def close(self):
        """Nothing is held open."""


def carried_by(outpatient, **doings: list[str]) -> tuple[Carrier, Elsewhere]:
    """A carrier, and a program that sends by it: `whatsapp=["silence", "refuse"]`."""
    carrier = Carrier(LocalMessages(outpatient.settings.outbox_dir), {Channel(k.upper()): v for k, v in doings.items()})
    return carrier, Elsewhere(outpatient, messages=carrier)


async def rows_of(outpatient, **where) -> list[Notification]:
    """The notifications with these columns, the oldest first."""
    terms = [getattr(Notification, name) == value for name, value in where.items()]
    async with outpatient.database.reading() as tx:
        return list(await tx.all(select(Notification).where(*terms).order_by(Notification.id)))


def texts_to(outpatient, phone: str) -> list[dict]:
    """What reached this phone, in the order of what it was told about."""
    found = (json.loads(file.read_text()) for file in outpatient.settings.outbox_dir.glob("*.json"))
    mine = (message for message in found if message["to"] == phone)
    return sorted(mine, key=lambda message: int(message["key"].split(":")[0]))
