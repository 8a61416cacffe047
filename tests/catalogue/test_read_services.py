"""`GET /services`, `GET /services/{id}`."""

import pytest

pytestmark = pytest.mark.anyio

ALL = {"ADMIN", "MANAGER", "CLINICIAN", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "PATIENT"}


async def add(as_admin, name, **given):
    made = await as_admin.post("/services", {"name": name, "durationMinutes": 20, **given})
    assert made.status_code == 201, made.text
    return made.json()["data"]["id"]


async def names(persona, **params):
    return [row["name"] for row in (await persona.get("/services", params=params)).json()["data"]]


async def test_services_are_listed_by_name_and_by_department(as_admin, as_front_desk, make, hospital):
    other = await make.centre(hospital)
    elsewhere = await as_admin.post("/departments", {"name": "Dental", "centreId": other})
    department_id = elsewhere.json()["data"]["id"]
    await add(as_admin, "Filling", departmentId=department_id)
    await add(as_admin, "Advice")

    assert await names(as_admin) == ["Advice", "Filling"]
    assert await names(as_admin, departmentId=department_id) == ["Filling"]
    assert await names(as_front_desk) == ["Advice"]


async def test_patients_see_what_is_offered_only(as_admin, as_patient, as_front_desk):
    service_id = await add(as_admin, "Advice")
    await as_admin.delete(f"/services/{service_id}")

    assert await names(as_patient) == []
    assert (await as_patient.get(f"/services/{service_id}")).status_code == 404
    assert await names(as_front_desk) == ["Advice"]


async def test_everybody_who_is_signed_in_sees_services_of_his_hospital(as_admin, make, hospital, as_stranger):
    path = f"/services/{await add(as_admin, 'Advice')}"

    assert await make.who_may(hospital, lambda persona: persona.get("/services")) == ALL
    assert await make.who_may(hospital, lambda persona: persona.get(path)) == ALL
    assert (await as_stranger.get(path)).status_code == 404
    assert await names(as_stranger) == []
