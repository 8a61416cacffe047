"""`PATCH /visits/{id}/status`: every cell of the table of moves (DESIGN §4), and every repeat."""

import pytest

from outpatient.core.terms import VisitStatus as Status
from outpatient.models import VISIT_MOVES, StoredEvent, VisitRecord
from tests.appointments.wishes import at_once, count, details_of
from tests.queue.conftest import refusal, sentence

OTHERWISE = {(Status.EXPECTED, Status.WAITING)}
"""Moves of the table that are another command: checking in, which gives a token."""


@pytest.mark.parametrize("to", list(Status))
@pytest.mark.parametrize("was", list(Status))
async def test_every_pair_of_states(morning, outpatient, was, to):
    visit_id = await morning.brought_to(was)
    before = await count(outpatient, StoredEvent, subject="visit", subject_id=visit_id)

    answer = await morning.desk.patch(f"/visits/{visit_id}/status", {"status": to.lower(), "reason": "So it was"})

    may = to in VISIT_MOVES[was] and (was, to) not in OTHERWISE
    is_repeat = to is was and to is not Status.EXPECTED
    if may or is_repeat:
        assert (answer.status_code, answer.json()["data"]["status"]) == (200, to)
    else:
        assert refusal(answer) == (409, "INVALID_TRANSITION")
        assert await morning.status(visit_id) == was
    assert await count(outpatient, StoredEvent, subject="visit", subject_id=visit_id) == before + may
    assert await count(outpatient, VisitRecord, visit_id=visit_id) == (await morning.status(visit_id) == "COMPLETED")
    if may:
        assert (await morning.history(visit_id))[-1]["details"]["reason"] == "So it was"


@pytest.mark.parametrize(
    ("was", "to", "says"),
    [
        ("EXPECTED", "CALLED", "This visit cannot be called: the patient has not checked in yet"),
        ("EXPECTED", "WAITING", "This visit cannot be brought back into the line: the patient has not checked in yet"),
        ("WAITING", "COMPLETED", "This visit cannot be completed: the patient is waiting and has not been called"),
        ("IN_PROGRESS", "CANCELLED", "This visit cannot be cancelled: the clinician is seeing the patient"),
        ("COMPLETED", "CALLED", "This visit cannot be called: the patient has been seen"),
        ("CANCELLED", "IN_PROGRESS", "This visit cannot be started: it was cancelled"),
        ("ON_HOLD", "SKIPPED", "This visit cannot be skipped: the patient is on hold; bring him back first"),
    ],
)
async def test_a_refusal_says_why(morning, was, to, says):
    answer = await morning.desk.patch(f"/visits/{await morning.brought_to(was)}/status", {"status": to})
    assert sentence(answer) == says
    assert answer.json()["error"]["details"] == {"status": was, "to": to}


async def test_two_who_are_seen_at_once_are_refused_by_this_door_too(morning):
    first, second = await morning.walk_ins(2)
    await morning.desk.patch(f"/visits/{first}/status", {"status": "IN_PROGRESS"})
    answer = await morning.desk.patch(f"/visits/{second}/status", {"status": "IN_PROGRESS"})
    assert refusal(answer) == (409, "CONSULTATION_RUNNING")
    assert answer.json()["error"]["details"] == {"visitId": first, "tokenLabel": "T1"}


async def test_completed_by_this_door_is_completed_wholly(morning, outpatient):
    visit = await morning.visit(await morning.brought_to("IN_PROGRESS"))
    path = f"/visits/{visit['id']}/status"
    answers = await at_once(*(morning.desk.patch(path, {"status": "COMPLETED"}) for _ in range(5)))
    assert answers == {200: 5}
    assert (await morning.appointment(visit["appointmentId"]))["status"] == "COMPLETED"
    assert await count(outpatient, VisitRecord, visit_id=visit["id"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "status"), ({"status": "GONE"}, "status"), ({"status": "WAITING", "reason": "x" * 501}, "reason")],
)
async def test_what_is_wrong_is_named(morning, body, field):
    visit_id = await morning.brought_to("WAITING")
    assert list(details_of(await morning.desk.patch(f"/visits/{visit_id}/status", body))) == [field]


async def test_a_clinician_runs_his_queue_but_cancels_nobody(morning):
    visit_id = (await morning.walk_in())["id"]
    answer = await morning.doctor.patch(f"/visits/{visit_id}/status", {"status": "CANCELLED"})
    assert (refusal(answer), sentence(answer)) == ((403, "FORBIDDEN"), "Visits are cancelled at the desk")
    answer = await morning.doctor.patch(f"/visits/{visit_id}/status", {"status": "IN_PROGRESS"})
    assert answer.json()["data"]["status"] == "IN_PROGRESS"
