"""What the tests of staff share."""

import pytest

from tests.makers import new_phone

ROLE_IDS = {"ADMIN": 1, "MANAGER": 2, "CLINICIAN": 3, "CENTRE_MANAGER": 4, "CARE_COORDINATOR": 5, "FRONT_DESK": 6}


@pytest.fixture
def person():
    """A body as seed 001 has it, of somebody whom nobody knows."""

    def person(**given):
        phone = new_phone()
        body = {
            "fullName": "John Manager",
            "phone": phone,
            "email": f"john{phone[1:]}@example.com",
            "password": "SecurePassword123",
        }
        return {**body, **given}

    return person


@pytest.fixture
def hire(as_admin, hospital, person):
    """Creates staff of a role at the hospital's centre; answers what the API answered."""

    async def hire(role="FRONT_DESK", **given):
        body = person(roleId=ROLE_IDS[role], centreId=hospital.centre_id, **given)
        made = await as_admin.post("/users", body)
        assert made.status_code == 201, made.text
        return {**body, **made.json()["data"]}

    return hire


@pytest.fixture
def sign_in(as_nobody):
    """Tries phone and password; answers the response."""

    async def sign_in(body, password="SecurePassword123"):
        return await as_nobody.post("/auth/login/phone-password", {"phone": body["phone"], "password": password})

    return sign_in
