"""Many at once: whatever the door, one wins and the others are told. The last tests take the guard away and must see
double bookings, so that the green ones mean something.
"""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest

from outpatient.models import Service
from tests.makers import Persona
from tests.races.conftest import PARALLEL, Clinic, next_monday

pytestmark = pytest.mark.anyio

ROUNDS = 20
HALF_HOUR = timedelta(minutes=30)


def booking(clinician: Persona, patient_id: int, start: datetime, **given: object) -> dict[str, object]:
    return {"clinicianId": clinician.clinician_id, "patientId": patient_id, "start": start.isoformat(), **given}


@pytest.fixture(scope="module")
async def desk(clinic: Clinic) -> Persona:
    return await clinic.make.staff(clinic.hospital, "ADMIN")


@pytest.fixture(scope="module")
async def patients(clinic: Clinic) -> list[int]:
    return [await clinic.make.record(clinic.hospital, f"Patient {n}") for n in range(PARALLEL)]


async def new_clinician(clinic: Clinic, **given: object) -> Persona:
    hours = tuple((weekday, 0, 1440) for weekday in range(7))
    return await clinic.make.clinician(clinic.hospital, hours=hours, **given)


def tally(answers: list) -> Counter:
    return Counter((a.status_code, a.json().get("error", {}).get("code")) for a in answers)


async def test_fifty_bookings_of_one_slot_make_one_appointment(clinic, desk, patients):
    clinician = await new_clinician(clinic)
    for number in range(ROUNDS):
        start = next_monday() + number * HALF_HOUR
        answers = await clinic.all_at_once(
            [(desk, "POST", "/appointments", booking(clinician, patient, start)) for patient in patients]
        )
        assert tally(answers) == {(201, None): 1, (409, "SLOT_UNAVAILABLE"): PARALLEL - 1}
    assert await clinic.overlapping_pairs() == 0


async def test_bookings_of_different_lengths_never_overlap(clinic, desk, patients):
    clinician = await new_clinician(clinic)
    services = [None, *[await _service(clinic, minutes) for minutes in (15, 45, 60)]]
    for number in range(ROUNDS):
        base = next_monday() + timedelta(days=1, hours=number)
        calls = []
        for index, patient in enumerate(patients):
            service = services[index % len(services)]
            minutes = {None: 30}.get(service) or (15, 45, 60)[services.index(service) - 1]
            steps = -(-60 // minutes)
            start = _on_grid(base, minutes) + timedelta(minutes=minutes * (index // 4 % steps))
            extra = {"serviceId": service} if service else {}
            calls.append((desk, "POST", "/appointments", booking(clinician, patient, start, **extra)))
        answers = await clinic.all_at_once(calls)
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert any(answer.status_code == 201 for answer in answers)
    assert await clinic.overlapping_pairs() == 0


def _on_grid(instant: datetime, minutes: int) -> datetime:
    """The first start at or after an instant on a grid of that many minutes from midnight."""
    midnight = instant.replace(hour=0, minute=0)
    elapsed = (instant - midnight) // timedelta(minutes=1)
    return midnight + timedelta(minutes=-(-elapsed // minutes) * minutes)


async def _service(clinic: Clinic, minutes: int) -> int:
    async with clinic.program.database.transaction() as tx:
        row = Service(
            hospital_id=clinic.hospital.id, name=f"{minutes} minutes", duration_minutes=minutes, created_at=tx.now
        )
        return (await tx.add(row)).id


async def test_booking_and_rescheduling_into_one_slot_leaves_one_winner(clinic, desk, patients):
    clinician = await new_clinician(clinic)
    for number in range(ROUNDS):
        target = next_monday() + timedelta(days=2) + number * HALF_HOUR
        aside = next_monday() + timedelta(days=3 + number)
        made = [
            (await clinic.call(desk, "POST", "/appointments", booking(clinician, patients[n], aside + n * HALF_HOUR)))
            for n in range(10)
        ]
        ids = [answer.json()["data"]["id"] for answer in made]
        calls = [(desk, "PATCH", f"/appointments/{i}/reschedule", {"start": target.isoformat()}) for i in ids]
        calls += [(desk, "PATCH", f"/appointments/{i}/confirm", None) for i in ids]
        calls += [(desk, "POST", "/appointments", booking(clinician, patient, target)) for patient in patients[10:]]
        answers = await clinic.all_at_once(calls)
        moved = tally(answers[:10]) + tally(answers[20:])
        assert moved[200, None] + moved[201, None] == 1
        assert moved[409, "SLOT_UNAVAILABLE"] == PARALLEL - 1
        assert tally(answers[10:20]) == {(200, None): 10}
    assert await clinic.overlapping_pairs() == 0


async def test_time_off_and_bookings_at_once_leave_no_patient_in_the_time_off(clinic, desk, patients):
    clinician = await new_clinician(clinic)
    for number in range(ROUNDS):
        day = next_monday() + timedelta(days=4 + number)
        off = {"start": day.isoformat(), "end": (day + timedelta(hours=2)).isoformat(), "reason": "Theatre"}
        calls = [(desk, "POST", f"/clinicians/{clinician.clinician_id}/time-off", off)]
        calls += [
            (desk, "POST", "/appointments", booking(clinician, patient, day + (n % 4) * HALF_HOUR))
            for n, patient in enumerate(patients[:20])
        ]
        answers = await clinic.all_at_once(calls)
        assert answers[0].status_code == 201, answers[0].text
        assert {answer.status_code for answer in answers[1:]} <= {201, 409}
        listed = await clinic.call(desk, "GET", f"/appointments?clinicianId={clinician.clinician_id}&limit=100")
        inside = [
            row
            for row in listed.json()["data"]
            if row["status"] in ("PENDING", "CONFIRMED") and _within(row["start"], day, day + timedelta(hours=2))
        ]
        assert inside == []


def _within(text: str, begins: datetime, ends: datetime) -> bool:
    return begins <= datetime.fromisoformat(text) < ends


async def test_hours_changed_on_one_server_hold_on_the_other_at_once(clinic, desk, patients):
    for number in range(ROUNDS):
        clinician = await new_clinician(clinic)
        start = next_monday()
        for server in range(len(clinic.clients)):  # both know the old hours
            wish = booking(clinician, patients[server], start + server * HALF_HOUR)
            assert (await clinic.call(desk, "POST", "/appointments", wish, server=server)).status_code == 201
        hours = [{"dayOfWeek": "TUESDAY", "startTime": "09:00", "endTime": "17:00", "isAvailable": True}]
        path = f"/clinicians/{clinician.clinician_id}/availability"
        changed = asyncio.create_task(clinic.call(desk, "PUT", path, {"availabilityRules": hours}, server=0))
        during = asyncio.gather(
            *(
                clinic.call(desk, "POST", "/appointments", booking(clinician, patient, start + n * HALF_HOUR))
                for n, patient in enumerate(patients[10:20], 10)
            )
        )
        assert (await changed).status_code == 200
        after = await asyncio.gather(
            *(
                clinic.call(desk, "POST", "/appointments", booking(clinician, patient, start + n * HALF_HOUR), server=1)
                for n, patient in enumerate(patients[20:28], 20)
            )
        )
        assert tally(after) == {(409, "SLOT_UNAVAILABLE"): 8}, number
        assert {answer.status_code for answer in await during} <= {201, 409}


# -- the guard taken away ----------------------------------------------------------------------------------------------


@pytest.fixture
async def without_the_guard(clinic: Clinic):
    """The store without its guard: PostgreSQL's constraint by one of the same name that forbids nothing."""
    if clinic.is_postgresql:
        harmless = "ALTER TABLE occupancy ADD CONSTRAINT no_overlap UNIQUE (id, lane)"
        await clinic.execute("ALTER TABLE occupancy DROP CONSTRAINT no_overlap", harmless)
    else:
        await clinic.execute("DROP TRIGGER no_overlap_INSERT")


async def test_without_the_guard_the_same_race_double_books(clinic, desk, patients, without_the_guard):
    clinician = await new_clinician(clinic)
    start = next_monday() + timedelta(days=60)
    answers = await clinic.all_at_once(
        [(desk, "POST", "/appointments", booking(clinician, patient, start)) for patient in patients]
    )
    assert tally(answers)[201, None] > 1
    assert await clinic.overlapping_pairs() > 0
