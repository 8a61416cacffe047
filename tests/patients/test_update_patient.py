"""Changing a patient record: `PUT /patients/{id}`."""

import pytest

from tests.makers import new_phone

pytestmark = pytest.mark.anyio


@pytest.fixture
async def jane(make, hospital) -> int:
    async with make.database.transaction() as tx:
        patient = await make.patient_row(
            tx, hospital, "Jane Smith", new_phone(), address="12 MG Road", medical_history="Asthma"
        )
    return patient.id


async def test_what_is_given_changes_and_the_rest_stays(as_front_desk, as_manager, jane, audited):
    before = (await as_manager.get(f"/patients/{jane}")).json()["data"]

    answer = await as_front_desk.put(f"/patients/{jane}", {"email": "JaneUpdated@example.com", "bloodGroup": "a+"})

    assert answer.status_code == 200
    after = (await as_manager.get(f"/patients/{jane}")).json()["data"]
    assert after == before | {"email": "janeupdated@example.com", "bloodGroup": "A+"}
    assert answer.json()["data"] == after | {"medicalHistory": None}
    assert ("patient.updated", as_front_desk.user_id) in await audited(jane)


async def test_every_field_can_change(as_manager, jane):
    changes = {
        "fullName": "Jane Smith-Jones",
        "phone": new_phone(),
        "email": "j@example.com",
        "dateOfBirth": "1990-05-15",
        "gender": "FEMALE",
        "bloodGroup": "AB-",
        "emergencyContactName": "John",
        "emergencyContactPhone": new_phone(),
        "medicalHistory": "None",
        "address": "Elsewhere",
        "language": "kn",
    }

    answer = await as_manager.put(f"/patients/{jane}", changes)

    assert answer.status_code == 200
    data = (await as_manager.get(f"/patients/{jane}")).json()["data"]
    assert {field: data[field] for field in changes} == changes
    found = await as_manager.get("/patients", params={"search": "smith-jones"})
    assert [one["id"] for one in found.json()["data"]] == [jane]


async def test_null_empties_a_field(as_manager, jane):
    answer = await as_manager.put(f"/patients/{jane}", {"address": None})

    assert answer.status_code == 200
    assert answer.json()["data"]["address"] is None


@pytest.mark.parametrize("field", ["fullName", "phone"])
async def test_name_and_phone_cannot_be_emptied(as_manager, jane, field):
    refused = await as_manager.put(f"/patients/{jane}", {field: None})

    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == [field]


async def test_an_empty_change_is_no_change_but_a_look(as_manager, jane, audited):
    answer = await as_manager.put(f"/patients/{jane}", {})

    assert answer.status_code == 200
    assert answer.json()["data"]["fullName"] == "Jane Smith"
    assert await audited(jane) == [("patient.read", as_manager.user_id)]


async def test_a_repeated_change_happens_once(as_manager, jane, audited):
    for _ in range(2):
        assert (await as_manager.put(f"/patients/{jane}", {"address": "Elsewhere"})).status_code == 200

    assert [action for action, _ in await audited(jane)] == ["patient.updated", "patient.read"]


async def test_nobody_becomes_somebody_else(as_manager, make, hospital, jane):
    shared = new_phone()
    tom = await make.record(hospital, "Tom Smith", shared)

    assert (await as_manager.put(f"/patients/{jane}", {"phone": shared})).status_code == 200
    refused = await as_manager.put(f"/patients/{jane}", {"fullName": "tom smith"})

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "DUPLICATE_ENTRY"
    assert refused.json()["error"]["details"]["id"] == tom
    kept = (await as_manager.get(f"/patients/{jane}")).json()["data"]
    assert kept["fullName"] == "Jane Smith"


async def test_a_name_may_be_spelt_better(as_manager, jane):
    """The record itself is no other record."""
    answer = await as_manager.put(f"/patients/{jane}", {"fullName": "JANE SMITH"})

    assert answer.status_code == 200
    assert answer.json()["data"]["fullName"] == "JANE SMITH"


async def test_the_front_desk_cannot_write_the_medical_history(as_front_desk, as_manager, jane):
    refused = await as_front_desk.put(f"/patients/{jane}", {"medicalHistory": "Healthy", "address": "Elsewhere"})

    assert refused.status_code == 403
    assert refused.json()["error"]["details"] == {"medicalHistory": "Your role may not write the medical history"}
    data = (await as_manager.get(f"/patients/{jane}")).json()["data"]
    assert (data["medicalHistory"], data["address"]) == ("Asthma", "12 MG Road")


async def test_a_record_sent_back_as_the_front_desk_saw_it_loses_nothing(as_front_desk, as_manager, jane):
    seen = (await as_front_desk.get(f"/patients/{jane}")).json()["data"]

    answer = await as_front_desk.put(f"/patients/{jane}", seen | {"address": "Elsewhere"})

    assert answer.status_code == 200, answer.text
    data = (await as_manager.get(f"/patients/{jane}")).json()["data"]
    assert (data["medicalHistory"], data["address"]) == ("Asthma", "Elsewhere")


@pytest.mark.parametrize(
    ("field", "value"), [("dateOfBirth", "2030-01-01"), ("bloodGroup", "X"), ("phone", "1"), ("email", "x@")]
)
async def test_bad_input_is_refused_by_field(as_manager, jane, field, value):
    refused = await as_manager.put(f"/patients/{jane}", {field: value})

    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == [field]


async def test_who_may_change(answers_by_role, jane):
    assert await answers_by_role("PUT", f"/patients/{jane}", {"address": "Elsewhere"}) == {
        "NOBODY": 401,
        "STRANGER": 404,
        "PATIENT": 403,
        "ADMIN": 200,
        "MANAGER": 200,
        "CENTRE_MANAGER": 200,
        "CARE_COORDINATOR": 200,
        "FRONT_DESK": 200,
        "CLINICIAN": 403,
    }


async def test_whoever_holds_the_old_number_reaches_the_record_no_more(as_front_desk, as_patient):
    assert (await as_patient.get("/patient-auth/me")).status_code == 200

    answer = await as_front_desk.put(f"/patients/{as_patient.patient_id}", {"phone": new_phone()})

    assert answer.status_code == 200, answer.text
    assert (await as_patient.get("/patient-auth/me")).status_code == 403
