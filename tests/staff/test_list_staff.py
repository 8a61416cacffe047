"""`GET /users`."""

import pytest

pytestmark = pytest.mark.anyio


async def ids(persona, **params):
    answer = await persona.get("/users", params=params)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["data"]]


async def test_the_staff_of_the_hospital_are_listed_as_documented(as_admin, as_manager):
    answer = await as_admin.get("/users")

    assert answer.status_code == 200, answer.text
    assert answer.json()["success"] is True
    assert answer.json()["meta"] == {"page": 1, "limit": 20, "total": 2, "totalPages": 1}
    manager = next(row for row in answer.json()["data"] if row["id"] == as_manager.user_id)
    assert manager == {
        "id": as_manager.user_id,
        "fullName": "Manager",
        "phone": as_manager.phone,
        "email": as_manager.email,
        "username": as_manager.email.partition("@")[0],
        "roleId": 2,
        "roleName": "MANAGER",
        "centreId": None,
        "centreIds": [],
        "isActive": True,
        "createdAt": "2026-03-02T03:30:00Z",
    }


async def test_staff_are_filtered_by_role_and_centre(
    as_admin, as_manager, as_front_desk, as_centre_manager, as_clinician, make, hospital
):
    elsewhere = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))

    assert await ids(as_admin, roleId=2) == [as_manager.user_id]
    assert await ids(as_admin, roleId=3) == [as_clinician.user_id]
    assert await ids(as_admin, roleId=6) == [as_front_desk.user_id, elsewhere.user_id]
    assert await ids(as_admin, roleId=7) == []
    assert await ids(as_admin, centreId=hospital.centre_id) == [as_front_desk.user_id, as_centre_manager.user_id]
    assert await ids(as_admin, centreId=hospital.centre_id, roleId=6) == [as_front_desk.user_id]


async def test_staff_come_in_pages(as_admin, as_manager, as_front_desk):
    assert await ids(as_admin, page=1, limit=2) == [as_admin.user_id, as_manager.user_id]
    assert await ids(as_admin, page=2, limit=2) == [as_front_desk.user_id]


@pytest.mark.parametrize("params", [{"roleId": 0}, {"roleId": 8}, {"roleId": "x"}, {"centreId": 2**60}, {"limit": 0}])
async def test_a_filter_that_cannot_be_is_refused_by_its_name(as_admin, params):
    refused = await as_admin.get("/users", params=params)

    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "VALIDATION_ERROR"
    assert refused.json()["error"]["details"].keys() == params.keys()


async def test_disabled_staff_are_listed_and_those_who_left_are_not(as_admin, hire):
    disabled, gone = await hire(), await hire()
    await as_admin.patch(f"/users/{disabled['id']}/toggle-active")
    await as_admin.delete(f"/users/{gone['id']}")

    rows = {row["id"]: row for row in (await as_admin.get("/users")).json()["data"]}

    assert rows[disabled["id"]]["isActive"] is False
    assert gone["id"] not in rows


async def test_only_admins_list_staff(make, hospital):
    assert await make.who_may(hospital, lambda persona: persona.get("/users")) == {"ADMIN"}


async def test_the_staff_of_another_hospital_are_not_listed(as_admin, as_manager, as_stranger):
    assert await ids(as_stranger) == [as_stranger.user_id]
