"""The streams of seed 002: what comes first, what comes then, and how they end."""

import asyncio

import pytest

from outpatient.realtime import live
from outpatient.realtime.connection import MAX_BACKLOG
from outpatient.realtime.queries import get_position
from tests.realtime.streams import place


async def test_a_stream_begins_with_who_it_is_and_the_queue(listen, walk_in, as_admin, hospital, doctor):
    visit = await walk_in()

    async with listen(as_admin, f"/sse/reception/{hospital.id}") as reader:
        connected, queue = await reader.next(), await reader.next()

    assert reader.status == 200
    assert connected.type == "connected"
    assert connected.data == {"stream": "reception", "hospitalId": hospital.id}
    assert queue.type == "queue.updated"
    assert queue.id is not None
    assert [(one["id"], one["patientName"], one["tokenLabel"]) for one in queue.data["queue"]] == [
        (visit["id"], "Ravi Kumar", visit["tokenLabel"])
    ]
    assert queue.data["totalCount"] == 1
    assert doctor.clinician_id == queue.data["queue"][0]["clinicianId"]


async def test_the_wire_is_one_data_line_with_line_feeds_and_nobody_may_keep_it(
    listen, walk_in, placed, as_admin, hospital
):
    async with listen(as_admin, f"/sse/reception/{hospital.id}") as reader:
        await reader.until("queue.updated")
        await walk_in(name="Line\u2028Feed \r\n data: x")
        await placed()
        message = await reader.next()

    assert reader.headers["content-type"].startswith("text/event-stream")
    assert reader.headers["cache-control"] == "no-store"
    assert reader.headers["x-accel-buffering"] == "no"
    assert "content-length" not in reader.headers
    assert b"\r" not in reader.raw
    assert [line.partition(": ")[0] for line in message.raw.split("\n")] == ["id", "data"]
    assert message.data["patientName"] == "Line\u2028Feed \r\n data: x"


async def test_a_change_says_what_a_screen_needs(listen, walk_in, placed, as_admin, hospital, doctor, department_id):
    async with listen(as_admin, f"/sse/reception/{hospital.id}") as reader:
        await reader.until("queue.updated")
        visit = await walk_in()
        await placed()
        message = await reader.next()
        await doctor.post(f"/queue/doctor/{doctor.clinician_id}/next")
        await placed()
        called = await reader.next()

    assert message.type == "visit.walk_in_added"
    assert message.data.pop("eventId") > 0
    assert message.data == {
        "visitId": visit["id"],
        "appointmentId": None,
        "patientId": visit["patientId"],
        "patientName": "Ravi Kumar",
        "clinicianId": doctor.clinician_id,
        "departmentId": department_id,
        "centreId": hospital.centre_id,
        "status": "WAITING",
        "tokenLabel": visit["tokenLabel"],
        "priority": "NORMAL",
        "room": "12",
        "minutes": 0,
        "at": "2026-03-02T03:30:00Z",
    }
    assert called.type == "visit.status_changed"
    assert (called.data["status"], called.data["was"], called.data["minutes"]) == ("CALLED", "WAITING", None)
    assert "before" not in called.data
    assert called.id == message.id + 1


async def test_whoever_is_moved_back_is_told_how_long_he_waits_now(listen, walk_in, placed, as_admin, hospital):
    async with listen(as_admin, f"/sse/reception/{hospital.id}") as reader:
        await reader.until("queue.updated")
        first, *_ = [await walk_in() for _ in range(3)]
        await placed()
        assert [(await reader.next()).data["minutes"] for _ in range(3)] == [0, 15, 30]
        answer = await as_admin.post(f"/visits/{first['id']}/skip")
        assert answer.status_code == 200, answer.text
        await placed()
        skipped = await reader.next()

    assert (skipped.data["status"], skipped.data["visitId"]) == ("SKIPPED", first["id"])
    assert skipped.data["minutes"] == answer.json()["data"]["estimatedWait"]["minutes"] == 30


async def test_several_who_hear_the_same_each_hear_it_once(listen, walk_in, placed, as_admin, as_manager, hospital):
    path = f"/sse/reception/{hospital.id}"
    async with listen(as_admin, path) as one, listen(as_manager, path) as other:
        await one.until("queue.updated")
        await other.until("queue.updated")
        visits = [(await walk_in())["id"] for _ in range(3)]
        await placed()

        for reader in (one, other):
            assert [(await reader.next()).data["visitId"] for _ in visits] == visits


async def test_who_comes_back_is_told_what_he_missed_and_nothing_twice(
    listen, walk_in, placed, as_admin, hospital, make, as_stranger
):
    path = f"/sse/reception/{hospital.id}"
    async with listen(as_admin, path) as reader:
        await reader.until("queue.updated")
        first = await walk_in()
        await placed()
        known = await reader.next()
    missed = await walk_in()
    await make.clinician(await make.hospital())  # what happens elsewhere takes positions, too
    await placed()

    async with listen(as_admin, path, after=known.id) as reader:
        assert (await reader.next()).type == "connected"
        again = await reader.next()
        assert (again.type, again.data["visitId"]) == ("visit.walk_in_added", missed["id"])
        live = await walk_in()
        await placed()
        assert (await reader.next()).data["visitId"] == live["id"]

    assert first["id"] not in {missed["id"], live["id"]}


async def test_the_last_id_may_stand_in_the_address_where_a_browser_sends_no_header(
    listen, walk_in, placed, as_admin, hospital
):
    path = f"/sse/reception/{hospital.id}"
    async with listen(as_admin, path) as reader:
        queue = await reader.until("queue.updated")
    missed = await walk_in()
    await placed()

    async with listen(as_admin, f"{path}?lastEventId={queue.id}") as reader:
        await reader.until("connected")
        assert (await reader.next()).data["visitId"] == missed["id"]


@pytest.mark.parametrize("last", ["-1", "abc", "9" * 30, "999999999999999", "1.5", ""])
async def test_a_last_id_that_was_never_given_gets_the_queue(listen, as_admin, hospital, last):
    async with listen(as_admin, f"/sse/reception/{hospital.id}", **{"Last-Event-ID": last}) as reader:
        assert (await reader.next()).type == "connected"
        assert (await reader.next()).type == "queue.updated"


async def test_who_missed_too_much_gets_the_queue(listen, walk_in, placed, as_admin, hospital, monkeypatch):
    monkeypatch.setattr("outpatient.realtime.live.MOST_MISSED", 2)
    path = f"/sse/reception/{hospital.id}"
    async with listen(as_admin, path) as reader:
        queue = await reader.until("queue.updated")
    for _ in range(3):
        await walk_in()
    await placed()

    async with listen(as_admin, path, after=queue.id) as reader:
        await reader.until("connected")
        anew = await reader.next()

    assert anew.type == "queue.updated"
    assert anew.data["totalCount"] == 3
    assert anew.id > queue.id


async def test_a_reader_who_knows_more_than_this_process_is_told_nothing_again(
    outpatient, listen, walk_in, placed, as_admin, hospital
):
    """He comes from another process, which was faster."""
    path = f"/sse/reception/{hospital.id}"
    async with listen(as_admin, path) as slow:
        await slow.until("queue.updated")
        behind = outpatient.live.hub.position
        visit = await walk_in()
        asleep = outpatient.live.tail._task
        asleep.cancel()  # as a process that is slow to look
        await asyncio.wait([asleep])
        await placed()
        async with outpatient.database.reading() as tx:
            position = await get_position(tx)

        async with listen(as_admin, path, after=position) as reader:
            assert (await reader.next()).type == "connected"
            await _until_released(outpatient)
            outpatient.live.tail._task = None
            outpatient.live.hub.position = behind
            await outpatient.live.tail._look()
            assert (await slow.next()).data["visitId"] == visit["id"]
            later = await walk_in()
            await placed()
            await outpatient.live.tail._look()
            assert (await slow.next()).data["visitId"] == later["id"]
            assert (await reader.next()).data["visitId"] == later["id"]


async def _until_released(outpatient) -> None:
    while any(one.held is not None for one in outpatient.live.hub):
        await asyncio.sleep(0)


async def test_a_signed_out_user_hears_no_more(outpatient, listen, as_admin, as_manager, hospital, placed):
    path = f"/sse/reception/{hospital.id}"
    async with listen(as_admin, path) as stays, listen(as_manager, path) as leaves:
        await stays.until("queue.updated")
        await leaves.until("queue.updated")
        answer = await as_manager.post("/auth/logout", {"refreshToken": as_manager.refresh_token})
        assert answer.status_code == 200, answer.text
        await outpatient.live.check_sessions()

        (bye,) = await leaves.rest()
        assert (bye.type, bye.data) == ("bye", {"reason": "SIGNED_OUT"})
        assert leaves.has_ended
        assert not stays.has_ended


async def test_the_end_of_a_session_is_noticed_without_waiting_for_the_next_look(
    listen, as_admin, as_front_desk, hospital, placed
):
    async with listen(as_front_desk, f"/sse/reception/{hospital.id}") as reader:
        await reader.until("queue.updated")
        answer = await as_admin.patch(f"/users/{as_front_desk.user_id}/toggle-active")
        assert answer.status_code == 200, answer.text
        await placed()

        assert [one.type for one in await reader.rest()] == ["bye"]


async def test_public_and_others_streams_stay_when_somebody_is_out(
    outpatient, listen, as_nobody, as_admin, department_id
):
    async with listen(as_nobody, f"/sse/waiting-room/{department_id}") as reader:
        await reader.until("queue.updated")
        await outpatient.live.check_sessions()
        assert not reader.has_ended


async def test_a_process_that_stops_says_goodbye_and_when_to_come_again(outpatient, listen, as_admin, hospital):
    try:
        async with listen(as_admin, f"/sse/reception/{hospital.id}") as reader:
            await reader.until("queue.updated")
            outpatient.stopping.set()
            (bye,) = await reader.rest()
            assert (bye.type, bye.data) == ("bye", {"reason": "RESTART"})
            assert 1_000 <= bye.retry <= 5_000
            assert reader.has_ended
        async with listen(as_admin, f"/sse/reception/{hospital.id}") as late:
            assert [one.type for one in await late.rest()] == ["bye"]
    finally:
        outpatient.stopping.clear()


async def test_a_heartbeat_keeps_the_line_open(outpatient, listen, as_admin, hospital, walk_in, placed):
    async with listen(as_admin, f"/sse/reception/{hospital.id}") as reader:
        await reader.until("queue.updated")
        await outpatient.live.hub.beat()
        await walk_in()
        await placed()
        await reader.next()

    assert b"\n\n: still here\n\nid: " in reader.raw


async def test_a_slow_reader_gets_everything_in_order_once_he_reads(listen, walk_in, placed, as_admin, hospital):
    path = f"/sse/reception/{hospital.id}"
    async with listen(as_admin, path) as slow, listen(as_admin, path) as quick:
        await slow.until("queue.updated")
        await quick.until("queue.updated")
        slow.slow = asyncio.Event()
        visits = [(await walk_in())["id"] for _ in range(5)]
        await placed()
        assert [(await quick.next()).data["visitId"] for _ in visits] == visits  # nobody waits for the slow one
        assert slow.chunks.empty()
        slow.slow.set()
        assert [(await slow.next()).data["visitId"] for _ in visits] == visits


async def test_a_reader_who_falls_too_far_behind_is_dropped(outpatient, listen, as_admin, hospital):
    path = f"/sse/reception/{hospital.id}"
    async with listen(as_admin, path) as stuck, listen(as_admin, path) as quick:
        await stuck.until("queue.updated")
        await quick.until("queue.updated")
        stuck.slow = asyncio.Event()
        for _ in range(MAX_BACKLOG + 2):
            await outpatient.live.hub.beat()
        assert await stuck.rest() == []
        assert not stuck.has_ended  # no polite end: his socket takes nothing
        assert len(outpatient.live.hub) == 1
        assert not quick.has_ended


async def test_nobody_listens_nobody_looks(outpatient, listen, as_admin, hospital):
    async with listen(as_admin, f"/sse/reception/{hospital.id}") as reader:
        await reader.until("queue.updated")
        assert outpatient.live.tail.is_following
    assert not outpatient.live.tail.is_following
    assert outpatient.live.hub.position is None
    assert not outpatient.live._tasks


async def test_a_database_that_was_away_delays_but_loses_nothing(
    outpatient, listen, walk_in, placed, as_admin, hospital, monkeypatch
):
    looks = 0
    look = type(outpatient.live.tail)._look

    async def fail_twice(tail):
        nonlocal looks
        looks += 1
        if looks <= 2:
            raise OSError("away")
        return await look(tail)

    async with listen(as_admin, f"/sse/reception/{hospital.id}") as reader:
        await reader.until("queue.updated")
        monkeypatch.setattr(type(outpatient.live.tail), "_look", fail_twice)
        visit = await walk_in()
        await placed()
        assert (await reader.next()).data["visitId"] == visit["id"]
    assert looks > 2


async def test_what_happens_while_the_queue_is_read_is_told_after_it(
    outpatient, listen, walk_in, as_admin, hospital, monkeypatch
):
    """No gap and no repeat between the snapshot and the first event."""
    read, happened = live._read_first, []

    async def read_slowly(tx, stream, position):
        first = await read(tx, stream, position)
        happened.append((await walk_in())["id"])
        await place(outpatient)
        while outpatient.live.hub.position == position:
            await asyncio.sleep(0.001)
        return first

    async with listen(as_admin, f"/sse/reception/{hospital.id}"):
        monkeypatch.setattr(live, "_read_first", read_slowly)
        outpatient.live._firsts.clear()
        async with listen(as_admin, f"/sse/reception/{hospital.id}") as reader:
            queue = await reader.until("queue.updated")
            event = await reader.next()

    assert queue.data["queue"] == []
    assert event.data["visitId"] == happened[0]
    assert event.id > queue.id


async def test_a_record_that_is_taken_away_is_heard_of_no_more(outpatient, listen, as_admin, as_patient):
    async with listen(as_patient, "/sse/me") as own:
        await own.until("queue.updated")
        changed = await as_admin.put(f"/patients/{as_patient.patient_id}", {"phone": "+919812300777"})
        assert changed.status_code == 200, changed.text
        await outpatient.worker.run_once()

        assert [one.type for one in await own.rest()][-1] == "bye"
        assert own.has_ended
