"""`POST /hospitals`."""

import pytest

from tests.makers import new_phone

pytestmark = pytest.mark.anyio


def new_name() -> str:
    """A name that no other hospital of this run has."""
    return f"Clinic {new_phone()[1:]}"


async def test_a_hospital_is_made_with_its_rules(make):
    owner = await make.superadmin()
    name = new_name()

    answer = await owner.post("/hospitals", {"name": name, "timeZone": "asia/dubai", "currency": "aed"})

    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    slug = name.lower().replace(" ", "-")
    assert made == {
        "id": made["id"],
        "name": name,
        "slug": slug,
        "timeZone": "Asia/Dubai",
        "currency": "AED",
        "isActive": True,
        "createdAt": "2026-03-02T03:30:00Z",
    }
    config = (await owner.get(f"/hospitals/{made['id']}/config")).json()["data"]
    assert (config["hospitalId"], config["timeZone"]) == (made["id"], "Asia/Dubai")


async def test_the_second_hospital_of_a_name_gets_a_number_in_its_short_name(make):
    owner = await make.superadmin()
    name = new_name()

    first, second = [(await owner.post("/hospitals", {"name": name})).json()["data"] for _ in range(2)]

    assert second["slug"] == f"{first['slug']}-2"


async def test_a_short_name_that_is_taken_is_refused(make):
    owner = await make.superadmin()
    slug = new_name().lower().replace(" ", "-")
    assert (await owner.post("/hospitals", {"name": "One", "slug": slug.upper()})).status_code == 201

    refused = await owner.post("/hospitals", {"name": "Two", "slug": slug})

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "DUPLICATE_ENTRY"
    assert list(refused.json()["error"]["details"]) == ["slug"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("slug", "a b"), ("slug", "-a-"), ("slug", "x"), ("timeZone", "Here"), ("currency", "BTC")],
)
async def test_a_bad_field_is_named(make, field, value):
    owner = await make.superadmin()

    refused = await owner.post("/hospitals", {"name": "A", field: value})

    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == [field]


async def test_nobody_in_a_hospital_makes_hospitals(make, hospital):
    assert await make.who_may(hospital, lambda persona: persona.post("/hospitals", {"name": "Mine"})) == set()
