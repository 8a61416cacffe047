"""`PUT` and `GET /clinicians/{id}/on-duty`."""

import pytest

pytestmark = pytest.mark.anyio


async def test_a_clinician_comes_and_goes(as_clinician, as_front_desk):
    path = f"/clinicians/{as_clinician.clinician_id}/on-duty"
    assert (await as_front_desk.get(path)).json()["data"] == {
        "clinicianId": as_clinician.clinician_id,
        "isOnDuty": False,
    }
    for is_on_duty in (True, True, False):
        answer = await as_clinician.put(path, {"isOnDuty": is_on_duty})
        assert answer.status_code == 200
        assert answer.json()["data"]["isOnDuty"] is is_on_duty
        assert (await as_front_desk.get(path)).json()["data"]["isOnDuty"] is is_on_duty


async def test_saying_it_twice_is_told_once(as_clinician, outpatient):
    from sqlalchemy import select

    from outpatient.models import StoredEvent

    for _ in range(2):
        await as_clinician.put(f"/clinicians/{as_clinician.clinician_id}/on-duty", {"isOnDuty": True})
    async with outpatient.database.reading() as tx:
        told = await tx.all(
            select(StoredEvent.payload).where(
                StoredEvent.name == "clinician.on_duty_set", StoredEvent.subject_id == as_clinician.clinician_id
            )
        )
    assert told == [{"is_on_duty": True}]


async def test_who_may_say_it(make, hospital, as_clinician):
    async def call(persona):
        clinician_id = persona.clinician_id or as_clinician.clinician_id
        return await persona.put(f"/clinicians/{clinician_id}/on-duty", {"isOnDuty": True})

    assert await make.who_may(hospital, call) == {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CLINICIAN"}


async def test_who_may_read_it(make, hospital, as_clinician):
    async def call(persona):
        return await persona.get(f"/clinicians/{persona.clinician_id or as_clinician.clinician_id}/on-duty")

    assert await make.who_may(hospital, call) == {
        "ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "CLINICIAN",
    }  # fmt: skip


async def test_where_he_has_no_say_there_is_no_clinician(make, hospital, as_clinician, as_stranger):
    path = f"/clinicians/{as_clinician.clinician_id}/on-duty"
    elsewhere = await make.staff(hospital, "CENTRE_MANAGER", centre_id=await make.centre(hospital))
    for persona in (await make.clinician(hospital), elsewhere, as_stranger):
        assert (await persona.put(path, {"isOnDuty": True})).status_code == 404


@pytest.mark.parametrize("body", [{}, {"isOnDuty": None}, {"isOnDuty": "perhaps"}])
async def test_it_must_be_said(as_clinician, body):
    refused = await as_clinician.put(f"/clinicians/{as_clinician.clinician_id}/on-duty", body)
    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == ["isOnDuty"]
