"""`GET /users/{id}`."""

import pytest

pytestmark = pytest.mark.anyio


async def test_one_member_of_staff_is_shown(as_admin, hire, hospital):
    made = await hire("CENTRE_MANAGER")

    answer = await as_admin.get(f"/users/{made['id']}")

    assert answer.status_code == 200, answer.text
    seen = answer.json()["data"]
    assert seen["fullName"] == made["fullName"]
    assert (seen["roleId"], seen["roleName"]) == (4, "CENTRE_MANAGER")
    assert (seen["centreId"], seen["centreIds"]) == (hospital.centre_id, [hospital.centre_id])
    assert not any("password" in key.lower() for key in seen)


async def test_only_admins_look_at_staff(make, hospital, as_manager):
    assert await make.who_may(hospital, lambda persona: persona.get(f"/users/{as_manager.user_id}")) == {"ADMIN"}


async def test_another_hospitals_staff_and_patients_are_not_there(as_admin, as_stranger, as_patient):
    assert (await as_admin.get(f"/users/{as_stranger.user_id}")).status_code == 404
    assert (await as_stranger.get(f"/users/{as_admin.user_id}")).status_code == 404
    assert (await as_admin.get(f"/users/{as_patient.user_id}")).status_code == 404


@pytest.mark.parametrize("user_id", [0, 2**53, 10**30])
async def test_an_id_that_no_user_can_have_is_refused(as_admin, user_id):
    assert (await as_admin.get(f"/users/{user_id}")).status_code in {400, 404}
