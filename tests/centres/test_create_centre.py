"""`POST /centres`."""

import pytest

pytestmark = pytest.mark.anyio

MUMBAI = {
    "name": "Mibo Mumbai",
    "city": "Mumbai",
    "address": "456 Marine Drive, Mumbai",
    "phone": "+912212345678",
    "email": "mumbai@mibo.com",
}


async def test_the_documented_body_makes_the_documented_centre(as_admin):
    answer = await as_admin.post("/centres", MUMBAI)

    assert answer.status_code == 201, answer.text
    assert answer.json()["success"] is True
    made = answer.json()["data"]
    assert {key: made[key] for key in MUMBAI} == MUMBAI
    assert made["isActive"] is True
    assert isinstance(made["id"], int)
    assert (await as_admin.get(f"/centres/{made['id']}")).json()["data"] == made


async def test_the_base_path_without_a_version_works_as_well(as_admin):
    assert (await as_admin.post("/api/centres", MUMBAI)).status_code == 201


async def test_a_centre_has_the_zone_of_its_hospital_unless_it_names_another(make):
    as_admin = await make.staff(await make.hospital(zone="Europe/Berlin"), "ADMIN")

    own = await as_admin.post("/centres", MUMBAI)
    other = await as_admin.post("/centres", {**MUMBAI, "timeZone": "asia/dubai"})

    assert own.json()["data"]["timeZone"] == "Europe/Berlin"
    assert other.json()["data"]["timeZone"] == "Asia/Dubai"


async def test_a_phone_is_kept_in_one_form_and_an_address_may_be_missing(as_admin):
    made = (await as_admin.post("/centres", {"name": "C", "city": "Pune", "phone": "080 1234 5678"})).json()["data"]

    assert made["phone"] == "+918012345678"
    assert made["address"] is None
    assert made["email"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "n" * 201),
        ("name", None),
        ("city", "   "),
        ("city", "c" * 121),
        ("address", "a" * 501),
        ("address", "line\x00"),
        ("phone", "call me"),
        ("email", "nobody"),
        ("timeZone", "Bengaluru"),
        ("timeZone", "../etc/passwd"),
    ],
)
async def test_a_bad_field_is_named_with_a_sentence(as_admin, field, value):
    refused = await as_admin.post("/centres", {**MUMBAI, field: value})

    assert refused.status_code == 400
    error = refused.json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert list(error["details"]) == [field]


async def test_name_and_city_are_required(as_admin):
    details = (await as_admin.post("/centres", {})).json()["error"]["details"]

    assert details == {"name": "This field is required", "city": "This field is required"}


async def test_only_admins_and_managers_open_centres(make, hospital):
    assert await make.who_may(hospital, lambda persona: persona.post("/centres", MUMBAI)) == {"ADMIN", "MANAGER"}


async def test_the_platforms_owner_opens_centres_in_the_hospital_that_he_names(make, hospital, as_stranger):
    nowhere, acting = await make.superadmin(), await make.superadmin(hospital)

    made = await acting.post("/centres", MUMBAI)

    assert made.status_code == 201
    assert (await nowhere.post("/centres", MUMBAI)).status_code == 403
    assert (await as_stranger.get(f"/centres/{made.json()['data']['id']}")).status_code == 404
