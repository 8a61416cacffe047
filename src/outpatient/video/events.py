"""What happens to video visits. None of it says the address: who may see the appointment reads it there."""

from dataclasses import dataclass

from outpatient.appointments.events import AppointmentEvent
from outpatient.core.terms import VideoProvider


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetLinkCreated(AppointmentEvent):
    """An appointment got the address at which its people meet."""

    name = "video.link_created"

    provider: VideoProvider


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingEvent(AppointmentEvent):
    """A meeting is not needed any more; `old_meeting_id` is None for an address that staff typed in."""

    old_provider: VideoProvider
    old_meeting_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetLinkChanged(MeetingEvent):
    """Staff gave an appointment another address."""

    name = "video.link_changed"

    provider: VideoProvider


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetLinkRemoved(MeetingEvent):
    """An appointment has no address any more; `was_lost`: the provider had ended the meeting, so another follows."""

    name = "video.link_removed"

    was_lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingAbandoned(MeetingEvent):
    """A meeting was made for nothing: the appointment had changed when the provider answered."""

    name = "video.meeting_abandoned"


ENDED = (MeetLinkChanged.name, MeetLinkRemoved.name, MeetingAbandoned.name)
"""After each of these a new meeting is another one, with another address."""
