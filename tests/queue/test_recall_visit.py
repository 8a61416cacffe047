"""`POST /visits/{id}/recall`: back into the line."""

import pytest

from tests.queue.conftest import refusal, sentence


@pytest.mark.parametrize("status", ["CALLED", "ON_HOLD", "NO_SHOW"])
async def test_he_is_back_at_his_old_place(morning, clock, status):
    visit_id = await morning.brought_to(status)
    await morning.pass_time(clock, minutes=1)
    later = (await morning.walk_in())["id"]
    back = await morning.do(visit_id, "recall", reason="Came back")
    assert (back["status"], back["calledAt"], back["startedAt"], back["holdReason"]) == ("WAITING", None, None, None)
    assert (back["checkedInAt"], back["tokenLabel"]) == ("2026-03-02T03:30:00Z", "T1")
    assert await morning.line() == [visit_id, later]
    assert (await morning.appointment(back["appointmentId"]))["status"] == "CHECKED_IN"
    assert (await morning.history(visit_id))[-1]["details"]["reason"] == "Came back"


async def test_the_skipped_keep_their_place_behind_the_others(morning):
    first, two, three, four = await morning.walk_ins(4)
    await morning.do(first, "skip")
    assert (await morning.do(first, "recall"))["status"] == "WAITING"
    assert await morning.line() == [two, three, first, four]


async def test_a_repeat_answers_the_same(morning):
    visit_id = await morning.brought_to("ON_HOLD")
    once = await morning.do(visit_id, "recall")
    assert await morning.do(visit_id, "recall") == once


async def test_who_was_never_here_must_check_in(morning, clock):
    expected = await morning.brought_to("EXPECTED")
    missed = await morning.brought_to("EXPECTED")
    await morning.pass_time(clock, hours=1)
    await morning.do(missed, "no-show")
    for visit_id, says in ((expected, "the patient has not checked in yet"), (missed, "the patient did not come")):
        refused = await morning.attempt(visit_id, "recall")
        assert refusal(refused) == (409, "INVALID_TRANSITION")
        assert sentence(refused) == f"This visit cannot be brought back into the line: {says}"


async def test_who_was_missed_yesterday_does_not_come_back(morning, clock):
    visit_id = await morning.brought_to("NO_SHOW")
    await morning.pass_time(clock, days=1)
    assert refusal(await morning.attempt(visit_id, "recall")) == (409, "DAY_IS_OVER")
