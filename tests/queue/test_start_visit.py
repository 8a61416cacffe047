"""`POST /visits/{id}/start`: one patient at a time; what was left from yesterday is parked."""

import pytest

from tests.queue.conftest import refusal, sentence


@pytest.mark.parametrize("status", ["WAITING", "CALLED"])
async def test_the_consultation_begins(morning, clock, status):
    visit_id = await morning.brought_to(status)
    clock.advance(minutes=1)
    begun = await morning.do(visit_id, "start")
    assert (begun["status"], begun["startedAt"]) == ("IN_PROGRESS", "2026-03-02T03:31:00Z")
    assert begun["calledAt"] == ("2026-03-02T03:30:00Z" if status == "CALLED" else "2026-03-02T03:31:00Z")


async def test_a_repeat_answers_the_same(morning, clock):
    visit_id = (await morning.walk_in())["id"]
    first = await morning.do(visit_id, "start")
    clock.advance(minutes=1)
    assert await morning.do(visit_id, "start") == first
    assert len(await morning.history(visit_id)) == 2


async def test_one_patient_at_a_time(morning):
    first, second = await morning.walk_ins(2)
    await morning.do(first, "start")
    refused = await morning.attempt(second, "start")
    assert refusal(refused) == (409, "CONSULTATION_RUNNING")
    assert refused.json()["error"]["details"] == {"visitId": first, "tokenLabel": "T1"}
    assert "Finish or park that visit first" in sentence(refused)
    await morning.do(first, "hold")
    assert (await morning.do(second, "start"))["status"] == "IN_PROGRESS"


async def test_two_clinicians_see_two_patients(morning):
    other = await morning.clinician()
    for doctor in (morning.doctor, other):
        visit_id = (await morning.walk_in(doctor))["id"]
        assert (await morning.do(visit_id, "start", by=doctor))["status"] == "IN_PROGRESS"


async def test_who_was_left_in_the_room_yesterday_is_parked_and_flagged(morning, clock):
    left = (await morning.walk_in())["id"]
    await morning.do(left, "start")
    await morning.pass_time(clock, days=1)
    today = (await morning.walk_in())["id"]

    await morning.next()
    begun = await morning.do(today, "start")

    assert begun["status"] == "IN_PROGRESS"
    parked = await morning.visit(left)
    assert (parked["status"], parked["isCarryover"]) == ("ON_HOLD", True)
    assert parked["holdReason"] == "Left unfinished on 02 March 2026"
    assert (await morning.history(left))[-1]["details"]["reason"] == "Left unfinished on 02 March 2026"


async def test_who_is_left_over_and_seen_today_is_not_parked(morning, clock):
    left = (await morning.walk_in())["id"]
    await morning.pass_time(clock, days=1)
    await morning.do(left, "start")
    refused = await morning.attempt((await morning.walk_in())["id"], "start")
    assert refusal(refused) == (409, "CONSULTATION_RUNNING")
    assert await morning.status(left) == "IN_PROGRESS"
