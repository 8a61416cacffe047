"""A patient asks for a code: `POST /patient-auth/send-otp`."""

import pytest
from sqlalchemy import select

from outpatient.models import Hospital, Patient
from tests.makers import new_phone
from tests.signing import DOCUMENTED, change, everything_stored, messages_to, program_like, sent_code

pytestmark = pytest.mark.anyio

ASK = "/patient-auth/send-otp"


async def test_a_code_comes_over_whatsapp_and_its_digits_are_nowhere_in_the_store(as_nobody, outpatient):
    phone = new_phone()
    answer = await as_nobody.post(ASK, {"phone": phone, "fullName": "Jane Smith"})

    assert answer.status_code == 200
    assert answer.json()["message"] == "OTP sent successfully via WhatsApp"
    assert answer.json()["data"] == {"phone": phone, "expiresIn": 300}
    (text,) = await messages_to(outpatient, phone)
    assert text["channel"] == "whatsapp"
    assert text["body"][:6] not in await everything_stored(outpatient)


async def test_a_known_phone_gets_the_same_answer_as_a_new_one(as_nobody, make, hospital):
    known, new = new_phone(), new_phone()
    await make.record(hospital, phone=known)
    answers = [await as_nobody.post(ASK, {"phone": phone}) for phone in (known, new)]
    assert answers[0].text == answers[1].text.replace(new, known)


async def test_the_name_given_before_proof_changes_nothing_of_an_existing_record(as_nobody, make, hospital, outpatient):
    phone = new_phone()
    record = await make.record(hospital, "Ravi Kumar", phone)
    await as_nobody.post(ASK, {"phone": phone, "fullName": "Somebody Else"})
    otp = await sent_code(outpatient, phone)
    await as_nobody.post("/patient-auth/verify-otp", {"phone": phone, "otp": "000000" if otp != "000000" else "1" * 6})
    async with outpatient.database.reading() as tx:
        found = await tx.all(select(Patient).where(Patient.phone == phone))
    assert [(patient.id, patient.full_name) for patient in found] == [(record, "Ravi Kumar")]

    answer = await as_nobody.post("/patient-auth/verify-otp", {"phone": phone, "otp": otp})

    shown = answer.json()["data"]["patient"]
    assert (shown["id"], shown["fullName"], shown["isNewUser"]) == (record, "Ravi Kumar", False)


async def test_the_fourth_code_within_fifteen_minutes_is_refused(as_nobody, outpatient, hospital):
    body, headers = {"phone": new_phone()}, {"X-Hospital-Id": str(hospital.id)}
    async with program_like(outpatient, **DOCUMENTED) as (_, client):
        answers = [await client.post(f"/api{ASK}", json=body, headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json()["error"]["retryAfter"] == int(answers[3].headers["retry-after"]) > 0


async def test_where_several_hospitals_share_the_address_one_must_be_named(as_nobody, as_stranger, hospital):
    body = {"phone": new_phone()}
    unnamed = await as_nobody.http.post("/api/v1/patient-auth/send-otp", json=body)
    assert unnamed.status_code == 400
    assert list(unnamed.json()["error"]["details"]) == ["hospitalId"]
    named = await as_nobody.http.post(f"/api/v1/patient-auth/send-otp?hospitalId={hospital.id}", json=body)
    assert named.status_code == 200


async def test_a_closed_or_unknown_hospital_is_not_found(as_nobody, outpatient, hospital):
    unknown = await as_nobody.post(ASK, {"phone": new_phone()}, headers={"X-Hospital-Id": str(2**53 - 1)})
    assert unknown.status_code == 404
    await change(outpatient, Hospital, Hospital.id == hospital.id, is_active=False)
    assert (await as_nobody.post(ASK, {"phone": new_phone()})).status_code == 404
