"""A user changes himself: `PATCH /users/me`."""

import pytest
from sqlalchemy import select

from outpatient.models import AuditEntry, User
from tests.makers import new_phone
from tests.signing import sent_code

pytestmark = pytest.mark.anyio


async def test_every_documented_field_can_change(as_patient):
    changes = {"name": "Asha Rao-Iyer", "email": "New@Example.com", "age": 41, "gender": "female"}

    answer = await as_patient.patch("/users/me", changes)

    assert answer.status_code == 200, answer.text
    data = (await as_patient.get("/users/me")).json()["data"]
    assert data == answer.json()["data"]
    assert {key: data[key] for key in ("name", "fullName", "email", "age", "gender")} == {
        "name": "Asha Rao-Iyer",
        "fullName": "Asha Rao-Iyer",
        "email": "new@example.com",
        "age": 41,
        "gender": "FEMALE",
    }
    assert (await as_patient.get("/auth/me")).json()["data"]["fullName"] == "Asha Rao-Iyer"


async def test_a_change_is_audited_and_no_change_is_not(as_clinician, outpatient):
    async def changes() -> list[str]:
        async with outpatient.database.reading() as tx:
            mine = select(AuditEntry.action).where(
                AuditEntry.subject == "user", AuditEntry.subject_id == as_clinician.user_id
            )
            return [action for action in await tx.all(mine) if action.startswith("account.")]

    assert (await as_clinician.patch("/users/me", {})).status_code == 200
    assert (await as_clinician.patch("/users/me", {"name": "Clinician"})).status_code == 200
    assert await changes() == []

    await as_clinician.patch("/users/me", {"name": "Dr. Who"})
    assert await changes() == ["account.updated"]


async def test_a_new_phone_is_unproven_and_the_record_keeps_what_the_clinic_wrote(as_patient):
    old, new = as_patient.phone, new_phone()

    answer = await as_patient.patch("/users/me", {"phone": f"{new[:3]} {new[3:]}"})

    data = answer.json()["data"]
    assert (data["phone"], data["isPhoneProven"]) == (new, False)
    assert data["patientProfile"]["phone"] == old


async def test_a_new_phone_opens_no_record_of_others(as_patient, make, hospital):
    somebody_elses = new_phone()
    theirs = await make.record(hospital, "Somebody Else", somebody_elses)

    assert (await as_patient.patch("/users/me", {"phone": somebody_elses})).status_code == 200

    make.outpatient.callers.forget(as_patient.user_id)
    wish = {"patientId": theirs, "clinicianId": 1, "appointmentDate": "2026-03-03", "appointmentTime": "10:00:00"}
    assert (await as_patient.post("/appointments", wish)).status_code == 404
    mine = (await as_patient.get("/users/me")).json()["data"]["patientProfile"]
    assert mine["patientId"] == as_patient.patient_id


async def test_who_holds_a_phone_that_somebody_else_claimed_gets_an_account_of_his_own(
    as_patient, as_nobody, make, hospital, outpatient
):
    """A slip of the keyboard must not hand a patient's account, and so his record, to the number's owner."""
    slip = new_phone()
    assert (await as_patient.patch("/users/me", {"phone": slip})).status_code == 200

    await as_nobody.post("/patient-auth/send-otp", {"phone": slip, "fullName": "The Owner"})
    code = {"phone": slip, "otp": await sent_code(outpatient, slip)}
    signed_in = (await as_nobody.post("/patient-auth/verify-otp", code)).json()["data"]

    assert signed_in["patient"]["id"] != as_patient.patient_id
    as_nobody.headers["Authorization"] = f"Bearer {signed_in['accessToken']}"
    assert (await as_nobody.get("/users/me")).json()["data"]["id"] != as_patient.user_id
    mine = (await as_patient.get("/users/me")).json()["data"]
    assert mine["phone"] is None
    assert mine["patientProfile"]["patientId"] == as_patient.patient_id


async def test_the_same_phone_again_stays_proven(as_patient):
    answer = await as_patient.patch("/users/me", {"phone": as_patient.phone})

    assert answer.json()["data"]["isPhoneProven"] is True


@pytest.mark.parametrize(("field", "value"), [("email", "Taken@Example.com"), ("phone", "+919799999999")])
async def test_what_belongs_to_somebody_else_is_refused(as_patient, as_admin, outpatient, field, value):
    assert (await as_admin.patch("/users/me", {field: value})).status_code == 200

    refused = await as_patient.patch("/users/me", {field: value, "name": "Not Kept"})

    assert refused.status_code == 409, refused.text
    assert refused.json()["error"]["code"] == "DUPLICATE_ENTRY"
    assert list(refused.json()["error"]["details"]) == [field]
    async with outpatient.database.reading() as tx:
        assert (await tx.session.get(User, as_patient.user_id)).full_name == "Asha Rao"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("name", " "),
        ("email", None),
        ("email", "no"),
        ("phone", "1"),
        ("phone", None),
        ("age", 200),
        ("gender", "ROBOT"),
    ],
)
async def test_bad_input_is_refused_by_field(as_patient, field, value):
    refused = await as_patient.patch("/users/me", {field: value})

    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == [field]


async def test_age_and_gender_may_be_emptied(as_patient):
    await as_patient.patch("/users/me", {"age": 41, "gender": "MALE"})

    data = (await as_patient.patch("/users/me", {"age": None, "gender": None})).json()["data"]

    assert (data["age"], data["gender"]) == (None, None)


async def test_nobody_gives_himself_a_role(as_front_desk):
    answer = await as_front_desk.patch("/users/me", {"role": "ADMIN", "roleId": 1, "isSuperadmin": True})

    assert answer.status_code == 200
    assert answer.json()["data"]["role"] == "FRONT_DESK"


async def test_nobody_is_asked_to_sign_in(as_nobody):
    assert (await as_nobody.patch("/users/me", {"name": "X"})).status_code == 401


async def test_a_patients_own_record_follows_him(as_patient, as_front_desk):
    changed = await as_patient.patch("/users/me", {"name": "Asha New", "gender": "FEMALE", "age": 31})
    assert changed.json()["data"]["patientProfile"]["fullName"] == "Asha New"
    seen = (await as_front_desk.get(f"/patients/{as_patient.patient_id}")).json()["data"]
    assert (seen["fullName"], seen["gender"]) == ("Asha New", "FEMALE")
