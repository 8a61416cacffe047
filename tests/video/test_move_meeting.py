"""A meeting moves with its appointment, and its address stays."""

import pytest

from outpatient.core.errors import AdapterFailure
from outpatient.video.actions import keep_time
from tests.appointments.wishes import Elsewhere
from tests.video.conftest import Interrupted
from tests.video.test_get_link import path
from tests.video.test_make_meeting import link_of, move

pytestmark = pytest.mark.anyio


def starts(google) -> list[str]:
    return [event["start"]["dateTime"] for event in google.standing]


@pytest.fixture
async def met(with_google, book_online) -> int:
    """An appointment that Google made a meeting for."""
    appointment_id = await book_online()
    await with_google.program.worker.run_once()
    return appointment_id


async def test_google_is_told_after_the_move(with_google, google, as_admin, met):
    before = await link_of(as_admin, met)
    await move(as_admin, met, "15:00")
    assert starts(google) == ["2026-03-03T04:30:00Z"]
    await with_google.program.worker.run_once()
    assert starts(google) == ["2026-03-03T09:30:00Z"]
    assert await link_of(as_admin, met) == before


async def test_of_two_moves_the_last_holds_though_google_was_down(with_google, google, as_admin, met, clock):
    google.is_down = True
    await move(as_admin, met, "15:00")
    await with_google.program.worker.run_once()
    await move(as_admin, met, "16:00")
    await with_google.program.worker.run_once()
    google.is_down = False
    clock.advance(minutes=1)
    await with_google.program.worker.run_once()
    assert starts(google) == ["2026-03-03T10:30:00Z"]


class SlowToMove(Interrupted):
    """Another move is made, and told, while the provider is told of the first."""

    def __init__(self) -> None:
        super().__init__()
        object.__setattr__(self, "told", [])

    async def move_meeting(self, event_id, *, starts_at, ends_at):
        if self.meanwhile:
            await self.meanwhile.pop(0)()
        self.told.append(f"{starts_at:%H:%M}")


async def test_a_move_that_lands_late_is_told_again(outpatient, as_admin, book_online):
    await outpatient.worker.run_once()
    video = SlowToMove()
    async with Elsewhere(outpatient, video=video) as elsewhere:
        appointment_id = await book_online()
        await elsewhere.program.worker.run_once()
        await move(as_admin, appointment_id, "15:00")
        video.meanwhile.append(lambda: move(as_admin, appointment_id, "16:00"))
        await elsewhere.program.worker.run_once()
    assert video.told[:2] == ["09:30", "10:30"]
    assert set(video.told[1:]) == {"10:30"}


async def test_an_appointment_that_keeps_moving_is_tried_again(outpatient, as_admin, book_online):
    await outpatient.worker.run_once()
    video = SlowToMove()
    async with Elsewhere(outpatient, video=video) as elsewhere:
        appointment_id = await book_online()
        await elsewhere.program.worker.run_once()
        for time in ("11:00", "12:00", "13:00"):
            video.meanwhile.append(lambda time=time: move(as_admin, appointment_id, time))
        with pytest.raises(AdapterFailure, match="keeps moving"):
            await keep_time(outpatient.database, video, appointment_id=appointment_id)


async def test_one_that_google_lost_is_made_anew(with_google, google, as_admin, met):
    before = await link_of(as_admin, met)
    google.standing[0]["status"] = "cancelled"
    await move(as_admin, met, "15:00")
    await with_google.program.worker.run_once()
    assert starts(google) == ["2026-03-03T09:30:00Z"]
    assert await link_of(as_admin, met) == google.standing[0]["hangoutLink"] != before


async def test_what_google_does_not_have_is_not_moved_there(with_google, google, as_admin, met):
    link = "https://clinic.zoom.us/j/1"
    await as_admin.put(path(met), {"meetLink": link})
    await with_google.program.worker.run_once()
    patched = google.asked("PATCH")
    await move(as_admin, met, "15:00")
    await with_google.program.worker.run_once()
    assert google.asked("PATCH") == patched
    assert await link_of(as_admin, met) == link


async def test_a_room_of_the_provider_before_stays(outpatient, with_google, google, as_admin, book_online):
    appointment_id = await book_online()
    await outpatient.worker.run_once()  # Jitsi, by this program's settings
    before = await link_of(as_admin, appointment_id)
    await move(as_admin, appointment_id, "15:00")
    await with_google.program.worker.run_once()
    assert await link_of(as_admin, appointment_id) == before
    await as_admin.patch(f"/appointments/{appointment_id}/cancel")
    await with_google.program.worker.run_once()
    assert google.calls == []
