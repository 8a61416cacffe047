"""`POST /auth/register` and `POST /auth/login`: accounts by e-mail and password."""

import asyncio
from collections import Counter

import jwt
import pytest
from sqlalchemy import func, select

from outpatient.models import Clinician, Membership, Patient, User
from outpatient.settings import Settings
from tests.compat.booking.conftest import CODE, PASSWORD, Caller, at_root, new_email
from tests.signing import DOCUMENTED, client_of, program_like, set_password

pytestmark = pytest.mark.anyio


def account(role: str = "patient", **changed) -> dict:
    row = {"name": "John Doe", "email": new_email("john"), "password": PASSWORD, "role": role}
    return {**row, **({"invitation_code": CODE} if role == "doctor" else {}), **changed}


async def count_users(outpatient, email: str) -> int:
    async with outpatient.database.reading() as tx:
        return await tx.one_or_none(select(func.count()).select_from(User).where(User.email == email.lower()))


async def test_a_patient_has_a_user_and_a_record_with_an_email_and_no_phone(nobody, outpatient, hospital):
    body = account()
    made = await nobody.post("/auth/register", body)
    assert (made.status_code, list(made.json())) == (201, ["message"])
    async with outpatient.database.reading() as tx:
        record = await tx.one_or_none(select(Patient).where(Patient.email == body["email"]))
    assert (record.hospital_id, record.full_name, record.phone) == (hospital.id, "John Doe", None)


async def test_a_doctor_has_a_profile_at_the_first_centre_without_a_fee(nobody, make, outpatient, hospital):
    await make.centre(hospital)
    body = account("doctor")
    assert (await nobody.post("/auth/register", body)).status_code == 201
    async with outpatient.database.reading() as tx:
        user_id = await tx.one_or_none(select(User.id).where(User.email == body["email"]))
        member = await tx.one_or_none(select(Membership).where(Membership.user_id == user_id))
        profile = await tx.one_or_none(select(Clinician).where(Clinician.user_id == user_id))
    assert (member.hospital_id, member.role) == (hospital.id, "CLINICIAN")
    assert (profile.primary_centre_id, profile.consultation_fee_minor) == (hospital.centre_id, 0)
    assert profile.is_active


async def test_namesakes_without_a_phone_are_two_people(join):
    first, second = [await join("patient", "John Doe") for _ in range(2)]
    assert first.id != second.id
    for caller in (first, second):
        renamed = await caller.call("PATCH", "/api/v1/users/me", {"name": "Jane Doe"})
        assert renamed.status_code == 200, renamed.text


@pytest.mark.parametrize("role", ["patient", "doctor"])
async def test_ten_at_once_with_one_address_make_one_account(nobody, outpatient, role):
    body = account(role)
    writings = [body["email"], body["email"].upper(), body["email"].title()]
    answers = await asyncio.gather(
        *(nobody.post("/auth/register", {**body, "email": writings[n % 3]}) for n in range(10))
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 9}
    refused = next(answer for answer in answers if answer.status_code == 409).json()["error"]
    assert (refused["code"], list(refused["details"])) == ("DUPLICATE_ENTRY", ["email"])
    assert await count_users(outpatient, body["email"]) == 1


async def test_ten_at_once_hold_within_the_documented_limits(outpatient, hospital, clock):
    body = account("doctor")
    async with program_like(outpatient, **DOCUMENTED) as (_, client):
        caller = Caller(client, {"X-Hospital-Id": str(hospital.id)})
        answers = await asyncio.gather(*(caller.post("/auth/register", body) for _ in range(10)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 9}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": None}, "name"),
        ({"email": "john"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "password"}, "password"),
        ({"role": "admin"}, "role"),
        ({"role": None}, "role"),
        ({"role": "doctor", "invitation_code": None}, "invitation_code"),
        ({"role": "doctor", "invitation_code": ""}, "invitation_code"),
    ],
)
async def test_bad_input_is_refused_by_name(nobody, changed, field):
    refused = await nobody.post("/auth/register", account(**changed))
    assert refused.status_code == 400, refused.text
    assert "success" not in refused.json()
    assert refused.json()["error"]["code"] == "VALIDATION_ERROR"
    assert list(refused.json()["error"]["details"]) == [field]


async def test_a_hospital_that_is_not_there_or_not_named_takes_nobody(nobody, make):
    await make.hospital()
    unknown = await nobody.post("/auth/register", account(), headers={"X-Hospital-Id": "999999"})
    assert unknown.status_code == 404
    unnamed = await Caller(nobody.http, {}).post("/auth/register", account())
    assert (unnamed.status_code, list(unnamed.json()["error"]["details"])) == (400, ["hospital_id"])


async def test_the_hospital_may_be_named_in_the_address(nobody, make, hospital, outpatient):
    await make.hospital()
    for name in ("hospital_id", "hospitalId"):
        body = account()
        made = await Caller(nobody.http, {}).post(f"/auth/register?{name}={hospital.id}", body)
        assert made.status_code == 201, made.text
        async with outpatient.database.reading() as tx:
            record = await tx.one_or_none(select(Patient).where(Patient.email == body["email"]))
        assert record.hospital_id == hospital.id


async def test_a_wrong_code_makes_no_doctor(nobody, outpatient):
    body = account("doctor", invitation_code="DOC2024SECRES")
    refused = await nobody.post("/auth/register", body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "INVALID_INVITATION_CODE")
    assert await count_users(outpatient, body["email"]) == 0


async def test_codes_can_be_tried_ten_times_from_an_address(outpatient, hospital, clock):
    headers = {"X-Hospital-Id": str(hospital.id)}
    async with (
        program_like(outpatient, address="192.0.2.77", **DOCUMENTED) as (program, client),
        client_of(program, "192.0.2.78") as other,
    ):
        caller, elsewhere = Caller(client, headers), Caller(other, headers)
        wrong = [caller.post("/auth/register", account("doctor", invitation_code=f"guess {n}")) for n in range(30)]
        answers = Counter(answer.status_code for answer in await asyncio.gather(*wrong))
        assert answers == {403: 10, 429: 20}
        shut = await caller.post("/auth/register", account("doctor"))
        assert shut.status_code == 429
        assert shut.json()["error"]["retry_after"] == int(shut.headers["retry-after"]) == 900
        assert (await caller.post("/auth/register", account())).status_code == 201  # patients need no code
        assert (await elsewhere.post("/auth/register", account("doctor"))).status_code == 201
        clock.advance(minutes=15)
        assert (await caller.post("/auth/register", account("doctor"))).status_code == 201


async def test_a_right_code_clears_the_wrong_ones_before_it(outpatient, hospital, clock):
    async with program_like(outpatient, address="192.0.2.79", **DOCUMENTED) as (_, client):
        caller = Caller(client, {"X-Hospital-Id": str(hospital.id)})
        for _ in range(2):
            for _ in range(9):
                wrong = await caller.post("/auth/register", account("doctor", invitation_code="guess"))
                assert wrong.status_code == 403
            assert (await caller.post("/auth/register", account("doctor"))).status_code == 201


async def test_without_a_code_no_doctor_registers(outpatient, hospital):
    async with program_like(outpatient, doctor_invitation_code="") as (_, client):
        caller = Caller(client, {"X-Hospital-Id": str(hospital.id)})
        for given in ("", CODE, None):
            refused = await caller.post("/auth/register", account("doctor", invitation_code=given))
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "REGISTRATION_CLOSED")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, CODE),
        ({"doctor_invitation_code": "a code of our own"}, "a code of our own"),
        ({"environment": "production"}, ""),
        ({"environment": "production", "doctor_invitation_code": "a code of our own"}, "a code of our own"),
    ],
)
def test_the_documented_code_is_good_in_development_only(given, code):
    settings = Settings(_env_file=None, **given)
    assert settings.invitation_code == code
    assert not any("INVITATION" in weakness for weakness in settings.weaknesses())


async def test_a_hospital_without_an_open_centre_takes_no_doctor(nobody, make, outpatient, as_admin, hospital):
    assert (await as_admin.patch(f"/centres/{hospital.centre_id}/toggle-active")).status_code == 200
    body = account("doctor")
    refused = await nobody.post("/auth/register", body)
    assert refused.status_code == 404
    assert await count_users(outpatient, body["email"]) == 0


# ── signing in ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", ["patient", "doctor"])
async def test_a_token_says_who_and_in_which_role_however_the_address_is_cased(nobody, join, role):
    caller = await join(role, "Some One")
    answer = await nobody.post("/auth/login", {"email": caller.email.upper(), "password": PASSWORD})
    claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    me = (await caller.get("/auth/me")).json()
    assert me == {"id": int(claims["sub"]), "name": "Some One", "email": caller.email, "role": role}
    assert claims["role"] == role
    renewed = await nobody.post("/api/v1/auth/refresh", {"refreshToken": answer.json()["refresh_token"]})
    claims = jwt.decode(renewed.json()["data"]["accessToken"], options={"verify_signature": False})
    assert claims["role"] == role


async def test_staff_of_the_hospital_sign_in_too_with_a_word_of_their_own(nobody, as_front_desk, outpatient):
    await set_password(outpatient, as_front_desk.user_id)
    answer = await nobody.post("/auth/login", {"email": as_front_desk.email, "password": "correct horse battery"})
    claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    assert claims["role"] == "front_desk"
    assert (await at_root(as_front_desk).get("/auth/me")).json()["role"] == "front_desk"


async def test_what_a_token_says_of_the_role_opens_nothing(patient, outpatient):
    """A signed token that claims another role is still who it is."""
    token = patient.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    claims["role"] = "doctor"
    secret = outpatient.settings.jwt_secret
    patient.headers = {"Authorization": f"Bearer {jwt.encode(claims, secret, algorithm='HS256')}"}
    assert (await patient.get("/doctor/profile")).status_code == 403
    assert (await patient.get("/auth/me")).json()["role"] == "patient"


@pytest.mark.parametrize("wrong", [{"password": "password124"}, {"email": "nobody.at.all@example.com"}])
async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(nobody, patient, wrong):
    refused = await nobody.post("/auth/login", {"email": patient.email, "password": PASSWORD, **wrong})
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "INVALID_CREDENTIALS")


async def test_five_tries_per_account_and_address_shared_with_the_api(patient, outpatient, clock):
    bad, good = ({"email": patient.email, "password": word} for word in ("not the password", PASSWORD))
    async with program_like(outpatient, **DOCUMENTED) as (_, client):
        for path in ("/auth/login", "/api/v1/auth/patient/login", "/auth/login", "/auth/login", "/auth/login"):
            assert (await client.post(path, json=bad)).status_code == 401
        shut = await client.post("/auth/login", json=good)
        assert (shut.status_code, shut.json()["error"]["code"]) == (429, "RATE_LIMIT_EXCEEDED")
        assert shut.headers["x-ratelimit-limit"] == "5"
        clock.advance(minutes=15)
        assert (await client.post("/auth/login", json=good)).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "x"}, "email"),
        ({"email": None}, "email"),
        ({"password": ""}, "password"),
        ({"password": 5}, "password"),
    ],
)
async def test_a_login_that_cannot_be_is_refused_by_name(nobody, body, field):
    refused = await nobody.post("/auth/login", {"email": "a@example.com", "password": PASSWORD, **body})
    assert (refused.status_code, list(refused.json()["error"]["details"])) == (400, [field])


async def test_nobody_is_nobody(nobody):
    assert (await nobody.get("/auth/me")).status_code == 401
