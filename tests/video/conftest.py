"""Online appointments, and a program whose meetings Google makes."""

from collections.abc import AsyncIterator

import pytest

from outpatient.adapters.video.google_meet import GoogleMeetVideo
from outpatient.adapters.video.google_tokens import RefreshGrant
from outpatient.adapters.video.local import JitsiVideo
from outpatient.core.clock import SetClock
from tests.adapters.vendors.google import API_URL, CALENDAR, LOGIN, TOKEN_URL, FakeGoogle
from tests.appointments.wishes import Elsewhere, booked


@pytest.fixture
def google() -> FakeGoogle:
    return FakeGoogle()


@pytest.fixture
async def with_google(outpatient, clock: SetClock, google: FakeGoogle) -> AsyncIterator[Elsewhere]:
    """The program on the same store whose VIDEO_ADAPTER is google_meet."""
    await outpatient.worker.run_once()  # what other tests left is not Google's
    video = GoogleMeetVideo(
        grant=RefreshGrant(**LOGIN),
        secret="secret",
        calendar_id=CALENDAR,
        base_url=API_URL,
        token_url=TOKEN_URL,
        clock=clock,
        transport=google.transport(),
    )
    async with Elsewhere(outpatient, video=video) as elsewhere:
        yield elsewhere
    await video.close()


class Interrupted(JitsiVideo):
    """A provider during whose answer something else happens, once for each thing in `meanwhile`; notes what it ends."""

    def __init__(self) -> None:
        super().__init__("https://meet.example", "secret")
        for name in ("meanwhile", "made", "ended"):
            object.__setattr__(self, name, [])

    async def create_meeting(self, **given):
        meeting = await super().create_meeting(**given)
        self.made.append(meeting.event_id)
        if self.meanwhile:
            await self.meanwhile.pop(0)()
        return meeting

    async def delete_meeting(self, event_id):
        self.ended.append(event_id)


@pytest.fixture
async def interrupted(outpatient) -> AsyncIterator[Elsewhere]:
    """The program with an Interrupted provider."""
    await outpatient.worker.run_once()
    async with Elsewhere(outpatient, video=Interrupted()) as elsewhere:
        elsewhere.video = elsewhere.program.worker.outside.video
        yield elsewhere


@pytest.fixture
def book_online(as_patient, as_clinician, as_admin):
    """`await book_online()`: the id of the patient's online appointment on Tuesday at ten, confirmed or not."""

    async def book(time: str = "10:00:00", *, is_confirmed: bool = True, **more) -> int:
        made = await booked(as_patient, as_clinician, time, **{"sessionType": "ONLINE", **more})
        if is_confirmed:
            answer = await as_admin.patch(f"/appointments/{made['id']}/confirm")
            assert answer.status_code == 200, answer.text
        return made["id"]

    return book
