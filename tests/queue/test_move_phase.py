"""`POST /queue/phases/move`: a move is one of the queue's own commands."""

import asyncio

import pytest

from tests.queue.boards import details, read, refused

COMING, WAITING, WITH_DOCTOR, COMPLETED = "appointmentsToday", "waiting", "withDoctor", "completed"


def move(persona, was: str, to: str, **named):
    return persona.post("/queue/phases/move", {**named, "fromPhase": was, "toPhase": to})


async def moved(persona, was: str, to: str, **named) -> dict:
    answer = await move(persona, was, to, **named)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def events_of(morning, visit_id: int) -> list[str]:
    return [entry["event"] for entry in await read(morning.desk, f"/visits/{visit_id}/history")]


async def test_from_the_door_to_the_door_and_every_move_is_a_command(morning, clock):
    appointment_id = await morning.book("10:00")

    arrived = await moved(morning.desk, COMING, WAITING, appointmentId=appointment_id)
    visit_id = arrived["visit"]["id"]
    started = await moved(morning.desk, WAITING, WITH_DOCTOR, visitId=visit_id)
    clock.advance(minutes=7)
    done = await moved(morning.desk, WITH_DOCTOR, COMPLETED, visitId=visit_id)

    assert (arrived["newStatus"], arrived["visit"]["tokenLabel"]) == ("WAITING", "T1")
    assert (arrived["fromPhase"], arrived["toPhase"]) == (COMING, WAITING)
    assert (started["newStatus"], started["visit"]["status"]) == ("IN_PROGRESS", "IN_PROGRESS")
    assert (done["newStatus"], done["visit"]["completedAt"]) == ("COMPLETED", "2026-03-02T03:37:00Z")
    assert await events_of(morning, visit_id) == ["visit.checked_in", *["visit.status_changed"] * 2]
    appointment = await read(morning.desk, f"/appointments/{appointment_id}")
    assert appointment["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("was", "to"),
    [("appointments_today", "waiting"), ("APPOINTMENTS_TODAY", "Waiting"), ("AppointmentsToday", "WAITING")],
)
async def test_phases_are_named_in_any_writing(morning, was, to):
    data = await moved(morning.desk, was, to, appointmentId=await morning.book())

    assert (data["fromPhase"], data["toPhase"]) == (COMING, WAITING)


async def test_a_check_in_by_mistake_goes_back(morning):
    appointment_id = await morning.book()
    visit_id = (await moved(morning.desk, COMING, WAITING, appointmentId=appointment_id))["visit"]["id"]

    back = await moved(morning.desk, WAITING, COMING, appointmentId=appointment_id)

    assert (back["newStatus"], back["visit"]["id"]) == ("EXPECTED", visit_id)
    assert (await events_of(morning, visit_id))[-1] == "visit.undone"
    assert (await read(morning.desk, f"/appointments/{appointment_id}"))["status"] in ("PENDING", "CONFIRMED")


async def test_who_was_called_too_soon_is_recalled(morning):
    visit_id = (await morning.walk_in())["id"]
    await morning.next()

    back = await moved(morning.desk, WITH_DOCTOR, WAITING, visitId=visit_id)

    assert (back["newStatus"], back["visit"]["calledAt"]) == ("WAITING", None)


async def test_a_start_and_an_end_by_mistake_go_back(morning, clock):
    visit_id = (await morning.walk_in())["id"]
    await morning.do(visit_id, "start")
    assert (await moved(morning.desk, WITH_DOCTOR, WAITING, visitId=visit_id))["newStatus"] == "WAITING"
    await morning.do(visit_id, "start")
    await morning.do(visit_id, "complete")

    clock.advance(minutes=5)
    again = await moved(morning.desk, COMPLETED, WITH_DOCTOR, visitId=visit_id)

    assert again["newStatus"] == "IN_PROGRESS"


async def test_after_five_minutes_nothing_goes_back(morning, clock):
    visit_id = (await morning.walk_in())["id"]
    await morning.do(visit_id, "start")
    clock.advance(minutes=5, seconds=1)

    answer = await move(morning.desk, WITH_DOCTOR, WAITING, visitId=visit_id)

    assert refused(answer) == (409, "INVALID_TRANSITION")
    assert details(answer) == {"status": "IN_PROGRESS", "phase": WITH_DOCTOR, "to": WAITING}
    assert (await morning.visit(visit_id))["status"] == "IN_PROGRESS"


async def test_a_change_that_was_no_step_is_not_taken_back_in_its_place(morning):
    """Undo would take back the priority, and the patient would stay where he is."""
    appointment_id = await morning.book()
    visit = await morning.check_in(appointment_id)
    await morning.do(visit["id"], "priority", priority="VIP", reason="Minister")

    answer = await move(morning.desk, WAITING, COMING, appointmentId=appointment_id)

    assert refused(answer) == (409, "INVALID_TRANSITION")
    assert (await morning.visit(visit["id"]))["priority"] == "VIP"


async def test_a_walk_in_never_was_an_appointment(morning):
    visit_id = (await morning.walk_in())["id"]

    assert (await move(morning.desk, WAITING, COMING, visitId=visit_id)).status_code == 409
    assert (await morning.visit(visit_id))["status"] == "WAITING"


async def test_one_phase_at_a_time(morning):
    appointment_id = await morning.book()
    for to in (WITH_DOCTOR, COMPLETED):
        answer = await move(morning.desk, COMING, to, appointmentId=appointment_id)
        assert refused(answer) == (409, "INVALID_TRANSITION")
    visit_id = (await morning.check_in(appointment_id))["id"]
    assert refused(await move(morning.desk, WAITING, COMPLETED, visitId=visit_id)) == (409, "INVALID_TRANSITION")
    assert len(await events_of(morning, visit_id)) == 1


@pytest.mark.parametrize("parked", ["skip", "hold"])
async def test_who_was_skipped_or_parked_comes_back_into_line_first(morning, parked):
    visit_id = (await morning.walk_in())["id"]
    await morning.do(visit_id, parked)

    answer = await move(morning.desk, WAITING, WITH_DOCTOR, visitId=visit_id)

    assert refused(answer) == (409, "INVALID_TRANSITION")


async def test_one_patient_at_a_time_here_too(morning):
    first, second = await morning.walk_ins(2)
    await moved(morning.desk, WAITING, WITH_DOCTOR, visitId=first)

    answer = await move(morning.desk, WAITING, WITH_DOCTOR, visitId=second)

    assert refused(answer) == (409, "CONSULTATION_RUNNING")


async def test_the_phase_must_still_be_true(morning):
    appointment_id = await morning.book()
    visit_id = (await morning.check_in(appointment_id))["id"]
    for was, to in ((COMING, WAITING), (WITH_DOCTOR, COMPLETED), (COMPLETED, WITH_DOCTOR)):
        answer = await move(morning.desk, was, to, visitId=visit_id)
        assert refused(answer) == (409, "PHASE_CHANGED")
        assert details(answer) == {"phase": WAITING, "status": "WAITING"}
    await morning.do(visit_id, "cancel")
    answer = await move(morning.desk, WAITING, WITH_DOCTOR, visitId=visit_id)
    assert refused(answer) == (409, "PHASE_CHANGED") and details(answer)["phase"] is None


async def test_eight_at_once_make_one_arrival(morning):
    appointment_id = await morning.book()

    answers = await asyncio.gather(
        *(move(morning.desk, COMING, WAITING, appointmentId=appointment_id) for _ in range(8))
    )

    assert {answer.status_code for answer in answers} <= {200, 409}
    good = [answer.json()["data"]["visit"] for answer in answers if answer.is_success]
    assert good and {visit["tokenLabel"] for visit in good} == {"T1"}
    listed = await read(morning.desk, "/visits")
    assert len(listed) == 1 and await events_of(morning, listed[0]["id"]) == ["visit.checked_in"]


async def test_eight_at_once_start_once(morning):
    visit_id = (await morning.walk_in())["id"]

    answers = await asyncio.gather(*(move(morning.desk, WAITING, WITH_DOCTOR, visitId=visit_id) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 7]
    assert await events_of(morning, visit_id) == ["visit.walk_in_added", "visit.status_changed"]


async def test_a_check_in_is_the_desks(morning):
    answer = await move(morning.doctor, COMING, WAITING, appointmentId=await morning.book())

    assert refused(answer) == (403, "FORBIDDEN")


async def test_a_clinician_moves_his_own_patients_only(morning):
    colleague = await morning.clinician()
    mine, his = await morning.walk_in(), await morning.walk_in(colleague)

    assert (await moved(morning.doctor, WAITING, WITH_DOCTOR, visitId=mine["id"]))["newStatus"] == "IN_PROGRESS"
    answer = await move(morning.doctor, WAITING, WITH_DOCTOR, visitId=his["id"])

    assert refused(answer) == (404, "NOT_FOUND")


async def test_who_may_move(morning, make, as_stranger, as_patient):
    visit_id, appointment_id = (await morning.walk_in())["id"], await morning.book()
    away = await make.staff(morning.hospital, "FRONT_DESK", centre_id=await make.centre(morning.hospital))
    for persona, status in ((away, 404), (as_stranger, 404), (as_patient, 403), (make.nobody(morning.hospital), 401)):
        assert (await move(persona, WAITING, WITH_DOCTOR, visitId=visit_id)).status_code == status
        assert (await move(persona, COMING, WAITING, appointmentId=appointment_id)).status_code == status
    assert (await morning.visit(visit_id))["status"] == "WAITING"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"visitId": 1, "fromPhase": WAITING, "toPhase": WAITING}, "toPhase"),
        ({"visitId": 1, "fromPhase": "asleep", "toPhase": WAITING}, "fromPhase"),
        ({"visitId": 1, "fromPhase": WAITING}, "toPhase"),
        ({"visitId": 1, "appointmentId": 1, "fromPhase": WAITING, "toPhase": WITH_DOCTOR}, "body"),
        ({"fromPhase": WAITING, "toPhase": WITH_DOCTOR}, "body"),
        ({"visitId": 1, "fromPhase": 3, "toPhase": WITH_DOCTOR}, "fromPhase"),
    ],
)
async def test_what_makes_no_sense_is_named(morning, body, field):
    answer = await morning.desk.post("/queue/phases/move", body)

    assert refused(answer) == (400, "VALIDATION_ERROR") and field in details(answer)
