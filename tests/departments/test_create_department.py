"""`POST /departments`."""

import pytest

pytestmark = pytest.mark.anyio


async def test_a_department_is_made_at_the_only_centre(as_admin, hospital):
    answer = await as_admin.post(
        "/departments", {"name": " Cardiology ", "tokenPrefix": "ca", "description": "Hearts", "dailyPatientLimit": 30}
    )

    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    assert made == {
        "id": made["id"],
        "centreId": hospital.centre_id,
        "name": "Cardiology",
        "description": "Hearts",
        "tokenPrefix": "CA",
        "isActive": True,
        "createdAt": "2026-03-02T03:30:00Z",
    }
    assert (await as_admin.get(f"/departments/{made['id']}")).json()["data"] == made
    config = (await as_admin.get(f"/departments/{made['id']}/config")).json()["data"]
    assert config["dailyPatientLimit"] == 30


async def test_with_several_centres_one_is_named(as_admin, as_centre_manager, make, hospital):
    other = await make.centre(hospital)

    unnamed = await as_admin.post("/departments", {"name": "Dental"})
    named = await as_admin.post("/departments", {"name": "Dental", "centreId": other})
    own = await as_centre_manager.post("/departments", {"name": "Dental"})

    assert unnamed.status_code == 400
    assert list(unnamed.json()["error"]["details"]) == ["centreId"]
    assert named.json()["data"]["centreId"] == other
    assert own.json()["data"]["centreId"] == hospital.centre_id


async def test_a_centre_that_one_does_not_see_is_not_there(as_stranger, as_centre_manager, make, hospital):
    other = await make.centre(hospital)

    assert (await as_stranger.post("/departments", {"name": "D", "centreId": hospital.centre_id})).status_code == 404
    assert (await as_centre_manager.post("/departments", {"name": "D", "centreId": other})).status_code == 404


async def test_those_who_lead_centres_make_departments(make, hospital):
    async def create(persona):
        return await persona.post("/departments", {"name": "D", "centreId": hospital.centre_id})

    assert await make.who_may(hospital, create) == {"ADMIN", "MANAGER", "CENTRE_MANAGER"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "n" * 121),
        ("description", "d" * 501),
        ("tokenPrefix", "a b"),
        ("centreId", 0),
        ("bookingMode", "NEVER"),
        ("maxQueueLength", 0),
    ],
)
async def test_a_bad_field_is_named(as_admin, field, value):
    refused = await as_admin.post("/departments", {"name": "D", field: value})

    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == [field]
