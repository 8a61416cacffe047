"""`DELETE /clinicians/{id}`: he sees patients here no more, what he did stays."""

import anyio
import pytest

from tests.makers import new_phone

pytestmark = pytest.mark.anyio


async def test_a_deleted_clinician_is_gone_and_signed_out(as_admin, as_nobody, as_clinician):
    path = f"/clinicians/{as_clinician.clinician_id}"
    assert (await as_clinician.get("/auth/me")).status_code == 200

    answer = await as_admin.delete(path)

    assert answer.status_code == 200, answer.text
    assert answer.json()["success"] is True
    assert (await as_nobody.get(path)).status_code == 404
    assert (await as_nobody.get("/clinicians")).json()["data"] == []
    assert (await as_clinician.get("/auth/me")).status_code == 401
    assert (await as_admin.get(f"/users/{as_clinician.user_id}")).status_code == 404
    assert (await as_admin.delete(path)).status_code == 404


async def test_he_cannot_be_booked_and_past_appointments_stay(make, hospital, as_clinician, book, clock):
    kept = (await book(as_clinician.clinician_id)).json()["data"]["id"]
    clock.advance(days=2)
    as_admin, as_patient = await make.staff(hospital, "ADMIN"), await make.patient(hospital)

    assert (await as_admin.delete(f"/clinicians/{as_clinician.clinician_id}")).status_code == 200

    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-06", "appointmentTime": "10:00"}
    assert (await as_patient.post("/appointments", wish)).status_code == 404
    seen = await as_admin.get(f"/appointments/{kept}")
    assert seen.json()["data"]["clinicianName"] == "Clinician"


async def test_patients_to_come_must_be_moved_or_cancelled_first(as_admin, as_clinician, book):
    await book(as_clinician.clinician_id)

    refused = await as_admin.delete(f"/clinicians/{as_clinician.clinician_id}")

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "CLINICIAN_IN_USE"
    assert refused.json()["error"]["message"].startswith("1 appointment is still to come")
    assert (await as_clinician.get("/auth/me")).status_code == 200


async def test_a_booking_at_the_same_moment_never_ends_with_a_deleted_clinician(as_admin, as_clinician, book):
    answers = {}

    async def delete():
        answers["delete"] = (await as_admin.delete(f"/clinicians/{as_clinician.clinician_id}")).status_code

    async def patient():
        answers["book"] = (await book(as_clinician.clinician_id)).status_code

    async with anyio.create_task_group() as group:
        group.start_soon(patient)
        group.start_soon(delete)

    assert (answers["delete"], answers["book"]) in {(200, 404), (409, 201)}


async def test_a_centre_manager_deletes_those_of_his_centre(as_centre_manager, as_clinician, at_another_centre):
    assert (await as_centre_manager.delete(f"/clinicians/{at_another_centre.clinician_id}")).status_code == 404
    assert (await as_centre_manager.delete(f"/clinicians/{as_clinician.clinician_id}")).status_code == 200


@pytest.mark.parametrize("role", ["CARE_COORDINATOR", "FRONT_DESK", "CLINICIAN"])
async def test_others_delete_nobody(make, hospital, as_clinician, role):
    persona = await make.staff(hospital, role, centre_id=hospital.centre_id)

    assert (await persona.delete(f"/clinicians/{as_clinician.clinician_id}")).status_code == 403


async def test_managers_do_and_patients_and_strangers_do_not(
    as_manager, as_patient, as_nobody, as_stranger, as_clinician
):
    path = f"/clinicians/{as_clinician.clinician_id}"

    assert (await as_patient.delete(path)).status_code == 403
    assert (await as_nobody.delete(path)).status_code == 401
    assert (await as_stranger.delete(path)).status_code == 404
    assert (await as_manager.delete(path)).status_code == 200


async def test_a_clinician_whose_patients_wait_stays(as_admin, as_front_desk, make, hospital):
    doctor = await make.clinician(hospital)
    walk_in = {"patient": {"fullName": "Ravi Kumar", "phone": new_phone()}, "doctorId": doctor.clinician_id}
    assert (await as_front_desk.post("/visits", walk_in)).status_code == 201

    refused = await as_admin.delete(f"/clinicians/{doctor.clinician_id}")

    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (409, "CLINICIAN_IN_USE")
    assert error["message"].startswith("1 patient is in the house")
    assert error["details"] == {"appointments": 0, "patients": 1}
