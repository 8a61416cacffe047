"""`GET /departments`, `GET /departments/{id}`."""

import pytest

pytestmark = pytest.mark.anyio

ALL = {"ADMIN", "MANAGER", "CLINICIAN", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "PATIENT"}


async def names(persona, **params):
    return [row["name"] for row in (await persona.get("/departments", params=params)).json()["data"]]


async def test_departments_are_listed_by_name_and_by_centre(as_admin, as_front_desk, make, hospital, cardiology):
    other = await make.centre(hospital)
    await as_admin.post("/departments", {"name": "Allergy", "centreId": other})

    assert await names(as_admin) == ["Allergy", "Cardiology"]
    assert await names(as_admin, centreId=other) == ["Allergy"]
    assert await names(as_front_desk) == ["Cardiology"]


async def test_patients_see_open_departments_only(as_admin, as_patient, cardiology):
    assert await names(as_patient) == ["Cardiology"]

    await as_admin.delete(f"/departments/{cardiology}")

    assert await names(as_patient) == []
    assert (await as_patient.get(f"/departments/{cardiology}")).status_code == 404
    assert await names(as_admin) == ["Cardiology"]


async def test_a_deleted_centre_takes_its_departments_off_the_list(as_admin, hospital, cardiology):
    await as_admin.delete(f"/centres/{hospital.centre_id}")

    assert await names(as_admin) == []


async def test_everybody_who_is_signed_in_sees_departments_of_his_hospital(make, hospital, as_stranger, cardiology):
    path = f"/departments/{cardiology}"

    assert await make.who_may(hospital, lambda persona: persona.get("/departments")) == ALL
    assert await make.who_may(hospital, lambda persona: persona.get(path)) == ALL
    assert (await as_stranger.get(path)).status_code == 404
    assert await names(as_stranger) == []


@pytest.mark.parametrize("params", [{"centreId": "x"}, {"centreId": 10**20}])
async def test_a_centre_that_cannot_be_is_refused(as_admin, params):
    assert (await as_admin.get("/departments", params=params)).status_code == 400
