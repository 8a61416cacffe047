"""Video visits: a place on the network where patient and clinician meet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from outpatient.core.errors import AdapterFailure
from outpatient.core.terms import VideoProvider


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where to meet (`url`), and the id under which the provider knows it (`event_id`)."""

    url: str
    event_id: str


class MeetingGone(AdapterFailure):
    """The provider does not know the meeting any more: somebody ended it there."""

    def __init__(self) -> None:
        super().__init__("The meeting is gone at the provider", permanent=True)


class Video(Protocol):
    """Makes, moves and ends meetings; `provider` is how seed 001 names it on the wire (`google_meet`, `jitsi`)."""

    @property
    def provider(self) -> VideoProvider: ...

    async def create_meeting(self, *, key: str, summary: str, starts_at: datetime, ends_at: datetime) -> Meeting:
        """A meeting between two aware instants. The same key again is the same meeting, also after a crash.

        `summary` is what a calendar shows: nothing in it says who the patient is. Raises AdapterFailure.
        """
        ...

    async def move_meeting(self, event_id: str, *, starts_at: datetime, ends_at: datetime) -> None:
        """Tell the provider the new time; the address stays. Raises MeetingGone, and AdapterFailure."""
        ...

    async def delete_meeting(self, event_id: str) -> None:
        """End the meeting; one that is gone already is no failure. Raises AdapterFailure."""
        ...

    async def close(self) -> None:
        """Let go of the connections to the provider."""
        ...
