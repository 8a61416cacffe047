"""Skipping: who does not answer is offered again after the next few."""

import pytest

from tests.queue.conftest import refusal, sentence


@pytest.mark.parametrize(("positions", "expected"), [(0, 0), (1, 1), (2, 2), (9, 3)])
async def test_he_stands_behind_the_next_few(in_hospital, positions, expected):
    morning = await in_hospital(skip_positions=positions)
    first, *others = await morning.walk_ins(4)
    await morning.next()

    skipped = await morning.do(first, "skip", reason="Did not answer")

    assert (skipped["status"], skipped["position"], skipped["calledAt"]) == ("SKIPPED", expected + 1, None)
    others.insert(expected, first)
    assert await morning.line() == others
    last = (await morning.history(first))[-1]
    assert (last["details"]["was"], last["details"]["reason"]) == ("CALLED", "Did not answer")


async def test_who_is_skipped_further_back_never_gains_by_it(morning):
    one, two, three, four, five = await morning.walk_ins(5)
    await morning.do(two, "skip")
    assert await morning.line() == [one, three, four, two, five]
    await morning.do(five, "skip")
    assert await morning.line() == [one, three, four, two, five]


async def test_being_urgent_does_not_bring_him_back_to_the_head(morning):
    vip = (await morning.walk_in(priority="VIP"))["id"]
    one, two, three = await morning.walk_ins(3)
    await morning.next()
    await morning.do(vip, "skip")
    assert await morning.line() == [one, two, vip, three]


async def test_who_waits_until_later_is_not_counted(morning):
    first, later, two, three, four = await morning.walk_ins(5)
    await morning.do(later, "delay", minutes=30)
    await morning.next()
    await morning.do(first, "skip")
    assert await morning.line() == [two, three, first, four, later]


async def test_alone_he_keeps_his_place(morning):
    visit_id = (await morning.walk_in())["id"]
    await morning.do(visit_id, "skip")
    assert (await morning.next())["id"] == visit_id


async def test_a_repeat_changes_nothing(morning):
    first, *_ = await morning.walk_ins(4)
    await morning.next()
    once = await morning.do(first, "skip")
    assert await morning.do(first, "skip") == once
    assert len(await morning.history(first)) == 3


async def test_the_arrival_stays(morning, clock):
    first, _ = await morning.walk_ins(2)
    await morning.pass_time(clock, minutes=20)
    assert (await morning.do(first, "skip"))["checkedInAt"] == "2026-03-02T03:30:00Z"


async def test_in_a_queue_the_one_who_was_called_is_meant(morning):
    seen, called, third = await morning.walk_ins(3)
    path = f"/queue/doctor/{morning.doctor.clinician_id}/skip"
    assert refusal(await morning.desk.post(path)) == (409, "NO_CURRENT_VISIT")
    await morning.do(seen, "start")
    only_seen = await morning.desk.post(path)
    assert refusal(only_seen) == (409, "INVALID_TRANSITION")
    assert sentence(only_seen) == "This visit cannot be skipped: the clinician is seeing the patient"
    await morning.do(called, "call")
    skipped = await morning.desk.post(path, {"reason": "Away"})
    assert (skipped.json()["data"]["id"], skipped.json()["message"]) == (called, "Patient skipped")
    named = await morning.desk.post(path, {"visitId": third})
    assert (named.json()["data"]["id"], named.json()["data"]["status"]) == (third, "SKIPPED")
