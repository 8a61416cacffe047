"""A user looks at himself: `GET /users/me`."""

import pytest

pytestmark = pytest.mark.anyio

STAFF = ("ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK")


async def test_a_patient_sees_himself_and_his_record(as_patient, hospital):
    answer = await as_patient.get("/users/me")

    assert answer.status_code == 200, answer.text
    assert as_patient.user_id != as_patient.patient_id
    assert answer.json()["data"] == {
        "id": as_patient.user_id,
        "name": "Asha Rao",
        "fullName": "Asha Rao",
        "email": as_patient.email,
        "phone": as_patient.phone,
        "isPhoneProven": True,
        "role": "PATIENT",
        "roleId": 7,
        "age": None,
        "gender": None,
        "photoUrl": None,
        "hospitalId": hospital.id,
        "doctorProfile": None,
        "patientProfile": {
            "patientId": as_patient.patient_id,
            "fullName": "Asha Rao",
            "phone": as_patient.phone,
            "email": None,
            "dateOfBirth": None,
            "gender": None,
            "bloodGroup": None,
            "emergencyContactName": None,
            "emergencyContactPhone": None,
        },
    }


async def test_a_clinician_sees_his_hours(make, hospital):
    hours = ((0, 840, 1020), (0, 540, 780), (6, 1320, 1440))
    clinician = await make.clinician(hospital, hours=hours, default_duration_minutes=20)

    data = (await clinician.get("/users/me")).json()["data"]

    assert data["role"] == "CLINICIAN"
    assert data["patientProfile"] is None
    profile = data["doctorProfile"]
    assert profile["clinicianId"] == clinician.clinician_id
    assert profile["specialization"] == ["Cardiology"]
    assert profile["slotDurationMin"] == 20
    assert next(iter(profile["weeklySchedule"])) == "MONDAY"
    assert profile["weeklySchedule"]["MONDAY"] == [
        {"start": "09:00", "end": "13:00"},
        {"start": "14:00", "end": "17:00"},
    ]
    assert profile["weeklySchedule"]["TUESDAY"] == []
    assert profile["weeklySchedule"]["SUNDAY"] == [{"start": "22:00", "end": "24:00"}]


async def test_a_clinician_without_a_length_of_his_own_has_the_hospitals(make):
    clinician = await make.clinician(await make.hospital(default_duration_minutes=45))

    data = (await clinician.get("/users/me")).json()["data"]

    assert data["doctorProfile"]["slotDurationMin"] == 45


@pytest.mark.parametrize("role", STAFF)
async def test_every_role_sees_himself(make, hospital, role):
    somebody = await make.staff(hospital, role)

    data = (await somebody.get("/users/me")).json()["data"]

    assert (data["id"], data["role"], data["email"]) == (somebody.user_id, role, somebody.email)
    assert data["doctorProfile"] is None


async def test_nobody_is_asked_to_sign_in(as_nobody):
    assert (await as_nobody.get("/users/me")).status_code == 401


async def test_me_is_no_number_of_a_member_of_staff(as_admin):
    """`/users/me` is a literal; `/users/{id}` is the staff's path."""
    assert (await as_admin.get("/users/me")).json()["data"]["id"] == as_admin.user_id
