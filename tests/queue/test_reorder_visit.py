"""`PUT /queue/reorder`: another place in the line, by hand."""

import pytest

from outpatient.models import StoredEvent
from tests.appointments.wishes import count, details_of
from tests.queue.conftest import refusal, sentence


@pytest.mark.parametrize("mover", range(4))
@pytest.mark.parametrize("to", range(1, 6))
async def test_every_place(morning, mover, to):
    ids = await morning.walk_ins(4)
    answer = await morning.reorder(ids[mover], to, reason="Came with the ambulance")
    assert answer.status_code == 200
    assert answer.json()["data"]["position"] == min(to, 4)
    moved = ids.pop(mover)
    ids.insert(to - 1, moved)
    assert await morning.line() == ids


async def test_the_reason_stays_and_the_arrival_too(morning):
    _, second = await morning.walk_ins(2)
    await morning.reorder(second, 1, reason="Came with the ambulance")
    last = (await morning.history(second))[-1]
    assert last["event"] == "visit.reordered"
    assert (last["details"]["newPosition"], last["details"]["reason"]) == (1, "Came with the ambulance")
    assert (await morning.visit(second))["checkedInAt"] == "2026-03-02T03:30:00Z"


async def test_where_he_stands_already_nothing_happens(morning, outpatient):
    first, second = await morning.walk_ins(2)
    for visit_id, place in ((first, 1), (second, 2), (second, 9)):
        assert (await morning.reorder(visit_id, place)).status_code == 200
    assert await morning.line() == [first, second]
    assert await count(outpatient, StoredEvent, hospital_id=morning.hospital.id, name="visit.reordered") <= 1


async def test_ahead_of_the_urgent_and_of_yesterday(morning, clock):
    left, *_ = await morning.walk_ins(1)
    await morning.pass_time(clock, days=1)
    vip = (await morning.walk_in(priority="VIP"))["id"]
    one, two = await morning.walk_ins(2)
    await morning.reorder(two, 1)
    assert await morning.line() == [two, vip, left, one]
    await morning.reorder(one, 3)
    assert await morning.line() == [two, vip, one, left]
    await morning.reorder(vip, 4)
    assert await morning.line() == [two, one, left, vip]


async def test_places_between_two_never_run_out(morning):
    ids = await morning.walk_ins(4)
    for _ in range(30):  # each move halves the room in the middle, until the others are spread
        await morning.reorder(ids[3], 2)
        ids.insert(1, ids.pop(3))
        assert await morning.line() == ids


async def test_the_number_is_the_one_that_people_see(morning):
    later, one, two, three = await morning.walk_ins(4)
    await morning.do(later, "delay", minutes=30)
    assert (await morning.reorder(three, 2)).json()["data"]["position"] == 2
    assert await morning.line() == [one, three, two, later]


async def test_who_asked_to_wait_until_later_stands_there_at_once(morning):
    later, one, two = await morning.walk_ins(3)
    await morning.do(later, "delay", minutes=30)
    moved = (await morning.reorder(later, 2)).json()["data"]
    assert (moved["position"], moved["notBefore"]) == (2, None)
    assert await morning.line() == [one, later, two]


@pytest.mark.parametrize(
    "status", ["EXPECTED", "CALLED", "IN_PROGRESS", "ON_HOLD", "COMPLETED", "CANCELLED", "NO_SHOW"]
)
async def test_whoever_is_not_in_line_is_refused(morning, status):
    refused = await morning.reorder(await morning.brought_to(status), 1)
    assert refusal(refused) == (409, "INVALID_TRANSITION")
    assert sentence(refused).startswith("This visit cannot be moved in the line: ")


@pytest.mark.parametrize(
    ("change", "field"),
    [({"newPosition": 0}, "newPosition"), ({"newPosition": None}, "newPosition"), ({"visitId": "x"}, "visitId")],
)
async def test_what_cannot_be_is_named(morning, change, field):
    visit_id = (await morning.walk_in())["id"]
    answer = await morning.desk.put("/queue/reorder", {"visitId": visit_id, "newPosition": 1, **change})
    assert list(details_of(answer)) == [field]
