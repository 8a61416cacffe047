"""One patient's appointments: `GET /patients/{id}/appointments`."""

import pytest

pytestmark = pytest.mark.anyio


def wish(clinician, at: str) -> dict:
    return {"clinicianId": clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": at}


async def test_an_appointment_has_the_keys_of_the_seed(as_patient, as_clinician, as_front_desk):
    made = (await as_patient.post("/appointments", wish(as_clinician, "10:00:00"))).json()["data"]

    answer = await as_front_desk.get(f"/patients/{as_patient.patient_id}/appointments")

    assert answer.status_code == 200
    [shown] = answer.json()["data"]
    expected = {
        "id": made["id"],
        "clinicianName": "Clinician",
        "appointmentDate": "2026-03-03",
        "appointmentTime": "10:00:00",
        "status": "PENDING",
        "sessionType": "IN_PERSON",
    }
    assert {key: shown[key] for key in expected} == expected
    assert answer.json()["meta"] == {"page": 1, "limit": 20, "total": 1, "totalPages": 1}


async def test_the_status_is_the_present_one(as_patient, as_clinician, as_front_desk):
    made = (await as_patient.post("/appointments", wish(as_clinician, "10:00:00"))).json()["data"]
    await as_front_desk.delete(f"/appointments/{made['id']}")

    shown = (await as_front_desk.get(f"/patients/{as_patient.patient_id}/appointments")).json()["data"]

    assert [one["status"] for one in shown] == ["CANCELLED"]


async def test_the_latest_comes_first_and_no_other_patients(as_patient, as_clinician, as_front_desk, make, hospital):
    other = await make.patient(hospital, "Somebody Else")
    await other.post("/appointments", wish(as_clinician, "09:00:00"))
    for at in ("10:00:00", "11:00:00"):
        await as_patient.post("/appointments", wish(as_clinician, at))

    shown = (await as_front_desk.get(f"/patients/{as_patient.patient_id}/appointments")).json()["data"]

    assert [one["appointmentTime"] for one in shown] == ["11:00:00", "10:00:00"]
    assert {one["patientId"] for one in shown} == {as_patient.patient_id}


async def test_a_clinician_sees_his_own_only(as_patient, as_clinician, make, hospital):
    colleague = await make.clinician(hospital)
    await as_patient.post("/appointments", wish(as_clinician, "10:00:00"))
    await as_patient.post("/appointments", wish(colleague, "11:00:00"))
    path = f"/patients/{as_patient.patient_id}/appointments"

    assert [one["appointmentTime"] for one in (await as_clinician.get(path)).json()["data"]] == ["10:00:00"]
    assert [one["appointmentTime"] for one in (await colleague.get(path)).json()["data"]] == ["11:00:00"]


async def test_the_desk_of_another_centre_does_not_see_them(as_patient, as_clinician, make, hospital):
    await as_patient.post("/appointments", wish(as_clinician, "10:00:00"))
    elsewhere = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))

    answer = await elsewhere.get(f"/patients/{as_patient.patient_id}/appointments")

    assert answer.status_code == 200
    assert answer.json()["data"] == []


async def test_who_may_look(answers_by_role, as_patient):
    assert await answers_by_role("GET", f"/patients/{as_patient.patient_id}/appointments") == {
        "NOBODY": 401,
        "STRANGER": 404,
        "PATIENT": 403,
        "ADMIN": 200,
        "MANAGER": 200,
        "CENTRE_MANAGER": 200,
        "CARE_COORDINATOR": 200,
        "FRONT_DESK": 200,
        "CLINICIAN": 200,
    }
