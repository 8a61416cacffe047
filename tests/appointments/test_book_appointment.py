"""Booking a time slot: `POST /appointments`."""

import pytest

pytestmark = pytest.mark.anyio

TEN = {"appointmentDate": "2026-03-03", "appointmentTime": "10:00:00"}


async def test_a_patient_books_a_free_slot(as_patient, as_clinician):
    answer = await as_patient.post("/appointments", {"clinicianId": as_clinician.clinician_id, **TEN, "notes": "Cough"})

    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    assert made["appointmentDate"] == "2026-03-03"
    assert made["appointmentTime"] == "10:00:00"
    assert made["start"] == "2026-03-03T04:30:00Z"
    assert made["status"] == "PENDING"
    assert made["paymentLink"].startswith("http")
    seen = (await as_patient.get(f"/appointments/{made['id']}")).json()["data"]
    assert seen["patientId"] == as_patient.patient_id
    assert seen["consultationFee"] == 1500
    assert seen["notes"] == "Cough"


async def test_a_taken_slot_is_refused_with_the_nearest_free_ones(as_patient, as_clinician, make, hospital):
    wish = {"clinicianId": as_clinician.clinician_id, **TEN}
    assert (await as_patient.post("/appointments", wish)).status_code == 201
    other = await make.patient(hospital, "Second Patient")

    refused = await other.post("/appointments", wish)

    assert refused.status_code == 409
    error = refused.json()["error"]
    assert error["code"] == "SLOT_UNAVAILABLE"
    times = [slot["appointmentTime"] for slot in error["details"]["nearestSlots"]]
    assert times == ["09:00:00", "09:30:00", "10:30:00", "11:00:00", "11:30:00"]
