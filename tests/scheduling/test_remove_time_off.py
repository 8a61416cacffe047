"""`GET` and `DELETE /clinicians/{id}/time-off`."""

import pytest

pytestmark = pytest.mark.anyio

TUESDAY = "2026-03-03"


@pytest.fixture
def base(as_clinician) -> str:
    return f"/clinicians/{as_clinician.clinician_id}/time-off"


@pytest.fixture
async def off(as_admin, base) -> int:
    return (await as_admin.post(base, {"date": TUESDAY})).json()["data"]["timeOff"]["id"]


async def test_the_time_is_given_back_and_a_repeat_answers_the_same(as_admin, as_patient, base, off, ask, as_clinician):
    assert await ask.free(TUESDAY) == []
    gone = await as_admin.delete(f"{base}/{off}")
    assert gone.status_code == 200
    assert gone.json()["data"]["removedAt"] == "2026-03-02T03:30:00Z"
    assert len(await ask.free(TUESDAY)) == 16
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": TUESDAY, "appointmentTime": "12:30"}
    assert (await as_patient.post("/appointments", wish)).status_code == 201
    assert (await as_admin.delete(f"{base}/{off}")).json() == gone.json()
    assert (await as_admin.get(base)).json()["data"] == []


async def test_the_same_time_can_be_taken_again(as_admin, base, off):
    await as_admin.delete(f"{base}/{off}")
    again = await as_admin.post(base, {"date": TUESDAY})
    assert again.status_code == 201
    assert again.json()["data"]["timeOff"]["id"] != off


async def test_what_lies_ahead_is_listed_unless_a_period_is_named(as_admin, make, hospital, base, off, clock):
    later = (await as_admin.post(base, {"date": "2026-03-09", "reason": "Leave"})).json()["data"]["timeOff"]
    listed = (await as_admin.get(base)).json()["data"]
    assert [each["id"] for each in listed] == [off, later["id"]]
    assert listed[1] == later
    clock.advance(days=3)
    admin = await make.staff(hospital, "ADMIN")
    assert [each["id"] for each in (await admin.get(base)).json()["data"]] == [later["id"]]
    seen = (await admin.get(base, params={"from": TUESDAY, "to": "2026-03-08"})).json()["data"]
    assert [each["id"] for each in seen] == [off]


async def test_who_may_read_it(make, hospital, as_clinician, base, as_stranger):
    async def call(persona):
        return await persona.get(f"/clinicians/{persona.clinician_id or as_clinician.clinician_id}/time-off")

    assert await make.who_may(hospital, call) == {
        "ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "CLINICIAN",
    }  # fmt: skip
    assert (await as_stranger.get(base)).status_code == 404
    assert (await (await make.clinician(hospital)).get(base)).status_code == 404


@pytest.mark.parametrize("role", ["CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK"])
@pytest.mark.parametrize("page", ["time-off", "open-slots", "on-duty"])
async def test_his_time_is_shown_where_he_sees_patients(make, hospital, as_admin, as_clinician, role, page):
    second = await make.centre(hospital)
    there = await make.staff(hospital, role, centre_id=second)
    path = f"/clinicians/{as_clinician.clinician_id}"
    assert (await (await make.staff(hospital, role)).get(f"{path}/{page}")).status_code == 200
    assert (await there.get(f"{path}/{page}")).status_code == 404
    rules = [{"dayOfWeek": "TUESDAY", "startTime": "18:00", "endTime": "20:00"}]
    hours = await as_admin.put(f"{path}/availability?centreId={second}", {"availabilityRules": rules})
    assert hours.status_code == 200
    assert (await there.get(f"{path}/{page}")).status_code == 200


async def test_a_time_made_by_hand_is_seeing_patients_too(make, hospital, as_admin, as_clinician):
    second = await make.centre(hospital)
    there = await make.staff(hospital, "FRONT_DESK", centre_id=second)
    path = f"/clinicians/{as_clinician.clinician_id}"
    slot = {"centreId": second, "date": "2026-03-07", "startTime": "10:00", "endTime": "10:30"}
    assert (await as_admin.post(f"{path}/open-slots", slot)).status_code == 201
    assert (await there.get(f"{path}/time-off")).status_code == 200


async def test_who_may_give_it_back(make, hospital, as_clinician, base, off):
    async def call(persona):
        if not persona.clinician_id:
            return await persona.delete(f"{base}/{off}")
        own = f"/clinicians/{persona.clinician_id}/time-off"
        made = await persona.post(own, {"date": TUESDAY})
        return await persona.delete(f"{own}/{made.json()['data']['timeOff']['id']}")

    assert await make.who_may(hospital, call) == {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CLINICIAN"}


async def test_where_he_has_no_say_it_does_not_exist(make, hospital, base, off, as_stranger, as_admin):
    colleague = await make.clinician(hospital)
    elsewhere = await make.staff(hospital, "CENTRE_MANAGER", centre_id=await make.centre(hospital))
    for persona in (colleague, elsewhere, as_stranger):
        assert (await persona.delete(f"{base}/{off}")).status_code == 404
    assert (await as_admin.delete(f"/clinicians/{colleague.clinician_id}/time-off/{off}")).status_code == 404
    assert (await as_admin.delete(f"{base}/{off + 10**6}")).status_code == 404
