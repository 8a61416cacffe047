"""Looking at a patient record: `GET /patients/{id}`."""

import pytest

from outpatient.models import Patient

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ill(make, hospital) -> int:
    """A record with a medical history."""
    async with make.database.transaction() as tx:
        patient = await make.patient_row(tx, hospital, "Ravi Kumar", None, medical_history="No known allergies")
    return patient.id


async def test_a_record_has_every_key_of_the_seed(as_manager, ill):
    answer = await as_manager.get(f"/patients/{ill}")

    assert answer.status_code == 200
    data = answer.json()["data"]
    assert data["id"] == ill
    assert data["fullName"] == "Ravi Kumar"
    assert data["medicalHistory"] == "No known allergies"
    assert set(data) >= {
        "id",
        "fullName",
        "phone",
        "email",
        "dateOfBirth",
        "gender",
        "bloodGroup",
        "emergencyContactName",
        "emergencyContactPhone",
        "medicalHistory",
        "createdAt",
    }


async def test_the_front_desk_sees_the_record_without_the_medical_history(as_front_desk, ill):
    data = (await as_front_desk.get(f"/patients/{ill}")).json()["data"]

    assert data["fullName"] == "Ravi Kumar"
    assert data["medicalHistory"] is None


async def test_a_clinician_reads_any_record_of_his_hospital(as_clinician, ill):
    data = (await as_clinician.get(f"/patients/{ill}")).json()["data"]

    assert data["medicalHistory"] == "No known allergies"


async def test_every_look_leaves_a_trace(as_clinician, as_front_desk, ill, audited):
    await as_clinician.get(f"/patients/{ill}")
    await as_front_desk.get(f"/patients/{ill}")
    await as_clinician.get(f"/patients/{ill}")

    assert await audited(ill) == [
        ("patient.read", as_clinician.user_id),
        ("patient.read", as_front_desk.user_id),
        ("patient.read", as_clinician.user_id),
    ]


async def test_a_refused_look_leaves_none(as_stranger, as_patient, as_nobody, ill, audited):
    assert (await as_stranger.get(f"/patients/{ill}")).status_code == 404
    assert (await as_patient.get(f"/patients/{ill}")).status_code == 403
    assert (await as_nobody.get(f"/patients/{ill}")).status_code == 401

    assert await audited(ill) == []


async def test_a_users_id_finds_no_patient(as_admin, as_patient):
    """Two id spaces, one path: the user's number belongs to nobody's record, or to somebody else's."""
    assert as_patient.user_id != as_patient.patient_id

    answer = await as_admin.get(f"/patients/{as_patient.user_id}")

    assert answer.status_code == 404 or answer.json()["data"]["fullName"] != "Asha Rao"
    own = await as_admin.get(f"/patients/{as_patient.patient_id}")
    assert own.json()["data"]["fullName"] == "Asha Rao"


async def test_a_removed_record_is_not_there(as_admin, make, ill):
    async with make.database.transaction() as tx:
        (await tx.session.get(Patient, ill)).deleted_at = tx.now

    assert (await as_admin.get(f"/patients/{ill}")).status_code == 404


@pytest.mark.parametrize("unknown", [2**53 - 1, 2**53, 2**70, 0])
async def test_an_id_that_nobody_has_is_refused_calmly(as_admin, unknown):
    assert (await as_admin.get(f"/patients/{unknown}")).status_code in {400, 404}


async def test_who_may_look(answers_by_role, ill):
    assert await answers_by_role("GET", f"/patients/{ill}") == {
        "NOBODY": 401,
        "STRANGER": 404,
        "PATIENT": 403,
        "ADMIN": 200,
        "MANAGER": 200,
        "CENTRE_MANAGER": 200,
        "CARE_COORDINATOR": 200,
        "FRONT_DESK": 200,
        "CLINICIAN": 200,
    }
