"""What happened to an appointment: `GET /appointments/{id}/history`."""

import pytest

from tests.appointments.wishes import booked

pytestmark = pytest.mark.anyio


async def test_the_history_says_what_happened_and_who_did_it(as_patient, as_manager, as_clinician, hospital):
    made = await booked(as_patient, as_clinician)
    path = f"/appointments/{made['id']}"
    await as_patient.patch(f"{path}/reschedule", {"appointmentTime": "11:00"})
    await as_manager.patch(f"{path}/confirm")
    await as_manager.put(path, {"notes": "Called"})
    await as_manager.delete(path, {"reason": "Ill"})

    history = (await as_manager.get(f"{path}/history")).json()["data"]

    assert [(entry["event"], entry["by"]) for entry in history] == [
        ("appointment.created", "Asha Rao"),
        ("appointment.rescheduled", "Asha Rao"),
        ("appointment.confirmed", "Manager"),
        ("appointment.updated", "Manager"),
        ("appointment.cancelled", "Manager"),
    ]
    whose = {
        "patientId": as_patient.patient_id,
        "clinicianId": as_clinician.clinician_id,
        "centreId": hospital.centre_id,
    }
    assert history[0]["details"] == {
        **whose,
        "bookingType": "TIME_SLOT",
        "startsAt": "2026-03-03T04:30:00Z",
        "serviceOn": "2026-03-03",
        "expiresAt": None,
    }
    assert history[1]["details"]["wasAt"] == "2026-03-03T04:30:00Z"
    assert history[1]["details"]["startsAt"] == "2026-03-03T05:30:00Z"
    assert history[3]["details"] == {**whose, "fields": ["notes"]}
    assert history[4]["details"] == {
        **whose,
        "was": "CONFIRMED",
        "cancelledBy": "STAFF",
        "reason": "Ill",
        "wasHold": False,
    }
    assert {entry["at"] for entry in history} == {"2026-03-02T03:30:00Z"}


async def test_nobody_reads_the_history_of_what_he_may_not_see(as_patient, as_clinician, as_stranger, make, hospital):
    made = await booked(await make.patient(hospital, "Other"), as_clinician)
    for persona in (as_patient, as_stranger):
        assert (await persona.get(f"/appointments/{made['id']}/history")).status_code == 404
