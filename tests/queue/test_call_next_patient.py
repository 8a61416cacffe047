"""`POST /queue/doctor/{id}/next`: the head of the line, called once, whoever presses."""

import pytest

from outpatient.models import AuditEntry, StoredEvent
from tests.appointments.wishes import count
from tests.queue.conftest import refusal, sentence


async def test_the_head_of_the_line_is_called_and_nobody_is_finished(morning, outpatient, clock):
    first, second = await morning.walk_ins(2)
    await morning.next()
    await morning.do(first, "start")
    clock.advance(minutes=1)

    called = await morning.next()

    assert (called["id"], called["status"], called["calledAt"]) == (second, "CALLED", "2026-03-02T03:31:00Z")
    assert await morning.status(first) == "IN_PROGRESS"
    last = (await morning.history(second))[-1]
    assert (last["event"], last["details"]["was"]) == ("visit.status_changed", "WAITING")
    assert await count(outpatient, AuditEntry, action="visit.status_changed", subject_id=second) == 1


async def test_the_order_is_urgency_then_yesterday_then_arrival(morning, clock):
    (left,) = await morning.walk_ins(1)
    await morning.pass_time(clock, days=1)
    normal, late = await morning.walk_ins(2)
    urgent = (await morning.walk_in(priority="URGENT"))["id"]
    assert [(await morning.next())["id"] for _ in range(4)] == [urgent, left, normal, late]


async def test_nobody_waiting_is_said(morning, clock):
    path = f"/queue/doctor/{morning.doctor.clinician_id}/next"
    empty = await morning.desk.post(path)
    assert (refusal(empty), sentence(empty)) == ((409, "QUEUE_EMPTY"), "Nobody is waiting")
    visit_id = (await morning.walk_in())["id"]
    await morning.do(visit_id, "delay", minutes=5)
    delayed = await morning.desk.post(path)
    assert (refusal(delayed), sentence(delayed)) == (
        (409, "QUEUE_EMPTY"),
        "Everybody in line asked to be called later",
    )
    assert delayed.json()["error"]["details"] == {"nextAt": "2026-03-02T03:35:00Z"}
    await morning.pass_time(clock, minutes=5)
    assert (await morning.next())["id"] == visit_id


@pytest.mark.parametrize(
    "status", ["EXPECTED", "ON_HOLD", "CALLED", "IN_PROGRESS", "COMPLETED", "CANCELLED", "NO_SHOW"]
)
async def test_whoever_is_not_in_line_is_not_called(morning, status):
    await morning.brought_to(status)
    refused = await morning.desk.post(f"/queue/doctor/{morning.doctor.clinician_id}/next")
    assert refusal(refused) == (409, "QUEUE_EMPTY")


async def test_the_skipped_are_called_again_in_their_turn(morning):
    first, second, third, fourth = await morning.walk_ins(4)
    await morning.next()
    await morning.do(first, "skip")
    assert [(await morning.next())["id"] for _ in range(4)] == [second, third, first, fourth]


async def test_a_departments_line_is_everybodys(morning, clock):
    department_id = await morning.department()
    one, two = [await morning.clinician(department_id, on_duty=False) for _ in range(2)]
    (anybodys,) = await morning.walk_ins(1, departmentId=department_id)
    await morning.pass_time(clock, minutes=1)
    (own,) = await morning.walk_ins(1, doctor=one)
    called = await morning.next(two)
    assert (called["id"], called["clinicianId"], called["tokenLabel"]) == (anybodys, two.clinician_id, "D1")
    assert (await morning.next(one))["id"] == own
    elsewhere = await morning.clinician()
    assert refusal(await morning.desk.post(f"/queue/doctor/{elsewhere.clinician_id}/next")) == (409, "QUEUE_EMPTY")


async def test_the_same_key_calls_nobody_else(morning, outpatient):
    first, second = await morning.walk_ins(2)
    path, key = f"/queue/doctor/{morning.doctor.clinician_id}/next", {"Idempotency-Key": "button"}
    answers = [await morning.desk.post(path, headers=key) for _ in range(3)]
    assert [answer.json()["data"]["id"] for answer in answers] == [first] * 3
    assert answers[0].json() == answers[1].json()
    assert await morning.line() == [second]
    assert await count(outpatient, StoredEvent, name="visit.status_changed", subject_id=first) == 1
    other = await morning.clinician()
    mismatch = await morning.desk.post(f"/queue/doctor/{other.clinician_id}/next", headers=key)
    assert refusal(mismatch) == (422, "IDEMPOTENCY_MISMATCH")


async def test_the_clinician_presses_himself(morning):
    visit_id = (await morning.walk_in())["id"]
    answer = await morning.doctor.post(f"/queue/doctor/{morning.doctor.clinician_id}/next")
    assert answer.json()["data"]["id"] == visit_id
