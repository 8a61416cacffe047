"""Midnight at the centre: who is left over is brought forward by the date alone, whoever was asleep."""

from datetime import UTC, datetime

import pytest

from tests.appointments.wishes import Elsewhere, later
from tests.queue.conftest import refusal

MIDNIGHTS = [
    ("Asia/Kolkata", datetime(2026, 3, 2, 18, 30, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 2, 23, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 3, 5, tzinfo=UTC)),
    ("Pacific/Auckland", datetime(2026, 3, 2, 11, tzinfo=UTC)),
    ("Africa/Lagos", datetime(2026, 3, 2, 23, tzinfo=UTC)),
]
"""Zones, and their midnight after the 2nd (the hospital in Auckland is ahead of us all)."""


@pytest.fixture(params=MIDNIGHTS, ids=lambda one: one[0])
async def evening(request, in_hospital, clock):
    """A clinic one minute before its midnight; nothing but requests will run in it."""
    zone, midnight = request.param
    morning = await in_hospital(zone)
    await later(clock, morning.desk, seconds=(midnight - clock.now()).total_seconds() - 60)
    return morning


async def carried(morning) -> dict[int, tuple[str, bool]]:
    return {visit["id"]: (visit["status"], visit["isCarryover"]) for visit in await morning.queue()}


async def test_everybody_in_the_house_is_brought_forward_and_nobody_else(evening, clock):
    waiting, skipped, held, called, seen, gone = await evening.walk_ins(6)
    for visit_id, command in ((skipped, "skip"), (held, "hold"), (called, "call"), (seen, "start"), (gone, "cancel")):
        await evening.do(visit_id, command)
    assert set((await carried(evening)).values()) == {
        ("WAITING", False),
        ("SKIPPED", False),
        ("ON_HOLD", False),
        ("CALLED", False),
        ("IN_PROGRESS", False),
    }

    await evening.pass_time(clock, minutes=2)

    assert await carried(evening) == {
        waiting: ("WAITING", True),
        skipped: ("SKIPPED", True),
        held: ("ON_HOLD", True),
        called: ("CALLED", True),
        seen: ("IN_PROGRESS", True),
    }
    answer = await evening.desk.get(f"/queue/doctor/{evening.doctor.clinician_id}")
    today = answer.json()["data"]["serviceDay"]
    new = await evening.walk_in()
    assert (new["serviceDay"], new["tokenNumber"], new["isCarryover"]) == (today, 1, False)
    assert await evening.line() == [waiting, skipped, new["id"]]
    assert (await evening.visit(new["id"]))["explanation"] == [
        "Number 3 in line",
        "Behind 2 patients left over from an earlier day",
    ]


async def test_a_restart_at_midnight_changes_nothing(evening, clock, outpatient):
    left, held = await evening.walk_ins(2)
    await evening.do(held, "hold")
    await evening.pass_time(clock, minutes=2)
    new = (await evening.walk_in())["id"]
    path = f"/queue/doctor/{evening.doctor.clinician_id}"
    before = (await evening.desk.get(path)).json()

    async with Elsewhere(outpatient) as restarted:
        desk = restarted.seen_by(evening.desk)
        assert (await desk.get(path)).json() == before
        assert [(await desk.post(f"{path}/next")).json()["data"]["id"] for _ in range(2)] == [left, new]
        assert refusal(await desk.post(f"{path}/next")) == (409, "QUEUE_EMPTY")
        assert (await desk.post(f"/visits/{held}/recall")).json()["data"]["isCarryover"] is True
    assert (await evening.next())["id"] == held


async def test_a_night_shifts_patient_does_not_block_the_next_day(evening, clock):
    seen = (await evening.walk_in())["id"]
    await evening.do(seen, "start")
    await evening.pass_time(clock, minutes=2)
    new = (await evening.walk_in())["id"]
    assert (await evening.next())["id"] == new
    assert (await evening.do(new, "start"))["status"] == "IN_PROGRESS"
    assert await evening.status(seen) == "ON_HOLD"
    await evening.do(new, "complete")
    await evening.do(seen, "call")
    assert (await evening.do(seen, "complete"))["status"] == "COMPLETED"


async def test_who_was_expected_yesterday_stands_in_no_queue(morning, clock):
    appointment_id = await morning.book()
    assert await morning.queue() == []
    await morning.pass_time(clock, days=1)
    assert await morning.queue() == []
    assert refusal(await morning.desk.post(f"/appointments/{appointment_id}/check-in")) == (409, "DAY_IS_OVER")


async def test_three_days_are_three_steps_in_the_order(morning, clock):
    ids = []
    for _ in range(3):
        ids += await morning.walk_ins(2)
        await morning.pass_time(clock, days=1)
    assert await morning.line() == ids
    urgent = (await morning.walk_in(priority="URGENT"))["id"]
    assert await morning.line() == [urgent, *ids]
