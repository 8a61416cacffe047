"""Video visits on the wire (seed 001)."""

from typing import Annotated

from pydantic import AfterValidator, Field

from outpatient.core.terms import VideoProvider
from outpatient.http.schema import Id, InstantIn, Schema, UpTo, UtcInstant, shown
from outpatient.video.rules import problem_of


def _safe(url: str) -> str:
    if problem := problem_of(url):
        raise ValueError(problem)
    return url


class GenerateRequest(Schema):
    """`POST /video/generate-meet-link`; times may be left out, they are the appointment's own."""

    model_config = shown({"appointmentId": 1, "summary": "Consultation with Dr. John Doe"})

    appointment_id: Id
    summary: Annotated[str, UpTo(200)] | None = None
    start_time: InstantIn | None = None
    end_time: InstantIn | None = None


class MeetLinkRequest(Schema):
    """`PUT /video/appointment/{id}/meet-link`."""

    model_config = shown({"meetLink": "https://meet.google.com/new-link-xyz"})

    meet_link: Annotated[str, UpTo(500), AfterValidator(_safe)]


class MeetLinkOut(Schema):
    meet_link: str = Field(validation_alias="url")
    provider: VideoProvider


class GeneratedOut(MeetLinkOut):
    """`eventId` is null for a link that staff typed in."""

    event_id: str | None


class LinkListed(MeetLinkOut):
    appointment_id: int
    created_at: UtcInstant
