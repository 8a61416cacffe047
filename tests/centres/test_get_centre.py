"""`GET /centres/{id}`."""

import pytest

pytestmark = pytest.mark.anyio

ALL = {"ADMIN", "MANAGER", "CLINICIAN", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "PATIENT"}


async def test_a_centre_is_shown_with_every_documented_key(as_patient, hospital):
    shown = (await as_patient.get(f"/centres/{hospital.centre_id}")).json()["data"]

    assert (
        shown.items()
        >= {
            "id": hospital.centre_id,
            "name": "Main centre",
            "city": "Bengaluru",
            "address": None,
            "phone": None,
            "email": None,
            "isActive": True,
            "timeZone": "Asia/Kolkata",
            "createdAt": "2026-03-02T03:30:00Z",
        }.items()
    )


async def test_everybody_who_is_signed_in_sees_a_centre(make, hospital):
    assert await make.who_may(hospital, lambda persona: persona.get(f"/centres/{hospital.centre_id}")) == ALL


async def test_another_hospitals_centre_is_not_there(hospital, as_stranger):
    refused = await as_stranger.get(f"/centres/{hospital.centre_id}")

    assert refused.status_code == 404
    assert refused.json()["error"] == {"code": "NOT_FOUND", "message": "Centre not found", "details": {}}


async def test_another_centre_is_not_there_for_centre_staff(make, hospital, as_front_desk):
    other = await make.centre(hospital)

    assert (await as_front_desk.get(f"/centres/{other}")).status_code == 404


async def test_a_closed_centre_is_not_there_for_patients(make, hospital, as_patient, as_clinician):
    closed = await make.centre(hospital, is_active=False)

    assert (await as_patient.get(f"/centres/{closed}")).status_code == 404
    assert (await as_clinician.get(f"/centres/{closed}")).status_code == 200


@pytest.mark.parametrize("number", ["0", "9007199254740993", "99999999999999999999999999"])
async def test_an_id_that_no_centre_can_have_is_refused(as_admin, number):
    assert (await as_admin.get(f"/centres/{number}")).status_code in {400, 404}
