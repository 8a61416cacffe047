"""The weekly hours of a clinician, for everybody: `GET /clinicians/{id}/availability`."""

import pytest

pytestmark = pytest.mark.anyio


async def test_the_hours_are_public(as_nobody, as_clinician, hospital):
    answer = await as_nobody.get(f"/clinicians/{as_clinician.clinician_id}/availability")
    assert answer.status_code == 200
    assert [rule["dayOfWeek"] for rule in answer.json()["data"]] == [
        "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY",
    ]  # fmt: skip
    assert answer.json()["data"][0] == {
        "dayOfWeek": "MONDAY",
        "startTime": "09:00:00",
        "endTime": "17:00:00",
        "isAvailable": True,
        "centreId": hospital.centre_id,
    }


async def test_who_is_not_there_is_not_found(as_nobody, as_clinician, make, hospital):
    away = await make.clinician(hospital, is_active=False)
    elsewhere = make.nobody(await make.hospital())
    assert (await as_nobody.get(f"/clinicians/{away.clinician_id}/availability")).status_code == 404
    assert (await elsewhere.get(f"/clinicians/{as_clinician.clinician_id}/availability")).status_code == 404
    assert (await as_nobody.get("/clinicians/1000000000/availability")).status_code == 404
    assert (await as_nobody.get(f"/clinicians/{2**63}/availability")).status_code in (400, 404)
