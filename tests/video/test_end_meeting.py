"""A meeting ends with its appointment: the address at once, the meeting after it."""

import pytest

from outpatient.models import StoredEvent
from tests.appointments.wishes import booked, count, later, shown
from tests.video.test_make_meeting import link_of

pytestmark = pytest.mark.anyio


async def test_cancelling_ends_it(with_google, google, as_patient, as_admin, book_online, outpatient):
    appointment_id = await book_online()
    await with_google.program.worker.run_once()
    answer = await as_patient.patch(f"/appointments/{appointment_id}/cancel")
    assert answer.json()["data"]["meetLink"] is None
    assert len(google.standing) == 1
    await with_google.program.worker.run_once()
    assert google.standing == []
    assert await count(outpatient, StoredEvent, subject_id=appointment_id, name="video.link_removed") == 1


async def test_time_off_ends_those_in_it(with_google, google, as_admin, as_clinician, book_online):
    appointment_id = await book_online()
    await with_google.program.worker.run_once()
    body = {"start": "2026-03-03T09:00:00+05:30", "end": "2026-03-03T12:00:00+05:30", "cancelAppointments": True}
    answer = await as_admin.post(f"/clinicians/{as_clinician.clinician_id}/time-off", body)
    assert answer.status_code in (200, 201), answer.text
    await with_google.program.worker.run_once()
    assert await link_of(as_admin, appointment_id) is None
    assert google.standing == []


async def test_it_is_ended_again_and_again_until_google_hears_it(with_google, google, as_admin, book_online, clock):
    appointment_id = await book_online()
    await with_google.program.worker.run_once()
    google.dies_after = "DELETE"
    await as_admin.patch(f"/appointments/{appointment_id}/cancel")
    await with_google.program.worker.run_once()
    clock.advance(seconds=5)
    await with_google.program.worker.run_once()
    assert google.standing == []
    assert google.asked("DELETE") == 2


@pytest.mark.parametrize("end", ["COMPLETED", "NO_SHOW"])
async def test_what_took_place_keeps_its_address(outpatient, as_admin, as_patient, as_clinician, clock, end):
    made = await booked(as_patient, as_clinician, "09:30", day="2026-03-02", sessionType="ONLINE")
    await as_admin.patch(f"/appointments/{made['id']}/confirm")
    await outpatient.worker.run_once()
    await later(clock, as_admin, minutes=40)
    answer = await as_admin.put(f"/appointments/{made['id']}", {"status": end})
    assert answer.status_code == 200, answer.text
    assert (await shown(as_admin, made["id"]))["meetLink"] is not None


async def test_what_had_no_address_needs_no_call(with_google, google, as_admin, as_patient, as_clinician):
    made = await booked(as_patient, as_clinician)
    await as_admin.patch(f"/appointments/{made['id']}/cancel")
    await with_google.program.worker.run_once()
    assert google.calls == []
