"""POST /video/generate-meet-link: the appointment's address, made by the provider if there is none."""

import asyncio
import itertools
from dataclasses import replace

import pytest

from outpatient.models import StoredEvent, VideoLink
from outpatient.video import actions
from tests.appointments.wishes import booked, bring_to, code_of, count, details_of, later, one, shown

pytestmark = pytest.mark.anyio

PATH = "/video/generate-meet-link"


async def generated(persona, appointment_id: int, **more) -> dict:
    answer = await persona.post(PATH, {"appointmentId": appointment_id, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_the_answer_is_the_link_that_the_appointment_shows(as_front_desk, as_patient, book_online, outpatient):
    appointment_id = await book_online()

    answer = await as_front_desk.post(PATH, {"appointmentId": appointment_id})

    made = answer.json()["data"]
    assert answer.json() == {"success": True, "data": made}
    assert made["meetLink"] == f"https://meet.jit.si/{made['eventId']}"
    assert made["provider"] == "jitsi"
    assert (await shown(as_patient, appointment_id))["meetLink"] == made["meetLink"]
    link = await one(outpatient, VideoLink, appointment_id=appointment_id)
    assert (link.url, link.event_id, link.created_by) == (made["meetLink"], made["eventId"], as_front_desk.user_id)


async def test_google_makes_it_with_the_summary_and_the_time(with_google, google, as_front_desk, book_online):
    appointment_id = await book_online()
    times = {"startTime": "2026-03-03T04:30:00Z", "endTime": "2026-03-03T10:30:00+05:30"}

    made = await generated(with_google.seen_by(as_front_desk), appointment_id, summary="Second opinion", **times)

    (event,) = google.standing
    assert made == {"meetLink": event["hangoutLink"], "eventId": event["id"], "provider": "google_meet"}
    assert event["summary"] == "Second opinion"
    assert event["start"] == {"dateTime": "2026-03-03T04:30:00Z"}


async def test_without_a_summary_it_says_with_whom_and_not_for_whom(with_google, google, as_front_desk, book_online):
    await generated(with_google.seen_by(as_front_desk), await book_online())
    assert google.standing[0]["summary"] == "Consultation with Clinician"
    assert "Asha" not in str(google.bodies)


async def test_a_repeat_answers_the_same(with_google, google, as_front_desk, as_admin, book_online, outpatient):
    appointment_id = await book_online()
    first = await generated(with_google.seen_by(as_front_desk), appointment_id)
    again = await generated(with_google.seen_by(as_admin), appointment_id, summary="Another")
    assert again == first
    assert google.asked("POST") == 1
    made = {"name": "video.link_created", "subject_id": appointment_id}
    assert await count(outpatient, StoredEvent, **made) == 1


async def eight_at_once(elsewhere, persona, appointment_id: int) -> set[str]:
    persona = elsewhere.seen_by(persona)
    return {made["meetLink"] for made in await asyncio.gather(*(generated(persona, appointment_id) for _ in range(8)))}


async def test_eight_at_once_make_one_meeting(with_google, google, as_admin, book_online, outpatient):
    appointment_id = await book_online()
    assert len(await eight_at_once(with_google, as_admin, appointment_id)) == 1
    assert len(google.events) == 1
    assert await count(outpatient, VideoLink, appointment_id=appointment_id) == 1
    assert await count(outpatient, StoredEvent, subject_id=appointment_id, name="video.meeting_abandoned") == 0


async def test_without_their_common_key_the_same_eight_make_several(
    with_google, google, as_admin, book_online, monkeypatch
):
    numbers = itertools.count()
    get_plan = actions.get_plan

    async def plan_of_my_own(*given, **more):
        return replace(await get_plan(*given, **more), key=f"key-{next(numbers)}")

    monkeypatch.setattr(actions, "get_plan", plan_of_my_own)
    persona, appointment_id = with_google.seen_by(as_admin), await book_online()
    await asyncio.gather(*(persona.post(PATH, {"appointmentId": appointment_id}) for _ in range(8)))
    assert len(google.events) > 1


async def test_an_appointment_that_is_not_confirmed_yet_may_have_one(as_front_desk, book_online):
    assert (await generated(as_front_desk, await book_online(is_confirmed=False)))["meetLink"]


async def test_a_token_is_met_on_its_day(with_google, google, as_admin, as_patient, as_clinician):
    token = {"bookingType": "TOKEN", "appointmentDate": "2026-03-03", "sessionType": "ONLINE"}
    answer = await as_patient.post("/appointments", {"clinicianId": as_clinician.clinician_id, **token})
    assert answer.status_code == 201, answer.text

    await generated(with_google.seen_by(as_admin), answer.json()["data"]["id"])

    (event,) = google.standing
    assert (event["start"], event["end"]) == (
        {"dateTime": "2026-03-02T18:30:00Z"},
        {"dateTime": "2026-03-03T18:30:00Z"},
    )


async def test_who_may(make, hospital, book_online):
    appointment_id = await book_online()
    may = await make.who_may(hospital, lambda persona: persona.post(PATH, {"appointmentId": appointment_id}))
    assert may == {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK"}


async def test_what_one_may_not_see_is_not_there(as_stranger, make, hospital, book_online):
    appointment_id = await book_online()
    far = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))
    for persona in (as_stranger, far):
        assert (await persona.post(PATH, {"appointmentId": appointment_id})).status_code == 404
    assert (await as_stranger.post(PATH, {"appointmentId": 10**9})).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("appointmentId", None),
        ("appointmentId", 0),
        ("appointmentId", "x"),
        ("summary", ""),
        ("summary", "x" * 201),
        ("startTime", "2026-03-03T04:31:00Z"),
        ("startTime", "2026-03-03T10:00:00"),
        ("startTime", "soon"),
        ("endTime", "2026-03-03T05:30:00Z"),
    ],
)
async def test_a_bad_field_is_named(as_admin, book_online, field, value):
    body = {"appointmentId": await book_online(), field: value}
    assert list(details_of(await as_admin.post(PATH, body))) == [field]


async def test_only_who_meets_online_needs_a_link(as_admin, as_patient, as_clinician):
    for time, kind in (("10:00", "IN_PERSON"), ("11:00", "PHONE")):
        made = await booked(as_patient, as_clinician, time, sessionType=kind)
        answer = await as_admin.post(PATH, {"appointmentId": made["id"]})
        assert (answer.status_code, code_of(answer)) == (409, "NOT_ONLINE")


@pytest.mark.parametrize("status", ["CANCELLED", "COMPLETED", "NO_SHOW"])
async def test_nobody_meets_when_it_is_over(as_admin, as_patient, as_clinician, clock, status):
    made = await booked(as_patient, as_clinician, "09:30", day="2026-03-02", sessionType="ONLINE")
    await later(clock, as_admin, minutes=40)
    await bring_to(as_admin, made["id"], status)
    answer = await as_admin.post(PATH, {"appointmentId": made["id"]})
    assert (answer.status_code, code_of(answer)) == (409, "APPOINTMENT_OVER")


async def test_an_unpaid_hold_has_to_be_paid_first(as_admin, as_patient, as_clinician):
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "10:00"}
    answer = await as_patient.post("/booking/create", {**wish, "sessionType": "ONLINE"})
    assert answer.status_code == 201, answer.text
    answer = await as_admin.post(PATH, {"appointmentId": answer.json()["data"]["appointmentId"]})
    assert (answer.status_code, code_of(answer)) == (409, "PAYMENT_REQUIRED")


async def test_a_provider_that_is_down_is_said_and_a_repeat_succeeds(with_google, google, as_admin, book_online):
    persona, appointment_id = with_google.seen_by(as_admin), await book_online()
    google.is_down = True
    answer = await persona.post(PATH, {"appointmentId": appointment_id})
    assert (answer.status_code, code_of(answer)) == (502, "VIDEO_FAILED")
    assert (await shown(as_admin, appointment_id))["meetLink"] is None

    google.is_down = False
    assert (await generated(persona, appointment_id))["meetLink"] == google.standing[0]["hangoutLink"]


async def test_a_provider_that_says_nothing_does_not_hold_the_desk(
    with_google, google, as_admin, book_online, monkeypatch
):
    monkeypatch.setattr(actions, "PROVIDER_SECONDS", 0.05)
    google.is_silent = True
    answer = await with_google.seen_by(as_admin).post(PATH, {"appointmentId": await book_online()})
    assert (answer.status_code, code_of(answer)) == (502, "VIDEO_FAILED")


async def test_no_transaction_is_open_while_the_provider_is_asked(interrupted, as_admin, book_online, outpatient):
    appointment_id = await book_online()

    async def write() -> None:
        async with asyncio.timeout(30), outpatient.database.transaction() as tx:  # SQLite has one writer
            link = VideoLink.__table__.update().where(VideoLink.appointment_id == appointment_id)
            await tx.execute(link.values(told_at=None))

    interrupted.video.meanwhile.append(write)
    await generated(interrupted.seen_by(as_admin), appointment_id)
    assert interrupted.video.meanwhile == []


async def test_a_meeting_for_what_was_cancelled_meanwhile_is_ended_again(
    interrupted, as_admin, as_patient, book_online, outpatient
):
    appointment_id = await book_online()
    interrupted.video.meanwhile.append(lambda: as_patient.patch(f"/appointments/{appointment_id}/cancel"))

    answer = await interrupted.seen_by(as_admin).post(PATH, {"appointmentId": appointment_id})

    assert (answer.status_code, code_of(answer)) == (409, "APPOINTMENT_OVER")
    assert (await shown(as_admin, appointment_id))["meetLink"] is None
    await interrupted.program.worker.run_once()
    assert interrupted.video.ended == interrupted.video.made


async def test_an_appointment_that_always_changes_is_left_for_later(interrupted, as_admin, book_online):
    appointment_id = await book_online()
    moves = [f"{hour}:00" for hour in range(11, 11 + actions.TRIES)]
    for time in moves:
        interrupted.video.meanwhile.append(
            lambda time=time: as_admin.patch(f"/appointments/{appointment_id}/reschedule", {"appointmentTime": time})
        )
    answer = await interrupted.seen_by(as_admin).post(PATH, {"appointmentId": appointment_id})
    assert (answer.status_code, code_of(answer)) == (409, "TRY_AGAIN")
    assert len(set(interrupted.video.made)) == actions.TRIES
