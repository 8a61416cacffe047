"""`/doctor/…`: a doctor's day, his profile, the slots that he offers."""

import asyncio
from collections import Counter

import pytest

from tests.appointments.wishes import booked
from tests.compat.booking.conftest import TUESDAY, at_root

pytestmark = pytest.mark.anyio

DOCTORS_ONLY = [
    ("GET", "/doctor/dashboard"),
    ("GET", "/doctor/profile"),
    ("POST", "/doctor/profile"),
    ("POST", "/doctor/availability"),
    ("DELETE", "/doctor/account"),
    ("GET", "/appointments/doctor"),
]
BODIES = {
    "/doctor/profile": {"designation": "Consultant"},
    "/doctor/availability": {"date": TUESDAY, "start_time": "10:00", "end_time": "10:30"},
}


@pytest.mark.parametrize(("method", "path"), DOCTORS_ONLY)
async def test_for_doctors_only(nobody, patient, as_front_desk, as_manager, as_admin, method, path):
    body = BODIES.get(path)
    assert (await nobody.call(method, path, body)).status_code == 401
    for caller in (patient, at_root(as_front_desk), at_root(as_manager)):
        refused = await caller.call(method, path, body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert (await at_root(as_admin).call(method, path, body)).status_code == 404  # who sees no patients has no profile


async def test_a_new_profile_is_empty_and_takes_what_is_written(doctor):
    empty = (await doctor.get("/doctor/profile")).json()
    assert empty == {
        "id": doctor.id,
        "name": "Dr. Smith",
        "email": doctor.email,
        "designation": None,
        "specialization": None,
    }
    written = {"designation": "Consultant", "specialization": "Cardiology, Paediatrics"}
    saved = await doctor.post("/doctor/profile", written)
    assert saved.status_code == 200, saved.text
    assert saved.json() == {**empty, **written, "message": "Profile updated successfully"}
    assert (await doctor.get("/doctor/profile")).json() == {**empty, **written}

    await doctor.post("/doctor/profile", {"designation": ""})
    await doctor.post("/doctor/profile", {})
    assert (await doctor.get("/doctor/profile")).json() == {**empty, **written, "designation": None}
    await doctor.post("/doctor/profile", {"specialization": ["Neurology"]})
    assert (await doctor.get("/doctor/profile")).json()["specialization"] == "Neurology"


async def test_an_admin_who_sees_patients_is_a_doctor(as_admin, make, hospital, outpatient):
    from outpatient.models import Clinician

    async with outpatient.database.transaction() as tx:
        row = {"hospital_id": hospital.id, "user_id": as_admin.user_id, "primary_centre_id": hospital.centre_id}
        words = {"specialization": [], "qualification": [], "languages": []}
        profile = await tx.add(Clinician(**row, **words, created_at=tx.now))
    outpatient.callers.forget(as_admin.user_id)
    assert (await at_root(as_admin).get("/doctor/profile")).json()["id"] == profile.id


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"designation": "x" * 121}, "designation"),
        ({"designation": 5}, "designation"),
        ({"specialization": 5}, "specialization"),
    ],
)
async def test_a_profile_that_cannot_be_is_refused_by_name(doctor, body, field):
    refused = await doctor.post("/doctor/profile", body)
    assert (refused.status_code, list(refused.json()["error"]["details"])) == (400, [field])


async def test_a_slot_is_at_the_doctors_centre_in_its_time(doctor, as_admin):
    body = {"date": TUESDAY, "start_time": "10:00", "end_time": "10:30:00"}
    made = await doctor.post("/doctor/availability", body)
    assert made.status_code == 201, made.text
    assert {key: type(value) for key, value in made.json().items()} == {"message": str, "slot_id": int}
    (shown,) = (await as_admin.get(f"/clinicians/{doctor.id}/open-slots")).json()["data"]
    assert (shown["id"], shown["start"]) == (made.json()["slot_id"], "2026-03-03T04:30:00Z")


async def test_an_overlap_is_refused_and_a_neighbour_is_not(doctor):
    first = await doctor.slot("10:00", "11:00")
    for start, end in (("10:00", "11:00"), ("10:30", "10:45"), ("09:30", "10:01")):
        refused = await doctor.post("/doctor/availability", {"date": TUESDAY, "start_time": start, "end_time": end})
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "SLOT_OVERLAPS")
        assert refused.json()["error"]["details"] == {"open_slot_id": first}
    await doctor.slot("11:00", "11:30")
    await doctor.slot("23:30", "00:00")


async def test_ten_equal_slots_at_once_are_one(doctor):
    body = {"date": TUESDAY, "start_time": "10:00", "end_time": "10:30"}
    answers = await asyncio.gather(*(doctor.post("/doctor/availability", body) for _ in range(10)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 9}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"date": "2026-03-01"}, "date"),
        ({"date": "2026-03-02", "start_time": "08:00"}, "date"),
        ({"date": "3 March"}, "date"),
        ({"date": None}, "date"),
        ({"start_time": "25:00"}, "start_time"),
        ({"start_time": "10:00:30"}, "start_time"),
        ({"start_time": None}, "start_time"),
        ({"end_time": "10:00"}, "end_time"),
        ({"end_time": "09:00"}, "end_time"),
        ({"end_time": 11}, "end_time"),
    ],
)
async def test_what_is_no_future_interval_names_the_field(doctor, changed, field):
    body = {"date": TUESDAY, "start_time": "10:00", "end_time": "10:30", **changed}
    refused = await doctor.post("/doctor/availability", body)
    assert (refused.status_code, list(refused.json()["error"]["details"])) == (400, [field]), refused.text


async def test_the_words_of_a_refusal_are_the_roots_own(doctor):
    body = {"date": TUESDAY, "start_time": "10:00", "end_time": "09:00"}
    refused = await doctor.post("/doctor/availability", body)
    assert refused.json()["error"]["details"]["end_time"] == "Must be after start_time"


async def test_a_time_that_the_clocks_skip_is_no_slot(join, make):
    hospital = await make.hospital("America/New_York")
    doctor = await join("doctor", "Dr. Gap", hospital)
    refused = await doctor.post(
        "/doctor/availability", {"date": "2026-03-08", "start_time": "02:30", "end_time": "03:30"}
    )
    assert (refused.status_code, list(refused.json()["error"]["details"])) == (400, ["start_time"])


async def test_the_dashboard_is_the_doctors_own_day(doctor, join, patient, as_patient, as_clinician):
    today = "2026-03-02"
    ids = [await patient.book(await doctor.slot(f"{hour}:00", f"{hour}:30", today)) for hour in (11, 12, 13)]
    await patient.book(await doctor.slot("10:00", "10:30"))
    await doctor.slot("15:00", "15:30")
    await booked(as_patient, as_clinician, "11:00", today)
    await patient.post(f"/appointments/{ids[2]}/cancel")

    shown = (await doctor.get("/doctor/dashboard")).json()

    rows = shown.pop("appointments")
    assert shown == {
        "name": "Dr. Smith",
        "date": today,
        "appointments_today": 2,
        "completed_today": 0,
        "cancelled_today": 1,
        "upcoming_appointments": 3,
        "available_slots": 2,  # the one that was never booked, and the one given back
    }
    assert [row["appointment_id"] for row in rows] == ids
    assert rows[0] == {
        "appointment_id": ids[0],
        "doctor_id": doctor.id,
        "doctor_name": "Dr. Smith",
        "patient_name": "John Doe",
        "date": today,
        "start_time": "11:00",
        "end_time": "11:30",
        "status": "pending",
    }
