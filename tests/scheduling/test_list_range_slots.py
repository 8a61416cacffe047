"""A calendar of up to 62 days: `GET /booking/slots-range`."""

import pytest

pytestmark = pytest.mark.anyio

PATH = "/booking/slots-range"


async def days(persona, clinician, first="2026-03-02", last="2026-03-08", **given):
    params = {"clinicianId": clinician.clinician_id, "from": first, "to": last, **given}
    answer = await persona.get(PATH, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["days"]


async def slot_at(persona, clinician, on, time):
    (day,) = await days(persona, clinician, on, on)
    return next(slot for slot in day["slots"] if slot["time"] == time)


async def book(persona, clinician, on="2026-03-03", time="10:00"):
    wish = {"clinicianId": clinician.clinician_id, "appointmentDate": on, "appointmentTime": time}
    made = await persona.post("/appointments", wish)
    assert made.status_code == 201, made.text
    return made.json()["data"]["id"]


async def test_every_day_is_there_with_its_free_slots_counted(as_nobody, as_patient, as_clinician, hospital):
    await book(as_patient, as_clinician)
    found = await days(as_nobody, as_clinician)
    assert [day["date"] for day in found] == [f"2026-03-0{n}" for n in range(2, 9)]
    assert [day["freeCount"] for day in found] == [16, 15, 16, 16, 16, 0, 0]
    assert found[0]["slots"][1] == {
        "time": "09:30:00",
        "start": "2026-03-02T04:00:00Z",
        "end": "2026-03-02T04:30:00Z",
        "available": True,
        "centreId": hospital.centre_id,
        "state": None,
        "blockedBy": None,
    }


async def test_the_public_sees_free_or_not_and_never_why(as_nobody, as_patient, as_clinician, as_stranger):
    await book(as_patient, as_clinician)
    for persona in (as_nobody, as_patient):
        slot = await slot_at(persona, as_clinician, "2026-03-03", "10:00:00")
        assert (slot["available"], slot["state"], slot["blockedBy"]) == (False, None, None)
    hospital_id = as_nobody.headers["X-Hospital-Id"]
    abroad = await slot_at(_with(as_stranger, hospital_id), as_clinician, "2026-03-03", "10:00:00")
    assert (abroad["available"], abroad["state"]) == (False, None)


def _with(persona, hospital_id):
    persona.headers["X-Hospital-Id"] = hospital_id
    return persona


async def test_staff_see_what_takes_a_slot(as_front_desk, as_patient, as_admin, as_clinician, make, hospital):
    booked = await book(as_patient, as_clinician)
    payer = await make.patient(hospital)
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "11:00"}
    held = (await payer.post("/booking/create", wish)).json()["data"]["appointmentId"]
    body = {"date": "2026-03-03", "startTime": "12:00", "endTime": "13:00"}
    path = f"/clinicians/{as_clinician.clinician_id}/time-off"
    off = (await as_admin.post(path, body)).json()["data"]["timeOff"]["id"]

    (day,) = await days(as_front_desk, as_clinician, "2026-03-03", "2026-03-03")

    seen = {slot["time"]: (slot["state"], slot["blockedBy"]) for slot in day["slots"]}
    assert seen["09:00:00"] == ("AVAILABLE", None)
    assert seen["10:00:00"] == ("BOOKED", {"kind": "appointment", "id": booked})
    assert seen["11:00:00"] == ("HELD", {"kind": "appointment", "id": held})
    assert seen["12:00:00"] == seen["12:30:00"] == ("TIME_OFF", {"kind": "timeOff", "id": off})
    assert day["freeCount"] == 12


async def test_staff_see_what_is_over_and_the_public_does_not(as_front_desk, as_nobody, as_clinician, clock):
    clock.advance(minutes=10)
    assert (await slot_at(as_front_desk, as_clinician, "2026-03-02", "09:00:00"))["state"] == "PAST"
    (day,) = await days(as_nobody, as_clinician, "2026-03-02", "2026-03-02")
    assert day["slots"][0]["time"] == "09:30:00"


async def test_staff_of_another_centre_see_what_the_public_sees(make, hospital, as_patient, as_clinician):
    elsewhere = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))
    await book(as_patient, as_clinician)
    slot = await slot_at(elsewhere, as_clinician, "2026-03-03", "10:00:00")
    assert (slot["available"], slot["state"], slot["blockedBy"]) == (False, None, None)


async def test_a_clinician_knows_his_own_calendar_only(make, hospital, as_patient, as_clinician):
    colleague = await make.clinician(hospital)
    await book(as_patient, as_clinician)
    assert (await slot_at(as_clinician, as_clinician, "2026-03-03", "10:00:00"))["state"] == "BOOKED"
    assert (await slot_at(colleague, as_clinician, "2026-03-03", "10:00:00"))["state"] is None


async def test_a_bad_token_is_refused_though_none_is_needed(as_nobody, as_clinician):
    params = {"clinicianId": as_clinician.clinician_id, "from": "2026-03-02", "to": "2026-03-02"}
    refused = await as_nobody.get(PATH, params=params, headers={"Authorization": "Bearer nonsense"})
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "INVALID_TOKEN"


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-03-01", "2026-05-02", "to"),
        ("2026-03-02", "2026-03-01", "to"),
        ("2026-03-02", "soon", "to"),
        ("soon", "2026-03-02", "from"),
    ],
)
async def test_more_than_62_days_or_none_are_refused(as_nobody, as_clinician, first, last, field):
    params = {"clinicianId": as_clinician.clinician_id, "from": first, "to": last}
    refused = await as_nobody.get(PATH, params=params)
    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == [field]


async def test_the_service_and_the_centre_are_heeded(as_nobody, as_clinician, hospital, make_service, make):
    hour, other = await make_service(hospital, 60), await make.centre(hospital)
    assert (await days(as_nobody, as_clinician, "2026-03-03", "2026-03-03", serviceId=hour))[0]["freeCount"] == 8
    assert (await days(as_nobody, as_clinician, "2026-03-03", "2026-03-03", centreId=other))[0]["slots"] == []


async def test_the_number_of_statements_does_not_grow_with_the_days(as_nobody, make, hospital, counting, make_service):
    await make_service(hospital, 45)
    seen = {}
    for last in ("2026-03-02", "2026-03-31", "2026-05-02"):
        clinician = await make.clinician(hospital, department_id=None)
        with counting() as cold:
            assert len((await days(as_nobody, clinician, "2026-03-02", last))[-1]) == 3
        with counting() as warm:
            await days(as_nobody, clinician, "2026-03-02", last)
        seen[last] = (len(cold), len(warm))
    assert set(seen.values()) == {(4, 1)}, seen
