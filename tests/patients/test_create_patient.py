"""Making a patient record: `POST /patients`."""

import asyncio

import pytest

from tests.makers import new_phone

pytestmark = pytest.mark.anyio


def jane(**given):
    """The body of seed 001's example."""
    return {
        "fullName": "Jane Smith",
        "phone": new_phone(),
        "email": "Jane@Example.com",
        "dateOfBirth": "1990-05-15",
        "gender": "FEMALE",
        "bloodGroup": "O+",
        "emergencyContactName": "John Smith",
        "emergencyContactPhone": "+919876543211",
    } | given


async def test_the_example_of_the_seed_makes_a_record(as_front_desk, as_manager):
    body = jane(address="12 MG Road", language="hi")

    answer = await as_front_desk.post("/patients", body)

    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    assert made == {
        "id": made["id"],
        "fullName": "Jane Smith",
        "phone": body["phone"],
        "email": "jane@example.com",
        "dateOfBirth": "1990-05-15",
        "age": 35,
        "gender": "FEMALE",
        "bloodGroup": "O+",
        "emergencyContactName": "John Smith",
        "emergencyContactPhone": "+919876543211",
        "medicalHistory": None,
        "address": "12 MG Road",
        "language": "hi",
        "createdAt": "2026-03-02T03:30:00Z",
    }
    assert (await as_manager.get(f"/patients/{made['id']}")).json()["data"] == made


async def test_making_a_record_is_audited(as_front_desk, audited):
    made = (await as_front_desk.post("/patients", jane())).json()["data"]

    assert await audited(made["id"]) == [("patient.created", as_front_desk.user_id)]


async def test_only_name_and_phone_are_needed(as_front_desk):
    answer = await as_front_desk.post("/patients", {"fullName": "Jane Smith", "phone": new_phone()})

    assert answer.status_code == 201
    assert answer.json()["data"]["dateOfBirth"] is None
    refused = await as_front_desk.post("/patients", {})
    assert refused.status_code == 400
    assert refused.json()["error"]["details"] == {
        "fullName": "This field is required",
        "phone": "This field is required",
    }


async def test_the_same_phone_and_name_is_the_same_person(as_front_desk):
    phone = new_phone()
    made = (await as_front_desk.post("/patients", jane(phone=phone))).json()["data"]

    as_written = f"{phone[3:8]} {phone[8:]}"
    again = await as_front_desk.post("/patients", jane(phone=as_written, fullName="  jane   SMITH "))

    assert again.status_code == 409
    assert again.json()["error"]["code"] == "DUPLICATE_ENTRY"
    assert again.json()["error"]["details"]["id"] == made["id"]


async def test_two_desks_at_once_make_one_record(as_front_desk, as_admin):
    body = jane()

    answers = await asyncio.gather(*(who.post("/patients", body) for who in (as_front_desk, as_admin) * 4))

    made = [answer.json()["data"]["id"] for answer in answers if answer.status_code == 201]
    known = {answer.json()["error"]["details"]["id"] for answer in answers if answer.status_code == 409}
    assert len(made) == 1
    assert known == set(made)


async def test_a_family_shares_a_phone(as_front_desk):
    phone = new_phone()
    mother = await as_front_desk.post("/patients", jane(phone=phone))
    son = await as_front_desk.post("/patients", jane(phone=phone, fullName="Tom Smith"))

    assert (mother.status_code, son.status_code) == (201, 201)
    found = (await as_front_desk.get("/patients", params={"phone": phone})).json()["data"]
    assert {one["fullName"] for one in found} == {"Jane Smith", "Tom Smith"}


async def test_the_same_person_may_be_known_to_two_hospitals(as_front_desk, as_stranger):
    body = jane()

    assert (await as_front_desk.post("/patients", body)).status_code == 201
    assert (await as_stranger.post("/patients", body)).status_code == 201


@pytest.mark.parametrize("written", ["o+", "O +", "o positive", " O+ "])
async def test_a_blood_group_is_read_as_people_write_it(as_front_desk, written):
    answer = await as_front_desk.post("/patients", jane(bloodGroup=written))

    assert answer.json()["data"]["bloodGroup"] == "O+"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bloodGroup", "C+"),
        ("bloodGroup", 7),
        ("dateOfBirth", "2026-03-03"),
        ("dateOfBirth", "1850-01-01"),
        ("dateOfBirth", "15/05/1990"),
        ("gender", "ROBOT"),
        ("email", "jane"),
        ("phone", "12"),
        ("emergencyContactPhone", "CALL ME"),
        ("age", 131),
        ("age", -1),
        ("language", "English"),
        ("fullName", " "),
        ("fullName", "x" * 201),
        ("fullName", "Jane\x00Smith"),
        ("address", "x" * 501),
    ],
)
async def test_bad_input_is_refused_by_field(as_front_desk, field, value):
    refused = await as_front_desk.post("/patients", jane(**{field: value}))

    assert refused.status_code == 400, refused.text
    assert refused.json()["error"]["code"] == "VALIDATION_ERROR"
    assert list(refused.json()["error"]["details"]) == [field]


async def test_a_child_born_today_by_the_hospitals_calendar_is_a_patient(make, clock):
    """At 20:00 UTC it is tomorrow in Kolkata already."""
    clock.advance(hours=16, minutes=30)
    desk = await make.staff(await make.hospital(), "FRONT_DESK")

    answer = await desk.post("/patients", jane(dateOfBirth="2026-03-03"))

    assert answer.status_code == 201, answer.text
    assert answer.json()["data"]["age"] == 0


async def test_who_does_not_know_his_birthday_gives_his_age(as_front_desk):
    answer = await as_front_desk.post("/patients", {"fullName": "Old Man", "phone": new_phone(), "age": 80})

    assert answer.json()["data"]["age"] == 80
    assert answer.json()["data"]["dateOfBirth"] is None


async def test_a_date_of_birth_wins_over_an_age(as_front_desk):
    answer = await as_front_desk.post("/patients", jane(age=80))

    assert answer.json()["data"]["age"] == 35


async def test_a_very_long_name_in_an_expanding_script_is_kept(as_front_desk):
    answer = await as_front_desk.post("/patients", jane(fullName="ß" * 200))

    assert answer.status_code == 201
    assert answer.json()["data"]["fullName"] == "ß" * 200


async def test_the_medical_history_is_written_by_those_who_may_read_it(as_care_coordinator, as_front_desk, as_manager):
    answer = await as_care_coordinator.post("/patients", jane(medicalHistory="Asthma"))

    assert answer.status_code == 201
    assert answer.json()["data"]["medicalHistory"] == "Asthma"

    phone = new_phone()
    refused = await as_front_desk.post("/patients", jane(phone=phone, medicalHistory="Asthma"))

    assert refused.status_code == 403
    assert list(refused.json()["error"]["details"]) == ["medicalHistory"]
    assert (await as_manager.get("/patients", params={"phone": phone})).json()["data"] == []


async def test_who_may_make_a_record(answers_by_role):
    assert await answers_by_role("POST", "/patients", jane) == {
        "NOBODY": 401,
        "STRANGER": 201,
        "PATIENT": 403,
        "ADMIN": 201,
        "MANAGER": 201,
        "CENTRE_MANAGER": 201,
        "CARE_COORDINATOR": 201,
        "FRONT_DESK": 201,
        "CLINICIAN": 403,
    }
