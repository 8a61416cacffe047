"""`POST /visits/{id}/complete`, and the same for a queue: one end, one record, whoever asks and however often."""

import asyncio

import pytest

from outpatient.models import Pace, Payment, VisitRecord
from tests.appointments.wishes import code_of, count, one
from tests.queue.conftest import refusal, sentence


async def consultation(morning, clock, minutes: float) -> int:
    visit_id = (await morning.walk_in())["id"]
    await morning.do(visit_id, "start")
    await morning.pass_time(clock, minutes=minutes)
    await morning.do(visit_id, "complete")
    return visit_id


async def test_the_visit_its_record_and_its_appointment_end_together(morning, outpatient, clock):
    visit_id = await morning.brought_to("IN_PROGRESS")
    clock.advance(minutes=7)
    done = await morning.do(visit_id, "complete")

    assert (done["status"], done["completedAt"]) == ("COMPLETED", "2026-03-02T03:37:00Z")
    assert (await morning.appointment(done["appointmentId"]))["status"] == "COMPLETED"
    record = await one(outpatient, VisitRecord, visit_id=visit_id)
    assert (record.token_label, record.appointment_id) == ("T1", done["appointmentId"])
    assert (record.completed_at - record.started_at).total_seconds() == 7 * 60
    assert (await one(outpatient, Payment, visit_id=visit_id)).status == "PENDING"  # money is another story


@pytest.mark.parametrize("is_booked", [True, False])
async def test_ten_at_once_leave_one_record(morning, outpatient, is_booked):
    visit_id = await morning.brought_to("IN_PROGRESS") if is_booked else (await morning.walk_in())["id"]
    await morning.do(visit_id, "start")
    answers = await asyncio.gather(*(morning.desk.post(f"/visits/{visit_id}/complete") for _ in range(10)))
    assert [answer.text for answer in answers if not answer.is_success] == []
    assert await count(outpatient, VisitRecord, visit_id=visit_id) == 1


async def test_by_the_appointments_door_it_is_the_same_end(morning, outpatient):
    visit = await morning.visit(await morning.brought_to("IN_PROGRESS"))
    ended = await morning.doctor.patch(f"/appointments/{visit['appointmentId']}/complete")
    assert ended.json()["data"]["status"] == "COMPLETED"
    assert await morning.status(visit["id"]) == "COMPLETED"
    await morning.do(visit["id"], "complete")
    assert await count(outpatient, VisitRecord, visit_id=visit["id"]) == 1


async def test_who_was_called_and_seen_without_a_start_is_seen_since_the_call(morning, clock):
    visit_id = (await morning.walk_in())["id"]
    await morning.next()
    clock.advance(minutes=9)
    assert (await morning.do(visit_id, "complete"))["startedAt"] == "2026-03-02T03:30:00Z"


async def test_a_queues_current_patient_is_meant_unless_another_is_named(morning):
    seen, called, third = await morning.walk_ins(3)
    path = f"/queue/doctor/{morning.doctor.clinician_id}/complete"
    none = await morning.desk.post(path)
    assert (refusal(none), "name a visit by visitId" in sentence(none)) == ((409, "NO_CURRENT_VISIT"), True)
    await morning.do(seen, "start")
    await morning.do(called, "call")
    await morning.do(third, "call")
    assert (await morning.desk.post(path)).json()["data"]["id"] == seen
    again = await morning.desk.post(path, {"visitId": seen})
    assert (again.status_code, again.json()["data"]["status"]) == (200, "COMPLETED")
    assert (await morning.desk.post(path, {"visitId": called})).json()["data"]["id"] == called
    assert await morning.status(third) == "CALLED"


async def test_another_clinicians_patient_is_not_there(morning):
    other = await morning.clinician()
    theirs = (await morning.walk_in(other))["id"]
    for command in ("skip", "complete"):
        answer = await morning.desk.post(f"/queue/doctor/{morning.doctor.clinician_id}/{command}", {"visitId": theirs})
        assert refusal(answer) == (404, "NOT_FOUND")


async def test_the_pace_is_measured_and_told(morning, outpatient, clock):
    for minutes in (5, 6, 7):
        await consultation(morning, clock, minutes)
    pace = await one(outpatient, Pace, clinician_id=morning.doctor.clinician_id)
    assert (pace.mean_seconds, pace.counted) == (360, 3)
    await morning.walk_in()
    assert (await morning.walk_in())["estimatedWait"]["minutes"] == 6


async def test_who_never_came_cannot_be_finished_here(morning):
    answer = await morning.attempt(await morning.brought_to("EXPECTED"), "complete")
    assert code_of(answer) == "INVALID_TRANSITION"
    assert sentence(answer) == "This visit cannot be completed: the patient has not checked in yet"
