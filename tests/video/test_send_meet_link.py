"""Where to meet is told once: with the confirmation, or when the link comes after it."""

from datetime import UTC, datetime

import pytest

from tests.appointments.wishes import Elsewhere, later
from tests.notifications.carriers import rows_of
from tests.notifications.test_appointment_messages import messages_to, told
from tests.notifications.test_relay import refusing
from tests.video.test_get_link import path
from tests.video.test_make_meeting import deliveries, link_of

pytestmark = pytest.mark.anyio

NEW = "https://clinic.zoom.us/j/1"
CONFIRMED, LINK = "APPOINTMENT_CONFIRMATION", "APPOINTMENT_MEET_LINK"


async def test_the_confirmation_carries_it_and_nothing_follows(outpatient, as_admin, as_patient, book_online):
    appointment_id = await book_online()
    kinds = await told(outpatient, as_patient.phone)
    assert kinds[-1] == CONFIRMED
    assert LINK not in kinds
    last = messages_to(outpatient, as_patient.phone)[-1]["body"]
    assert last.endswith(f"online, is confirmed. Join here: {await link_of(as_admin, appointment_id)}")


async def test_a_link_that_comes_later_is_told_then_and_once(
    outpatient, with_google, google, as_admin, as_patient, book_online, clock
):
    google.is_down = True
    appointment_id = await book_online()
    await with_google.program.worker.run_once()
    before = messages_to(outpatient, as_patient.phone)
    assert before[-1]["body"].endswith("online, is confirmed.")

    google.is_down = False
    for _ in range(3):
        clock.advance(seconds=5)
        await with_google.program.worker.run_once()

    (message,) = messages_to(outpatient, as_patient.phone)[len(before) :]
    assert message["template"] == LINK
    assert message["body"] == (
        "Dear Asha Rao, your online appointment with Clinician on Tuesday 3 March 2026 at 10:00 am has its link now. "
        f"Join here: {google.standing[0]['hangoutLink']}"
    )
    (done,) = await deliveries(outpatient, appointment_id, "send_meet_link")
    assert done.status == "DONE"


async def test_another_link_is_told_as_another(outpatient, as_admin, as_patient, book_online):
    appointment_id = await book_online()
    await told(outpatient, as_patient.phone)
    await as_admin.put(path(appointment_id), {"meetLink": NEW})
    kinds = await told(outpatient, as_patient.phone)
    assert kinds.count(LINK) == 1
    body = messages_to(outpatient, as_patient.phone)[-1]["body"]
    assert body.endswith(f"has a new link, please use no earlier one. Join here: {NEW}")


async def test_of_two_changes_the_last_is_told(outpatient, as_admin, as_patient, book_online):
    appointment_id = await book_online()
    await told(outpatient, as_patient.phone)
    for link in ("https://clinic.zoom.us/j/0", NEW):
        await as_admin.put(path(appointment_id), {"meetLink": link})
    assert (await told(outpatient, as_patient.phone)).count(LINK) == 1
    assert messages_to(outpatient, as_patient.phone)[-1]["body"].endswith(NEW)


async def test_who_has_not_confirmed_is_told_with_his_confirmation(outpatient, as_admin, as_patient, book_online):
    appointment_id = await book_online(is_confirmed=False)
    await told(outpatient, as_patient.phone)
    await as_admin.put(path(appointment_id), {"meetLink": NEW})
    before = await told(outpatient, as_patient.phone)
    assert LINK not in before
    await as_admin.patch(f"/appointments/{appointment_id}/confirm")
    after = await told(outpatient, as_patient.phone)
    assert after == [*before, CONFIRMED]
    assert messages_to(outpatient, as_patient.phone)[-1]["body"].endswith(NEW)


async def test_a_new_time_tells_it_again_and_nothing_follows(outpatient, as_admin, as_patient, book_online):
    appointment_id = await book_online()
    await told(outpatient, as_patient.phone)
    await as_admin.patch(f"/appointments/{appointment_id}/reschedule", {"appointmentTime": "15:00"})
    kinds = await told(outpatient, as_patient.phone)
    assert (kinds[-1], LINK in kinds) == ("APPOINTMENT_RESCHEDULED", False)
    assert messages_to(outpatient, as_patient.phone)[-1]["body"].endswith(await link_of(as_admin, appointment_id))


async def test_while_the_confirmation_is_under_way_it_waits(outpatient, as_admin, as_patient, book_online, clock):
    """Two workers: one is about to send the confirmation, the other has the link's own message in hand."""
    await outpatient.worker.run_once()
    appointment_id = await book_online()
    async with Elsewhere(outpatient, messages=refusing(outpatient, as_patient.phone)) as elsewhere:
        await elsewhere.program.worker.run_once()
    (waiting,) = await deliveries(outpatient, appointment_id, "send_meet_link")
    assert (waiting.status, waiting.attempts) == ("PENDING", 1)
    assert "under way" in waiting.last_error

    clock.advance(minutes=1)
    kinds = await told(outpatient, as_patient.phone)

    assert CONFIRMED in kinds
    assert LINK not in kinds
    (done,) = await deliveries(outpatient, appointment_id, "send_meet_link")
    assert done.status == "DONE"


async def test_when_the_confirmation_is_parked_it_goes_alone(outpatient, as_admin, as_patient, book_online, clock):
    await outpatient.worker.run_once()
    appointment_id = await book_online()
    refuses = refusing(outpatient, as_patient.phone, permanently=True)
    async with Elsewhere(outpatient, messages=refuses) as elsewhere:
        await elsewhere.program.worker.run_once()
    (parked,) = await deliveries(outpatient, appointment_id, "send_confirmation")
    assert parked.status == "PARKED"
    failed = await rows_of(outpatient, appointment_id=appointment_id, notification_type=LINK)
    assert (await as_admin.post(f"/notifications/{failed[0].id}/retry")).status_code == 200
    assert await told(outpatient, as_patient.phone) == [LINK]


@pytest.mark.parametrize("why", ["cancelled", "in person", "removed", "over"])
async def test_nothing_is_said_of_a_link_that_nobody_needs(outpatient, as_admin, as_patient, book_online, clock, why):
    appointment_id = await book_online()
    await told(outpatient, as_patient.phone)
    await as_admin.put(path(appointment_id), {"meetLink": NEW})
    if why == "cancelled":
        await as_admin.patch(f"/appointments/{appointment_id}/cancel")
    elif why == "in person":
        await as_admin.put(f"/appointments/{appointment_id}", {"sessionType": "IN_PERSON"})
    elif why == "removed":
        await as_admin.delete(path(appointment_id))
    else:
        clock.advance(days=2)
    assert LINK not in await told(outpatient, as_patient.phone)


async def test_during_the_appointment_a_new_link_is_told(outpatient, as_admin, as_patient, book_online, clock):
    appointment_id = await book_online()
    await told(outpatient, as_patient.phone)
    gap = datetime(2026, 3, 3, 4, 35, tzinfo=UTC) - clock.now()
    await later(clock, as_admin, seconds=gap.total_seconds())
    await as_admin.put(path(appointment_id), {"meetLink": NEW})
    assert (await told(outpatient, as_patient.phone))[-1] == LINK
