"""Signing in with a password: staff by phone or username, clinicians and patients by e-mail."""

import pytest
from sqlalchemy import select

from outpatient.access import passwords
from outpatient.core.terms import Role
from outpatient.models import Membership, User
from tests.makers import new_phone
from tests.signing import DOCUMENTED, PASSWORD, change, client_of, program_like, set_password

pytestmark = pytest.mark.anyio

PHONE, USERNAME = "/auth/login/phone-password", "/auth/login/username-password"
DOCTOR, PATIENT = "/auth/doctor/login", "/auth/patient/login"


async def username_of(outpatient, persona) -> str:
    async with outpatient.database.reading() as tx:
        return await tx.one_or_none(select(User.username).where(User.id == persona.user_id))


async def test_staff_sign_in_by_phone(as_manager, as_nobody, outpatient):
    await set_password(outpatient, as_manager.user_id)
    answer = await as_nobody.post(PHONE, {"phone": as_manager.phone, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["success"], body["message"]) == (True, "Login successful")
    user = body["data"]["user"]
    assert user["id"] == as_manager.user_id
    assert (user["roleId"], user["roleName"]) == (2, "MANAGER")
    as_nobody.headers["Authorization"] = f"Bearer {body['data']['accessToken']}"
    assert (await as_nobody.get("/auth/me")).json()["data"]["isActive"] is True


async def test_staff_sign_in_by_username_in_any_case(as_front_desk, as_nobody, outpatient):
    await set_password(outpatient, as_front_desk.user_id)
    username = await username_of(outpatient, as_front_desk)
    for written in (username, username.upper(), f" {username.title()} "):
        answer = await as_nobody.post(USERNAME, {"username": written, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"]["user"]["id"] == as_front_desk.user_id


async def test_a_clinician_signs_in_by_email_in_any_case(as_clinician, as_nobody, outpatient):
    await set_password(outpatient, as_clinician.user_id)
    answer = await as_nobody.post(DOCTOR, {"email": as_clinician.email.upper(), "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["user"]["clinicianId"] == as_clinician.clinician_id


async def test_a_clinician_of_one_hospital_who_leads_another_signs_in_as_clinician(
    as_admin, as_nobody, make, outpatient
):
    await set_password(outpatient, as_admin.user_id)
    elsewhere = await make.hospital()
    async with outpatient.database.transaction() as tx:
        row = {"hospital_id": elsewhere.id, "user_id": as_admin.user_id, "role": "CLINICIAN", "created_at": tx.now}
        await tx.add(Membership(**row))
    answer = await as_nobody.post(DOCTOR, {"email": as_admin.email, "password": PASSWORD})
    assert answer.json()["data"]["user"]["roleName"] == "CLINICIAN"
    assert answer.json()["data"]["user"]["hospitalId"] == elsewhere.id


async def test_the_doctors_door_refuses_who_is_no_clinician(as_manager, as_patient, as_nobody, outpatient):
    for persona in (as_manager, as_patient):
        await set_password(outpatient, persona.user_id)
        refused = await as_nobody.post(DOCTOR, {"email": persona.email, "password": PASSWORD})
        assert refused.status_code == 401
        assert refused.json()["error"]["code"] == "INVALID_CREDENTIALS"


async def test_a_patient_signs_in_by_email_to_his_own_record(as_patient, as_nobody, outpatient):
    await set_password(outpatient, as_patient.user_id)
    answer = await as_nobody.post(PATIENT, {"email": as_patient.email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    user = answer.json()["data"]["user"]
    assert (user["roleId"], user["roleName"]) == (7, "PATIENT")
    assert user["patientId"] == as_patient.patient_id


async def test_the_patients_door_refuses_staff_without_a_record_and_the_staff_doors_patients(
    as_manager, as_patient, as_nobody, outpatient
):
    await set_password(outpatient, as_manager.user_id)
    await set_password(outpatient, as_patient.user_id)
    assert (await as_nobody.post(PATIENT, {"email": as_manager.email, "password": PASSWORD})).status_code == 401
    assert (await as_nobody.post(PHONE, {"phone": as_patient.phone, "password": PASSWORD})).status_code == 401


async def test_a_patient_without_a_record_in_the_hospital_named_is_refused(
    as_patient, as_nobody, as_stranger, outpatient
):
    await set_password(outpatient, as_patient.user_id)
    headers = {"X-Hospital-Id": str(as_stranger.hospital_id)}
    refused = await as_nobody.post(PATIENT, {"email": as_patient.email, "password": PASSWORD}, headers=headers)
    assert refused.status_code == 401


async def test_every_way_to_be_wrong_gets_the_same_answer(as_manager, as_front_desk, as_nobody, outpatient):
    await set_password(outpatient, as_manager.user_id)
    wrong = await as_nobody.post(PHONE, {"phone": as_manager.phone, "password": "not the password"})
    unknown = await as_nobody.post(PHONE, {"phone": new_phone(), "password": PASSWORD})
    without = await as_nobody.post(PHONE, {"phone": as_front_desk.phone, "password": PASSWORD})
    await change(outpatient, User, User.id == as_manager.user_id, is_active=False)
    disabled = await as_nobody.post(PHONE, {"phone": as_manager.phone, "password": PASSWORD})
    await change(outpatient, User, User.id == as_manager.user_id, is_active=True)
    await change(
        outpatient, Membership, Membership.user_id == as_manager.user_id, deleted_at=outpatient.database.clock.now()
    )
    deleted = await as_nobody.post(PHONE, {"phone": as_manager.phone, "password": PASSWORD})
    answers = [wrong, unknown, without, disabled, deleted]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert wrong.json()["error"]["code"] == "INVALID_CREDENTIALS"


async def test_an_unknown_user_costs_a_hash_like_a_known_one(as_manager, as_nobody, outpatient, monkeypatch):
    await set_password(outpatient, as_manager.user_id)
    hasher, computed = passwords._passwords.current_hasher, []
    for name in ("hash", "verify"):
        real = getattr(hasher, name)
        monkeypatch.setattr(
            hasher, name, lambda *args, _real=real, **more: (computed.append(1), _real(*args, **more))[1]
        )
    for phone in (as_manager.phone, new_phone()):
        computed.clear()
        await as_nobody.post(PHONE, {"phone": phone, "password": "not the password"})
        assert computed == [1]


async def test_five_wrong_passwords_shut_the_account_from_that_address_until_the_window_ends(
    as_manager, as_front_desk, outpatient, clock
):
    for persona in (as_manager, as_front_desk):
        await set_password(outpatient, persona.user_id)
    bad = {"phone": as_manager.phone, "password": "not the password"}
    good = {"phone": as_manager.phone, "password": PASSWORD}
    async with program_like(outpatient, **DOCUMENTED) as (program, client), client_of(program, "192.0.2.9") as other:
        for left in range(4, -1, -1):
            refused = await client.post(f"/api/v1{PHONE}", json=bad)
            assert refused.status_code == 401
            assert refused.headers["x-ratelimit-limit"] == "5"
            assert refused.headers["x-ratelimit-remaining"] == str(left)
        shut = await client.post(f"/api/v1{PHONE}", json=good)
        assert shut.status_code == 429
        assert shut.json()["error"]["retryAfter"] == 900
        neighbour = {"phone": as_front_desk.phone, "password": PASSWORD}
        assert (await client.post(f"/api/v1{PHONE}", json=neighbour)).status_code == 200
        assert (await other.post(f"/api/v1{PHONE}", json=good)).status_code == 200
        clock.advance(minutes=14, seconds=59)
        assert (await client.post(f"/api/v1{PHONE}", json=good)).status_code == 429
        clock.advance(seconds=1)
        assert (await client.post(f"/api/v1{PHONE}", json=good)).status_code == 200


async def test_a_right_password_clears_the_wrong_ones_before_it(as_manager, outpatient, clock):
    await set_password(outpatient, as_manager.user_id)
    async with program_like(outpatient, **DOCUMENTED) as (_, client):
        for _ in range(3):
            for _ in range(4):
                bad = await client.post(f"/api/v1{PHONE}", json={"phone": as_manager.phone, "password": "wrong one"})
                assert bad.status_code == 401
            good = await client.post(f"/api/v1{PHONE}", json={"phone": as_manager.phone, "password": PASSWORD})
            assert good.status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (PHONE, {"phone": "+919812345678"}, "password"),
        (PHONE, {"phone": "+919812345678", "password": ""}, "password"),
        (PHONE, {"phone": "+919812345678", "password": "x" * 129}, "password"),
        (PHONE, {"phone": "+919812345678", "password": 5}, "password"),
        (PHONE, {"password": PASSWORD}, "phone"),
        (USERNAME, {"username": " ", "password": PASSWORD}, "username"),
        (USERNAME, {"username": "a\x00b", "password": PASSWORD}, "username"),
        (DOCTOR, {"email": "no mail", "password": PASSWORD}, "email"),
        (PATIENT, {"email": None, "password": PASSWORD}, "email"),
    ],
)
async def test_bad_input_is_refused_by_name(as_nobody, path, body, field):
    refused = await as_nobody.post(path, body)
    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == [field]


async def test_a_password_that_an_admin_could_have_chosen_opens_no_patient_session(
    as_patient, as_nobody, make, hospital, outpatient
):
    await set_password(outpatient, as_patient.user_id)
    body = {"email": as_patient.email, "password": PASSWORD}
    assert (await as_nobody.post(PATIENT, body)).status_code == 200
    elsewhere = await make.hospital()
    async with outpatient.database.transaction() as tx:
        tx.session.add(
            Membership(hospital_id=elsewhere.id, user_id=as_patient.user_id, role=Role.FRONT_DESK, created_at=tx.now)
        )

    answer = await as_nobody.post(PATIENT, body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "INVALID_CREDENTIALS")
