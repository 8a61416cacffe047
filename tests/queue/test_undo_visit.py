"""`POST /visits/{id}/undo`: the last change is taken back, as if it had not been, within five minutes."""

import pytest

from outpatient.models import Payment, VisitRecord
from tests.appointments.wishes import booked, count, one
from tests.queue.conftest import refusal, sentence

SHOWN = (
    *("status", "priority", "clinicianId", "departmentId", "tokenNumber", "tokenLabel", "serviceDay", "position"),
    *("checkedInAt", "calledAt", "startedAt", "completedAt", "notBefore", "holdReason"),
)


async def seen(morning, visit_id) -> dict:
    visit = await morning.visit(visit_id)
    appointment = await morning.appointment(visit["appointmentId"]) if visit["appointmentId"] else {}
    return {name: visit[name] for name in SHOWN} | {"appointment": appointment.get("status")}


@pytest.mark.parametrize("is_booked", [True, False])
@pytest.mark.parametrize(
    ("status", "command", "body"),
    [
        ("WAITING", "call", {}),
        ("WAITING", "start", {}),
        ("WAITING", "skip", {"reason": "Away"}),
        ("WAITING", "hold", {"reason": "Blood test"}),
        ("WAITING", "delay", {"minutes": 10}),
        ("WAITING", "priority", {"priority": "VIP", "reason": "Frail"}),
        ("WAITING", "no-show", {"reason": "Away"}),
        ("WAITING", "cancel", {"reason": "Left"}),
        ("CALLED", "start", {}),
        ("CALLED", "complete", {}),
        ("CALLED", "skip", {}),
        ("CALLED", "recall", {}),
        ("CALLED", "delay", {"minutes": 10}),
        ("CALLED", "no-show", {}),
        ("CALLED", "cancel", {}),
        ("SKIPPED", "recall", {}),
        ("SKIPPED", "call", {}),
        ("SKIPPED", "cancel", {}),
        ("ON_HOLD", "recall", {}),
        ("ON_HOLD", "call", {}),
        ("ON_HOLD", "no-show", {}),
        ("IN_PROGRESS", "complete", {}),
        ("IN_PROGRESS", "hold", {"reason": "Blood test"}),
    ],
)
async def test_everything_is_as_before(morning, clock, outpatient, is_booked, status, command, body):
    if is_booked:
        visit_id = await morning.brought_to(status)
    else:
        visit_id = (await morning.walk_in())["id"]
        if status != "WAITING":
            await morning.desk.patch(f"/visits/{visit_id}/status", {"status": status})
    for _ in range(3):
        clock.advance(seconds=10)
        await morning.walk_in()
    before = await seen(morning, visit_id)
    await morning.do(visit_id, command, **body)

    answer = await morning.attempt(visit_id, "undo")

    assert (answer.status_code, answer.json().get("message")) == (200, "Undone")
    assert await seen(morning, visit_id) == before
    assert (await one(outpatient, Payment, visit_id=visit_id)).status == "PENDING"
    assert await count(outpatient, VisitRecord, visit_id=visit_id) == 0
    last = (await morning.history(visit_id))[-1]
    assert (last["event"], last["details"]["was"] != before["status"]) == (
        "visit.undone",
        command not in ("priority", "delay") or status == "CALLED",
    )


async def test_a_check_in_by_mistake_is_taken_back_and_the_token_waits(morning):
    visit = await morning.check_in(await morning.book())
    undone = await morning.do(visit["id"], "undo")
    assert (undone["status"], undone["checkedInAt"]) == ("EXPECTED", None)
    assert (await morning.appointment(visit["appointmentId"]))["status"] == "PENDING"
    assert (await morning.walk_in())["tokenLabel"] == "T2"
    assert (await morning.check_in(visit["appointmentId"]))["tokenLabel"] == "T1"


@pytest.mark.parametrize("status", ["PENDING", "CONFIRMED"])
@pytest.mark.parametrize("command", ["cancel", "no-show"])
async def test_an_appointment_is_again_what_it_was(morning, make, clock, status, command):
    appointment_id = await morning.book("09:00")
    if status == "CONFIRMED":
        admin = await make.staff(morning.hospital, "ADMIN")
        await admin.patch(f"/appointments/{appointment_id}/confirm")
    visit_id = await morning.visit_of(appointment_id)
    await morning.do(visit_id, command)
    await morning.do(visit_id, "undo")
    assert (await morning.appointment(appointment_id))["status"] == status
    assert await morning.status(visit_id) == "EXPECTED"


async def test_by_the_appointments_door_too(morning):
    appointment_id = await morning.book()
    visit_id = await morning.visit_of(appointment_id)
    await morning.desk.delete(f"/appointments/{appointment_id}", {"reason": "Mistake"})
    await morning.do(visit_id, "undo")
    again = await morning.appointment(appointment_id)
    assert (again["status"], again["cancelReason"], again["cancelledBy"]) == ("PENDING", None, None)
    taken = await morning.desk.post(
        "/appointments",
        {
            "patientId": again["patientId"],
            "clinicianId": morning.doctor.clinician_id,
            "appointmentDate": "2026-03-02",
            "appointmentTime": "10:00",
        },
    )
    assert refusal(taken) == (409, "SLOT_UNAVAILABLE")


async def test_a_time_that_somebody_else_has_is_not_given_back(morning, as_patient):
    appointment_id = await morning.book("10:00")
    visit_id = await morning.visit_of(appointment_id)
    await morning.do(visit_id, "cancel")
    await booked(as_patient, morning.doctor, "10:00", "2026-03-02")
    refused = await morning.attempt(visit_id, "undo")
    assert refusal(refused) == (409, "SLOT_UNAVAILABLE")
    assert sentence(refused) == "Somebody else has this time by now"
    assert (await morning.appointment(appointment_id))["status"] == "CANCELLED"
    assert await morning.status(visit_id) == "CANCELLED"


async def test_who_was_finished_is_not_seen_again_while_another_is(morning):
    first, second = await morning.walk_ins(2)
    await morning.do(first, "start")
    await morning.do(first, "complete")
    await morning.do(second, "start")
    refused = await morning.attempt(first, "undo")
    assert refusal(refused) == (409, "CONSULTATION_RUNNING")
    assert await morning.status(first) == "COMPLETED"


async def test_a_reassignment_is_taken_back_with_its_token(morning):
    visit_id = (await morning.walk_in())["id"]
    before = await seen(morning, visit_id)
    other = await morning.clinician(await morning.department())
    assert (await morning.do(visit_id, "reassign", doctorId=other.clinician_id))["tokenLabel"] == "D1"
    await morning.do(visit_id, "undo")
    assert await seen(morning, visit_id) == before


async def test_a_reorder_is_taken_back(morning):
    ids = await morning.walk_ins(3)
    await morning.reorder(ids[2], 1)
    await morning.do(ids[2], "undo")
    assert await morning.line() == ids


async def test_who_was_called_from_a_departments_line_is_anybodys_again(morning):
    department_id = await morning.department()
    doctor = await morning.clinician(department_id, on_duty=False)
    visit_id = (await morning.walk_in(departmentId=department_id))["id"]
    await morning.next(doctor)
    undone = await morning.do(visit_id, "undo", by=doctor)
    assert (undone["status"], undone["clinicianId"]) == ("WAITING", None)


@pytest.mark.parametrize(
    ("minutes", "undone"),
    [(5, True), (5.1, False)],
)
async def test_five_minutes_are_given(morning, clock, minutes, undone):
    visit_id = await morning.brought_to("CALLED")
    await morning.pass_time(clock, minutes=minutes)
    answer = await morning.attempt(visit_id, "undo")
    assert answer.is_success == undone
    if not undone:
        assert refusal(answer) == (409, "NOTHING_TO_UNDO")
        assert sentence(answer) == "The last change of this visit is more than five minutes old"


async def test_an_undo_is_not_undone(morning):
    visit_id = await morning.brought_to("CALLED")
    await morning.do(visit_id, "undo")
    refused = await morning.attempt(visit_id, "undo")
    assert (refusal(refused), sentence(refused)) == (
        (409, "NOTHING_TO_UNDO"),
        "The last change of this visit was undone already",
    )
    await morning.do(visit_id, "call")
    assert (await morning.do(visit_id, "undo"))["status"] == "WAITING"


async def test_what_cannot_be_undone_says_why(morning, make, clock, outpatient):
    expected, walk_in = await morning.brought_to("EXPECTED"), (await morning.walk_in())["id"]
    patient = await make.patient(morning.hospital)
    wish = {"clinicianId": morning.doctor.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "11:00"}
    held = (await patient.post("/booking/create", wish)).json()["data"]["appointmentId"]
    untouched = await morning.attempt(expected, "undo")
    assert sentence(untouched) == "There is nothing that could be undone"
    await morning.pass_time(clock, minutes=15)
    await outpatient.worker.run_once()
    for visit_id, says in (
        (
            expected,
            "Nobody here made the last change: the patient had not come in time. If he is here now, check him in",
        ),
        (walk_in, "A walk-in is not undone but cancelled"),
        (
            await morning.visit_of(held),
            "Nobody here made the last change: an unpaid hold ended, or the patient cancelled from his phone",
        ),
    ):
        refused = await morning.attempt(visit_id, "undo")
        assert (refusal(refused), sentence(refused)) == ((409, "NOTHING_TO_UNDO"), says)


@pytest.mark.parametrize(
    ("command", "body"),
    [
        ("check-in", None),
        ("cancel", {}),
        ("priority", {"priority": "VIP", "reason": "Frail"}),
        ("reorder", None),
        ("reassign", None),
        ("call", {}),
    ],
)
async def test_a_clinician_takes_back_what_he_may_do_himself(morning, command, body):
    visit_id = await morning.brought_to("WAITING")
    if command == "reorder":
        await morning.walk_in()
        await morning.desk.put("/queue/reorder", {"visitId": visit_id, "newPosition": 2})
    elif command == "reassign":
        await morning.do(visit_id, "reassign", doctorId=(other := await morning.clinician()).clinician_id)
        await morning.do(visit_id, "reassign", doctorId=morning.doctor.clinician_id)
        assert other.clinician_id != morning.doctor.clinician_id
    elif body is not None:
        await morning.do(visit_id, command, **body)
    undone = await morning.doctor.post(f"/visits/{visit_id}/undo", {})
    if command == "call":
        assert undone.status_code == 200, undone.text
        return
    assert refusal(undone) == (403, "FORBIDDEN")
    assert sentence(undone) == "This was done at the desk, where it is also taken back"
    assert (await morning.do(visit_id, "undo"))["id"] == visit_id
