"""Who am I: `GET /auth/me` and `GET /patient-auth/me`."""

from datetime import date

import pytest

from outpatient.core.terms import Gender
from outpatient.models import Patient, User
from tests.signing import change

pytestmark = pytest.mark.anyio


@pytest.fixture
def persona(request):
    """The persona whose fixture the test names."""
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize(
    ("persona", "number", "role"),
    [
        ("as_admin", 1, "ADMIN"),
        ("as_manager", 2, "MANAGER"),
        ("as_clinician", 3, "CLINICIAN"),
        ("as_centre_manager", 4, "CENTRE_MANAGER"),
        ("as_care_coordinator", 5, "CARE_COORDINATOR"),
        ("as_front_desk", 6, "FRONT_DESK"),
        ("as_patient", 7, "PATIENT"),
    ],
    indirect=["persona"],
)
async def test_everybody_may_ask_who_he_is(persona, number, role):
    answer = await persona.get("/auth/me")
    assert answer.status_code == 200
    me = answer.json()["data"]
    assert me == {
        "id": persona.user_id,
        "fullName": me["fullName"],
        "phone": persona.phone,
        "email": persona.email,
        "username": me["username"],
        "roleId": number,
        "roleName": role,
        "hospitalId": persona.hospital_id,
        "clinicianId": persona.clinician_id or None,
        "patientId": persona.patient_id or None,
        "isActive": True,
    }


async def test_what_changes_in_the_store_changes_in_the_answer(as_manager, outpatient):
    await change(outpatient, User, User.id == as_manager.user_id, full_name="New Name", email="new-name-1@example.com")
    me = (await as_manager.get("/auth/me")).json()["data"]
    assert (me["fullName"], me["email"]) == ("New Name", "new-name-1@example.com")


async def test_a_patient_sees_his_own_record(as_patient, outpatient):
    about = {
        "full_name": "Jane Smith",
        "email": "jane@example.com",
        "date_of_birth": date(1990, 5, 15),
        "gender": Gender.FEMALE,
        "blood_group": "O+",
        "emergency_contact_name": "John Smith",
        "emergency_contact_phone": "+919876543211",
    }
    before = (await as_patient.get("/patient-auth/me")).json()["data"]
    assert (before["fullName"], before["bloodGroup"], before["dateOfBirth"]) == ("Asha Rao", None, None)
    await change(outpatient, Patient, Patient.id == as_patient.patient_id, **about)
    assert (await as_patient.get("/patient-auth/me")).json()["data"] == {
        "id": as_patient.patient_id,
        "fullName": "Jane Smith",
        "phone": as_patient.phone,
        "email": "jane@example.com",
        "dateOfBirth": "1990-05-15",
        "gender": "FEMALE",
        "bloodGroup": "O+",
        "emergencyContactName": "John Smith",
        "emergencyContactPhone": "+919876543211",
    }


async def test_a_record_erased_a_moment_ago_is_not_found(as_patient, outpatient, clock):
    assert (await as_patient.get("/patient-auth/me")).status_code == 200
    await change(outpatient, Patient, Patient.id == as_patient.patient_id, deleted_at=clock.now())
    assert (await as_patient.get("/patient-auth/me")).status_code == 404
    clock.advance(seconds=5)
    assert (await as_patient.get("/patient-auth/me")).status_code == 403


async def test_staff_have_no_patients_page_and_nobody_has_any(as_admin, as_clinician, as_nobody):
    assert (await as_admin.get("/patient-auth/me")).status_code == 403
    assert (await as_clinician.get("/patient-auth/me")).status_code == 403
    assert (await as_nobody.get("/patient-auth/me")).status_code == 401
    assert (await as_nobody.get("/auth/me")).status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer x.y.z", "Bearer \xff", "Bearer a b"])
async def test_what_is_no_token_is_refused(as_nobody, header):
    answer = await as_nobody.get("/auth/me", headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] in {"UNAUTHORIZED", "INVALID_TOKEN"}
