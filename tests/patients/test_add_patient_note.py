"""Writing a note on a patient: `POST /patients/{id}/notes`."""

import pytest

pytestmark = pytest.mark.anyio

NOTE = {"note": "Patient shows improvement in anxiety symptoms"}


@pytest.fixture
async def booked(as_patient, as_clinician) -> int:
    """An appointment of the patient with the clinician."""
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "10:00:00"}
    return (await as_patient.post("/appointments", wish)).json()["data"]["id"]


async def test_a_clinician_adds_a_note_about_an_appointment(as_clinician, as_patient, booked, audited):
    path = f"/patients/{as_patient.patient_id}/notes"

    answer = await as_clinician.post(path, NOTE | {"appointmentId": booked})

    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    assert made == {
        "id": made["id"],
        "patientId": as_patient.patient_id,
        "appointmentId": booked,
        "note": NOTE["note"],
        "authorId": as_clinician.user_id,
        "authorName": "Clinician",
        "createdAt": "2026-03-02T03:30:00Z",
    }
    assert (await as_clinician.get(path)).json()["data"] == [made]
    assert await audited(as_patient.patient_id) == [
        ("patient.note_added", as_clinician.user_id),
        ("patient.notes_read", as_clinician.user_id),
    ]


async def test_the_appointment_may_be_left_out(as_clinician, as_patient):
    answer = await as_clinician.post(f"/patients/{as_patient.patient_id}/notes", NOTE)

    assert answer.status_code == 201
    assert answer.json()["data"]["appointmentId"] is None


async def test_the_appointment_must_be_this_patients(as_clinician, make, hospital, booked, audited):
    other = await make.record(hospital)

    refused = await as_clinician.post(f"/patients/{other}/notes", NOTE | {"appointmentId": booked})

    assert refused.status_code == 404
    assert refused.json()["error"]["message"] == "Appointment not found"
    unknown = await as_clinician.post(f"/patients/{other}/notes", NOTE | {"appointmentId": 2**53 - 1})
    assert unknown.status_code == 404
    assert await audited(other) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "note"),
        ({"note": " "}, "note"),
        ({"note": "x" * 10_001}, "note"),
        (NOTE | {"appointmentId": 0}, "appointmentId"),
    ],
)
async def test_bad_input_is_refused_by_field(as_clinician, as_patient, body, field):
    refused = await as_clinician.post(f"/patients/{as_patient.patient_id}/notes", body)

    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == [field]


async def test_who_may_add(answers_by_role, make, hospital):
    record = await make.record(hospital)

    assert await answers_by_role("POST", f"/patients/{record}/notes", NOTE) == {
        "NOBODY": 401,
        "STRANGER": 404,
        "PATIENT": 403,
        "ADMIN": 201,
        "MANAGER": 403,
        "CENTRE_MANAGER": 403,
        "CARE_COORDINATOR": 403,
        "FRONT_DESK": 403,
        "CLINICIAN": 201,
    }
