"""A confirmed online appointment gets its meeting by itself, once, and none that nobody needs."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from outpatient.core.outbox import MAX_ATTEMPTS
from outpatient.models import Delivery, StoredEvent, VideoLink
from outpatient.video import actions
from tests.appointments.wishes import booked, count, shown

pytestmark = pytest.mark.anyio


async def deliveries(outpatient, appointment_id: int, reaction: str) -> list[Delivery]:
    async with outpatient.database.reading() as tx:
        mine = (StoredEvent.subject == "appointment", StoredEvent.subject_id == appointment_id)
        query = select(Delivery).join(StoredEvent, StoredEvent.id == Delivery.event_id)
        return list(await tx.all(query.where(*mine, Delivery.reaction == reaction).order_by(Delivery.id)))


async def link_of(persona, appointment_id: int) -> str | None:
    return (await shown(persona, appointment_id))["meetLink"]


async def move(persona, appointment_id: int, time: str):
    answer = await persona.patch(f"/appointments/{appointment_id}/reschedule", {"appointmentTime": time})
    assert answer.status_code == 200, answer.text
    return answer


async def test_confirming_makes_it(with_google, google, as_admin, book_online, outpatient):
    appointment_id = await book_online()
    assert await link_of(as_admin, appointment_id) is None  # not inside the request
    await with_google.program.worker.run_once()
    (event,) = google.standing
    assert await link_of(as_admin, appointment_id) == event["hangoutLink"]
    assert await count(outpatient, StoredEvent, subject_id=appointment_id, name="video.link_created") == 1


async def test_nobody_else_gets_one(with_google, google, as_admin, as_patient, as_clinician, book_online):
    pending = await book_online("10:00", is_confirmed=False)
    in_person, by_phone = [
        (await booked(as_patient, as_clinician, time, sessionType=kind))["id"]
        for time, kind in (("11:00", "IN_PERSON"), ("12:00", "PHONE"))
    ]
    for appointment_id in (in_person, by_phone):
        await as_admin.patch(f"/appointments/{appointment_id}/confirm")
    await with_google.program.worker.run_once()
    assert google.calls == []
    assert {await link_of(as_admin, one) for one in (pending, in_person, by_phone)} == {None}


async def test_what_is_over_when_the_worker_comes_gets_none(with_google, google, book_online, clock):
    await book_online()
    clock.advance(days=2)
    await with_google.program.worker.run_once()
    assert google.calls == []


async def test_a_provider_that_was_down_makes_it_later(with_google, google, as_admin, book_online, outpatient, clock):
    appointment_id = await book_online()
    google.is_down = True
    await with_google.program.worker.run_once()
    assert await link_of(as_admin, appointment_id) is None
    google.is_down = False
    clock.advance(seconds=5)
    await with_google.program.worker.run_once()
    assert await link_of(as_admin, appointment_id) == google.standing[0]["hangoutLink"]
    (done,) = await deliveries(outpatient, appointment_id, "make_meeting")
    assert (done.status, done.attempts) == ("DONE", 2)


async def test_a_refused_grant_is_parked_and_says_which_setting(
    with_google, google, as_admin, book_online, outpatient, clock
):
    google.refuses_grants = "invalid_grant"
    appointment_id = await book_online()
    await with_google.program.worker.run_once()
    (parked,) = await deliveries(outpatient, appointment_id, "make_meeting")
    assert (parked.status, parked.attempts) == ("PARKED", 1)
    assert "GOOGLE_REFRESH_TOKEN" in parked.last_error

    google.refuses_grants = ""
    answer = await with_google.seen_by(as_admin).post("/video/generate-meet-link", {"appointmentId": appointment_id})
    assert answer.status_code == 200, answer.text


async def test_a_conference_that_takes_its_time_is_waited_for(with_google, google, as_admin, book_online, clock):
    google.conference = "pending"
    appointment_id = await book_online()
    await with_google.program.worker.run_once()
    assert await link_of(as_admin, appointment_id) is None
    google.finish(google.standing[0])
    clock.advance(seconds=5)
    await with_google.program.worker.run_once()
    assert await link_of(as_admin, appointment_id) == google.standing[0]["hangoutLink"]
    assert len(google.events) == 1


async def test_a_crash_after_google_made_it_leaves_one_meeting(with_google, google, as_admin, book_online, clock):
    google.dies_after = "POST"
    appointment_id = await book_online()
    await with_google.program.worker.run_once()
    clock.advance(seconds=5)
    await with_google.program.worker.run_once()
    (event,) = google.events.values()
    assert await link_of(as_admin, appointment_id) == event["hangoutLink"]


async def test_a_repeated_delivery_makes_nothing_more(with_google, google, as_admin, book_online, outpatient):
    appointment_id = await book_online()
    await with_google.program.worker.run_once()
    before = await link_of(as_admin, appointment_id)
    for reaction in ("make_meeting", "send_meet_link"):
        (done,) = await deliveries(outpatient, appointment_id, reaction)
        async with outpatient.database.transaction() as tx:
            again = {"status": "PENDING", "due_at": tx.now}
            await tx.execute(update(Delivery).where(Delivery.id == done.id).values(**again))
    await with_google.program.worker.run_once()
    assert await link_of(as_admin, appointment_id) == before
    assert google.asked("POST") == len(google.standing) == 1


async def test_one_that_the_desk_made_meanwhile_is_the_one(interrupted, as_admin, book_online, outpatient):
    appointment_id = await book_online()
    at_the_desk = interrupted.seen_by(as_admin)
    interrupted.video.meanwhile.append(
        lambda: at_the_desk.post("/video/generate-meet-link", {"appointmentId": appointment_id})
    )
    await interrupted.program.worker.run_once()
    (event_id,) = set(interrupted.video.made)
    assert len(interrupted.video.made) == 2
    assert (await link_of(as_admin, appointment_id)).endswith(event_id)
    assert interrupted.video.ended == []
    assert await count(outpatient, VideoLink, appointment_id=appointment_id) == 1


async def test_moved_meanwhile_it_is_made_anew_for_the_new_time(interrupted, as_admin, book_online):
    appointment_id = await book_online()
    interrupted.video.meanwhile.append(lambda: move(as_admin, appointment_id, "15:00"))
    await interrupted.program.worker.run_once()
    for_nothing, kept = interrupted.video.made
    assert for_nothing != kept
    assert interrupted.video.ended == [for_nothing]
    assert (await link_of(as_admin, appointment_id)).endswith(kept)


async def test_without_comparing_it_would_be_kept_for_the_old_time(interrupted, as_admin, book_online, monkeypatch):
    get_plan = actions.get_plan

    async def same_for_ever(*given, **more):
        return replace(await get_plan(*given, **more), key="same")

    monkeypatch.setattr(actions, "get_plan", same_for_ever)
    appointment_id = await book_online()
    interrupted.video.meanwhile.append(lambda: move(as_admin, appointment_id, "15:00"))
    await interrupted.program.worker.run_once()
    assert len(interrupted.video.made) == 1


@pytest.mark.parametrize("change", ["cancel", "in person"])
async def test_not_needed_any_more_it_is_ended_again(interrupted, as_admin, book_online, change):
    appointment_id = await book_online()

    async def not_online() -> None:
        if change == "cancel":
            answer = await as_admin.patch(f"/appointments/{appointment_id}/cancel")
        else:
            answer = await as_admin.put(f"/appointments/{appointment_id}", {"sessionType": "IN_PERSON"})
        assert answer.status_code == 200, answer.text

    interrupted.video.meanwhile.append(not_online)
    await interrupted.program.worker.run_once()
    assert await link_of(as_admin, appointment_id) is None
    assert interrupted.video.ended == interrupted.video.made
    assert len(interrupted.video.made) == 1


async def test_without_looking_again_a_cancelled_appointment_would_have_one(
    interrupted, as_admin, book_online, monkeypatch
):
    appointment_id = await book_online()

    async def cancel() -> None:
        monkeypatch.setattr(actions, "_refusal", lambda _appointment: None)
        await as_admin.patch(f"/appointments/{appointment_id}/cancel")

    interrupted.video.meanwhile.append(cancel)
    await interrupted.program.worker.run_once()
    assert await link_of(as_admin, appointment_id) is not None


async def test_it_follows_the_session_type(with_google, google, as_admin, as_patient, as_clinician):
    made = await booked(as_patient, as_clinician)
    await as_admin.patch(f"/appointments/{made['id']}/confirm")
    links = []
    for kind in ("ONLINE", "IN_PERSON", "ONLINE"):
        answer = await as_admin.put(f"/appointments/{made['id']}", {"sessionType": kind})
        assert answer.json()["data"]["meetLink"] is None  # gone at once, made after it
        await with_google.program.worker.run_once()
        links.append(await link_of(as_admin, made["id"]))
    first, none, another = links
    assert none is None
    assert len({first, none, another}) == 3
    assert len(google.standing) == 1


async def test_taking_back_the_end_brings_another(outpatient, as_admin, book_online, clock):
    appointment_id = await book_online()
    await outpatient.worker.run_once()
    before = await link_of(as_admin, appointment_id)
    visit_id = (await shown(as_admin, appointment_id))["visitId"]
    await as_admin.patch(f"/appointments/{appointment_id}/cancel")
    assert await link_of(as_admin, appointment_id) is None
    answer = await as_admin.post(f"/visits/{visit_id}/undo")
    assert answer.status_code == 200, answer.text
    await outpatient.worker.run_once()
    assert (await shown(as_admin, appointment_id))["status"] == "CONFIRMED"
    assert await link_of(as_admin, appointment_id) not in (before, None)


async def test_a_provider_that_stays_away_parks_it_and_the_messages_go_on(
    with_google, google, book_online, outpatient, clock
):
    google.is_unreachable = True
    appointment_id = await book_online()
    for _ in range(MAX_ATTEMPTS + 2):
        await with_google.program.worker.run_once()
        clock.advance(minutes=15)
    (parked,) = await deliveries(outpatient, appointment_id, "make_meeting")
    assert (parked.status, parked.attempts) == ("PARKED", MAX_ATTEMPTS)
    (told,) = await deliveries(outpatient, appointment_id, "send_confirmation")
    assert told.status == "DONE"
