"""`PATCH /users/{id}/toggle-active`."""

import pytest

pytestmark = pytest.mark.anyio


async def toggle(persona, user_id):
    return await persona.patch(f"/users/{user_id}/toggle-active")


async def test_disabling_works_on_the_very_next_request(as_admin, as_front_desk):
    assert (await as_front_desk.get("/auth/me")).status_code == 200

    answer = await toggle(as_admin, as_front_desk.user_id)

    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["isActive"] is False
    assert (await as_front_desk.get("/auth/me")).status_code == 401
    assert (await as_admin.get(f"/users/{as_front_desk.user_id}")).json()["data"]["isActive"] is False


async def test_somebody_enabled_again_signs_in_again(as_admin, hire, sign_in):
    made = await hire()
    token = (await sign_in(made)).json()["data"]["accessToken"]

    await toggle(as_admin, made["id"])
    assert (await sign_in(made)).status_code == 401
    assert (await toggle(as_admin, made["id"])).json()["data"]["isActive"] is True

    assert (await sign_in(made)).status_code == 200
    old = await as_admin.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert old.status_code == 401


async def test_a_disabled_clinician_cannot_be_booked_until_enabled(as_admin, as_clinician, as_patient):
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "10:00"}

    await toggle(as_admin, as_clinician.user_id)
    assert (await as_patient.post("/appointments", wish)).status_code == 404

    await toggle(as_admin, as_clinician.user_id)
    assert (await as_patient.post("/appointments", wish)).status_code == 201


async def test_a_clinician_with_patients_to_come_stays_enabled(as_admin, as_clinician, as_patient):
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "10:00"}
    await as_patient.post("/appointments", wish)

    refused = await toggle(as_admin, as_clinician.user_id)

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "CLINICIAN_IN_USE"
    assert (await as_clinician.get("/auth/me")).status_code == 200


async def test_a_manager_toggles_those_below_him_only(as_manager, as_admin, as_front_desk, make, hospital):
    fellow = await make.staff(hospital, "MANAGER")

    assert (await toggle(as_manager, as_front_desk.user_id)).status_code == 200
    assert (await toggle(as_manager, fellow.user_id)).status_code == 403
    assert (await toggle(as_manager, as_admin.user_id)).status_code == 403
    assert (await toggle(as_manager, as_manager.user_id)).status_code == 403


async def test_nobody_disables_himself_nor_the_last_admin(as_admin, make, hospital):
    last = await toggle(as_admin, as_admin.user_id)
    assert (last.status_code, last.json()["error"]["code"]) == (409, "LAST_ADMIN")

    fellow = await make.staff(hospital, "ADMIN")
    assert (await toggle(as_admin, as_admin.user_id)).status_code == 403
    assert (await toggle(as_admin, fellow.user_id)).status_code == 200


async def test_another_hospital_still_lets_him_in(as_admin, as_stranger, hire, sign_in):
    made = await hire("MANAGER")
    await as_stranger.post("/users/managers", {"fullName": "x", "phone": made["phone"]})

    await toggle(as_admin, made["id"])

    assert (await as_stranger.get(f"/users/{made['id']}")).json()["data"]["isActive"] is True
    session = await sign_in(made)
    assert session.json()["data"]["user"]["hospitalId"] == as_stranger.hospital_id


async def test_only_admins_and_managers_toggle_staff(make, hospital, as_front_desk):
    assert await make.who_may(hospital, lambda persona: toggle(persona, as_front_desk.user_id)) == {"ADMIN", "MANAGER"}


async def test_another_hospitals_staff_are_not_there(as_stranger, as_front_desk):
    assert (await toggle(as_stranger, as_front_desk.user_id)).status_code == 404
    assert (await as_front_desk.get("/auth/me")).status_code == 200
