"""`POST /visits/{id}/priority`: more or less urgent, for a reason that stays."""

import pytest

from tests.appointments.wishes import details_of
from tests.queue.conftest import refusal, sentence


async def test_urgent_is_first_and_normal_is_back_at_his_arrival(morning, clock):
    one, two, three = await morning.walk_ins(3)
    urgent = await morning.do(three, "priority", priority="urgent", reason="Chest pain")
    assert (urgent["priority"], urgent["position"]) == ("URGENT", 1)
    assert (await morning.history(three))[-1]["details"]["reason"] == "Chest pain"
    assert (await morning.visit(one))["explanation"] == [
        "Number 2 in line",
        "Behind 1 patient who must be seen first",
    ]
    await morning.do(three, "priority", priority="NORMAL", reason="Mistake")
    assert await morning.line() == [one, two, three]


async def test_among_the_urgent_arrival_decides(morning):
    one, two, three = await morning.walk_ins(3)
    await morning.do(three, "priority", priority="VIP", reason="Board member")
    await morning.do(two, "priority", priority="URGENT", reason="Fever")
    assert await morning.line() == [two, three, one]


async def test_the_skipped_wait_again(morning):
    first, *others = await morning.walk_ins(4)
    await morning.do(first, "skip")
    urgent = await morning.do(first, "priority", priority="URGENT", reason="Worse")
    assert (urgent["status"], await morning.line()) == ("WAITING", [first, *others])


async def test_a_repeat_does_nothing_more(morning):
    visit_id = (await morning.walk_in())["id"]
    for _ in range(2):
        await morning.do(visit_id, "priority", priority="VIP", reason="Board member")
    assert len(await morning.history(visit_id)) == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"priority": "VIP"}, "reason"),
        ({"priority": "VIP", "reason": " "}, "reason"),
        ({"reason": "x"}, "priority"),
        ({"priority": "FIRST", "reason": "x"}, "priority"),
    ],
)
async def test_a_reason_is_asked_for(morning, body, field):
    visit_id = (await morning.walk_in())["id"]
    assert list(details_of(await morning.desk.post(f"/visits/{visit_id}/priority", body))) == [field]


@pytest.mark.parametrize("status", ["IN_PROGRESS", "COMPLETED", "CANCELLED", "NO_SHOW"])
async def test_whoever_does_not_wait_is_refused(morning, status):
    refused = await morning.attempt(await morning.brought_to(status), "priority", priority="VIP", reason="Friend")
    assert refusal(refused) == (409, "INVALID_TRANSITION")
    assert sentence(refused).startswith("This visit cannot be given another priority: ")
