"""Word that somebody's turn is near: once, only while the line moves, and only to those who stand in it."""

import asyncio

import pytest
from sqlalchemy import select

from outpatient.models import HospitalConfig, StoredEvent, Visit
from outpatient.queue.sweeps import tell_turns
from tests.appointments.wishes import later
from tests.conftest import NOW
from tests.signing import change

pytestmark = pytest.mark.anyio


@pytest.fixture
async def line(as_front_desk, as_clinician, make, hospital):
    """Five who came in this order, a minute ago at most; their visits' ids."""
    made = []
    for number in range(5):
        patient = await make.record(hospital, f"Patient {number}")
        body = {"patientId": patient, "clinicianId": as_clinician.clinician_id}
        added = await as_front_desk.post("/visits", body)
        assert added.status_code == 201, added.text
        made.append(added.json()["data"]["id"])
    return made


async def told(outpatient, *visit_ids: int) -> dict[int, int]:
    """Which of them were told so far, and how many others they were told stand before them."""
    await tell_turns(outpatient.database)
    async with outpatient.database.reading() as tx:
        of_them = (StoredEvent.subject == "visit", StoredEvent.subject_id.in_(visit_ids))
        events = await tx.all(select(StoredEvent).where(*of_them, StoredEvent.name == "visit.turn_near"))
        rows = {row.id: row for row in await tx.all(select(Visit).where(Visit.id.in_(visit_ids)))}
    assert len(events) == len({event.subject_id for event in events})
    assert {event.subject_id for event in events} == {key for key, row in rows.items() if row.turn_told_at}
    return {event.subject_id: event.payload["ahead"] for event in events}


async def call_next(desk, clinician) -> None:
    called = await desk.post(f"/queue/doctor/{clinician.clinician_id}/next")
    assert called.status_code == 200, called.text


async def test_the_next_two_are_told_once_when_the_line_moves(line, as_front_desk, as_clinician, outpatient, clock):
    await later(clock, as_front_desk, minutes=6)
    assert await told(outpatient, *line) == {}  # nobody is being seen yet
    await call_next(as_front_desk, as_clinician)
    assert await told(outpatient, *line) == {line[1]: 0, line[2]: 1}
    assert await told(outpatient, *line) == {line[1]: 0, line[2]: 1}
    await call_next(as_front_desk, as_clinician)
    assert await told(outpatient, *line) == {line[1]: 0, line[2]: 1, line[3]: 1}


async def test_who_came_a_moment_ago_is_not_told(line, as_front_desk, as_clinician, outpatient, clock):
    await call_next(as_front_desk, as_clinician)
    clock.advance(minutes=4, seconds=59)
    assert await told(outpatient, *line) == {}
    clock.advance(seconds=1)
    assert set(await told(outpatient, *line)) == {line[1], line[2]}


async def test_the_order_is_that_of_the_line(line, as_front_desk, as_clinician, outpatient, clock):
    await call_next(as_front_desk, as_clinician)
    urgent = await as_front_desk.post(f"/visits/{line[4]}/priority", {"priority": "URGENT", "reason": "In pain"})
    assert urgent.status_code == 200, urgent.text
    await later(clock, as_front_desk, minutes=6)
    assert await told(outpatient, *line) == {line[4]: 0, line[1]: 1}


async def test_where_it_is_switched_off_nobody_is_told(line, as_front_desk, as_clinician, hospital, outpatient, clock):
    await change(outpatient, HospitalConfig, HospitalConfig.hospital_id == hospital.id, turn_near_positions=0)
    await call_next(as_front_desk, as_clinician)
    clock.advance(minutes=6)
    assert await told(outpatient, *line) == {}


async def test_four_at_once_tell_once(line, as_front_desk, as_clinician, outpatient, clock):
    await call_next(as_front_desk, as_clinician)
    clock.advance(minutes=6)
    await asyncio.gather(*(tell_turns(outpatient.database) for _ in range(4)))
    assert set(await told(outpatient, *line)) == {line[1], line[2]}


async def test_who_was_left_over_from_yesterday_is_not_told_at_dawn(
    line, as_front_desk, as_clinician, outpatient, clock
):
    await call_next(as_front_desk, as_clinician)
    clock.set(NOW)
    clock.advance(days=1)
    assert await told(outpatient, *line) == {}


async def test_who_waits_for_anybody_of_a_department_is_told_by_its_line(
    make, hospital, as_front_desk, as_admin, outpatient, clock
):
    made = await as_admin.post("/departments", {"name": "Eyes", "centreId": hospital.centre_id})
    assert made.status_code == 201, made.text
    department = made.json()["data"]["id"]
    doctor = await make.clinician(hospital, department_id=department, is_on_duty=False)
    visits = []
    for number in range(4):
        patient = await make.record(hospital, f"Patient {number}")
        added = await as_front_desk.post("/visits", {"patientId": patient, "departmentId": department})
        assert added.status_code == 201, added.text
        visits.append(added.json()["data"]["id"])
    await change(outpatient, Visit, Visit.id.in_(visits), clinician_id=None)
    await call_next(as_front_desk, doctor)
    clock.advance(minutes=6)
    assert await told(outpatient, *visits) == {visits[1]: 0, visits[2]: 1}


async def test_being_told_is_no_change_that_could_be_undone(line, as_front_desk, as_clinician, outpatient, clock):
    await call_next(as_front_desk, as_clinician)
    clock.advance(minutes=4)
    held = await as_front_desk.patch(f"/visits/{line[1]}/status", {"status": "ON_HOLD"})
    assert held.status_code == 200, held.text
    back = await as_front_desk.patch(f"/visits/{line[1]}/status", {"status": "WAITING"})
    assert back.status_code == 200, back.text
    clock.advance(minutes=2)
    assert line[1] in await told(outpatient, *line)
    undone = await as_front_desk.post(f"/visits/{line[1]}/undo")
    assert undone.status_code == 200, undone.text
    assert undone.json()["data"]["status"] == "ON_HOLD"
