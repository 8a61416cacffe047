"""`POST /visits/{id}/no-show`: the patient did not come, or did not answer."""

import pytest

from tests.queue.conftest import refusal, sentence


@pytest.mark.parametrize("status", ["WAITING", "CALLED", "SKIPPED", "ON_HOLD"])
async def test_visit_and_appointment_are_missed_with_a_reason(morning, status):
    visit_id = await morning.brought_to(status)
    missed = await morning.do(visit_id, "no-show", reason="Did not answer three times")
    assert (missed["status"], missed["position"]) == ("NO_SHOW", None)
    assert (await morning.appointment(missed["appointmentId"]))["status"] == "NO_SHOW"
    history = await morning.history(visit_id)
    assert history[-1]["details"]["reason"] == "Did not answer three times"
    assert [entry["details"]["status"] for entry in history].count("NO_SHOW") == 1


async def test_a_walk_in_can_be_missed(morning):
    visit_id = (await morning.walk_in())["id"]
    assert (await morning.do(visit_id, "no-show"))["status"] == "NO_SHOW"
    assert (await morning.do(visit_id, "recall"))["status"] == "WAITING"


async def test_nobody_is_missed_before_his_time(morning, clock):
    visit_id = await morning.visit_of(await morning.book("10:00"))
    refused = await morning.attempt(visit_id, "no-show")
    assert (refusal(refused), sentence(refused)) == (
        (409, "INVALID_TRANSITION"),
        "The appointment has not begun yet",
    )
    assert await morning.status(visit_id) == "EXPECTED"
    await morning.pass_time(clock, hours=1)
    assert (await morning.do(visit_id, "no-show"))["status"] == "NO_SHOW"


async def test_a_repeat_answers_the_same(morning):
    visit_id = await morning.brought_to("CALLED")
    once = await morning.do(visit_id, "no-show")
    assert await morning.do(visit_id, "no-show") == once


async def test_by_the_appointments_door_it_is_the_same(morning, make):
    admin = await make.staff(morning.hospital, "ADMIN")
    visit = await morning.visit(await morning.brought_to("CALLED"))
    answer = await admin.put(f"/appointments/{visit['appointmentId']}", {"status": "NO_SHOW"})
    assert answer.status_code == 200
    assert await morning.status(visit["id"]) == "NO_SHOW"
