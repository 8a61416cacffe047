"""Time off: `POST /clinicians/{id}/time-off`, with a dry run that only lists whom it meets."""

import pytest
from sqlalchemy import select

from outpatient.models import Appointment, Occupancy, Payment, StoredEvent, TimeOff, Visit
from tests.appointments.wishes import bring_to, later

pytestmark = pytest.mark.anyio

TUESDAY = "2026-03-03"
NOON = {"date": TUESDAY, "startTime": "12:00", "endTime": "14:00"}


def path(clinician):
    return f"/clinicians/{clinician.clinician_id}/time-off"


@pytest.fixture
def book(as_clinician):
    async def book(patient, time, on=TUESDAY, clinician=as_clinician, **given):
        wish = {"clinicianId": clinician.clinician_id, "appointmentDate": on, "appointmentTime": time, **given}
        made = await patient.post("/appointments", wish)
        assert made.status_code == 201, made.text
        return made.json()["data"]["id"]

    return book


async def status_of(persona, appointment_id):
    return (await persona.get(f"/appointments/{appointment_id}")).json()["data"]["status"]


async def test_it_ends_the_appointments_in_it_and_nothing_else(as_admin, as_patient, as_clinician, book, ask):
    before, first, last, after = [await book(as_patient, time) for time in ("11:30", "12:00", "13:30", "14:00")]

    answer = await as_admin.post(path(as_clinician), {**NOON, "reason": "Conference"})

    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    assert data["timeOff"] == {
        "id": data["timeOff"]["id"],
        "clinicianId": as_clinician.clinician_id,
        "start": "2026-03-03T06:30:00Z",
        "end": "2026-03-03T08:30:00Z",
        "reason": "Conference",
        "createdAt": "2026-03-02T03:30:00Z",
        "removedAt": None,
    }
    assert data["kept"] == []
    assert data["affected"][0] == {
        "id": first,
        "patientId": as_patient.patient_id,
        "patientName": "Asha Rao",
        "date": TUESDAY,
        "start": "2026-03-03T06:30:00Z",
        "end": "2026-03-03T07:00:00Z",
        "status": "PENDING",
    }
    assert [each["id"] for each in data["affected"]] == [first, last]
    assert [await status_of(as_admin, each) for each in (before, first, last, after)] == [
        "PENDING", "CANCELLED", "CANCELLED", "PENDING",
    ]  # fmt: skip
    ended = (await as_patient.get(f"/appointments/{first}")).json()["data"]
    assert (ended["cancelledBy"], ended["cancelReason"]) == ("STAFF", "Conference")
    day = await ask.day(TUESDAY)
    assert not any(day[f"{time}:00"] for time in ("12:00", "12:30", "13:00", "13:30"))
    assert day["11:00:00"] and day["14:30:00"]


async def test_nothing_can_be_booked_in_it_by_any_door(as_admin, as_patient, as_clinician, as_front_desk, book):
    other = await book(as_patient, "10:00")
    assert (await as_admin.post(path(as_clinician), NOON)).status_code == 201
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": TUESDAY, "appointmentTime": "12:30"}
    assert (await as_patient.post("/appointments", wish)).status_code == 409
    assert (await as_patient.post("/booking/create", wish)).status_code == 409
    guest = {**wish, "patientName": "Ravi", "patientPhone": "+919812345678"}
    assert (await as_front_desk.post("/booking/front-desk", guest)).status_code == 409
    moved = await as_admin.patch(
        f"/appointments/{other}/reschedule", {"appointmentDate": TUESDAY, "appointmentTime": "12:30"}
    )
    assert moved.status_code == 409


async def test_payments_visits_and_events_go_with_it(as_admin, as_patient, as_clinician, book, outpatient):
    ended = await book(as_patient, "12:00")
    made = (await as_admin.post(path(as_clinician), NOON)).json()["data"]["timeOff"]["id"]
    async with outpatient.database.reading() as tx:
        visit = await tx.one_or_none(select(Visit).where(Visit.appointment_id == ended))
        payment = await tx.one_or_none(select(Payment).where(Payment.appointment_id == ended))
        told = await tx.one_or_none(
            select(StoredEvent).where(StoredEvent.name == "time_off.taken", StoredEvent.subject_id == made)
        )
        cancelled = await tx.one_or_none(
            select(StoredEvent).where(StoredEvent.name == "appointment.cancelled", StoredEvent.subject_id == ended)
        )
    assert (visit.status, payment.status) == ("CANCELLED", "CANCELLED")
    assert told.payload["appointment_ids"] == [ended]
    assert cancelled.actor_id == as_admin.user_id


async def test_a_dry_run_lists_them_and_changes_nothing(as_admin, as_patient, as_clinician, book, ask):
    ended, before = await book(as_patient, "12:00"), await ask.day(TUESDAY)
    answer = await as_admin.post(f"{path(as_clinician)}?dryRun=true", NOON)
    assert answer.status_code == 200
    assert answer.json()["data"]["timeOff"] is None
    assert [each["id"] for each in answer.json()["data"]["affected"]] == [ended]
    assert await status_of(as_admin, ended) == "PENDING"
    assert await ask.day(TUESDAY) == before
    assert (await as_admin.get(path(as_clinician))).json()["data"] == []


async def test_a_date_alone_is_the_whole_day_of_the_primary_centre(make, clock):
    hospital = await make.hospital("Europe/London")
    admin, clinician = await make.staff(hospital, "ADMIN"), await make.clinician(hospital)
    made = await admin.post(path(clinician), {"date": "2026-03-29"})
    assert made.status_code == 201
    time_off = made.json()["data"]["timeOff"]
    assert (time_off["start"], time_off["end"]) == ("2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z")


async def test_two_instants_may_span_days(as_admin, as_clinician, as_patient, book, ask):
    ended = [await book(as_patient, "16:30"), await book(as_patient, "09:00", on="2026-03-05")]
    body = {"start": "2026-03-03T20:00:00+09:00", "end": "2026-03-05T04:00:00Z"}
    made = (await as_admin.post(path(as_clinician), body)).json()["data"]
    assert [each["id"] for each in made["affected"]] == ended
    assert not any((await ask.day("2026-03-04")).values())
    assert (await ask.free("2026-03-05"))[0] == "09:30:00"


async def test_tokens_of_a_whole_day_end_with_it(as_admin, as_clinician, as_patient, book):
    token = await book(as_patient, None, bookingType="TOKEN")
    part = await as_admin.post(f"{path(as_clinician)}?dryRun=true", NOON)
    assert part.json()["data"]["affected"] == []
    other_day = await as_admin.post(f"{path(as_clinician)}?dryRun=true", {"date": "2026-03-04"})
    assert other_day.json()["data"]["affected"] == []
    hours = await as_admin.post(f"{path(as_clinician)}?dryRun=true", {**NOON, "startTime": "09:00", "endTime": "17:00"})
    assert [each["id"] for each in hours.json()["data"]["affected"]] == [token]
    whole = (await as_admin.post(path(as_clinician), {"date": TUESDAY})).json()["data"]
    assert [(each["id"], each["start"]) for each in whole["affected"]] == [(token, None)]
    assert await status_of(as_admin, token) == "CANCELLED"


async def test_today_it_begins_now(as_admin, as_clinician, as_patient, make, hospital, book, clock):
    early, soon = await book(as_patient, "09:00", on="2026-03-02"), await book(as_patient, "11:00", on="2026-03-02")
    clock.advance(minutes=75, seconds=20)
    admin = await make.staff(hospital, "ADMIN")
    await bring_to(admin, early, "COMPLETED")

    made = await admin.post(path(as_clinician), {"date": "2026-03-02"})

    assert made.status_code == 201, made.text
    assert made.json()["data"]["timeOff"]["start"] == "2026-03-02T04:45:00Z"
    assert [each["id"] for each in made.json()["data"]["affected"]] == [soon]


@pytest.mark.parametrize("visit", ["WAITING", "CALLED", "IN_PROGRESS"])
async def test_patients_who_are_here_forbid_it_by_name(as_admin, as_clinician, as_patient, book, clock, ask, visit):
    other, here = await book(as_patient, "12:30"), await book(as_patient, "12:00")
    await later(clock, as_admin, days=1)
    await bring_to(as_admin, here, "CHECKED_IN", visit)

    dry = (await as_admin.post(f"{path(as_clinician)}?dryRun=true", NOON)).json()["data"]
    assert [each["id"] for each in dry["kept"]] == [here]
    assert [each["id"] for each in dry["affected"]] == [other]
    refused = await as_admin.post(path(as_clinician), NOON)

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "PATIENTS_PRESENT"
    assert refused.json()["error"]["details"] == {"appointments": [{"id": here, "patientName": "Asha Rao"}]}
    assert await status_of(as_admin, other) == "PENDING"
    assert (await ask.day(TUESDAY))["13:00:00"] is True


async def test_a_visit_that_ended_early_leaves_the_rest_of_its_time(
    as_clinician, as_patient, make, hospital, book, clock, outpatient
):
    done = await book(as_patient, "09:00", on="2026-03-02")
    missed = await book(as_patient, "09:30", on="2026-03-02")
    clock.advance(minutes=10)
    admin = await make.staff(hospital, "ADMIN")
    await bring_to(admin, done, "COMPLETED")
    await bring_to(admin, missed, "CHECKED_IN")
    await bring_to(admin, missed, "NO_SHOW")
    made = await admin.post(path(as_clinician), {"date": "2026-03-02"})
    assert made.status_code == 201, made.text
    assert made.json()["data"]["affected"] == []


async def test_the_buffer_of_the_patient_before_is_not_his(make, clock):
    hospital = await make.hospital(buffer_minutes=10)
    admin, clinician = await make.staff(hospital, "ADMIN"), await make.clinician(hospital)
    patient = await make.patient(hospital)
    wish = {"clinicianId": clinician.clinician_id, "appointmentDate": TUESDAY, "appointmentTime": "09:00"}
    before = (await patient.post("/appointments", wish)).json()["data"]["id"]
    body = {"date": TUESDAY, "startTime": "09:30", "endTime": "12:00"}
    made = await admin.post(path(clinician), body)
    assert made.status_code == 201, made.text
    assert made.json()["data"]["affected"] == []
    assert await status_of(admin, before) == "PENDING"


async def test_a_hold_that_ran_out_does_not_stand_in_its_way(
    as_patient, as_clinician, make, hospital, clock, outpatient
):
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": TUESDAY, "appointmentTime": "12:00"}
    hold = (await as_patient.post("/booking/create", wish)).json()["data"]["appointmentId"]
    clock.advance(minutes=16)
    admin = await make.staff(hospital, "ADMIN")
    made = await admin.post(path(as_clinician), NOON)
    assert made.status_code == 201, made.text
    assert made.json()["data"]["affected"] == []
    ended = (await admin.get(f"/appointments/{hold}")).json()["data"]
    assert (ended["status"], ended["cancelledBy"]) == ("CANCELLED", "SYSTEM")


async def test_an_overlap_with_other_time_off_is_refused_by_its_id(as_admin, as_clinician):
    first = (await as_admin.post(path(as_clinician), NOON)).json()["data"]["timeOff"]["id"]
    for query in ("", "?dryRun=true"):
        refused = await as_admin.post(path(as_clinician) + query, {"date": TUESDAY})
        assert refused.status_code == 409
        assert refused.json()["error"]["code"] == "TIME_OFF_OVERLAPS"
        assert refused.json()["error"]["details"] == {"timeOffId": first}
    after = {**NOON, "startTime": "14:00", "endTime": "15:00"}
    assert (await as_admin.post(path(as_clinician), after)).status_code == 201


async def test_every_lane_is_taken(make, hospital, as_admin):
    clinician = await make.clinician(hospital, capacity=3)
    wish = {"clinicianId": clinician.clinician_id, "appointmentDate": TUESDAY, "appointmentTime": "12:00"}
    for _ in range(2):
        assert (await (await make.patient(hospital)).post("/appointments", wish)).status_code == 201
    made = (await as_admin.post(path(clinician), NOON)).json()["data"]
    assert len(made["affected"]) == 2
    assert (await (await make.patient(hospital)).post("/appointments", wish)).status_code == 409


async def test_all_of_it_happens_or_nothing(as_admin, as_clinician, as_patient, book, outpatient, monkeypatch):
    """The time cannot be taken at the very end: the appointment that was to be cancelled lives on."""
    from datetime import datetime

    ended = await book(as_patient, "12:00")
    async with outpatient.database.transaction() as tx:
        appointment = await tx.session.get(Appointment, ended)
        ghost = await tx.add(
            TimeOff(
                hospital_id=appointment.hospital_id,
                clinician_id=appointment.clinician_id,
                starts_at=datetime.fromisoformat("2026-03-03T08:00:00Z"),
                ends_at=datetime.fromisoformat("2026-03-03T08:10:00Z"),
                created_at=tx.now,
                removed_at=tx.now,  # its occupancy was left behind
            )
        )
        await tx.add(
            Occupancy(
                hospital_id=ghost.hospital_id,
                clinician_id=ghost.clinician_id,
                starts_at=ghost.starts_at,
                ends_at=ghost.ends_at,
                time_off_id=ghost.id,
            )
        )
    refused = await as_admin.post(path(as_clinician), NOON)
    assert refused.status_code == 409
    assert await status_of(as_admin, ended) == "PENDING"
    assert (await as_admin.get(path(as_clinician))).json()["data"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "start"),
        ({"start": "2026-03-03T12:00:00Z"}, "end"),
        ({"start": "2026-03-03T12:00:00Z", "end": "2026-03-03T11:00:00Z"}, "end"),
        ({"start": "2026-03-03T12:00:00Z", "end": "2028-03-03T11:00:00Z"}, "end"),
        ({"start": "2026-03-01T12:00:00Z", "end": "2026-03-01T13:00:00Z"}, "start"),
        ({"start": "9999-12-31T23:59:00-14:00", "end": "2026-03-31T23:59:00Z"}, "start"),
        ({"date": "2026-03-01"}, "date"),
        ({"date": TUESDAY, "startTime": "12:00"}, "endTime"),
        ({"date": TUESDAY, "endTime": "12:00"}, "startTime"),
        ({**NOON, "reason": "x" * 501}, "reason"),
    ],
)
async def test_what_is_no_future_interval_names_the_field(as_admin, as_clinician, body, field):
    refused = await as_admin.post(path(as_clinician), body)
    assert refused.status_code == 400, refused.text
    assert list(refused.json()["error"]["details"]) == [field]


async def test_who_may_take_it(make, hospital, as_clinician):
    days = iter(range(3, 20))

    async def call(persona):
        clinician_id = persona.clinician_id or as_clinician.clinician_id
        return await persona.post(f"/clinicians/{clinician_id}/time-off", {"date": f"2026-03-{next(days):02d}"})

    assert await make.who_may(hospital, call) == {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CLINICIAN"}


async def test_where_he_has_no_say_there_is_no_clinician(make, hospital, as_clinician, as_stranger):
    elsewhere = await make.staff(hospital, "CENTRE_MANAGER", centre_id=await make.centre(hospital))
    for persona in (await make.clinician(hospital), elsewhere, as_stranger):
        assert (await persona.post(path(as_clinician), NOON)).status_code == 404


async def test_a_centre_manager_does_not_end_appointments_elsewhere(
    make, hospital, as_admin, as_centre_manager, as_clinician, as_patient, book
):
    second = await make.centre(hospital)
    rules = [{"dayOfWeek": "TUESDAY", "startTime": "18:00", "endTime": "20:00"}]
    hours = f"/clinicians/{as_clinician.clinician_id}/availability?centreId={second}"
    assert (await as_admin.put(hours, {"availabilityRules": rules})).status_code == 200
    there = await book(as_patient, "18:00", centreId=second)
    assert (await as_centre_manager.post(path(as_clinician), {"date": TUESDAY})).status_code == 403
    assert await status_of(as_admin, there) == "PENDING"
    assert (await as_centre_manager.post(path(as_clinician), NOON)).status_code == 201
