"""`GET /centres`."""

import pytest

pytestmark = pytest.mark.anyio

ALL = {"ADMIN", "MANAGER", "CLINICIAN", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "PATIENT"}
DOCUMENTED = {"id", "name", "city", "address", "phone", "email", "isActive"}


async def names(persona, **params):
    answer = await persona.get("/centres", params=params)
    assert answer.status_code == 200, answer.text
    return [centre["name"] for centre in answer.json()["data"]]


async def test_centres_are_listed_by_name_with_every_documented_key(as_admin, make, hospital):
    await make.centre(hospital, name="A centre", phone="+918012345678")

    listed = (await as_admin.get("/centres")).json()["data"]

    assert [centre["name"] for centre in listed] == ["A centre", "Main centre"]
    assert set(listed[0]) >= DOCUMENTED
    assert listed[0]["phone"] == "+918012345678"


async def test_a_city_is_found_however_it_is_written(as_admin, make, hospital):
    await make.centre(hospital, name="North", city="KÖLN")
    await make.centre(hospital, name="South", city="Köln")

    assert await names(as_admin, city="köln") == ["North", "South"]
    assert await names(as_admin, city=" BENGALURU ") == ["Main centre"]
    assert await names(as_admin, city="Beng%") == []


async def test_everybody_who_is_signed_in_sees_centres(make, hospital):
    assert await make.who_may(hospital, lambda persona: persona.get("/centres")) == ALL


async def test_centre_staff_see_their_own_centre_only(make, hospital, as_front_desk, as_centre_manager, as_manager):
    await make.centre(hospital)

    assert await names(as_front_desk) == ["Main centre"]
    assert await names(as_centre_manager) == ["Main centre"]
    assert await names(as_manager) == ["Main centre", "Second centre"]


async def test_patients_see_open_centres_only(make, hospital, as_patient, as_manager):
    await make.centre(hospital, is_active=False)

    assert await names(as_patient) == ["Main centre"]
    assert await names(as_manager) == ["Main centre", "Second centre"]


async def test_another_hospitals_centres_are_not_there(make, hospital, as_stranger):
    await make.centre(hospital, name="Ours")

    assert "Ours" not in await names(as_stranger)


async def test_a_city_too_long_to_be_one_is_refused(as_admin):
    assert (await as_admin.get("/centres", params={"city": "c" * 121})).status_code == 400
