"""PUT /video/appointment/{id}/meet-link: an address that staff typed in."""

import pytest

from outpatient.models import StoredEvent, VideoLink
from tests.appointments.wishes import booked, code_of, count, details_of, one, shown
from tests.video.test_get_link import path

pytestmark = pytest.mark.anyio

LINK = "https://meet.google.com/new-link-xyz"


async def put(persona, appointment_id: int, link: object = LINK):
    return await persona.put(path(appointment_id), {"meetLink": link})


async def test_it_takes_the_place_of_the_meeting_which_is_ended(with_google, google, as_manager, book_online):
    appointment_id = await book_online()
    await with_google.program.worker.run_once()
    (event,) = google.standing

    answer = await put(with_google.seen_by(as_manager), appointment_id)

    assert answer.status_code == 200, answer.text
    assert answer.json()["data"] == {"meetLink": LINK, "provider": "google_meet"}
    assert (await shown(as_manager, appointment_id))["meetLink"] == LINK
    assert google.standing == [event]  # nobody is called before the commit
    await with_google.program.worker.run_once()
    assert google.standing == []
    assert (await as_manager.get(path(appointment_id))).json()["data"]["meetLink"] == LINK


async def test_where_there_was_none_it_is_the_first(as_manager, book_online, outpatient):
    appointment_id = await book_online(is_confirmed=False)
    assert (await put(as_manager, appointment_id, "https://clinic.zoom.us/j/12?pwd=a.b%20c#x")).status_code == 200
    link = await one(outpatient, VideoLink, appointment_id=appointment_id)
    assert (link.provider, link.event_id, link.created_by) == ("other", None, as_manager.user_id)
    answer = await as_manager.post("/video/generate-meet-link", {"appointmentId": appointment_id})
    assert answer.json()["data"] == {"meetLink": link.url, "eventId": None, "provider": "other"}


async def test_the_same_again_changes_nothing(as_manager, book_online, outpatient):
    appointment_id = await book_online()
    await outpatient.worker.run_once()
    for _ in range(2):
        assert (await put(as_manager, appointment_id)).json()["data"]["meetLink"] == LINK
    assert await count(outpatient, StoredEvent, subject_id=appointment_id, name="video.link_changed") == 1


async def test_it_stays_when_the_provider_is_slower(interrupted, as_admin, as_manager, book_online):
    appointment_id = await book_online()
    interrupted.video.meanwhile.append(lambda: put(as_manager, appointment_id))
    await interrupted.program.worker.run_once()
    assert (await shown(as_admin, appointment_id))["meetLink"] == LINK
    assert interrupted.video.ended == interrupted.video.made


async def test_who_may(make, hospital, book_online):
    appointment_id = await book_online()
    may = await make.who_may(hospital, lambda persona: put(persona, appointment_id))
    assert may == {"ADMIN", "MANAGER", "CENTRE_MANAGER"}


async def test_what_one_may_not_see_is_not_there(as_stranger, make, hospital, book_online):
    appointment_id = await book_online()
    far = await make.staff(hospital, "CENTRE_MANAGER", centre_id=await make.centre(hospital))
    for persona in (as_stranger, far):
        assert (await put(persona, appointment_id)).status_code == 404


async def test_what_has_no_use_for_it_is_refused(as_admin, as_patient, as_clinician, book_online):
    in_person = await booked(as_patient, as_clinician, "12:00")
    answer = await put(as_admin, in_person["id"])
    assert (answer.status_code, code_of(answer)) == (409, "NOT_ONLINE")
    cancelled = await book_online()
    await as_admin.patch(f"/appointments/{cancelled}/cancel")
    answer = await put(as_admin, cancelled)
    assert (answer.status_code, code_of(answer)) == (409, "APPOINTMENT_OVER")


@pytest.mark.parametrize(
    "link",
    [
        *(None, 7, "", "x", "https://meet.example/" + "x" * 480, "https://meet.example/a\x00b"),
        *("http://meet.google.com/a", "javascript:alert(1)", "data:text/html,x", "//meet.google.com/a"),
    ],
)
async def test_what_is_no_good_address_is_named(as_admin, book_online, link):
    assert list(details_of(await put(as_admin, await book_online(), link))) == ["meetLink"]
