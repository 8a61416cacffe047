"""A patient signs in with a one-time code, and reaches his own record and his family's."""

import asyncio

import pytest
from sqlalchemy import select

from outpatient.core.terms import Kinship
from outpatient.models import Patient, PatientAccess, User
from tests.makers import new_phone
from tests.signing import PASSWORD, change, sent_code, wrong

pytestmark = pytest.mark.anyio


async def sign_in(persona, outpatient, phone, full_name=None, **headers):
    """Ask for a code and use it; answers `data`."""
    body = {"phone": phone, **({"fullName": full_name} if full_name else {})}
    assert (await persona.post("/patient-auth/send-otp", body, headers=headers)).status_code == 200
    otp = await sent_code(outpatient, phone)
    answer = await persona.post("/patient-auth/verify-otp", {"phone": phone, "otp": otp}, headers=headers)
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    persona.headers["Authorization"] = f"Bearer {data['accessToken']}"
    return data


async def kinships(outpatient, phone) -> dict[int, Kinship]:
    async with outpatient.database.reading() as tx:
        found = await tx.all(
            select(PatientAccess).join(User, User.id == PatientAccess.user_id).where(User.phone == phone)
        )
    return {access.patient_id: access.kinship for access in found}


async def test_a_new_patient_signs_in_by_a_code_sent_over_whatsapp(as_nobody, outpatient):
    phone = new_phone()
    data = await sign_in(as_nobody, outpatient, phone, "Jane Smith")

    assert data["patient"] == {
        "id": data["patient"]["id"],
        "fullName": "Jane Smith",
        "phone": phone,
        "email": None,
        "isNewUser": True,
    }
    assert data["accessToken"].count(".") == 2
    assert data["refreshToken"]
    me = await as_nobody.get("/patient-auth/me")
    assert me.json()["data"]["fullName"] == "Jane Smith"
    assert (await sign_in(as_nobody, outpatient, phone))["patient"]["isNewUser"] is False


async def test_one_phone_reaches_the_whole_family_own_record_first(as_nobody, make, hospital, outpatient):
    phone = new_phone()
    child = await make.record(hospital, "Anu Rao", phone)
    own = await make.record(hospital, "Asha Rao", phone)
    grandfather = await make.record(hospital, "Mohan Rao", phone)
    await make.record(hospital, "Asha Rao")

    data = await sign_in(as_nobody, outpatient, phone, "asha  RAO")

    assert data["patient"]["id"] == own
    assert await kinships(outpatient, phone) == {
        child: Kinship.GUARDIAN,
        own: Kinship.SELF,
        grandfather: Kinship.GUARDIAN,
    }
    assert (await as_nobody.get("/patient-auth/me")).json()["data"]["id"] == own
    assert (await as_nobody.get("/auth/me")).json()["data"]["patientId"] == own


async def test_signing_in_again_links_a_record_that_the_desk_made_later(
    as_nobody, as_front_desk, make, hospital, outpatient
):
    phone = new_phone()
    own = (await sign_in(as_nobody, outpatient, phone, "Asha Rao"))["patient"]["id"]
    child = await make.record(hospital, "Anu Rao", phone)
    assert set(await kinships(outpatient, phone)) == {own}

    again = await sign_in(as_nobody, outpatient, phone, "Anu Rao")

    assert again["patient"]["id"] == own
    assert await kinships(outpatient, phone) == {own: Kinship.SELF, child: Kinship.GUARDIAN}


async def test_a_deleted_record_opens_no_door(as_nobody, make, hospital, outpatient):
    phone = new_phone()
    own = await make.record(hospital, "Asha Rao", phone)
    child = await make.record(hospital, "Anu Rao", phone)
    assert (await sign_in(as_nobody, outpatient, phone, "Asha Rao"))["patient"]["id"] == own
    await change(outpatient, Patient, Patient.id == own, deleted_at=outpatient.database.clock.now(), phone=None)
    assert (await sign_in(as_nobody, outpatient, phone, "Asha Rao"))["patient"]["id"] == child
    assert (await as_nobody.get("/patient-auth/me")).json()["data"]["id"] == child


async def test_a_code_is_good_in_the_hospital_that_it_was_asked_for(as_nobody, as_stranger, outpatient, hospital):
    phone = new_phone()
    await as_nobody.post("/patient-auth/send-otp", {"phone": phone})
    right = {"phone": phone, "otp": await sent_code(outpatient, phone)}
    elsewhere = {"X-Hospital-Id": str(as_stranger.hospital_id)}
    refused = await as_nobody.post("/patient-auth/verify-otp", right, headers=elsewhere)
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "INVALID_OTP"
    unnamed = await as_nobody.http.post("/api/patient-auth/verify-otp", json=right)
    assert unnamed.status_code == 200
    bearer = {"Authorization": f"Bearer {unnamed.json()['data']['accessToken']}"}
    assert (await as_nobody.http.get("/api/patient-auth/me", headers=bearer)).status_code == 200
    assert (await as_nobody.http.get("/api/patient-auth/me", headers=bearer | elsewhere)).status_code == 403


async def test_of_fifty_parallel_wrong_guesses_five_are_looked_at(as_nobody, outpatient):
    phone = new_phone()
    await as_nobody.post("/patient-auth/send-otp", {"phone": phone})
    guess = {"phone": phone, "otp": wrong(await sent_code(outpatient, phone))}
    answers = await asyncio.gather(*(as_nobody.post("/patient-auth/verify-otp", guess) for _ in range(50)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 45


async def test_a_right_code_makes_one_patient_however_often_it_is_sent(as_nobody, outpatient):
    phone = new_phone()
    await as_nobody.post("/patient-auth/send-otp", {"phone": phone, "fullName": "Jane Smith"})
    right = {"phone": phone, "otp": await sent_code(outpatient, phone)}
    answers = await asyncio.gather(*(as_nobody.post("/patient-auth/verify-otp", right) for _ in range(20)))
    assert [answer.status_code for answer in answers].count(200) == 1
    async with outpatient.database.reading() as tx:
        assert len(await tx.all(select(Patient.id).where(Patient.phone == phone))) == 1


async def test_a_disabled_user_is_refused(as_patient, as_nobody, outpatient):
    await as_nobody.post("/patient-auth/send-otp", {"phone": as_patient.phone})
    right = {"phone": as_patient.phone, "otp": await sent_code(outpatient, as_patient.phone)}
    await change(outpatient, User, User.id == as_patient.user_id, is_active=False)
    assert (await as_nobody.post("/patient-auth/verify-otp", right)).status_code == 401


async def test_a_self_made_account_with_an_unproven_phone_falls_to_the_phones_holder(
    as_nobody, make, hospital, outpatient
):
    phone, email = new_phone(), f"thief-{new_phone()[1:]}@example.com"
    account = {"name": "Thief", "email": email, "phone": phone, "password": PASSWORD}
    thief = make.nobody(hospital)
    made = (await thief.post("/auth/patient/signup", account)).json()["data"]
    thief.headers["Authorization"] = f"Bearer {made['accessToken']}"
    record = await make.record(hospital, "Asha Rao", phone)
    login = {"email": email, "password": PASSWORD}
    again = (await thief.post("/auth/patient/login", login)).json()["data"]
    thief.headers["Authorization"] = f"Bearer {again['accessToken']}"
    assert (await thief.get("/patient-auth/me")).json()["data"]["fullName"] == "Thief"
    assert record not in await kinships(outpatient, phone)

    await sign_in(as_nobody, outpatient, phone, "Asha Rao")

    assert record in await kinships(outpatient, phone)
    assert (await thief.get("/patient-auth/me")).status_code == 401
    for token in (made["refreshToken"], again["refreshToken"]):
        assert (await thief.post("/auth/refresh", {"refreshToken": token})).status_code == 401
    assert (await thief.post("/auth/patient/login", login)).status_code == 401
    me = (await as_nobody.get("/auth/me")).json()["data"]
    assert (me["phone"], me["email"]) == (phone, None)


async def test_a_member_of_staff_loses_an_unproven_phone_and_nothing_else(as_front_desk, as_nobody, outpatient):
    await change(outpatient, User, User.id == as_front_desk.user_id, phone_proven_at=None)
    data = await sign_in(as_nobody, outpatient, as_front_desk.phone)
    assert data["patient"]["isNewUser"] is True
    assert (await as_nobody.get("/auth/me")).json()["data"]["id"] != as_front_desk.user_id
    still = (await as_front_desk.get("/auth/me")).json()["data"]
    assert (still["roleName"], still["email"], still["phone"]) == ("FRONT_DESK", as_front_desk.email, None)


async def test_a_mistyped_new_phone_gives_its_holder_nothing_of_the_account(as_patient, as_nobody, outpatient):
    theirs = new_phone()
    mistyped = await as_patient.patch("/users/me", {"phone": theirs})
    assert mistyped.status_code == 200, mistyped.text

    data = await sign_in(as_nobody, outpatient, theirs, "Somebody Else")

    assert data["patient"]["isNewUser"] is True
    assert data["patient"]["id"] != as_patient.patient_id
    still = (await as_patient.get("/auth/me")).json()["data"]
    assert (still["patientId"], still["phone"]) == (as_patient.patient_id, None)


async def test_who_is_signed_in_proves_his_new_phone_and_keeps_his_account(as_patient, make, hospital, outpatient):
    phone = new_phone()
    child = await make.record(hospital, "Anu Rao", phone)
    await as_patient.patch("/users/me", {"phone": phone})
    assert child not in await kinships(outpatient, phone)

    data = await sign_in(as_patient, outpatient, phone)

    assert data["patient"]["id"] == as_patient.patient_id
    assert (await as_patient.get("/auth/me")).json()["data"]["id"] == as_patient.user_id
    assert await kinships(outpatient, phone) == {as_patient.patient_id: Kinship.SELF, child: Kinship.GUARDIAN}


async def test_a_token_that_is_no_longer_good_does_not_stand_in_the_way(as_patient, as_nobody, outpatient, clock):
    clock.advance(hours=1)
    as_nobody.headers["Authorization"] = as_patient.headers["Authorization"]
    assert (await sign_in(as_nobody, outpatient, as_patient.phone))["patient"]["id"] == as_patient.patient_id
