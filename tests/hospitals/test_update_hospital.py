"""`PATCH` and `PUT /hospitals/{id}`."""

import pytest

pytestmark = pytest.mark.anyio

TEN = {"appointmentDate": "2026-03-03", "appointmentTime": "10:00"}


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
async def test_an_admin_changes_what_he_names(as_admin, hospital, method):
    path = f"/hospitals/{hospital.id}"
    before = (await as_admin.get(path)).json()["data"]

    answer = await as_admin.call(method, path, json={"name": "New name", "timeZone": "Asia/Dubai", "currency": "AED"})

    expected = {**before, "name": "New name", "timeZone": "Asia/Dubai", "currency": "AED"}
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"] == expected
    assert (await as_admin.call(method, path, json={})).json()["data"] == expected
    assert (await as_admin.get(f"{path}/config")).json()["data"]["timeZone"] == "Asia/Dubai"


async def test_the_currency_stays_once_something_was_charged(as_admin, as_patient, as_clinician, hospital):
    wish = {"clinicianId": as_clinician.clinician_id, "patientId": as_patient.patient_id, **TEN}
    assert (await as_admin.post("/appointments", wish)).status_code == 201

    refused = await as_admin.patch(f"/hospitals/{hospital.id}", {"currency": "USD"})

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "CURRENCY_IN_USE"
    assert (await as_admin.get(f"/hospitals/{hospital.id}")).json()["data"]["currency"] == "INR"


async def test_only_the_platforms_owner_closes_a_hospital_and_opens_it_again(make, hospital, as_admin, as_manager):
    owner, path = await make.superadmin(), f"/hospitals/{hospital.id}"

    assert (await as_admin.patch(path, {"isActive": False})).status_code == 403
    assert (await as_admin.patch(path, {"isActive": True})).status_code == 200
    closed = await owner.patch(path, {"isActive": False})
    assert closed.status_code == 200
    assert closed.json()["data"]["isActive"] is False
    assert (await as_manager.get("/centres")).status_code == 401
    assert (await owner.patch(path, {"isActive": True})).json()["data"]["isActive"] is True


async def test_only_admins_change_a_hospital(make, hospital, as_stranger):
    path = f"/hospitals/{hospital.id}"

    assert await make.who_may(hospital, lambda persona: persona.patch(path, {"name": "N"})) == {"ADMIN"}
    assert (await as_stranger.patch(path, {"name": "Mine"})).status_code == 404


async def test_null_and_nonsense_are_refused_by_field(as_admin, hospital):
    refused = await as_admin.patch(f"/hospitals/{hospital.id}", {"name": None, "currency": "XXX", "isActive": "maybe"})

    assert refused.status_code == 400
    assert set(refused.json()["error"]["details"]) == {"name", "currency", "isActive"}
