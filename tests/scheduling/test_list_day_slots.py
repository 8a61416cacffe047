"""One day's slots for everybody: `GET /booking/available-slots` (seed 001) and `GET /doctors/{id}/slots` (seed 004)."""

from datetime import timedelta

import pytest

from tests.conftest import NOW

pytestmark = pytest.mark.anyio

TUESDAY = "2026-03-03"


async def test_a_booked_time_is_listed_as_not_available(as_nobody, as_patient, as_clinician, hospital):
    params = {"clinicianId": as_clinician.clinician_id, "centreId": hospital.centre_id, "date": TUESDAY}
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": TUESDAY, "appointmentTime": "10:00:00"}
    assert (await as_patient.post("/appointments", wish)).status_code == 201

    answer = await as_nobody.get("/booking/available-slots", params=params)

    assert answer.status_code == 200
    data = answer.json()["data"]
    assert data["date"] == TUESDAY
    assert [slot["time"] for slot in data["availableSlots"] if not slot["available"]] == ["10:00:00"]
    assert data["availableSlots"][0] == {"time": "09:00:00", "available": True, "centreId": hospital.centre_id}


async def test_both_spellings_of_the_query_ask_the_same(as_nobody, as_clinician, hospital, ask):
    params = {"clinician_id": as_clinician.clinician_id, "centre_id": hospital.centre_id, "date": TUESDAY}
    answer = await as_nobody.get("/booking/available-slots", params=params)
    assert {slot["time"]: True for slot in answer.json()["data"]["availableSlots"]} == await ask.day(TUESDAY)


async def test_the_doctors_slots_are_instants_with_their_ends(ask):
    slots = await ask.instants(TUESDAY)
    assert slots[0]["start"] == "2026-03-03T03:30:00Z" and slots[0]["end"] == "2026-03-03T04:00:00Z"
    assert slots[0]["available"] is True
    assert len(slots) == 16


async def test_what_is_over_is_not_listed(ask, clock):
    clock.set(NOW + timedelta(minutes=31))
    assert next(iter(await ask.day("2026-03-02"))) == "10:00:00"
    assert (await ask.instants("2026-03-02"))[0]["start"] == "2026-03-02T04:30:00Z"
    assert await ask.day("2026-02-27") == {}


async def test_a_day_off_has_no_slots(ask):
    assert await ask.day("2026-03-08") == {}


async def test_an_unpaid_hold_that_ran_out_is_free_again_before_anybody_swept_it(
    make, hospital, as_clinician, ask, clock
):
    patient = await make.patient(hospital)
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": TUESDAY, "appointmentTime": "10:00"}
    assert (await patient.post("/booking/create", wish)).status_code == 201
    assert (await ask.day(TUESDAY))["10:00:00"] is False

    clock.advance(minutes=16)

    assert (await ask.day(TUESDAY))["10:00:00"] is True
    other = await make.patient(hospital)
    assert (await other.post("/appointments", wish)).status_code == 201


async def test_a_cancelled_slot_comes_back(as_patient, as_clinician, as_admin, ask):
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": TUESDAY, "appointmentTime": "10:00"}
    made = (await as_patient.post("/appointments", wish)).json()["data"]
    assert (await ask.day(TUESDAY))["10:00:00"] is False
    assert (await as_admin.delete(f"/appointments/{made['id']}")).status_code == 200
    assert (await ask.day(TUESDAY))["10:00:00"] is True


async def test_a_clinician_who_is_not_active_is_not_found(as_nobody, hospital, make):
    clinician = await make.clinician(hospital, is_active=False)
    params = {"clinicianId": clinician.clinician_id, "date": TUESDAY}
    assert (await as_nobody.get("/booking/available-slots", params=params)).status_code == 404


async def test_another_hospital_does_not_list_him(make, as_clinician):
    elsewhere = make.nobody(await make.hospital())
    assert (await elsewhere.get(f"/doctors/{as_clinician.clinician_id}/slots?date={TUESDAY}")).status_code == 404


async def test_the_hospital_may_stand_in_the_query(http, hospital, as_clinician):
    url = f"/api/v1/doctors/{as_clinician.clinician_id}/slots?date={TUESDAY}"
    assert (await http.get(f"{url}&hospitalId={hospital.id}")).status_code == 200


async def test_among_several_hospitals_one_must_be_named(http, make, as_clinician):
    await make.hospital()
    refused = await http.get(f"/api/v1/doctors/{as_clinician.clinician_id}/slots?date={TUESDAY}")
    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == ["hospitalId"]


async def test_a_doctor_whom_no_row_can_be_is_not_found(as_nobody):
    assert (await as_nobody.get(f"/doctors/{2**63}/slots?date={TUESDAY}")).status_code == 404


async def test_the_length_of_the_service_shapes_the_day(make, hospital, make_service, asking):
    clinician = await make.clinician(hospital, hours=((1, 540, 720),), default_duration_minutes=20)
    hour, long = await make_service(hospital, 60), await make_service(hospital, 100)
    ask = asking(make.nobody(hospital), clinician.clinician_id)

    assert (await ask.free(TUESDAY))[:3] == ["09:00:00", "09:20:00", "09:40:00"]
    assert await ask.free(TUESDAY, serviceId=hour) == ["09:00:00", "10:00:00", "11:00:00"]
    assert await ask.free(TUESDAY, service_id=long) == ["09:00:00"]


async def test_a_buffer_is_kept_free_after_each_slot(make, asking):
    hospital = await make.hospital(buffer_minutes=10)
    clinician = await make.clinician(hospital, hours=((1, 540, 660),))
    ask = asking(make.nobody(hospital), clinician.clinician_id)
    assert await ask.free(TUESDAY) == ["09:00:00", "09:40:00", "10:20:00"]


async def test_two_lanes_take_two_patients(make, hospital, asking):
    clinician = await make.clinician(hospital, capacity=2)
    ask = asking(make.nobody(hospital), clinician.clinician_id)
    wish = {"clinicianId": clinician.clinician_id, "appointmentDate": TUESDAY, "appointmentTime": "10:00"}
    for is_still_free in (True, False):
        assert (await (await make.patient(hospital)).post("/appointments", wish)).status_code == 201
        assert (await ask.day(TUESDAY))["10:00:00"] is is_still_free
    assert (await (await make.patient(hospital)).post("/appointments", wish)).status_code == 409


async def test_notice_and_horizon_leave_slots_listed_but_not_free(make, asking):
    hospital = await make.hospital(minimum_notice_minutes=60, booking_horizon_days=3)
    clinician = await make.clinician(hospital)
    ask = asking(make.nobody(hospital), clinician.clinician_id)
    today = await ask.day("2026-03-02")
    assert [time for time, available in today.items() if not available] == ["09:00:00", "09:30:00"]
    assert all((await ask.day("2026-03-05")).values())
    assert not any((await ask.day("2026-03-06")).values()) and await ask.day("2026-03-06")
