"""DELETE /video/appointment/{id}/meet-link: nobody meets there any more."""

import pytest

from outpatient.models import StoredEvent, VideoLink
from tests.appointments.wishes import count, shown
from tests.video.test_get_link import path

pytestmark = pytest.mark.anyio


async def test_the_address_goes_and_the_meeting_after_it(with_google, google, as_manager, book_online, outpatient):
    appointment_id = await book_online()
    await with_google.program.worker.run_once()

    answer = await with_google.seen_by(as_manager).delete(path(appointment_id))

    assert answer.json() == {"success": True, "message": "Meet link deleted successfully"}
    assert (await shown(as_manager, appointment_id))["meetLink"] is None
    assert (await as_manager.get(path(appointment_id))).status_code == 404
    assert await count(outpatient, VideoLink, appointment_id=appointment_id) == 0
    assert len(google.standing) == 1
    await with_google.program.worker.run_once()
    assert google.standing == []


async def test_a_provider_that_is_down_is_told_later(with_google, google, as_manager, book_online, clock):
    appointment_id = await book_online()
    await with_google.program.worker.run_once()
    google.is_down = True
    assert (await with_google.seen_by(as_manager).delete(path(appointment_id))).status_code == 200
    await with_google.program.worker.run_once()
    assert len(google.standing) == 1
    google.is_down = False
    clock.advance(seconds=5)
    await with_google.program.worker.run_once()
    assert google.standing == []


async def test_a_repeat_answers_the_same_and_does_nothing_more(as_manager, book_online, outpatient):
    appointment_id = await book_online()
    await outpatient.worker.run_once()
    answers = [await as_manager.delete(path(appointment_id)) for _ in range(3)]
    assert {answer.text for answer in answers} == {answers[0].text}
    assert await count(outpatient, StoredEvent, subject_id=appointment_id, name="video.link_removed") == 1


async def test_it_does_not_come_back_by_itself_and_the_next_is_another(as_admin, book_online, outpatient):
    appointment_id = await book_online()
    await outpatient.worker.run_once()
    before = (await shown(as_admin, appointment_id))["meetLink"]
    await as_admin.delete(path(appointment_id))
    await as_admin.put(f"/appointments/{appointment_id}", {"notes": "calls himself"})
    await as_admin.patch(f"/appointments/{appointment_id}/reschedule", {"appointmentTime": "11:00"})
    await as_admin.patch(f"/appointments/{appointment_id}/reschedule", {"appointmentTime": "10:00"})
    await outpatient.worker.run_once()
    assert (await shown(as_admin, appointment_id))["meetLink"] is None

    answer = await as_admin.post("/video/generate-meet-link", {"appointmentId": appointment_id})

    assert answer.json()["data"]["meetLink"] not in (before, None)


async def test_who_may(make, hospital, book_online):
    appointment_id = await book_online()
    may = await make.who_may(hospital, lambda persona: persona.delete(path(appointment_id)))
    assert may == {"ADMIN", "MANAGER", "CENTRE_MANAGER"}


async def test_what_one_may_not_see_is_not_there(as_admin, as_stranger, make, hospital, book_online, outpatient):
    appointment_id = await book_online()
    await outpatient.worker.run_once()
    far = await make.staff(hospital, "CENTRE_MANAGER", centre_id=await make.centre(hospital))
    for persona in (as_stranger, far):
        assert (await persona.delete(path(appointment_id))).status_code == 404
    assert (await shown(as_admin, appointment_id))["meetLink"] is not None
