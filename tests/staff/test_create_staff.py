"""`POST /users` and the four paths that name a role."""

import anyio
import pytest
from sqlalchemy import select

from outpatient.models import User
from tests.makers import new_phone

pytestmark = pytest.mark.anyio

OF_ROLE = {
    "managers": (2, "MANAGER"),
    "centre-managers": (4, "CENTRE_MANAGER"),
    "care-coordinators": (5, "CARE_COORDINATOR"),
    "front-desk": (6, "FRONT_DESK"),
}


async def test_an_admin_creates_a_manager_as_documented(as_admin, hospital, person, sign_in):
    body = person(roleId=2, centreId=hospital.centre_id, email="John.Manager+1@Example.com")

    answer = await as_admin.post("/users", body)

    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    assert made == {
        "id": made["id"],
        "fullName": "John Manager",
        "phone": body["phone"],
        "email": "john.manager+1@example.com",
        "username": "john.manager1",
        "roleId": 2,
        "roleName": "MANAGER",
        "centreId": hospital.centre_id,
        "centreIds": [hospital.centre_id],
        "isActive": True,
        "createdAt": "2026-03-02T03:30:00Z",
    }
    session = await sign_in(body)
    assert session.status_code == 200, session.text
    assert session.json()["data"]["user"]["roleName"] == "MANAGER"


@pytest.mark.parametrize("path", OF_ROLE)
async def test_each_role_has_a_path_of_its_own(as_admin, hospital, person, path):
    made = (await as_admin.post(f"/users/{path}", person(centreId=hospital.centre_id))).json()["data"]

    assert (made["roleId"], made["roleName"]) == OF_ROLE[path]
    assert made["centreId"] == hospital.centre_id


async def test_a_manager_needs_no_centre_and_the_others_do(as_admin, person):
    assert (await as_admin.post("/users/managers", person())).status_code == 201
    for path in ("centre-managers", "care-coordinators", "front-desk"):
        refused = await as_admin.post(f"/users/{path}", person())
        assert refused.status_code == 400, path
        assert refused.json()["error"]["details"].keys() == {"centreId"}
    for role_id in (4, 5, 6):
        assert (await as_admin.post("/users", person(roleId=role_id))).status_code == 400


async def test_centre_staff_may_work_at_several_centres(as_admin, hospital, make, person):
    second = await make.centre(hospital)

    made = await as_admin.post("/users/front-desk", person(centreIds=[second, hospital.centre_id]))

    assert made.json()["data"]["centreIds"] == sorted([second, hospital.centre_id])


@pytest.mark.parametrize(
    ("role_id", "why"),
    [(3, "POST /clinicians"), (7, "Must be 1"), (0, "Must be 1"), (8, "Must be 1"), (-1, "Must be 1")],
)
async def test_a_role_that_is_not_given_here_is_refused(as_admin, person, role_id, why):
    refused = await as_admin.post("/users", person(roleId=role_id))

    assert refused.status_code == 400
    assert why in refused.json()["error"]["details"]["roleId"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fullName", " "),
        ("fullName", "\0"),
        ("phone", "call me"),
        ("email", "nobody"),
        ("password", "short"),
        ("password", "password1"),
        ("username", "no spaces please"),
        ("centreId", 0),
    ],
)
async def test_a_bad_field_is_named(as_admin, person, field, value):
    refused = await as_admin.post("/users/managers", person(**{field: value}))

    assert refused.status_code == 400, refused.text
    assert refused.json()["error"]["details"].keys() == {field}


async def test_a_centre_of_another_hospital_is_not_there(as_admin, make, person):
    other = await make.hospital()

    assert (await as_admin.post("/users/front-desk", person(centreId=other.centre_id))).status_code == 404


@pytest.mark.parametrize(("field", "value"), [("email", "Same@Example.com"), ("username", "SAME-name")])
async def test_what_another_user_has_is_refused_by_its_name(as_admin, person, field, value):
    assert (await as_admin.post("/users/managers", person(**{field: value}))).status_code == 201

    refused = await as_admin.post("/users/managers", person(**{field: value.lower()}))

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "DUPLICATE_ENTRY"
    assert refused.json()["error"]["details"].keys() == {field}


async def test_the_same_phone_in_another_spelling_is_the_same_person(as_admin, hire):
    known = await hire()
    spaced = f"0{known['phone'][3:8]} {known['phone'][8:]}"

    refused = await as_admin.post("/users/managers", {"fullName": "Again", "phone": spaced})

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "DUPLICATE_ENTRY"
    assert refused.json()["error"]["details"].keys() == {"phone"}


async def test_ten_at_once_with_one_phone_make_one_person(as_admin, person):
    body = person()
    answers = []

    async def create(number):
        answers.append(await as_admin.post("/users/managers", {**body, "email": f"{number}{body['email']}"}))

    async with anyio.create_task_group() as group:
        for number in range(10):
            group.start_soon(create, number)

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9


async def test_usernames_come_from_the_email_or_the_name_and_stay_unique(as_admin, person):
    phone = new_phone()
    first = await as_admin.post("/users/managers", {"fullName": f"Zoë Zoom {phone}", "phone": phone})
    wanted = f"zoe.zoom.{phone[1:]}"
    assert first.json()["data"]["username"] == wanted

    second = await as_admin.post("/users/managers", person(email=f"{wanted}@example.com"))

    assert second.json()["data"]["username"] == f"{wanted}2"


async def test_somebody_from_another_hospital_joins_with_the_account_he_has(
    as_admin, make, person, sign_in, as_stranger
):
    body = person()
    theirs = (await as_stranger.post("/users/managers", body)).json()["data"]

    answer = await as_admin.post(
        "/users/managers", person(phone=body["phone"], fullName="Somebody Else", password="AnotherPassword1")
    )

    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    assert made["id"] == theirs["id"]
    assert (made["fullName"], made["email"]) == (theirs["fullName"], theirs["email"])
    assert (await sign_in(body, "AnotherPassword1")).status_code == 401
    assert (await sign_in(body)).status_code == 200


async def test_a_phone_that_somebody_signed_up_with_unproven_is_refused(as_admin, as_nobody, person):
    """Neither may a squatter get into the hospital, nor the hospital into an account that it does not know."""
    body = person()
    await as_nobody.post(
        "/auth/patient/signup",
        {"name": "Squatter", "email": body["email"], "phone": body["phone"], "password": "SecurePassword123"},
    )

    refused = await as_admin.post("/users/managers", body)

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "PHONE_UNPROVEN"


async def test_who_works_here_already_is_told_so_whatever_his_phone(as_admin, as_manager, outpatient, person):
    async with outpatient.database.transaction() as tx:
        (await tx.one_or_none(select(User).where(User.id == as_manager.user_id))).phone_proven_at = None

    refused = await as_admin.post("/users/managers", person(phone=as_manager.phone))

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "DUPLICATE_ENTRY"


async def test_somebody_who_left_can_be_taken_on_again(as_admin, hire, hospital, sign_in, make):
    made = await hire()
    second = await make.centre(hospital)
    await as_admin.delete(f"/users/{made['id']}")

    again = await as_admin.post(
        "/users/care-coordinators", {"fullName": "Whoever", "phone": made["phone"], "centreId": second}
    )

    assert again.status_code == 201, again.text
    assert again.json()["data"]["id"] == made["id"]
    assert again.json()["data"]["roleName"] == "CARE_COORDINATOR"
    assert again.json()["data"]["centreIds"] == [second]
    assert (await sign_in(made)).status_code == 200


async def test_passwords_are_hashed_and_new_staff_are_vouched_for(as_admin, person, outpatient):
    made = (await as_admin.post("/users/managers", person())).json()["data"]

    async with outpatient.database.reading() as tx:
        user = await tx.one_or_none(select(User).where(User.id == made["id"]))
    assert user.password_hash.startswith("$argon2id$")
    assert user.phone_proven_at is not None


async def test_without_a_password_one_signs_in_by_a_code(as_admin, hospital, as_nobody, sign_in):
    body = {"fullName": "Codes Only", "phone": new_phone()}
    made = await as_admin.post("/users/managers", body)

    assert made.status_code == 201
    assert made.json()["data"]["email"] is None
    assert (await sign_in(body)).status_code == 401


async def test_new_centre_staff_see_their_centre_only(as_admin, hire, make, hospital, as_nobody, sign_in):
    second = await make.centre(hospital)
    made = await hire("FRONT_DESK")
    token = (await sign_in(made)).json()["data"]["accessToken"]

    seen = await as_nobody.get("/centres", headers={"Authorization": f"Bearer {token}"})

    assert [row["id"] for row in seen.json()["data"]] == [hospital.centre_id]
    assert second not in [row["id"] for row in seen.json()["data"]]


async def test_who_may_create_whom(make, hospital, person):
    async def by(path, **given):
        return await make.who_may(
            hospital, lambda persona: persona.post(path, person(centreId=hospital.centre_id, **given))
        )

    assert await by("/users", roleId=1) == {"ADMIN"}
    assert await by("/users", roleId=6) == {"ADMIN"}
    assert await by("/users/managers") == {"ADMIN"}
    assert await by("/users/centre-managers") == {"ADMIN"}
    assert await by("/users/care-coordinators") == {"ADMIN"}
    assert await by("/users/front-desk") == {"ADMIN", "MANAGER"}


async def test_a_manager_cannot_slip_a_higher_role_in(as_manager, hospital, person):
    made = await as_manager.post("/users/front-desk", person(centreId=hospital.centre_id, roleId=1))

    assert made.json()["data"]["roleName"] == "FRONT_DESK"


async def test_a_superadmin_creates_the_first_admin_of_a_hospital(make, hospital, person):
    made = await (await make.superadmin(hospital)).post("/users", person(roleId=1))

    assert made.status_code == 201, made.text
    assert made.json()["data"]["roleName"] == "ADMIN"
