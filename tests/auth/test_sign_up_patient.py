"""A patient makes an account himself: `POST /auth/patient/signup`."""

import pytest
from sqlalchemy import select

from outpatient.models import Patient
from tests.makers import new_phone
from tests.signing import PASSWORD

pytestmark = pytest.mark.anyio

SIGN_UP = "/auth/patient/signup"


def account(**changed) -> dict:
    phone = new_phone()
    row = {"name": "Jane Smith", "email": f"Jane.{phone[1:]}@Example.com", "phone": phone, "password": PASSWORD}
    return {**row, "age": 36, "gender": "female", **changed}


async def test_an_account_is_a_user_with_a_record_and_a_session(as_nobody, outpatient, hospital):
    wanted = account()
    answer = await as_nobody.post(SIGN_UP, wanted)
    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    user = data["user"]
    assert (user["fullName"], user["phone"], user["email"]) == ("Jane Smith", wanted["phone"], wanted["email"].lower())
    assert (user["roleName"], user["hospitalId"]) == ("PATIENT", hospital.id)
    as_nobody.headers["Authorization"] = f"Bearer {data['accessToken']}"
    me = (await as_nobody.get("/patient-auth/me")).json()["data"]
    assert (me["id"], me["gender"]) == (user["patientId"], "FEMALE")
    async with outpatient.database.reading() as tx:
        assert await tx.one_or_none(select(Patient.birth_year).where(Patient.id == me["id"])) == 1990
    login = {"email": wanted["email"], "password": PASSWORD}
    assert (await as_nobody.post("/auth/patient/login", login)).status_code == 200
    assert (await as_nobody.post("/auth/refresh", {"refreshToken": data["refreshToken"]})).status_code == 200


async def test_age_and_gender_may_be_left_out(as_nobody):
    wanted = account()
    del wanted["age"], wanted["gender"]
    assert (await as_nobody.post(SIGN_UP, wanted)).status_code == 201


async def test_a_phone_that_a_record_or_a_user_has_needs_a_code(as_nobody, make, hospital, as_manager):
    known = new_phone()
    await make.record(hospital, phone=known)
    for phone in (known, as_manager.phone):
        refused = await as_nobody.post(SIGN_UP, account(phone=phone))
        assert refused.status_code == 409
        assert refused.json()["error"]["code"] == "DUPLICATE_ENTRY"
        assert list(refused.json()["error"]["details"]) == ["phone"]


async def test_an_email_belongs_to_one_user(as_nobody):
    wanted = account()
    assert (await as_nobody.post(SIGN_UP, wanted)).status_code == 201
    refused = await as_nobody.post(SIGN_UP, account(email=wanted["email"].upper()))
    assert refused.status_code == 409
    assert list(refused.json()["error"]["details"]) == ["email"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("email", "jane"),
        ("phone", "12"),
        ("password", "short"),
        ("password", "password"),
        ("password", "x" * 129),
        ("age", -1),
        ("age", 131),
        ("age", "old"),
        ("gender", "blue"),
    ],
)
async def test_bad_input_is_refused_by_name(as_nobody, field, value):
    refused = await as_nobody.post(SIGN_UP, account(**{field: value}))
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "VALIDATION_ERROR"
    assert list(refused.json()["error"]["details"]) == [field]
    assert str(refused.json()["error"]["details"][field])
    assert "x" * 129 not in refused.text
