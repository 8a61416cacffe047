"""`PUT /centres/{id}`."""

import pytest

pytestmark = pytest.mark.anyio

DOCUMENTED = {"phone": "+918012345679", "email": "bangalore.updated@mibo.com"}


async def test_the_documented_body_changes_what_it_names_and_nothing_else(as_admin, hospital):
    before = (await as_admin.get(f"/centres/{hospital.centre_id}")).json()["data"]

    answer = await as_admin.put(f"/centres/{hospital.centre_id}", DOCUMENTED)

    assert answer.status_code == 200, answer.text
    assert answer.json()["data"] == {**before, **DOCUMENTED}
    assert (await as_admin.get(f"/centres/{hospital.centre_id}")).json()["data"] == {**before, **DOCUMENTED}


async def test_an_empty_body_changes_nothing(as_admin, hospital):
    before = (await as_admin.get(f"/centres/{hospital.centre_id}")).json()["data"]

    answer = await as_admin.put(f"/centres/{hospital.centre_id}", {})

    assert answer.status_code == 200
    assert answer.json()["data"] == before


async def test_null_empties_what_may_be_empty_and_is_refused_elsewhere(as_admin, hospital):
    path = f"/centres/{hospital.centre_id}"
    await as_admin.put(path, {"address": "12 MG Road", "phone": "+918012345678"})

    emptied = (await as_admin.put(path, {"address": None, "phone": None})).json()["data"]
    refused = await as_admin.put(path, {"name": None, "timeZone": None})

    assert (emptied["address"], emptied["phone"]) == (None, None)
    assert refused.status_code == 400
    assert refused.json()["error"]["details"] == {
        "name": "This field cannot be empty",
        "timeZone": "This field cannot be empty",
    }


async def test_another_zone_moves_the_hours_offered(as_admin, as_nobody, as_clinician, hospital, book):
    """A schedule that was in use before is outdated by the change."""
    ten = await book()
    assert ten.json()["data"]["start"] == "2026-03-03T04:30:00Z"
    await as_admin.delete(f"/appointments/{ten.json()['data']['id']}")

    changed = await as_admin.put(f"/centres/{hospital.centre_id}", {"timeZone": "Europe/Berlin"})

    assert changed.json()["data"]["timeZone"] == "Europe/Berlin"
    assert (await book()).json()["data"]["start"] == "2026-03-03T09:00:00Z"


async def test_the_zone_stays_while_patients_hold_times_in_it(as_admin, hospital, book):
    assert (await book()).status_code == 201

    refused = await as_admin.put(f"/centres/{hospital.centre_id}", {"timeZone": "Europe/Berlin", "name": "New"})

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "CENTRE_IN_USE"
    shown = (await as_admin.get(f"/centres/{hospital.centre_id}")).json()["data"]
    assert (shown["timeZone"], shown["name"]) == ("Asia/Kolkata", "Main centre")
    assert (await as_admin.put(f"/centres/{hospital.centre_id}", {"name": "New"})).status_code == 200


async def test_admins_managers_and_its_own_manager_change_a_centre(make, hospital):
    allowed = await make.who_may(
        hospital, lambda persona: persona.put(f"/centres/{hospital.centre_id}", {"name": "Renamed"})
    )

    assert allowed == {"ADMIN", "MANAGER", "CENTRE_MANAGER"}


async def test_a_manager_of_one_centre_does_not_reach_another(make, hospital, as_centre_manager):
    other = await make.centre(hospital)

    assert (await as_centre_manager.put(f"/centres/{other}", {"name": "Mine"})).status_code == 404


async def test_another_hospitals_centre_is_not_there(hospital, as_stranger):
    assert (await as_stranger.put(f"/centres/{hospital.centre_id}", DOCUMENTED)).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"), [("phone", "none"), ("email", "x"), ("city", "c" * 121), ("timeZone", "Mars/Olympus")]
)
async def test_a_bad_field_is_named(as_admin, hospital, field, value):
    refused = await as_admin.put(f"/centres/{hospital.centre_id}", {field: value})

    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == [field]
