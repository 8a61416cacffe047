"""Booking a time slot: `POST /appointments`."""

import httpx2
import pytest
from sqlalchemy import text, update

from outpatient.app import create_app
from outpatient.core.clock import SetClock
from outpatient.core.terms import BookingMode
from outpatient.models import Appointment, Clinician, Service
from outpatient.settings import Settings
from tests.appointments.wishes import (
    MONDAY,
    SATURDAY,
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
from tests.conftest import NOW
from tests.makers import Make

pytestmark = pytest.mark.anyio


async def test_a_patient_books_a_free_slot(as_patient, as_clinician):
    made = await booked(as_patient, as_clinician, notes="Cough")

    assert made["appointmentDate"] == "2026-03-03"
    assert made["appointmentTime"] == "10:00:00"
    assert made["start"] == "2026-03-03T04:30:00Z"
    assert made["end"] == "2026-03-03T05:00:00Z"
    assert made["status"] == "PENDING"
    assert made["paymentLink"].startswith("http")
    seen = await shown(as_patient, made["id"])
    assert seen["patientId"] == as_patient.patient_id
    assert seen["consultationFee"] == 1500
    assert seen["notes"] == "Cough"


async def test_a_booking_has_its_visit_and_its_payment(as_patient, as_clinician, outpatient):
    made = await booked(as_patient, as_clinician)

    visit, payment = await visit_of(outpatient, made["id"]), await payment_of(outpatient, made["id"])
    assert (visit.status, visit.service_on.isoformat()) == ("EXPECTED", "2026-03-03")
    assert (payment.status, payment.amount_minor, payment.currency) == ("PENDING", 150_000, "INR")


async def test_a_taken_slot_is_refused_with_the_nearest_free_ones(as_patient, as_clinician, make, hospital):
    await booked(as_patient, as_clinician)
    other = await make.patient(hospital, "Second Patient")

    refused = await other.post("/appointments", wish(as_clinician))

    assert refused.status_code == 409
    assert code_of(refused) == "SLOT_UNAVAILABLE"
    times = [slot["appointmentTime"] for slot in refused.json()["error"]["details"]["nearestSlots"]]
    assert times == ["09:00:00", "09:30:00", "10:30:00", "11:00:00", "11:30:00"]


async def test_fifty_at_once_get_one_slot_once(as_front_desk, as_clinician, make, hospital, outpatient):
    patients = [await make.record(hospital, f"Patient {n}") for n in range(50)]

    answers = await at_once(
        *(as_front_desk.post("/appointments", wish(as_clinician, patientId=patient)) for patient in patients)
    )

    assert answers == {201: 1, 409: 49}
    assert await count(outpatient, Appointment, clinician_id=as_clinician.clinician_id) == 1
    assert await occupied(outpatient, as_clinician) == 1


async def test_a_clinician_with_two_lanes_sees_two_at_once_and_not_three(as_patient, make, hospital):
    clinician = await make.clinician(hospital, capacity=2)

    answers = [(await as_patient.post("/appointments", wish(clinician))).status_code for _ in range(3)]

    assert answers == [201, 201, 409]


async def test_an_instant_books_the_same_slot_as_wall_clock_time(as_patient, as_clinician):
    by_instant = {"doctorId": as_clinician.clinician_id, "start": "2026-03-03T10:00:00+05:30", "reason": "Fever"}

    answer = await as_patient.post("/appointments", by_instant)

    assert answer.status_code == 201
    made = answer.json()["data"]
    assert (made["appointmentTime"], made["clinicianId"]) == ("10:00:00", as_clinician.clinician_id)
    assert (await shown(as_patient, made["id"]))["notes"] == "Fever"


async def test_hours_and_minutes_are_enough(as_patient, as_clinician):
    assert (await booked(as_patient, as_clinician, "10:30"))["appointmentTime"] == "10:30:00"


async def test_wall_clock_time_is_the_centres_whatever_the_zone(as_patient, make, hospital):
    centre = await make.centre(hospital, "America/New_York")
    clinician = await make.clinician(hospital, centre_id=centre)

    assert (await booked(as_patient, clinician, "09:00"))["start"] == "2026-03-03T14:00:00Z"


@pytest.mark.parametrize("time", ["02:00:00", "08:30:00", "17:00:00", "10:15:00", "10:00:30"])
async def test_outside_the_hours_or_off_the_grid_nothing_is_booked(as_patient, as_front_desk, as_clinician, time):
    for persona in (as_patient, as_front_desk):
        body = wish(as_clinician, time, patientId=as_patient.patient_id)
        refused = await persona.post("/appointments", body)
        assert (refused.status_code, code_of(refused)) == (409, "SLOT_UNAVAILABLE")


async def test_the_past_and_a_day_off_are_refused(as_patient, as_clinician, clock):
    await later(clock, as_patient, hours=3)
    assert "appointmentDate" in details_of(await as_patient.post("/appointments", wish(as_clinician, day=MONDAY)))
    start = {"clinicianId": as_clinician.clinician_id, "start": "2026-03-02T10:00:00+05:30"}
    assert "start" in details_of(await as_patient.post("/appointments", start))
    refused = await as_patient.post("/appointments", wish(as_clinician, day=SATURDAY))
    assert code_of(refused) == "SLOT_UNAVAILABLE"


async def test_patients_keep_notice_and_horizon_and_staff_need_not(make):
    hospital = await make.hospital(minimum_notice_minutes=120, booking_horizon_days=7)
    clinician, patient = await make.clinician(hospital), await make.patient(hospital)
    desk = await make.staff(hospital, "FRONT_DESK", centre_id=hospital.centre_id)
    for time, day in (("10:00", MONDAY), ("10:00", "2026-03-10")):
        body = wish(clinician, time, day, patientId=patient.patient_id)
        refused = await patient.post("/appointments", body)
        assert (refused.status_code, code_of(refused)) == (409, "SLOT_UNAVAILABLE")
        assert (await desk.post("/appointments", body)).status_code == 201
    assert (await patient.post("/appointments", wish(clinician, "11:00", MONDAY))).status_code == 201


async def test_what_is_missing_or_wrong_is_named(as_patient, as_front_desk, as_clinician):
    clinician = {"clinicianId": as_clinician.clinician_id}
    cases = [
        (as_patient, {}, "clinicianId"),
        (as_patient, clinician, "appointmentDate"),
        (as_patient, {**clinician, "appointmentDate": "2026-03-03"}, "appointmentTime"),
        (as_patient, {**wish(as_clinician), "start": "2026-03-03T04:30:00Z"}, "start"),
        (as_patient, {**clinician, "start": "2026-03-03T10:00:00"}, "start"),
        (as_patient, {**clinician, "start": "0001-01-01T00:00:00+14:00"}, "start"),
        (as_patient, wish(as_clinician, day="9999-12-31"), "appointmentDate"),
        (as_patient, wish(as_clinician, "25:00"), "appointmentTime"),
        (as_patient, wish(as_clinician, "10:00:00+05:30"), "appointmentTime"),
        (as_patient, wish(as_clinician, sessionType="TELEPATHY"), "sessionType"),
        (as_patient, wish(as_clinician, notes="x" * 2001), "notes"),
        (as_patient, wish(as_clinician, notes="a\x00b"), "notes"),
        (as_patient, wish(as_clinician, consultationFee=-1), "consultationFee"),
        (as_patient, wish(as_clinician, patientId=2**70), "patientId"),
        (as_front_desk, wish(as_clinician), "patientId"),
    ]
    for persona, body, field in cases:
        assert field in details_of(await persona.post("/appointments", body)), (body, field)


async def test_what_does_not_exist_is_not_found(as_front_desk, as_patient, as_clinician, as_stranger, make):
    elsewhere = await make.hospital()
    foreign_clinician, foreign_patient = await make.clinician(elsewhere), await make.patient(elsewhere)
    known = {"patientId": as_patient.patient_id}
    for body in (
        wish(foreign_clinician, **known),
        wish(as_clinician, patientId=foreign_patient.patient_id),
        wish(as_clinician, **known, centreId=elsewhere.centre_id),
        wish(as_clinician, **known, serviceId=999_999),
        wish(as_clinician, **known, departmentId=999_999, clinicianId=None),
    ):
        refused = await as_front_desk.post("/appointments", body)
        assert (refused.status_code, code_of(refused)) == (404, "NOT_FOUND"), body


async def test_a_patient_books_for_nobody_else(as_patient, as_clinician, make, hospital):
    other = await make.patient(hospital, "Somebody Else")

    refused = await as_patient.post("/appointments", wish(as_clinician, patientId=other.patient_id))

    assert refused.status_code == 404


async def test_the_roles_that_book(make, hospital, as_clinician):
    patient = await make.record(hospital)
    times = iter(["09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "12:30"])

    async def book(persona):
        body = wish(as_clinician, next(times))
        return await persona.post("/appointments", body if persona.patient_id else {**body, "patientId": patient})

    may = await make.who_may(hospital, book)

    assert may == {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "PATIENT"}


async def test_centre_staff_book_for_their_own_centre_only(as_front_desk, as_manager, make, hospital):
    second = await make.centre(hospital)
    clinician, patient = await make.clinician(hospital, centre_id=second), await make.record(hospital)
    for more in ({}, {"centreId": second}):
        body = wish(clinician, patientId=patient, **more)
        refused = await as_front_desk.post("/appointments", body)
        assert (refused.status_code, code_of(refused)) == (403, "FORBIDDEN")
    assert (await as_manager.post("/appointments", wish(clinician, patientId=patient))).status_code == 201


async def test_the_source_is_kept(as_patient, as_front_desk, as_clinician):
    own = await booked(as_patient, as_clinician)
    desk = await booked(as_front_desk, as_clinician, "11:00", patientId=as_patient.patient_id)
    phone = await booked(as_front_desk, as_clinician, "12:00", patientId=as_patient.patient_id, bookingSource="walk-in")
    assert [row["bookingSource"] for row in (own, desk, phone)] == ["WEBSITE", "FRONT_DESK", "WALK_IN"]
    assert (await shown(as_patient, phone["id"]))["bookingSource"] == "WALK_IN"


async def test_a_fee_from_the_client_must_be_the_price(as_patient, as_front_desk, as_care_coordinator, as_clinician):
    for persona in (as_patient, as_front_desk, as_care_coordinator):
        body = wish(as_clinician, patientId=as_patient.patient_id, consultationFee=1)
        assert details_of(await persona.post("/appointments", body)) == {"consultationFee": "The fee is 1500"}
    assert (await booked(as_patient, as_clinician, consultationFee=1500))["consultationFee"] == 1500


async def test_leads_may_set_another_fee(as_centre_manager, as_patient, as_clinician, outpatient):
    made = await booked(as_centre_manager, as_clinician, patientId=as_patient.patient_id, consultationFee=999.5)
    assert made["consultationFee"] == 999.5
    assert (await payment_of(outpatient, made["id"])).amount_minor == 99_950


async def test_a_service_gives_length_and_price(as_patient, as_clinician, outpatient, hospital):
    async with outpatient.database.transaction() as tx:
        service = await tx.add(
            Service(hospital_id=hospital.id, name="Long", duration_minutes=60, price_minor=200_000, created_at=tx.now)
        )
        await tx.execute(update(Clinician).values(schedule_version=Clinician.schedule_version + 1))
    made = await booked(as_patient, as_clinician, serviceId=service.id)
    assert (made["end"], made["consultationFee"]) == ("2026-03-03T05:30:00Z", 2000)
    refused = await as_patient.post("/appointments", wish(as_clinician, "10:30"))
    assert code_of(refused) == "SLOT_UNAVAILABLE"


async def test_a_booking_follows_a_schedule_that_changed_since_it_was_read(as_patient, as_clinician, outpatient):
    await booked(as_patient, as_clinician)
    async with outpatient.database.transaction() as tx:
        await tx.execute(
            update(Clinician)
            .where(Clinician.id == as_clinician.clinician_id)
            .values(schedule_version=Clinician.schedule_version + 1, consultation_fee_minor=90_000)
        )
    assert (await booked(as_patient, as_clinician, "11:00", consultationFee=900))["consultationFee"] == 900


async def test_where_tokens_are_given_no_time_is(make):
    hospital = await make.hospital(booking_mode=BookingMode.TOKEN_ONLY)
    clinician, patient = await make.clinician(hospital), await make.patient(hospital)
    assert "bookingType" in details_of(await patient.post("/appointments", wish(clinician)))


UNGUARDED = {
    "sqlite": ("DROP TRIGGER no_overlap_INSERT",),
    "postgresql": (
        "ALTER TABLE occupancy DROP CONSTRAINT no_overlap",
        "ALTER TABLE occupancy ADD CONSTRAINT no_overlap EXCLUDE USING gist (id WITH =)",
    ),
}


@pytest.fixture
def unguarded(new_database, tmp_path):
    return Settings(_env_file=None, database_url=new_database("unguarded"), outbox_dir=tmp_path)


async def test_without_the_guard_in_the_store_the_slot_would_be_sold_again(unguarded):
    """The negative control of `test_fifty_at_once_get_one_slot_once`."""
    program = create_app(unguarded, SetClock(NOW), with_worker=False)
    transport = httpx2.ASGITransport(app=program, client=("203.0.113.9", 40000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://clinic.test") as http:
        async with program.database.transaction() as tx:
            for change in UNGUARDED[tx.store.dialect]:
                await tx.execute(text(change))
        make = Make(program, http)
        hospital = await make.hospital()
        desk = await make.staff(hospital, "FRONT_DESK", centre_id=hospital.centre_id)
        clinician, patient = await make.clinician(hospital), await make.record(hospital)

        answers = await at_once(*(desk.post("/appointments", wish(clinician, patientId=patient)) for _ in range(5)))

    await program.database.close()
    assert answers == {201: 5}


async def test_two_names_of_one_clinician_must_agree(as_patient, as_clinician):
    one = as_clinician.clinician_id
    body = {"clinicianId": one, "doctorId": one + 1, "appointmentDate": "2026-03-03", "appointmentTime": "10:00"}
    assert (await as_patient.post("/appointments", body)).status_code == 400
    assert (await as_patient.post("/appointments", {**body, "doctorId": one})).status_code == 201
