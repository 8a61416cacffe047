"""`POST /visits/{id}/delay`: not before an instant; arrival and place stay."""

import pytest

from tests.appointments.wishes import details_of
from tests.queue.conftest import refusal, sentence


async def test_he_is_shown_last_and_called_when_his_time_has_come(morning, clock):
    first, second = await morning.walk_ins(2)
    delayed = await morning.do(first, "delay", minutes=15, reason="Parking the car")
    assert (delayed["notBefore"], delayed["checkedInAt"]) == ("2026-03-02T03:45:00Z", "2026-03-02T03:30:00Z")
    assert delayed["estimatedWait"]["minutes"] == 15
    assert await morning.line() == [second, first]
    assert (await morning.history(first))[-1]["details"]["reason"] == "Parking the car"
    await morning.pass_time(clock, minutes=15)
    assert await morning.line() == [first, second]
    called = await morning.next()
    assert (called["id"], called["notBefore"]) == (first, None)


async def test_until_an_instant_says_the_same(morning):
    visit_id = (await morning.walk_in())["id"]
    assert (await morning.do(visit_id, "delay", until="2026-03-02T09:45:00+05:30"))["notBefore"] == (
        "2026-03-02T04:15:00Z"
    )


async def test_vips_wait_too(morning):
    vip = (await morning.walk_in(priority="VIP"))["id"]
    other = (await morning.walk_in())["id"]
    await morning.do(vip, "delay", minutes=5)
    assert (await morning.next())["id"] == other


async def test_who_was_called_goes_back_in_one_step(morning):
    visit_id = await morning.brought_to("CALLED")
    delayed = await morning.do(visit_id, "delay", minutes=5)
    assert (delayed["status"], delayed["calledAt"]) == ("WAITING", None)
    undone = await morning.do(visit_id, "undo")
    assert (undone["status"], undone["notBefore"]) == ("CALLED", None)


async def test_a_repeat_does_nothing_and_another_time_wins(morning):
    visit_id = (await morning.walk_in())["id"]
    for _ in range(2):
        await morning.do(visit_id, "delay", minutes=5)
    assert len(await morning.history(visit_id)) == 2
    assert (await morning.do(visit_id, "delay", minutes=30))["notBefore"] == "2026-03-02T04:00:00Z"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "minutes"),
        ({"minutes": 5, "until": "2026-03-02T12:00:00Z"}, "minutes"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 1441}, "minutes"),
        ({"until": "2026-03-02T03:30:00Z"}, "until"),
        ({"until": "2026-03-03T03:30:01Z"}, "until"),
        ({"until": "soon"}, "until"),
    ],
)
async def test_what_cannot_be_is_named(morning, body, field):
    visit_id = (await morning.walk_in())["id"]
    assert list(details_of(await morning.desk.post(f"/visits/{visit_id}/delay", body))) == [field]


@pytest.mark.parametrize("status", ["EXPECTED", "ON_HOLD", "IN_PROGRESS", "COMPLETED", "CANCELLED", "NO_SHOW"])
async def test_whoever_is_not_in_line_is_not_delayed(morning, status):
    refused = await morning.attempt(await morning.brought_to(status), "delay", minutes=5)
    assert refusal(refused) == (409, "INVALID_TRANSITION")
    assert sentence(refused).startswith("This visit cannot be delayed: ")
