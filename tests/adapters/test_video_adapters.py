"""The contract of the video port, on every adapter; what is Google's alone follows."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from outpatient.adapters.choice import choose_video
from outpatient.adapters.video.google_meet import GoogleMeetVideo
from outpatient.adapters.video.google_tokens import Grant, RefreshGrant, ServiceGrant
from outpatient.adapters.video.local import JitsiVideo
from outpatient.adapters.video.port import Meeting, MeetingGone, Video
from outpatient.core.clock import SetClock
from outpatient.core.errors import AdapterFailure
from outpatient.settings import Settings
from tests.adapters.vendors.google import (
    ACCOUNT,
    API_URL,
    CALENDAR,
    LOGIN,
    PEM,
    TOKEN_URL,
    FakeGoogle,
    key_file,
)

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 3, 4, 30, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def google() -> FakeGoogle:
    return FakeGoogle()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(AT - timedelta(days=1))


@pytest.fixture
def meet(google: FakeGoogle, clock: SetClock) -> GoogleMeetVideo:
    return google_meet(google, clock)


def google_meet(google: FakeGoogle, clock: SetClock, grant: Grant | None = None, **changes: str) -> GoogleMeetVideo:
    given = {"secret": "secret", "calendar_id": CALENDAR, "base_url": API_URL, "token_url": TOKEN_URL, **changes}
    return GoogleMeetVideo(grant=grant or RefreshGrant(**LOGIN), clock=clock, transport=google.transport(), **given)


@pytest.fixture(params=["jitsi", "google_meet"])
async def video(request: pytest.FixtureRequest, meet: GoogleMeetVideo) -> AsyncIterator[Video]:
    adapter: Video = meet if request.param == "google_meet" else JitsiVideo("https://meet.example/", "secret")
    assert adapter.provider == request.param
    yield adapter
    await adapter.close()


async def made(video: Video, key: str = "1-7-0", at: datetime = AT) -> Meeting:
    return await video.create_meeting(
        key=key, summary="Consultation with Dr. John Doe", starts_at=at, ends_at=at + HALF_HOUR
    )


async def failing(call: Awaitable[object]) -> AdapterFailure:
    with pytest.raises(AdapterFailure) as failure:
        await call
    return failure.value


# --- every video adapter ---


async def test_a_meeting_has_an_address_and_an_id(video: Video) -> None:
    meeting = await made(video)
    address = urlsplit(meeting.url)
    assert (address.scheme, bool(address.hostname), bool(address.path.strip("/"))) == ("https", True, True)
    assert meeting.event_id
    assert len(meeting.url) <= 500


async def test_the_same_key_is_the_same_meeting(video: Video) -> None:
    first = await made(video)
    assert await made(video) == first
    assert set(await asyncio.gather(*(made(video) for _ in range(8)))) == {first}


async def test_other_keys_are_other_meetings(video: Video) -> None:
    found = [await made(video, f"1-{number}-0") for number in range(50)]
    assert len({meeting.url for meeting in found}) == len({meeting.event_id for meeting in found}) == 50


async def test_a_move_keeps_the_address(video: Video) -> None:
    meeting = await made(video)
    await video.move_meeting(meeting.event_id, starts_at=AT + HALF_HOUR, ends_at=AT + 2 * HALF_HOUR)
    assert await made(video, at=AT + HALF_HOUR) == meeting


async def test_ending_twice_is_no_failure(video: Video) -> None:
    meeting = await made(video)
    await video.delete_meeting(meeting.event_id)
    await video.delete_meeting(meeting.event_id)
    await video.delete_meeting("never-made")


# --- Jitsi ---


async def test_a_room_is_nothing_that_anybody_could_guess() -> None:
    ours, theirs = (JitsiVideo("https://meet.example", secret) for secret in ("secret", "another"))
    meeting = await made(ours)
    assert re.fullmatch(r"https://meet\.example/visit-[a-z2-7]{32}", meeting.url)
    assert (await made(theirs)).url != meeting.url  # the key alone is not enough


# --- Google: the calendar ---


async def test_the_event_says_when_and_what_for_and_nothing_of_the_patient(
    meet: GoogleMeetVideo, google: FakeGoogle
) -> None:
    meeting = await made(meet)
    (event,) = google.events.values()
    assert meeting == Meeting(event["hangoutLink"], event["id"])
    assert event["summary"] == "Consultation with Dr. John Doe"
    assert (event["start"], event["end"]) == (
        {"dateTime": "2026-03-03T04:30:00Z"},
        {"dateTime": "2026-03-03T05:00:00Z"},
    )
    assert event["visibility"] == "private"
    assert "attendees" not in event


async def test_without_a_hangout_link_the_conference_says_where(meet: GoogleMeetVideo, google: FakeGoogle) -> None:
    google.with_hangout_link = False
    assert (await made(meet)).url.startswith("https://meet.google.com/abc-defg-")


async def test_a_crash_after_google_made_it_leaves_one_event(meet: GoogleMeetVideo, google: FakeGoogle) -> None:
    google.dies_after = "POST"
    failure = await failing(made(meet))
    assert not failure.permanent

    meeting = await made(meet)

    (event,) = google.events.values()
    assert meeting == Meeting(event["hangoutLink"], event["id"])


async def test_an_event_that_somebody_ended_is_renewed_with_another_room(
    meet: GoogleMeetVideo, google: FakeGoogle
) -> None:
    before = await made(meet)
    await meet.delete_meeting(before.event_id)
    after = await made(meet)
    assert after.event_id == before.event_id
    assert after.url != before.url
    assert google.events[after.event_id]["status"] == "confirmed"


async def test_a_conference_that_is_not_made_yet_is_a_failure_for_now(
    meet: GoogleMeetVideo, google: FakeGoogle
) -> None:
    google.conference = "pending"
    assert not (await failing(made(meet))).permanent
    assert not (await failing(made(meet))).permanent
    (event,) = google.events.values()
    google.finish(event)
    assert (await made(meet)).url == event["hangoutLink"]


async def test_a_conference_that_could_not_be_made_is_asked_for_again(
    meet: GoogleMeetVideo, google: FakeGoogle
) -> None:
    google.conference = "failure"
    assert not (await failing(made(meet))).permanent
    google.conference = "success"
    assert (await made(meet)).url.startswith("https://meet.google.com/")


@pytest.mark.parametrize(
    "lie",
    [
        {},
        [],
        "yes",
        {"hangoutLink": "javascript:alert(1)"},
        {"hangoutLink": 7, "conferenceData": {"entryPoints": "x"}},
        {"hangoutLink": "https://x/" + "x" * 500},
        {"conferenceData": {"entryPoints": [None, {"entryPointType": "phone", "uri": "https://x"}]}},
        b"<html>",
    ],
)
async def test_an_answer_without_a_place_to_meet_is_no_meeting(
    meet: GoogleMeetVideo, google: FakeGoogle, lie: object
) -> None:
    await made(meet, "warm")
    google.answers = [(200, lie)]
    assert not (await failing(made(meet))).permanent


async def test_a_meeting_that_is_gone_cannot_be_moved(meet: GoogleMeetVideo, google: FakeGoogle) -> None:
    meeting = await made(meet)
    google.events[meeting.event_id]["status"] = "cancelled"
    for event_id in (meeting.event_id, "never-made"):
        failure = await failing(meet.move_meeting(event_id, starts_at=AT, ends_at=AT + HALF_HOUR))
        assert isinstance(failure, MeetingGone)
        assert failure.permanent
    google.answers = [(410, {})]
    assert isinstance(await failing(meet.move_meeting("x", starts_at=AT, ends_at=AT)), MeetingGone)


CALLS: dict[str, Callable[[GoogleMeetVideo], Awaitable[object]]] = {
    "create": made,
    "move": lambda meet: meet.move_meeting("abcde", starts_at=AT, ends_at=AT + HALF_HOUR),
    "delete": lambda meet: meet.delete_meeting("abcde"),
}


def refusal(reason: str) -> dict[str, object]:
    return {"error": {"code": 403, "errors": [{"domain": "usageLimits", "reason": reason}], "message": "No"}}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("status", "body", "is_final"),
    [
        (500, {}, False),
        (503, b"<html>", False),
        (429, refusal("rateLimitExceeded"), False),
        (403, refusal("rateLimitExceeded"), False),
        (403, refusal("userRateLimitExceeded"), False),
        (403, refusal("forbiddenForNonOrganizer"), True),
        (403, {"error": "odd"}, True),
        (400, {}, True),
    ],
)
async def test_which_refusals_are_final(
    meet: GoogleMeetVideo, google: FakeGoogle, call: str, status: int, body: object, is_final: bool
) -> None:
    await made(meet, "warm")
    google.answers = [(status, body)]
    failure = await failing(CALLS[call](meet))
    assert failure.permanent is is_final
    assert "Google" in str(failure)


@pytest.mark.parametrize("call", CALLS)
async def test_a_google_that_is_away_is_a_failure_for_now(meet: GoogleMeetVideo, google: FakeGoogle, call: str) -> None:
    google.is_unreachable = True
    assert not (await failing(CALLS[call](meet))).permanent
    google.is_unreachable, google.is_down = False, True
    assert not (await failing(CALLS[call](meet))).permanent


# --- Google: access tokens ---


async def test_a_token_is_kept_until_shortly_before_its_end(
    meet: GoogleMeetVideo, google: FakeGoogle, clock: SetClock
) -> None:
    await made(meet)
    clock.advance(minutes=57)
    await made(meet)
    assert google.tokens_given == 1
    clock.advance(minutes=1)
    await made(meet)
    assert google.tokens_given == 2


async def test_many_at_once_ask_for_one_token(meet: GoogleMeetVideo, google: FakeGoogle) -> None:
    await asyncio.gather(*(made(meet, f"1-{number}-0") for number in range(20)))
    assert google.tokens_given == 1


async def test_a_token_that_google_took_back_is_renewed_once(meet: GoogleMeetVideo, google: FakeGoogle) -> None:
    await made(meet)
    google.good.clear()
    await asyncio.gather(*(made(meet, f"1-{number}-0") for number in range(5)))
    assert google.tokens_given == 2

    google.answers = [(401, {}), (200, {"access_token": "bad", "expires_in": 3600}), (401, {})]
    assert (await failing(made(meet))).permanent
    assert google.answers == []


@pytest.mark.parametrize(
    "odd", [{}, [], "x", {"access_token": "", "expires_in": 3600}, {"access_token": "x", "expires_in": "soon"}]
)
async def test_an_answer_without_a_token_is_a_failure_for_now(
    meet: GoogleMeetVideo, google: FakeGoogle, odd: object
) -> None:
    google.token_answer = odd
    assert not (await failing(made(meet))).permanent
    google.token_answer = None
    await made(meet)


async def test_a_refused_refresh_token_is_final_and_names_its_settings(
    meet: GoogleMeetVideo, google: FakeGoogle
) -> None:
    google.refuses_grants = "invalid_grant"
    failure = await failing(made(meet))
    assert failure.permanent
    assert "invalid_grant" in str(failure)
    assert "GOOGLE_REFRESH_TOKEN" in str(failure)
    assert not any(secret in str(failure) for secret in (LOGIN["client_secret"], "expired or revoked"))
    google.refuses_grants = ""
    await made(meet)


@pytest.fixture
def service_file(tmp_path) -> str:
    file = tmp_path / "key.json"
    file.write_text(json.dumps(key_file()))
    return str(file)


@pytest.mark.parametrize("acts_for", ["", "doctor@example.com"])
async def test_a_service_account_signs_for_its_token(
    google: FakeGoogle, clock: SetClock, service_file: str, acts_for: str
) -> None:
    google.now = clock.now()
    meet = google_meet(google, clock, ServiceGrant.read(service_file, acts_for))
    assert (await made(meet)).url.startswith("https://meet.google.com/")
    (claims,) = google.claims
    assert claims["iss"] == ACCOUNT
    assert claims.get("sub", "") == acts_for


async def test_a_service_account_that_is_refused_names_its_settings(
    google: FakeGoogle, clock: SetClock, service_file: str
) -> None:
    google.now = clock.now() + timedelta(hours=2)  # our clock is wrong
    failure = await failing(made(google_meet(google, clock, ServiceGrant.read(service_file, ""))))
    assert failure.permanent
    assert "GOOGLE_SERVICE_ACCOUNT_FILE" in str(failure)


async def test_two_installations_share_a_calendar_without_meeting(google: FakeGoogle, clock: SetClock) -> None:
    ours, theirs = (google_meet(google, clock, secret=secret) for secret in ("secret", "another"))
    assert (await made(ours)).event_id != (await made(theirs)).event_id


# --- the choice ---


def chosen(**given: str) -> Video:
    return choose_video(Settings(_env_file=None, **given), SetClock(AT))


async def test_settings_choose(service_file: str) -> None:
    assert isinstance(chosen(), JitsiVideo)
    for given in (
        {"google_service_account_file": service_file},
        {f"google_{name}": text for name, text in LOGIN.items()},
    ):
        adapter = chosen(video_adapter="google_meet", **given)
        assert isinstance(adapter, GoogleMeetVideo)
        await adapter.close()


@pytest.mark.parametrize("content", [None, "", "[]", "{}", json.dumps({**key_file(), "private_key": "x"}), PEM])
def test_a_key_file_that_is_none_stops_the_start(tmp_path, content: str | None) -> None:
    file = tmp_path / "key.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SystemExit, match="GOOGLE_SERVICE_ACCOUNT_FILE"):
        chosen(video_adapter="google_meet", google_service_account_file=str(file))
