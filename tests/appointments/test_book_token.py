"""Booking a token: a place in the queue of a day, without a time (002)."""

from datetime import UTC, datetime

import pytest

from outpatient.core.terms import BookingMode, Prepayment
from outpatient.models import Appointment, Department, Occupancy, TimeOff
from tests.appointments.wishes import (
    MONDAY,
    SATURDAY,
    TUESDAY,
    at_once,
    booked,
    code_of,
    count,
    details_of,
    later,
    occupied,
    payment_of,
    shown,
    visit_of,
    wish,
)

pytestmark = pytest.mark.anyio


def token(clinician, day=TUESDAY, **more):
    return {"clinicianId": clinician.clinician_id, "appointmentDate": day, "bookingType": "TOKEN", **more}


async def test_a_token_is_for_a_day_and_takes_no_time(as_patient, as_clinician, outpatient):
    answer = await as_patient.post("/appointments", token(as_clinician))

    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    assert (made["bookingType"], made["appointmentDate"], made["appointmentTime"]) == ("TOKEN", TUESDAY, None)
    assert (made["start"], made["end"], made["status"]) == (None, None, "PENDING")
    assert await occupied(outpatient, as_clinician) == 0
    visit = await visit_of(outpatient, made["id"])
    assert (visit.status, visit.service_on.isoformat()) == ("EXPECTED", TUESDAY)
    assert (await payment_of(outpatient, made["id"])).amount_minor == 150_000
    assert (await shown(as_patient, made["id"]))["bookingType"] == "TOKEN"


async def test_the_desk_books_tokens_too(as_front_desk, as_clinician):
    body = token(as_clinician, patientPhone="+919812345678", patientName="Jane Smith")
    made = (await as_front_desk.post("/booking/front-desk", body)).json()["data"]
    assert (made["bookingType"], made["bookingSource"]) == ("TOKEN", "FRONT_DESK")


async def test_a_token_has_a_day_and_no_time(as_patient, as_clinician):
    nothing = {"clinicianId": as_clinician.clinician_id, "bookingType": "token"}
    assert "appointmentDate" in details_of(await as_patient.post("/appointments", nothing))
    timed = token(as_clinician, appointmentTime="10:00")
    assert "appointmentTime" in details_of(await as_patient.post("/appointments", timed))
    started = {**nothing, "start": "2026-03-03T04:30:00Z"}
    assert "start" in details_of(await as_patient.post("/appointments", started))


async def test_a_day_without_hours_or_already_over_is_refused(as_patient, as_clinician, clock):
    assert code_of(await as_patient.post("/appointments", token(as_clinician, SATURDAY))) == "SLOT_UNAVAILABLE"
    past = await as_patient.post("/appointments", token(as_clinician, "2026-02-27"))
    assert "appointmentDate" in details_of(past)
    await later(clock, as_patient, hours=7, minutes=30)  # 16:30, the last slot has just begun
    assert (await as_patient.post("/appointments", token(as_clinician, MONDAY))).status_code == 201
    await later(clock, as_patient, minutes=1)
    assert "appointmentDate" in details_of(await as_patient.post("/appointments", token(as_clinician, MONDAY)))


async def test_a_day_beyond_the_horizon_or_off_is_refused(as_patient, as_clinician, outpatient, hospital):
    assert code_of(await as_patient.post("/appointments", token(as_clinician, "2026-06-30"))) == "SLOT_UNAVAILABLE"
    async with outpatient.database.transaction() as tx:
        span = {
            "hospital_id": hospital.id,
            "clinician_id": as_clinician.clinician_id,
            "starts_at": datetime(2026, 3, 2, 20, tzinfo=UTC),
            "ends_at": datetime(2026, 3, 3, 20, tzinfo=UTC),
        }
        off = await tx.add(TimeOff(**span, created_at=tx.now))
        await tx.add(Occupancy(**span, lane=None, time_off_id=off.id))
    assert code_of(await as_patient.post("/appointments", token(as_clinician))) == "SLOT_UNAVAILABLE"


@pytest.mark.parametrize("booking_type", ["TOKEN", "TIME_SLOT"])
async def test_the_daily_limit_holds_under_thirty_at_once(make, outpatient, booking_type):
    hospital = await make.hospital(daily_patient_limit=5)
    clinician = await make.clinician(hospital, hours=((1, 0, 1440),))
    patients = [await make.patient(hospital, f"Patient {n}") for n in range(30)]
    bodies = [
        token(clinician) if booking_type == "TOKEN" else wish(clinician, f"{n // 2:02}:{n % 2 * 30:02}")
        for n in range(30)
    ]

    answers = await at_once(
        *(patient.post("/appointments", body) for patient, body in zip(patients, bodies, strict=True))
    )

    assert answers == {201: 5, 409: 25}
    assert await count(outpatient, Appointment, clinician_id=clinician.clinician_id) == 5
    assert code_of(await patients[0].post("/appointments", token(clinician))) == "DAY_FULL"


async def test_staff_may_go_over_the_limit_and_are_warned(make):
    hospital = await make.hospital(daily_patient_limit=1)
    clinician, patient = await make.clinician(hospital), await make.patient(hospital)
    desk = await make.staff(hospital, "FRONT_DESK", centre_id=hospital.centre_id)
    known = {"patientId": patient.patient_id}

    first = await desk.post("/appointments", token(clinician, **known))
    over = await desk.post("/appointments", token(clinician, **known))
    timed = await desk.post("/appointments", wish(clinician, **known))

    assert (first.status_code, first.json().get("meta")) == (201, None)
    for answer in (over, timed):
        assert answer.status_code == 201
        assert answer.json()["meta"] == {"warnings": ["This day is over the clinician's limit of 1 patients"]}


async def test_a_cancelled_booking_gives_its_place_back(make):
    hospital = await make.hospital(daily_patient_limit=1)
    clinician, patient = await make.clinician(hospital), await make.patient(hospital)
    first = (await patient.post("/appointments", token(clinician))).json()["data"]
    assert code_of(await patient.post("/appointments", token(clinician))) == "DAY_FULL"
    await patient.patch(f"/appointments/{first['id']}/cancel")
    assert (await patient.post("/appointments", token(clinician))).status_code == 201


async def test_a_clinicians_limit_goes_before_the_departments_and_that_before_the_hospitals(make, outpatient):
    hospital = await make.hospital(daily_patient_limit=3)
    department = await _department(outpatient, hospital, daily_patient_limit=2)
    patient = await make.patient(hospital)
    for limit, places in ((1, 1), (None, 2)):
        clinician = await make.clinician(hospital, department_id=department, daily_patient_limit=limit)
        answers = [(await patient.post("/appointments", token(clinician))).status_code for _ in range(places + 1)]
        assert answers == [201] * places + [409]


async def _department(outpatient, hospital, **config):
    async with outpatient.database.transaction() as tx:
        row = Department(
            hospital_id=hospital.id, centre_id=hospital.centre_id, name="Skin", created_at=tx.now, **config
        )
        return (await tx.add(row)).id


@pytest.mark.parametrize(
    ("of_hospital", "of_department", "tokens", "times"),
    [
        (BookingMode.BOTH, None, 201, 201),
        (BookingMode.TOKEN_ONLY, None, 201, 400),
        (BookingMode.TIME_SLOT_ONLY, None, 400, 201),
        (BookingMode.TIME_SLOT_ONLY, BookingMode.TOKEN_ONLY, 201, 400),
        (BookingMode.TOKEN_ONLY, BookingMode.BOTH, 201, 201),
    ],
)
async def test_hospital_and_department_say_what_is_booked(make, outpatient, of_hospital, of_department, tokens, times):
    hospital = await make.hospital(booking_mode=of_hospital)
    department = await _department(outpatient, hospital, booking_mode=of_department)
    clinician, patient = await make.clinician(hospital, department_id=department), await make.patient(hospital)

    assert (await patient.post("/appointments", token(clinician))).status_code == tokens
    assert (await patient.post("/appointments", wish(clinician))).status_code == times


async def test_a_token_is_a_hold_where_all_is_paid_first(make, clock, outpatient):
    hospital = await make.hospital(prepayment=Prepayment.ALL)
    clinician, patient = await make.clinician(hospital), await make.patient(hospital)
    made = (await patient.post("/appointments", token(clinician))).json()["data"]
    assert made["expiresAt"] == "2026-03-02T03:45:00Z"
    await later(clock, patient, minutes=15)
    await outpatient.worker.run_once()
    assert (await shown(patient, made["id"]))["status"] == "CANCELLED"


async def test_a_department_books_with_the_clinician_who_has_fewest_that_day(make, hospital, outpatient, as_patient):
    department = await _department(outpatient, hospital)
    first = await make.clinician(hospital, department_id=department)
    second = await make.clinician(hospital, department_id=department)
    anybody = {"departmentId": department, "appointmentDate": TUESDAY}

    by_token = [
        (await as_patient.post("/appointments", {**anybody, "bookingType": "TOKEN"})).json()["data"]["clinicianId"]
        for _ in range(3)
    ]
    timed = await as_patient.post("/appointments", {**anybody, "appointmentTime": "10:00"})
    same_time = await as_patient.post("/appointments", {**anybody, "appointmentTime": "10:00"})
    too_many = await as_patient.post("/appointments", {**anybody, "appointmentTime": "10:00"})

    assert by_token == [first.clinician_id, second.clinician_id, first.clinician_id]
    assert timed.json()["data"]["clinicianId"] == second.clinician_id
    assert same_time.json()["data"]["clinicianId"] == first.clinician_id
    assert (too_many.status_code, code_of(too_many)) == (409, "SLOT_UNAVAILABLE")
    assert (await shown(as_patient, timed.json()["data"]["id"]))["departmentId"] == department


async def test_today_those_on_duty_are_asked_first(make, hospital, outpatient, as_patient):
    department = await _department(outpatient, hospital)
    await make.clinician(hospital, department_id=department)
    on_duty = await make.clinician(hospital, department_id=department, is_on_duty=True)
    body = {"departmentId": department, "appointmentDate": MONDAY, "appointmentTime": "11:00"}
    assert (await as_patient.post("/appointments", body)).json()["data"]["clinicianId"] == on_duty.clinician_id


async def test_a_department_that_nobody_works_in_asks_for_a_clinician(make, hospital, outpatient, as_patient):
    department = await _department(outpatient, hospital)
    body = {"departmentId": department, "appointmentDate": TUESDAY, "appointmentTime": "10:00"}
    assert "clinicianId" in details_of(await as_patient.post("/appointments", body))
    await make.clinician(hospital, department_id=department, is_active=False)
    assert "clinicianId" in details_of(await as_patient.post("/appointments", body))


async def test_a_clinician_of_another_department_is_refused_by_name(make, hospital, outpatient, as_patient):
    department, other = await _department(outpatient, hospital), await _department(outpatient, hospital)
    clinician = await make.clinician(hospital, department_id=department)
    assert "departmentId" in details_of(await as_patient.post("/appointments", wish(clinician, departmentId=other)))
    assert (await booked(as_patient, clinician, departmentId=department))["clinicianId"] == clinician.clinician_id
