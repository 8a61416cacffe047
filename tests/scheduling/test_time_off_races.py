"""Bookings, moves and time off at the same moment: in the end nobody has an appointment with somebody who is away."""

import asyncio
import itertools
from datetime import date

import anyio
import pytest
from sqlalchemy import select

from outpatient.models import Appointment, Occupancy
from outpatient.scheduling import queries

pytestmark = pytest.mark.anyio

TUESDAY, WEDNESDAY = date(2026, 3, 3), date(2026, 3, 4)
TIMES = [f"{hour:02d}:{minute}" for hour in range(9, 17) for minute in ("00", "30")]


async def together(*calls) -> list[int]:
    """The status of each call, all begun at once."""
    answers = [0] * len(calls)

    async def run(number, call) -> None:
        answers[number] = (await call).status_code

    async with anyio.create_task_group() as tasks:
        for number, call in enumerate(calls):
            tasks.start_soon(run, number, call)
    return answers


async def live_on(outpatient, clinician, on) -> list[int]:
    async with outpatient.database.reading() as tx:
        return await tx.all(
            select(Appointment.id).where(
                Appointment.clinician_id == clinician.clinician_id,
                Appointment.status != "CANCELLED",
                Appointment.service_on == on,
            )
        )


@pytest.mark.parametrize("begun", range(3))
async def test_bookings_and_time_off_at_once(as_admin, as_patient, as_clinician, outpatient, begun):
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": str(TUESDAY)}
    bookings = [as_patient.post("/appointments", {**wish, "appointmentTime": time}) for time in TIMES]
    off = as_admin.post(f"/clinicians/{as_clinician.clinician_id}/time-off", {"date": str(TUESDAY)})
    bookings.insert(begun * 7, off)

    answers = await together(*bookings)

    assert answers[begun * 7] == 201
    assert set(answers) <= {201, 409}
    async with outpatient.database.reading() as tx:
        taken = await tx.all(select(Occupancy).where(Occupancy.clinician_id == as_clinician.clinician_id))
    assert [row.time_off_id is None for row in taken] == [False]
    assert await live_on(outpatient, as_clinician, TUESDAY) == []


async def test_moves_and_time_off_at_once(as_admin, as_patient, as_clinician, outpatient):
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": str(WEDNESDAY)}
    moves = []
    for time in TIMES[:8]:
        made = (await as_patient.post("/appointments", {**wish, "appointmentTime": time})).json()["data"]["id"]
        body = {"appointmentDate": str(TUESDAY), "appointmentTime": time}
        moves.append(as_admin.patch(f"/appointments/{made}/reschedule", body))
    off = as_admin.post(f"/clinicians/{as_clinician.clinician_id}/time-off", {"date": str(TUESDAY)})

    answers = await together(*moves[:4], off, *moves[4:])

    assert answers[4] == 201
    assert set(answers) <= {200, 201, 409}
    assert await live_on(outpatient, as_clinician, TUESDAY) == []


async def test_the_same_time_off_is_taken_once(as_admin, as_clinician):
    path = f"/clinicians/{as_clinician.clinician_id}/time-off"
    answers = await together(*(as_admin.post(path, {"date": str(TUESDAY)}) for _ in range(8)))
    assert sorted(answers) == [201] + [409] * 7


async def test_the_same_open_slot_is_added_once(as_admin, as_clinician):
    path = f"/clinicians/{as_clinician.clinician_id}/open-slots"
    body = {"date": str(TUESDAY), "startTime": "18:00", "endTime": "18:30"}
    answers = await together(*(as_admin.post(path, body) for _ in range(8)))
    assert sorted(answers) == [201] + [409] * 7


async def test_two_sets_of_hours_never_mix(as_admin, as_clinician, make, hospital):
    path = f"/clinicians/{as_clinician.clinician_id}/availability"
    sets = [[{"dayOfWeek": "MONDAY", "startTime": f"{hour:02d}:00", "endTime": "20:00"}] for hour in range(8, 16)]
    assert set(await together(*(as_admin.put(path, {"availabilityRules": rules}) for rules in sets))) == {200}
    assert len((await as_admin.get(path)).json()["data"]) == 1


async def test_control_without_the_clinicians_lock_they_do_mix(as_admin, as_clinician, outpatient, monkeypatch):
    if outpatient.database.store.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time, with the lock or without")
    locked, read, both = queries.get_clinician, queries.list_availability, asyncio.Barrier(2)
    reads = itertools.count()

    async def unlocked(*arguments, **given):
        return await locked(*arguments, **{**given, "lock": False})

    async def read_together(*arguments, **given):
        rows = await read(*arguments, **given)
        if next(reads) < 2:
            await both.wait()  # neither writes before the other has read
        return rows

    path = f"/clinicians/{as_clinician.clinician_id}/availability"
    sets = [[{"dayOfWeek": "MONDAY", "startTime": f"{hour:02d}:00", "endTime": "20:00"}] for hour in (8, 9)]
    with monkeypatch.context() as patch:
        patch.setattr(queries, "get_clinician", unlocked)
        patch.setattr(queries, "list_availability", read_together)
        async with asyncio.timeout(30):
            await together(*(as_admin.put(path, {"availabilityRules": rules}) for rules in sets))

    mixed = (await as_admin.get(path)).json()["data"]
    assert len(mixed) == 2, "the lock is off and nothing went wrong: the test above proves nothing"
