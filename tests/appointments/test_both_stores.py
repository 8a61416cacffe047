"""The same day's work on SQLite and on PostgreSQL leaves the same rows in every table."""

import pytest

from tests.appointments.wishes import TUESDAY, wish
from tests.stories import Story, tell_on_both

pytestmark = pytest.mark.anyio


async def _tell(story: Story) -> None:
    """The day: bookings of all kinds, refusals, moves, cancellations, an expired hold."""
    make, step = story.make, story.step
    hospital = await make.hospital(daily_patient_limit=6, buffer_minutes=0, cancellation_notice_minutes=30)
    admin = await make.staff(hospital, "ADMIN")
    desk = await make.staff(hospital, "FRONT_DESK", centre_id=hospital.centre_id)
    doctor = await make.clinician(hospital)
    asha, ravi = await make.patient(hospital), await make.patient(hospital, "Ravi Kumar")
    key = {"Idempotency-Key": "story-1"}
    first = await step(asha, "POST", "/appointments", wish(doctor, notes="Cough"), headers=key)
    await step(asha, "POST", "/appointments", wish(doctor, notes="Cough"), headers=key)
    await step(asha, "POST", "/appointments", wish(doctor, "11:00"), headers=key)
    await step(ravi, "POST", "/appointments", wish(doctor))
    second = await step(desk, "POST", "/appointments", wish(doctor, "11:00", patientId=ravi.patient_id))
    caller = {"patientPhone": "+919800000001", "patientName": "Jane Smith"}
    await step(desk, "POST", "/booking/front-desk", wish(doctor, "11:30", **caller))
    held = await step(asha, "POST", "/booking/create", wish(doctor, "12:00", sessionType="ONLINE"))
    await step(ravi, "POST", "/booking/create", wish(doctor, "12:30"))
    token = await step(ravi, "POST", "/appointments", wish(doctor, None, bookingType="TOKEN"))
    await step(asha, "POST", "/appointments", wish(doctor, None, bookingType="TOKEN"))
    await step(desk, "POST", "/appointments", wish(doctor, "15:00", patientId=asha.patient_id))
    await step(ravi, "POST", "/appointments", wish(doctor, "02:00"))
    await step(asha, "PATCH", f"/appointments/{first['id']}/reschedule", {"appointmentTime": "11:00"})
    await step(asha, "PATCH", f"/appointments/{first['id']}/reschedule", {"appointmentTime": "09:30"})
    await step(ravi, "PATCH", f"/appointments/{token['id']}/reschedule", {"appointmentDate": "2026-03-04"})
    await step(admin, "PUT", f"/appointments/{first['id']}", {"consultationFee": 1200, "notes": None})
    await step(asha, "PATCH", f"/appointments/{held['appointmentId']}/confirm")
    await step(ravi, "PATCH", f"/appointments/{second['id']}/confirm")
    await step(doctor, "PATCH", f"/appointments/{second['id']}/complete")
    await step(desk, "DELETE", f"/appointments/{first['id']}", {"reason": "Ill"})
    await step(desk, "DELETE", f"/appointments/{first['id']}")
    await story.program.worker.run_once()
    story.clock.advance(minutes=14)
    await step(asha, "POST", f"/booking/{held['appointmentId']}/cancel", {"reason": "Later"})
    story.clock.advance(minutes=2)
    await story.program.worker.run_once()


async def test_both_stores_tell_the_same_story(both_stores, tmp_path, monkeypatch):
    told = await tell_on_both(both_stores, tmp_path, monkeypatch, _tell)

    assert [status for status, _ in told.answers].count(201) >= 8, told.answers
    assert len(told.rows["appointments"]) == 7
    assert TUESDAY in {str(row["service_on"]) for row in told.rows["appointments"]}
    assert len(told.sent) == len(told.rows["notifications"]) >= 5
