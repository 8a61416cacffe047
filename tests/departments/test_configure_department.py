"""`GET`, `PUT` and `PATCH /departments/{id}/config`."""

import pytest

pytestmark = pytest.mark.anyio

STAFF = {"ADMIN", "MANAGER", "CLINICIAN", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK"}
OWN = {
    "bookingMode": "TOKEN_ONLY",
    "tokenPrefix": "CA",
    "tokenResetFrequency": "MONTHLY",
    "dailyPatientLimit": 30,
    "maxQueueLength": 10,
    "defaultConsultationMinutes": 25,
}


async def test_a_department_goes_by_the_hospitals_rules_until_it_has_its_own(as_admin, hospital, cardiology):
    path = f"/departments/{cardiology}/config"
    await as_admin.patch(f"/hospitals/{hospital.id}/config", {"tokenPrefix": "HO", "dailyPatientLimit": 99})

    before = (await as_admin.get(path)).json()["data"]
    changed = await as_admin.put(path, OWN)

    assert before == {
        "departmentId": cardiology,
        **dict.fromkeys(OWN),
        "effective": {
            "bookingMode": "BOTH",
            "tokenPrefix": "HO",
            "tokenResetFrequency": "DAILY",
            "dailyPatientLimit": 99,
            "maxQueueLength": None,
            "defaultConsultationMinutes": 15,
        },
    }
    assert changed.status_code == 200, changed.text
    assert changed.json()["data"] == {"departmentId": cardiology, **OWN, "effective": OWN}


async def test_null_goes_back_to_the_hospitals_rule_and_what_is_not_named_stays(as_admin, cardiology):
    path = f"/departments/{cardiology}/config"
    await as_admin.put(path, OWN)

    back = (await as_admin.patch(path, {"maxQueueLength": None, "bookingMode": None})).json()["data"]

    assert {key: back[key] for key in OWN} == {**OWN, "maxQueueLength": None, "bookingMode": None}
    assert back["effective"]["bookingMode"] == "BOTH"
    assert (await as_admin.patch(path, {})).json()["data"] == back


@pytest.mark.parametrize(
    ("field", "value"),
    [("dailyPatientLimit", 0), ("defaultConsultationMinutes", 481), ("tokenPrefix", "?"), ("bookingMode", "X")],
)
async def test_a_bad_rule_is_named(as_admin, cardiology, field, value):
    refused = await as_admin.put(f"/departments/{cardiology}/config", {field: value})

    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == [field]


async def test_staff_read_the_rules_and_those_who_lead_centres_change_them(make, hospital, as_stranger, cardiology):
    path = f"/departments/{cardiology}/config"

    assert await make.who_may(hospital, lambda persona: persona.get(path)) == STAFF
    assert await make.who_may(hospital, lambda persona: persona.put(path, {"maxQueueLength": 5})) == {
        "ADMIN",
        "MANAGER",
        "CENTRE_MANAGER",
    }
    assert (await as_stranger.get(path)).status_code == 404
    assert (await as_stranger.put(path, {})).status_code == 404
