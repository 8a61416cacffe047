"""`POST /visits/{id}/call`: somebody out of turn."""

from tests.queue.conftest import refusal, sentence


async def test_anybody_in_line_may_be_called(morning):
    first, second = await morning.walk_ins(2)
    called = await morning.do(second, "call")
    assert (called["status"], called["calledAt"], called["position"]) == ("CALLED", "2026-03-02T03:30:00Z", None)
    assert await morning.line() == [first]


async def test_a_repeat_answers_the_same(morning, clock):
    visit_id = (await morning.walk_in())["id"]
    first = await morning.do(visit_id, "call")
    clock.advance(minutes=1)
    assert await morning.do(visit_id, "call") == first
    assert len(await morning.history(visit_id)) == 2


async def test_to_be_called_ends_a_delay_and_a_hold(morning):
    delayed, held = await morning.walk_ins(2)
    await morning.do(delayed, "delay", minutes=30)
    await morning.do(held, "hold", reason="Blood test")
    assert (await morning.do(delayed, "call"))["notBefore"] is None
    assert (await morning.do(held, "call"))["holdReason"] is None


async def test_a_consultation_begins_anew_after_a_hold(morning, clock):
    visit_id = (await morning.walk_in())["id"]
    await morning.do(visit_id, "start")
    await morning.do(visit_id, "hold", reason="Blood test")
    await morning.pass_time(clock, hours=1)
    await morning.do(visit_id, "call")
    await morning.pass_time(clock, minutes=5)
    done = await morning.do(visit_id, "complete")
    assert done["startedAt"] == "2026-03-02T04:30:00Z"


async def test_whom_nobody_has_is_taken_by_the_clinician_who_calls(morning):
    department_id = await morning.department()
    doctor = await morning.clinician(department_id, on_duty=False)
    one, two = await morning.walk_ins(2, departmentId=department_id)
    for command in ("call", "start"):
        by_desk = await morning.attempt(one, command)
        assert refusal(by_desk) == (409, "NEEDS_CLINICIAN")
        assert "Reassign it to a clinician first" in sentence(by_desk)
    assert (await morning.do(one, "call", by=doctor))["clinicianId"] == doctor.clinician_id
    assert (await morning.do(two, "start", by=doctor))["clinicianId"] == doctor.clinician_id
