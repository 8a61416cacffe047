"""`PUT /users/{id}`."""

import pytest
from sqlalchemy import select

from outpatient.models import StoredEvent
from tests.makers import new_phone

pytestmark = pytest.mark.anyio


async def test_the_documented_change_is_made(as_admin, hire):
    made = await hire()

    answer = await as_admin.put(
        f"/users/{made['id']}", {"fullName": "John Updated", "email": f"NEW.{made['email']}", "isActive": True}
    )

    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["fullName"] == "John Updated"
    seen = (await as_admin.get(f"/users/{made['id']}")).json()["data"]
    assert (seen["fullName"], seen["email"]) == ("John Updated", f"new.{made['email']}")
    assert seen["isActive"] is True
    assert seen["phone"] == made["phone"]


async def test_an_empty_body_changes_nothing(as_admin, hire):
    made = await hire()
    before = (await as_admin.get(f"/users/{made['id']}")).json()["data"]

    answer = await as_admin.put(f"/users/{made['id']}", {})

    assert answer.status_code == 200
    assert answer.json()["data"] == before


@pytest.mark.parametrize(
    ("field", "value"),
    [("fullName", ""), ("fullName", None), ("phone", "none"), ("email", "x@"), ("password", "short"), ("roleId", 3)],
)
async def test_a_bad_field_is_named(as_admin, hire, field, value):
    refused = await as_admin.put(f"/users/{(await hire())['id']}", {field: value})

    assert refused.status_code == 400
    assert refused.json()["error"]["details"].keys() == {field}


@pytest.mark.parametrize("field", ["phone", "email", "username"])
async def test_what_another_user_has_is_refused_by_its_name(as_admin, hire, field):
    one, other = await hire(), await hire()

    refused = await as_admin.put(f"/users/{one['id']}", {field: other[field]})

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "DUPLICATE_ENTRY"
    assert refused.json()["error"]["details"].keys() == {field}


async def test_a_new_phone_and_password_are_those_to_sign_in_with(as_admin, hire, sign_in):
    made = await hire()
    phone = new_phone()

    answer = await as_admin.put(f"/users/{made['id']}", {"phone": phone, "password": "AnotherPassword1"})

    assert answer.json()["data"]["phone"] == phone
    assert (await sign_in(made)).status_code == 401
    assert (await sign_in({"phone": phone})).status_code == 401
    assert (await sign_in({"phone": phone}, "AnotherPassword1")).status_code == 200


@pytest.mark.parametrize("change", [{"password": "AnotherPassword1"}, {"roleId": 2}, {"isActive": False}])
async def test_another_password_or_role_or_disabling_ends_the_sessions(as_admin, as_front_desk, change):
    assert (await as_front_desk.get("/auth/me")).status_code == 200

    assert (await as_admin.put(f"/users/{as_front_desk.user_id}", change)).status_code == 200

    assert (await as_front_desk.get("/auth/me")).status_code == 401
    renewed = await as_front_desk.post("/auth/refresh", {"refreshToken": as_front_desk.refresh_token})
    assert renewed.status_code == 401


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"password": "AnotherPassword1"}, "password changed"),
        ({"roleId": 2}, "role changed"),
        ({"isActive": False}, "disabled"),
    ],
)
async def test_the_end_of_a_session_is_an_event(as_admin, as_front_desk, outpatient, change, reason):
    await as_admin.put(f"/users/{as_front_desk.user_id}", change)

    async with outpatient.database.reading() as tx:
        told = await tx.all(
            select(StoredEvent).where(
                StoredEvent.name == "auth.session_revoked", StoredEvent.hospital_id == as_front_desk.hospital_id
            )
        )
    assert [(one.payload["reason"], one.actor_id) for one in told] == [(reason, as_admin.user_id)]


async def test_the_event_names_what_changed_and_tells_nothing_of_it(as_admin, as_front_desk, outpatient):
    await as_admin.put(f"/users/{as_front_desk.user_id}", {"password": "AnotherPassword1", "fullName": "Renamed"})

    async with outpatient.database.reading() as tx:
        told = await tx.one_or_none(
            select(StoredEvent).where(
                StoredEvent.name == "staff.updated", StoredEvent.subject_id == as_front_desk.user_id
            )
        )
    assert told.payload == {"fields": ["full_name", "password"]}
    assert (told.hospital_id, told.actor_id) == (as_admin.hospital_id, as_admin.user_id)


async def test_another_name_leaves_the_sessions_alone(as_admin, as_front_desk):
    await as_front_desk.get("/auth/me")

    await as_admin.put(f"/users/{as_front_desk.user_id}", {"fullName": "Renamed"})

    assert (await as_front_desk.get("/auth/me")).json()["data"]["fullName"] == "Renamed"


async def test_a_role_and_its_centre_change_together(as_admin, as_manager, hospital):
    path = f"/users/{as_manager.user_id}"

    refused = await as_admin.put(path, {"roleId": 4})
    assert refused.status_code == 400
    assert refused.json()["error"]["details"].keys() == {"centreId"}

    answer = await as_admin.put(path, {"roleId": 4, "centreId": hospital.centre_id})
    assert answer.json()["data"]["roleName"] == "CENTRE_MANAGER"
    assert answer.json()["data"]["centreId"] == hospital.centre_id


async def test_another_centre_is_seen_at_once(as_admin, as_front_desk, make, hospital):
    second = await make.centre(hospital)
    await as_front_desk.get("/centres")

    await as_admin.put(f"/users/{as_front_desk.user_id}", {"centreId": second})

    assert [row["id"] for row in (await as_front_desk.get("/centres")).json()["data"]] == [second]


async def test_centre_staff_cannot_lose_their_last_centre(as_admin, as_front_desk):
    refused = await as_admin.put(f"/users/{as_front_desk.user_id}", {"centreIds": []})

    assert refused.status_code == 400
    assert refused.json()["error"]["details"].keys() == {"centreId"}


async def test_a_centre_of_another_hospital_is_not_there(as_admin, as_front_desk, make):
    other = await make.hospital()

    assert (await as_admin.put(f"/users/{as_front_desk.user_id}", {"centreId": other.centre_id})).status_code == 404


@pytest.mark.parametrize(("change", "field"), [({"roleId": 2}, "roleId"), ({"centreId": 1}, "centreId")])
async def test_a_clinicians_role_and_centre_are_those_of_his_profile(as_admin, as_clinician, change, field):
    refused = await as_admin.put(f"/users/{as_clinician.user_id}", change)

    assert refused.status_code == 400
    assert "/clinicians" in refused.json()["error"]["details"][field]


async def test_the_account_of_somebody_known_elsewhere_is_his_own(as_admin, as_stranger, hire):
    made = await hire()
    joined = await as_stranger.post("/users/managers", {"fullName": "x", "phone": made["phone"]})
    assert joined.status_code == 201, joined.text

    for change in ({"password": "TakenOver123"}, {"phone": new_phone()}, {"email": "x@example.com"}, {"fullName": "X"}):
        refused = await as_stranger.put(f"/users/{made['id']}", change)
        assert refused.status_code == 409, change
        assert refused.json()["error"]["code"] == "SHARED_ACCOUNT"

    assert (await as_stranger.put(f"/users/{made['id']}", {"roleId": 1})).status_code == 200


async def test_the_account_of_somebody_elsewheres_patient_is_his_own(as_admin, make, person):
    patient = await make.patient(await make.hospital())
    joined = await as_admin.post("/users/managers", person(phone=patient.phone))
    assert joined.json()["data"]["id"] == patient.user_id

    refused = await as_admin.put(f"/users/{patient.user_id}", {"password": "TakenOver123"})

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "SHARED_ACCOUNT"


async def test_an_admin_changes_his_own_account(as_admin):
    answer = await as_admin.put(f"/users/{as_admin.user_id}", {"fullName": "Myself"})

    assert answer.status_code == 200
    assert (await as_admin.get("/auth/me")).json()["data"]["fullName"] == "Myself"


async def test_the_last_admin_stays_admin(as_admin, make, hospital):
    for change in ({"roleId": 2}, {"isActive": False}):
        refused = await as_admin.put(f"/users/{as_admin.user_id}", change)
        assert refused.status_code == 409
        assert refused.json()["error"]["code"] == "LAST_ADMIN"

    second = await make.staff(hospital, "ADMIN")
    assert (await as_admin.put(f"/users/{second.user_id}", {"roleId": 2})).status_code == 200


async def test_nobody_disables_himself(as_admin, make, hospital):
    await make.staff(hospital, "ADMIN")

    assert (await as_admin.put(f"/users/{as_admin.user_id}", {"isActive": False})).status_code == 403


async def test_only_admins_update_staff(make, hospital, as_front_desk):
    async def rename(persona):
        return await persona.put(f"/users/{as_front_desk.user_id}", {"fullName": "Renamed"})

    assert await make.who_may(hospital, rename) == {"ADMIN"}


async def test_another_hospitals_staff_are_not_there(as_stranger, as_front_desk):
    assert (await as_stranger.put(f"/users/{as_front_desk.user_id}", {"fullName": "X"})).status_code == 404
