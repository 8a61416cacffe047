"""`DELETE /users/{id}`: the membership ends, the person stays."""

import anyio
import pytest

pytestmark = pytest.mark.anyio


async def test_somebody_who_left_is_out_at_once(as_admin, as_front_desk):
    path = f"/users/{as_front_desk.user_id}"
    assert (await as_front_desk.get("/auth/me")).status_code == 200

    answer = await as_admin.delete(path)

    assert answer.status_code == 200, answer.text
    assert answer.json()["success"] is True
    assert (await as_front_desk.get("/auth/me")).status_code == 401
    assert (await as_admin.get(path)).status_code == 404
    assert (await as_admin.delete(path)).status_code == 404


async def test_he_cannot_sign_in_again(as_admin, hire, sign_in):
    made = await hire()
    await as_admin.delete(f"/users/{made['id']}")

    assert (await sign_in(made)).status_code == 401


async def test_a_hospital_cannot_lock_a_person_out_of_another(as_admin, as_stranger, hire, sign_in):
    made = await hire("MANAGER")
    await as_stranger.post("/users/managers", {"fullName": "x", "phone": made["phone"]})

    assert (await as_admin.delete(f"/users/{made['id']}")).status_code == 200

    session = await sign_in(made)
    assert session.status_code == 200
    assert session.json()["data"]["user"]["hospitalId"] == as_stranger.hospital_id


async def test_a_clinician_who_leaves_sees_patients_no_more(as_admin, as_clinician):
    assert (await as_admin.get(f"/clinicians/{as_clinician.clinician_id}")).status_code == 200

    assert (await as_admin.delete(f"/users/{as_clinician.user_id}")).status_code == 200

    assert (await as_admin.get(f"/clinicians/{as_clinician.clinician_id}")).status_code == 404


async def test_a_clinician_with_patients_to_come_stays(as_admin, as_clinician, as_patient):
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "10:00"}
    assert (await as_patient.post("/appointments", wish)).status_code == 201

    refused = await as_admin.delete(f"/users/{as_clinician.user_id}")

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "CLINICIAN_IN_USE"
    assert (await as_clinician.get("/auth/me")).status_code == 200
    assert (await as_admin.get(f"/users/{as_clinician.user_id}")).json()["data"]["isActive"] is True


async def test_the_last_admin_stays(as_admin):
    refused = await as_admin.delete(f"/users/{as_admin.user_id}")

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "LAST_ADMIN"


async def test_an_admin_deletes_a_fellow_but_not_himself(as_admin, make, hospital):
    fellow = await make.staff(hospital, "ADMIN")

    assert (await as_admin.delete(f"/users/{as_admin.user_id}")).status_code == 403
    assert (await as_admin.delete(f"/users/{fellow.user_id}")).status_code == 200


async def test_two_admins_who_delete_each_other_leave_one(as_admin, make, hospital):
    other = await make.staff(hospital, "ADMIN")
    answers = []

    async def delete(persona, user_id):
        answers.append((await persona.delete(f"/users/{user_id}")).status_code)

    async with anyio.create_task_group() as group:
        group.start_soon(delete, as_admin, other.user_id)
        group.start_soon(delete, other, as_admin.user_id)

    assert answers.count(200) == 1
    assert set(answers) <= {200, 401, 409}


async def test_only_admins_delete_staff(make, hospital, hire):
    async def delete(persona):
        return await persona.delete(f"/users/{made['id']}")

    made = await hire()
    assert await make.who_may(hospital, delete) == {"ADMIN"}


async def test_another_hospitals_staff_are_not_there(as_stranger, as_front_desk):
    assert (await as_stranger.delete(f"/users/{as_front_desk.user_id}")).status_code == 404
    assert (await as_front_desk.get("/auth/me")).status_code == 200
