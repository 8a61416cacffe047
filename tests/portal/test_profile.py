"""A patient reads and changes his own record: `GET` and `PUT /patient/profile`."""

import pytest
from sqlalchemy import select

from outpatient.models import AuditEntry, Patient, User
from tests.makers import new_phone

pytestmark = pytest.mark.anyio

BODY = {
    "fullName": "Jane Smith Updated",
    "email": "janeupdated@example.com",
    "dateOfBirth": "1990-05-15",
    "gender": "FEMALE",
    "bloodGroup": "A+",
    "emergencyContactName": "John Smith",
    "emergencyContactPhone": "+919876543211",
}


@pytest.fixture
def seed() -> dict:
    """The seed's body, with an address that no other test has given to somebody."""
    return {**BODY, "email": f"jane{new_phone()[1:]}@example.com"}


@pytest.fixture
def looks(outpatient):
    """What the audit knows of a record: (action, who)."""

    async def read(patient_id: int) -> list[tuple[str, int]]:
        async with outpatient.database.reading() as tx:
            entries = select(AuditEntry).where(AuditEntry.subject == "patient", AuditEntry.subject_id == patient_id)
            return [(entry.action, entry.actor_id) for entry in await tx.all(entries.order_by(AuditEntry.id))]

    return read


async def test_it_has_the_keys_of_the_seed_and_no_medical_history(as_patient, outpatient, record_of):
    async with outpatient.database.transaction() as tx:
        (await tx.session.get(Patient, as_patient.patient_id)).medical_history = "Asthma"

    answer = await as_patient.get("/patient/profile")

    data = answer.json()["data"]
    assert data["id"] == as_patient.patient_id
    assert data["fullName"] == "Asha Rao"
    assert data["phone"] == as_patient.phone
    assert {*BODY, "id", "phone"} <= set(data)
    assert "Asthma" not in answer.text


async def test_the_seeds_change(as_patient, seed):
    answer = await as_patient.put("/patient/profile", seed)

    assert answer.status_code == 200, answer.text
    assert answer.json()["message"] == "Profile updated successfully"
    data = (await as_patient.get("/patient/profile")).json()["data"]
    assert {key: data[key] for key in seed} == seed
    assert answer.json()["data"] == data


async def test_what_is_absent_stays_and_null_empties(as_patient, seed):
    await as_patient.put("/patient/profile", seed)

    data = (await as_patient.put("/patient/profile", {"bloodGroup": None})).json()["data"]

    assert data["bloodGroup"] is None
    assert {key: data[key] for key in seed} == {**seed, "bloodGroup": None}


async def test_an_empty_body_changes_nothing_but_is_a_look(as_patient, looks):
    before = (await as_patient.get("/patient/profile")).json()["data"]

    answer = await as_patient.put("/patient/profile", {})

    assert answer.status_code == 200
    assert answer.json()["data"] == before
    me = as_patient.user_id
    assert await looks(as_patient.patient_id) == [("patient.read", me), ("patient.read", me)]


async def test_looks_and_changes_leave_a_trace_a_guardians_too(as_patient, child, looks):
    await as_patient.get("/patient/profile", params={"patientId": child})
    await as_patient.put("/patient/profile", {"bloodGroup": "O-"}, params={"patientId": child})

    me = as_patient.user_id
    assert await looks(child) == [("patient.read", me), ("patient.updated", me)]
    assert await looks(as_patient.patient_id) == []


async def test_his_account_follows_his_name_and_contact(as_patient, seed):
    await as_patient.put("/patient/profile", seed)

    account = (await as_patient.get("/users/me")).json()["data"]
    assert (account["name"], account["email"], account["gender"]) == (
        seed["fullName"],
        seed["email"],
        seed["gender"],
    )
    assert account["phone"] == as_patient.phone


async def test_a_childs_name_is_not_his_own(as_patient, child, record_of):
    answer = await as_patient.put(
        "/patient/profile", {"fullName": "Mira Rao-Iyer", "email": "mira@example.com"}, params={"patientId": child}
    )

    assert answer.status_code == 200, answer.text
    assert (await record_of(child)).full_name == "Mira Rao-Iyer"
    account = (await as_patient.get("/users/me")).json()["data"]
    assert (account["name"], account["email"]) == ("Asha Rao", as_patient.email)
    assert (await record_of(as_patient.patient_id)).full_name == "Asha Rao"


async def test_an_emptied_address_leaves_the_accounts_alone(as_patient, seed):
    await as_patient.put("/patient/profile", {"email": seed["email"]})
    answer = await as_patient.put("/patient/profile", {"email": None})

    assert answer.json()["data"]["email"] is None
    assert (await as_patient.get("/users/me")).json()["data"]["email"] == seed["email"]


async def test_the_phone_is_not_changed_here(as_patient, record_of):
    for phone in ("+919876500000", as_patient.phone, None):
        refused = await as_patient.put("/patient/profile", {"fullName": "Other Name", "phone": phone})

        assert refused.status_code == 400
        assert list(refused.json()["error"]["details"]) == ["phone"]
    assert (await record_of(as_patient.patient_id)).full_name == "Asha Rao"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fullName", ""),
        ("fullName", None),
        ("fullName", "x" * 201),
        ("email", "not an address"),
        ("dateOfBirth", "15/05/1990"),
        ("dateOfBirth", "2026-03-03"),
        ("dateOfBirth", "1890-01-01"),
        ("gender", "CAT"),
        ("bloodGroup", "C+"),
        ("emergencyContactName", ""),
        ("emergencyContactPhone", "12"),
        ("language", "English"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_name(as_patient, field, value):
    before = (await as_patient.get("/patient/profile")).json()["data"]

    refused = await as_patient.put("/patient/profile", {"address": "12 MG Road", field: value})

    assert refused.status_code == 400, refused.text
    assert list(refused.json()["error"]["details"]) == [field]
    assert (await as_patient.get("/patient/profile")).json()["data"] == before


async def test_numbers_and_blood_groups_are_kept_in_one_form(as_patient):
    data = (
        await as_patient.put("/patient/profile", {"emergencyContactPhone": "098765 43211", "bloodGroup": "o positive"})
    ).json()["data"]

    assert (data["emergencyContactPhone"], data["bloodGroup"]) == ("+919876543211", "O+")


async def test_he_cannot_become_another_record(as_patient, child):
    refused = await as_patient.put("/patient/profile", {"fullName": "mira  RAO"})

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "DUPLICATE_ENTRY"


async def test_another_users_address_is_refused_and_nothing_changes(as_patient, as_clinician, outpatient, record_of):
    refused = await as_patient.put("/patient/profile", {"bloodGroup": "A+", "email": as_clinician.email})

    assert refused.status_code == 409
    assert list(refused.json()["error"]["details"]) == ["email"]
    assert (await record_of(as_patient.patient_id)).blood_group is None
    async with outpatient.database.reading() as tx:
        assert await tx.one_or_none(select(User.email).where(User.id == as_patient.user_id)) == as_patient.email


async def test_another_persons_record_is_not_there(as_patient, make, hospital, record_of):
    other = await make.record(hospital)

    for unknown in (other, 2**53 - 1):
        answer = await as_patient.put("/patient/profile", {"fullName": "Mine Now"}, params={"patientId": unknown})
        assert answer.status_code == 404
    assert (await record_of(other)).full_name == "Ravi Kumar"


async def test_only_patients_change_their_profile(make, hospital):
    assert await make.who_may(hospital, lambda who: who.put("/patient/profile", {"gender": "OTHER"})) == {"PATIENT"}
