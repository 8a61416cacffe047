"""`POST /clinicians`: account, role and profile at once."""

import pytest
from sqlalchemy import func, select

from outpatient.models import User
from tests.makers import new_phone

pytestmark = pytest.mark.anyio


async def test_a_clinician_is_created_as_documented(as_admin, as_nobody, profile, hospital):
    body = profile()

    answer = await as_admin.post("/clinicians", body)

    assert answer.status_code == 201, answer.text
    assert answer.json()["message"] == "Clinician created successfully"
    made = answer.json()["data"]
    assert made["fullName"] == "Dr. Jane Smith"
    assert (made["phone"], made["email"]) == (body["phone"], body["email"])
    assert "password" not in answer.text.lower()
    seen = (await as_nobody.get(f"/clinicians/{made['id']}")).json()["data"]
    assert seen["userId"] == made["userId"]
    for key in (
        "fullName",
        "specialization",
        "qualification",
        "yearsOfExperience",
        "consultationFee",
        "languages",
        "profilePictureUrl",
        "defaultConsultationDurationMinutes",
        "primaryCentreId",
    ):
        assert seen[key] == body[key], key
    assert (seen["isActive"], seen["centreIds"], seen["averageRating"]) == (True, [], None)
    member = (await as_admin.get(f"/users/{made['userId']}")).json()["data"]
    assert (member["roleName"], member["centreId"]) == ("CLINICIAN", hospital.centre_id)


async def test_he_signs_in_with_his_password_and_knows_who_he_is(as_admin, as_nobody, profile):
    body = profile()
    made = (await as_admin.post("/clinicians", body)).json()["data"]

    session = await as_nobody.post("/auth/doctor/login", {"email": body["email"], "password": body["password"]})

    assert session.status_code == 200, session.text
    assert session.json()["data"]["user"]["clinicianId"] == made["id"]
    assert session.json()["data"]["user"]["id"] == made["userId"]


async def test_the_least_is_name_phone_and_centre(as_admin, hospital):
    body = {"fullName": "Dr. Least", "phone": new_phone(), "primaryCentreId": hospital.centre_id}

    made = (await as_admin.post("/clinicians", body)).json()["data"]

    assert (made["specialization"], made["consultationFee"], made["capacity"]) == ([], 0, 1)
    assert made["defaultConsultationDurationMinutes"] == 30


async def test_everything_else_about_him_is_kept(as_admin, profile):
    more = {
        "designation": "Consultant",
        "bio": "Listens.",
        "room": "12B",
        "capacity": 3,
        "dailyPatientLimit": 25,
        "consultationFee": 1500.5,
    }

    made = (await as_admin.post("/clinicians", profile(**more))).json()["data"]

    assert {key: made[key] for key in more} == more


async def test_a_list_may_be_one_word(as_admin, profile):
    made = await as_admin.post(
        "/clinicians", profile(specialization="Cardiology", qualification="MD", languages="Hindi")
    )

    data = made.json()["data"]
    assert (data["specialization"], data["qualification"], data["languages"]) == (["Cardiology"], ["MD"], ["Hindi"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fullName", ""),
        ("phone", "12"),
        ("email", "x"),
        ("password", "12345678"),
        ("primaryCentreId", "first"),
        ("consultationFee", -1),
        ("consultationFee", "free"),
        ("yearsOfExperience", -1),
        ("defaultConsultationDurationMinutes", 0),
        ("capacity", 51),
        ("dailyPatientLimit", 0),
        ("profilePictureUrl", "javascript:alert(1)"),
        ("room", "x" * 41),
    ],
)
async def test_a_bad_field_is_named(as_admin, profile, field, value):
    refused = await as_admin.post("/clinicians", profile(**{field: value}))

    assert refused.status_code == 400, refused.text
    assert refused.json()["error"]["details"].keys() == {field}


async def test_a_missing_centre_is_named(as_admin, profile):
    body = profile()
    del body["primaryCentreId"]

    refused = await as_admin.post("/clinicians", body)

    assert refused.json()["error"]["details"] == {"primaryCentreId": "This field is required"}


async def test_another_hospitals_centre_and_department_are_not_there_and_nothing_is_left(
    as_admin, profile, make, outpatient
):
    other = await make.hospital()
    body = profile(primaryCentreId=other.centre_id)
    assert (await as_admin.post("/clinicians", body)).status_code == 404
    assert (await as_admin.post("/clinicians", {**profile(), "departmentId": 10**9})).status_code == 404

    async with outpatient.database.reading() as tx:
        assert await tx.one_or_none(select(func.count()).select_from(User).where(User.phone == body["phone"])) == 0
    assert (await as_admin.get("/users", params={"roleId": 3})).json()["data"] == []


async def test_somebody_who_works_here_already_is_refused(as_admin, as_front_desk, profile):
    refused = await as_admin.post("/clinicians", profile(phone=as_front_desk.phone))

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "DUPLICATE_ENTRY"
    assert refused.json()["error"]["details"].keys() == {"phone"}


async def test_a_clinician_of_another_hospital_joins_with_the_account_he_has(as_admin, as_stranger, make, profile):
    colleague = await make.clinician(await make.hospital())

    made = (await as_admin.post("/clinicians", profile(phone=colleague.phone))).json()["data"]

    assert made["userId"] == colleague.user_id
    assert made["id"] != colleague.clinician_id
    assert made["fullName"] == "Clinician"


async def test_who_left_comes_back_with_his_id_and_without_his_old_hours(as_admin, as_clinician, profile):
    path = f"/clinicians/{as_clinician.clinician_id}"
    await as_admin.delete(path)

    again = await as_admin.post("/clinicians", profile(phone=as_clinician.phone, consultationFee=900))

    assert again.status_code == 201, again.text
    made = again.json()["data"]
    assert (made["id"], made["userId"]) == (as_clinician.clinician_id, as_clinician.user_id)
    assert (made["consultationFee"], made["centreIds"], made["isActive"]) == (900, [], True)


async def test_a_centre_manager_creates_clinicians_of_his_own_centre(as_centre_manager, profile, make, hospital):
    assert (await as_centre_manager.post("/clinicians", profile())).status_code == 201

    second = await make.centre(hospital)
    assert (await as_centre_manager.post("/clinicians", profile(primaryCentreId=second))).status_code == 404


async def test_who_may_create_clinicians(make, hospital, profile):
    async def create(persona):
        return await persona.post("/clinicians", profile())

    assert await make.who_may(hospital, create) == {"ADMIN", "MANAGER", "CENTRE_MANAGER"}
