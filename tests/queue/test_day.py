"""A whole visit, from the door to the door."""


async def test_from_the_door_to_the_door(morning, clock):
    first = await morning.check_in(await morning.book("10:00"))
    second = await morning.walk_in()
    called = await morning.next()
    assert (called["id"], called["status"], called["room"]) == (first["id"], "CALLED", "Room 4")
    clock.advance(minutes=2)
    await morning.do(first["id"], "start")
    clock.advance(minutes=10)

    done = await morning.do(first["id"], "complete")

    assert done["status"] == "COMPLETED" and done["completedAt"] == "2026-03-02T03:42:00Z"
    assert await morning.line() == [second["id"]]
    appointment = (await morning.desk.get(f"/appointments/{first['appointmentId']}")).json()["data"]
    assert appointment["status"] == "COMPLETED"
    history = (await morning.desk.get(f"/visits/{first['id']}/history")).json()["data"]
    assert [entry["event"] for entry in history] == ["visit.checked_in", *["visit.status_changed"] * 3]


async def test_a_busy_hour(morning):
    """One command after another, and the line that a desk would expect after each."""
    one, two, three = await morning.walk_ins(3)
    await morning.next()
    await morning.do(one, "skip")
    assert await morning.line() == [two, three, one]
    await morning.do(two, "hold", reason="Blood test")
    assert await morning.line() == [three, one]
    await morning.do(two, "recall")
    await morning.do(three, "priority", priority="VIP", reason="Board member")
    assert await morning.line() == [three, two, one]
    await morning.reorder(one, 2)
    assert await morning.line() == [three, one, two]
    await morning.do(two, "delay", minutes=10)
    other = await morning.clinician()
    await morning.do(two, "reassign", doctorId=other.clinician_id)
    assert (await morning.line(), await morning.line(other)) == ([three, one], [two])
    for command, back in (("cancel", "undo"), ("no-show", "recall")):
        await morning.do(one, command)
        assert await morning.line() == [three]
        await morning.do(one, back)
        assert await morning.line() == [three, one]
