"""`DELETE /clinicians/{id}/open-slots/{id}`."""

import pytest

pytestmark = pytest.mark.anyio


@pytest.fixture
async def path(as_admin, as_clinician) -> str:
    """An open slot of Sunday evening."""
    base = f"/clinicians/{as_clinician.clinician_id}/open-slots"
    made = await as_admin.post(base, {"date": "2026-03-08", "startTime": "18:00", "endTime": "18:30"})
    return f"{base}/{made.json()['data']['id']}"


@pytest.fixture
def wish(as_clinician):
    return {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-08", "appointmentTime": "18:00"}


async def test_it_is_offered_no_more_and_a_repeat_answers_the_same(path, as_admin, as_patient, ask, wish):
    assert await ask.free("2026-03-08") == ["18:00:00"]
    gone = await as_admin.delete(path)
    assert gone.status_code == 200
    assert gone.json()["data"]["removedAt"] == "2026-03-02T03:30:00Z"
    assert await ask.day("2026-03-08") == {}
    assert (await as_patient.post("/appointments", wish)).status_code == 409
    assert (await as_admin.delete(path)).json() == gone.json()


async def test_a_booked_one_stays_until_the_appointment_is_cancelled(path, as_admin, as_patient, wish):
    booked = (await as_patient.post("/appointments", wish)).json()["data"]["id"]
    refused = await as_admin.delete(path)
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "SLOT_BOOKED"
    assert (await as_admin.delete(f"/appointments/{booked}")).status_code == 200
    assert (await as_admin.delete(path)).status_code == 200


async def test_a_hold_that_ran_out_does_not_keep_it(path, make, hospital, as_patient, wish, clock):
    assert (await as_patient.post("/booking/create", wish)).status_code == 201
    admin = await make.staff(hospital, "ADMIN")
    assert (await admin.delete(path)).status_code == 409
    clock.advance(minutes=16)
    later = await make.staff(hospital, "ADMIN")
    assert (await later.delete(path)).status_code == 200


async def test_who_may_remove_one(make, hospital, as_clinician, path):
    base = f"/clinicians/{as_clinician.clinician_id}/open-slots"

    async def call(persona):
        if not persona.clinician_id:
            return await persona.delete(path)
        own = f"/clinicians/{persona.clinician_id}/open-slots"
        made = await persona.post(own, {"date": "2026-03-08", "startTime": "18:00", "endTime": "18:30"})
        return await persona.delete(f"{own}/{made.json()['data']['id']}")

    assert await make.who_may(hospital, call) == {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CLINICIAN"}
    assert base in path


async def test_where_he_has_no_say_it_does_not_exist(make, hospital, path, as_stranger, as_admin):
    colleague = await make.clinician(hospital)
    elsewhere = await make.staff(hospital, "CENTRE_MANAGER", centre_id=await make.centre(hospital))
    for persona in (colleague, elsewhere, as_stranger):
        assert (await persona.delete(path)).status_code == 404
    other = f"/clinicians/{colleague.clinician_id}/open-slots/{path.rpartition('/')[2]}"
    assert (await as_admin.delete(other)).status_code == 404
