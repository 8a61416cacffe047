"""`GET /memberships`: the hospitals that the caller may name in `X-Hospital-Id`."""

import pytest

pytestmark = pytest.mark.anyio


async def own(persona):
    answer = await persona.get("/memberships")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_somebody_in_two_hospitals_chooses_between_them(as_manager, as_stranger):
    assert [row["hospitalId"] for row in await own(as_manager)] == [as_manager.hospital_id]
    await as_stranger.post("/users/front-desk", {"fullName": "x", "phone": as_manager.phone, "centreId": 10**9})
    assert len(await own(as_manager)) == 1

    joined = await as_stranger.post("/users", {"fullName": "x", "phone": as_manager.phone, "roleId": 1})
    assert joined.status_code == 201, joined.text

    rows = {row["hospitalId"]: row for row in await own(as_manager)}
    assert rows[as_manager.hospital_id]["role"] == "MANAGER"
    assert rows[as_manager.hospital_id]["hospitalName"].startswith("Hospital ")
    assert rows[as_stranger.hospital_id]["role"] == "ADMIN"
    there = await as_manager.get("/users", headers={"X-Hospital-Id": str(as_stranger.hospital_id)})
    assert there.status_code == 200


async def test_a_patient_sees_the_hospitals_that_keep_his_record(as_patient):
    assert [(row["hospitalId"], row["role"]) for row in await own(as_patient)] == [(as_patient.hospital_id, "PATIENT")]


async def test_everybody_who_is_signed_in_asks_for_his_own(make, hospital):
    roles = {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "CLINICIAN", "PATIENT"}

    assert await make.who_may(hospital, lambda persona: persona.get("/memberships")) == roles
