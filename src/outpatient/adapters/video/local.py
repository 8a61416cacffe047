"""Video visits without an account anywhere: rooms of a Jitsi server, which exist as soon as somebody enters them."""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from outpatient.adapters.video.port import Meeting
from outpatient.core.terms import VideoProvider

NAME_BYTES = 20  # 160 bits: nobody guesses a room, and nobody is told one who holds no link


@dataclass(frozen=True, slots=True)
class JitsiVideo:
    """Names rooms at `base_url`; only who has the secret can derive a name, so no call and no memory is needed."""

    base_url: str
    secret: str
    provider: ClassVar[VideoProvider] = VideoProvider.JITSI

    async def create_meeting(self, *, key: str, summary: str, starts_at: datetime, ends_at: datetime) -> Meeting:
        """The room of this key. It has no calendar, so it does not matter when, and nobody is told what for."""
        digest = hmac.new(self.secret.encode(), f"video room:{key}".encode(), "sha256").digest()
        room = "visit-" + base64.b32encode(digest[:NAME_BYTES]).decode().lower()
        return Meeting(f"{self.base_url.rstrip('/')}/{room}", room)

    async def move_meeting(self, event_id: str, *, starts_at: datetime, ends_at: datetime) -> None:
        """A room is open at any time."""

    async def delete_meeting(self, event_id: str) -> None:
        """A room that nobody is in is gone by itself."""

    async def close(self) -> None:
        """There is no connection."""
