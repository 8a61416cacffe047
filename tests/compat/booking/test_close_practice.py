"""`DELETE /doctor/account`: a doctor leaves, in one transaction; his patients are told and what was stays."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import func, select

from outpatient.models import Appointment, Clinician, Occupancy, OpenSlot
from outpatient.staff.events import StaffDeleted
from tests.compat.booking.conftest import PASSWORD, letters_to

pytestmark = pytest.mark.anyio


async def test_everything_ends_and_what_was_stays(doctor, patient, nobody, outpatient, clock):
    seen = await patient.book(await doctor.slot("10:00", "10:30", "2026-03-02"))
    clock.advance(hours=2)
    await doctor.sign_in()
    await patient.sign_in()
    to_come = [await patient.book(await doctor.slot(f"{hour}:00", f"{hour}:30")) for hour in (10, 11)]
    await doctor.slot("12:00", "12:30")

    closed = await doctor.delete("/doctor/account")

    assert (closed.status_code, list(closed.json())) == (200, ["message"]), closed.text
    rows = (await patient.get("/appointments/my")).json()["data"]
    assert {row["appointment_id"]: row["status"] for row in rows} == {
        seen: "pending",
        **dict.fromkeys(to_come, "cancelled"),
    }
    letters = [letter["Subject"] for letter in await letters_to(outpatient, patient.email)]
    assert letters.count("Your appointment is cancelled") == 2
    assert (await patient.get("/patient/doctors")).json()["data"] == []
    assert (await patient.get(f"/patient/doctors/{doctor.id}/availability")).status_code == 404
    async with outpatient.database.reading() as tx:
        offered = select(func.count()).where(OpenSlot.clinician_id == doctor.id, OpenSlot.removed_at.is_(None))
        assert await tx.one_or_none(offered) == 1  # the one that is over
        profile = await tx.one_or_none(select(Clinician).where(Clinician.id == doctor.id))
        taken = await tx.all(select(Occupancy.appointment_id).where(Occupancy.clinician_id == doctor.id))
    assert profile.deleted_at is not None
    assert list(taken) == [seen]

    assert (await doctor.delete("/doctor/account")).status_code == 401
    assert (await doctor.get("/doctor/profile")).status_code == 401
    login = await nobody.post("/auth/login", {"email": doctor.email, "password": PASSWORD})
    assert login.status_code == 401


async def test_all_of_it_happens_or_nothing(doctor, patient, outpatient, monkeypatch):
    made = await patient.book(await doctor.slot())
    free = await doctor.slot("12:00", "12:30")

    async def fail(*_):
        raise RuntimeError("the last step fails")

    table = outpatient.database.reactions.table
    react = table[StaffDeleted]
    monkeypatch.setitem(table, StaffDeleted, type(react)(inside=(*react.inside, fail), after=react.after))
    failed = await doctor.delete("/doctor/account")
    assert (failed.status_code, failed.json()["error"]["code"]) == (500, "INTERNAL_ERROR")
    monkeypatch.undo()

    assert (await patient.get("/appointments/my")).json()["data"][0]["status"] == "pending"
    listed = (await patient.get(f"/patient/doctors/{doctor.id}/availability")).json()["data"]
    assert [row["slot_id"] for row in listed] == [free]
    assert (await doctor.get("/doctor/profile")).status_code == 200
    assert await letters_to(outpatient, patient.email)
    async with outpatient.database.reading() as tx:
        status = await tx.one_or_none(select(Appointment.status).where(Appointment.id == made))
    assert status == "PENDING"


async def test_patients_in_the_house_are_not_left_there(doctor, patient, as_front_desk):
    made = await patient.book(await doctor.slot("10:00", "10:30", "2026-03-02"))
    later = await patient.book(await doctor.slot())
    assert (await as_front_desk.post(f"/appointments/{made}/check-in")).is_success
    refused = await doctor.delete("/doctor/account")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CLINICIAN_IN_USE")
    rows = (await patient.get("/appointments/my")).json()["data"]
    assert {row["appointment_id"]: row["status"] for row in rows} == {made: "checked_in", later: "pending"}


async def test_six_at_once_end_once(doctor):
    answers = await asyncio.gather(*(doctor.delete("/doctor/account") for _ in range(6)))
    counted = Counter(answer.status_code for answer in answers)
    assert counted[200] == 1
    assert counted.keys() <= {200, 401, 404}


async def test_who_books_at_the_same_moment_is_refused_or_told(doctor, join, outpatient):
    slots = [await doctor.slot(f"{hour}:00", f"{hour}:30") for hour in range(10, 16)]
    patients = [await join("patient", f"Patient {n}") for n in range(6)]
    closing, *answers = await asyncio.gather(
        doctor.delete("/doctor/account"),
        *(each.post("/appointments", {"slot_id": slot}) for each, slot in zip(patients, slots, strict=True)),
    )
    assert closing.status_code == 200, closing.text
    assert {answer.status_code for answer in answers} <= {201, 404, 409}
    for each, answer in zip(patients, answers, strict=True):
        rows = (await each.get("/appointments/my")).json()["data"]
        assert [row["status"] for row in rows] == (["cancelled"] if answer.status_code == 201 else [])


async def test_an_admin_who_sees_patients_stays_an_admin(as_admin, hospital, outpatient):
    async with outpatient.database.transaction() as tx:
        row = {"hospital_id": hospital.id, "user_id": as_admin.user_id, "primary_centre_id": hospital.centre_id}
        words = {"specialization": [], "qualification": [], "languages": []}
        await tx.add(Clinician(**row, **words, created_at=tx.now))
    outpatient.callers.forget(as_admin.user_id)
    headers = as_admin.headers
    assert (await as_admin.http.delete("/doctor/account", headers=headers)).status_code == 200
    assert (await as_admin.http.delete("/doctor/account", headers=headers)).status_code == 404
    assert (await as_admin.get("/auth/me")).json()["data"]["roleName"] == "ADMIN"
