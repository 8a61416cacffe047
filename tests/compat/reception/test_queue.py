"""Seed 000 `/queue`, at the root."""

import pytest

from tests.appointments.wishes import at_once, later
from tests.compat.reception.conftest import (
    RECEPTIONIST,
    STAFF,
    TODAY,
    TOMORROW,
    at_root,
    code_of,
    good,
    refused,
)

ITEM = {
    *("id", "queue_number", "patient_name", "patient_phone", "doctor_name", "service_name", "visit_type"),
    *("check_in_time", "start_time", "end_time", "status"),
}
COLUMNS = ("waiting", "called", "in_progress", "completed")
COMMANDS = ("call", "start", "complete", "skip", "cancel")


def ids(queue, *names) -> dict[str, list[int]]:
    return {name: [visit["id"] for visit in queue[name]] for name in (names or COLUMNS) if queue[name]}


async def test_a_clinics_queue(reception, stranger):
    walker, seen = await reception.walk_in(), await reception.walk_in()
    await reception.do("start", seen)
    path = f"/queue/clinic/{reception.clinic_id}"
    queue = await reception.read(path)

    assert queue.keys() == {"clinic_id", "start_date", "end_date", *COLUMNS, "total"}
    assert (queue["clinic_id"], queue["start_date"], queue["end_date"]) == (reception.clinic_id, TODAY, TODAY)
    assert ids(queue) == {"waiting": [walker["id"]], "in_progress": [seen["id"]]}
    assert queue["total"] == 2
    assert queue["waiting"][0].keys() >= ITEM
    assert queue["waiting"][0]["queue_number"] == 1
    assert code_of(await stranger.get(path)) == (404, "NOT_FOUND")
    assert await reception.roles("GET", path) == STAFF


async def test_a_clinics_queue_of_several_days(reception, clock, as_front_desk):
    seen = await reception.walk_in()
    await reception.do("complete", await reception.do("start", seen))
    await later(clock, as_front_desk, days=1)
    reception.desk = at_root(as_front_desk)
    today = await reception.walk_in()
    path = f"/queue/clinic/{reception.clinic_id}"

    assert ids(await reception.read(path)) == {"waiting": [today["id"]]}
    both = await reception.read(path, start_date=TODAY, end_date=TOMORROW)
    assert ids(both) == {"waiting": [today["id"]], "completed": [seen["id"]]}
    assert ids(await reception.read(path, start_date=TODAY)) == {"completed": [seen["id"]]}
    assert ids(await reception.read(path, end_date=TODAY)) == {"completed": [seen["id"]]}


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"start_date": TOMORROW, "end_date": TODAY}, "end_date"),
        ({"start_date": TODAY, "end_date": "2026-04-02"}, "end_date"),
        ({"start_date": "today"}, "start_date"),
    ],
    ids=str,
)
async def test_days_that_make_no_range(reception, params, field):
    answer = await reception.desk.get(f"/queue/clinic/{reception.clinic_id}", params=params)
    assert refused(answer).keys() == {field}


async def test_a_doctors_queue_by_his_users_id(reception, make, hospital, stranger):
    visit = await reception.walk_in()
    assert reception.doctor.user_id != reception.doctor.clinician_id
    path = f"/queue/doctor/{reception.doctor.user_id}"
    queue = await reception.read(path)

    assert queue.keys() == {"doctor_id", *COLUMNS, "total"}
    assert (queue["doctor_id"], queue["total"], ids(queue)) == (
        reception.doctor.clinician_id,
        1,
        {"waiting": [visit["id"]]},
    )
    assert queue["waiting"][0].keys() >= ITEM
    assert await reception.read(path, reception.doctor) == queue
    assert code_of(await at_root(await make.clinician(hospital)).get(path)) == (404, "NOT_FOUND")
    assert code_of(await stranger.get(path)) == (404, "NOT_FOUND")
    assert code_of(await reception.desk.get(f"/queue/doctor/{reception.desk.user_id}")) == (404, "NOT_FOUND")
    assert (await at_root(await make.patient(hospital)).get(path)).status_code == 403


async def test_the_desk_calls_starts_and_completes(reception):
    visit = await reception.check_in(await reception.book())

    assert (await reception.do("call", visit))["status"] == "called"
    assert (await reception.do("start", visit))["status"] == "in_progress"
    done = await reception.do("complete", visit)
    assert (done["status"], done["queue_number"]) == ("completed", 1)
    assert None not in (done["called_time"], done["start_time"], done["end_time"])
    assert await reception.do("complete", visit) == done
    assert (await reception.read(f"/appointments/{visit['appointment_id']}"))["status"] == "completed"


async def test_why_the_desk_did_it_stays_in_the_visits_history(reception):
    visit = await reception.check_in(await reception.book())
    said = {"call": "His turn", "start": "In room 3", "complete": "Comes back next week"}
    for command, why in said.items():
        await reception.do(command, visit, reason=why)

    history = (await reception.desk.get(f"/api/v1/visits/{visit['id']}/history")).json()["data"]
    assert [one["details"]["reason"] for one in history[-3:]] == list(said.values())


async def test_skipped_patients_stay_in_line(reception):
    one, two, three = [await reception.walk_in() for _ in range(3)]
    skipped = await reception.do("skip", one, reason="Did not answer")

    assert skipped["status"] == "skipped"
    queue = await reception.read(f"/queue/clinic/{reception.clinic_id}")
    assert ids(queue) == {"waiting": [two["id"], three["id"], one["id"]]}


async def test_a_cancelled_visit_takes_its_appointment_with_it(reception):
    visit = await reception.check_in(await reception.book())
    cancelled = await reception.do("cancel", visit, notes="Left")

    assert cancelled["status"] == "cancelled"
    appointment = await reception.read(f"/appointments/{visit['appointment_id']}")
    assert (appointment["status"], appointment["cancel_reason"]) == ("cancelled", "Left")
    assert appointment["payment"]["status"] == "cancelled"
    assert (await reception.read(f"/queue/clinic/{reception.clinic_id}"))["total"] == 0


@pytest.mark.parametrize("command", COMMANDS)
async def test_commands_that_are_refused(reception, make, hospital, stranger, command):
    visit, path = await reception.walk_in(), f"/queue/{command}"
    elsewhere = at_root(await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital)))
    body = {"visit_id": visit["id"]}

    assert refused(await reception.desk.post(path, {})) == {"visit_id": "This field is required"}
    assert refused(await reception.desk.post(path, {"visit_id": "x"})).keys() == {"visit_id"}
    assert code_of(await reception.desk.post(path, {"visit_id": 9_999_999})) == (404, "NOT_FOUND")
    assert code_of(await stranger.post(path, body)) == (404, "NOT_FOUND")
    assert code_of(await elsewhere.post(path, body)) == (404, "NOT_FOUND")
    assert await reception.roles("POST", path, body) == RECEPTIONIST


async def test_a_visit_that_never_began_is_not_completed(reception):
    visit = await reception.walk_in()
    answer = await reception.desk.post("/queue/complete", {"visit_id": visit["id"]})

    assert code_of(answer) == (409, "INVALID_TRANSITION")
    assert refused(answer, 409) == {"status": "waiting", "to": "completed"}


async def test_two_patients_are_not_seen_at_once(reception):
    one, two = await reception.walk_in(), await reception.walk_in()
    await reception.do("start", one)

    answer = await reception.desk.post("/queue/start", {"visit_id": two["id"]})
    assert code_of(answer) == (409, "CONSULTATION_RUNNING")


async def test_reordering(reception, stranger):
    one, two, three = [await reception.walk_in() for _ in range(3)]

    async def line():
        return ids(await reception.read(f"/queue/clinic/{reception.clinic_id}"))["waiting"]

    made = good(await reception.desk.put("/queue/reorder", {"visit_id": three["id"], "new_position": 1}))
    assert made.keys() == {"message", "visit"}
    assert await line() == [three["id"], one["id"], two["id"]]
    good(await reception.desk.put("/queue/reorder", {"visit_id": three["id"], "new_position": 99}))
    assert await line() == [one["id"], two["id"], three["id"]]
    body = {"visit_id": one["id"], "new_position": 1}
    assert refused(await reception.desk.put("/queue/reorder", {})).keys() == {"visit_id", "new_position"}
    assert refused(await reception.desk.put("/queue/reorder", {**body, "new_position": 0})).keys() == {"new_position"}
    assert code_of(await stranger.put("/queue/reorder", body)) == (404, "NOT_FOUND")
    assert await reception.roles("PUT", "/queue/reorder", body) == RECEPTIONIST


async def test_upcoming_and_all_of_a_day(reception, make, hospital, stranger):
    here, awaited, cancelled = [await reception.book(at) for at in ("10:00", "10:30", "11:00")]
    to_come = await reception.book(on=TOMORROW)
    await reception.check_in(here)
    good(await reception.desk.delete(f"/appointments/{cancelled['id']}"))

    async def shown(path, by=None, **params):
        day = await reception.read(path, by, **params)
        assert day.keys() == {"appointments", "date", "clinic_id"}
        return [one["id"] for one in day["appointments"]]

    assert await shown("/queue/upcoming") == [awaited["id"]]
    assert await shown("/queue/upcoming", date=TOMORROW) == [to_come["id"]]
    assert await shown("/queue/appointments") == [here["id"], awaited["id"], cancelled["id"]]
    assert await shown("/queue/appointments", date=TOMORROW, clinic_id=reception.clinic_id) == [to_come["id"]]
    day = await reception.read("/queue/upcoming", clinic_id=reception.clinic_id)
    assert (day["date"], day["clinic_id"]) == (TODAY, reception.clinic_id)
    assert day["appointments"] == [await reception.read(f"/appointments/{awaited['id']}")]
    colleague = at_root(await make.clinician(hospital))
    for path in ("/queue/upcoming", "/queue/appointments"):
        assert await shown(path, colleague) == []
        assert await shown(path, stranger) == []
        assert code_of(await stranger.get(path, params={"clinic_id": reception.clinic_id})) == (404, "NOT_FOUND")
        assert refused(await reception.desk.get(path, params={"date": "x"})).keys() == {"date"}
        assert await reception.roles("GET", path) == STAFF


async def test_the_four_phases(reception, stranger):
    expected = await reception.book("16:00")
    waiting, called, done = [await reception.walk_in() for _ in range(3)]
    await reception.do("complete", await reception.do("start", done))
    await reception.do("call", called)
    path = f"/queue/phases/{reception.clinic_id}"
    board = await reception.read(path)

    assert board.keys() == {"phases", "date", "clinic_id"}
    assert (board["date"], board["clinic_id"]) == (TODAY, reception.clinic_id)
    assert board["phases"].keys() == {"appointments_today", "waiting", "with_doctor", "completed"}
    assert ids(board["phases"], *board["phases"]) == {
        "appointments_today": [expected["visit"]["id"]],
        "waiting": [waiting["id"]],
        "with_doctor": [called["id"]],
        "completed": [done["id"]],
    }
    assert ids((await reception.read(path, date=TOMORROW))["phases"], "waiting", "appointments_today") == {}
    assert (await reception.read(path, doctor_id=reception.doctor.clinician_id))["phases"] == board["phases"]
    assert code_of(await reception.desk.get(path, params={"doctor_id": 9_999_999})) == (404, "NOT_FOUND")
    assert code_of(await stranger.get(path)) == (404, "NOT_FOUND")
    assert await reception.roles("GET", path) == STAFF


async def move(reception, was, to, **which):
    return await reception.desk.post("/queue/phases/move", {"from_phase": was, "to_phase": to, **which})


async def test_a_patient_goes_through_the_phases(reception):
    appointment = await reception.book()
    made = good(await move(reception, "appointments_today", "waiting", appointment_id=appointment["id"]))
    assert made.keys() == {"message", "visit", "from_phase", "to_phase", "new_status"}
    assert (made["from_phase"], made["to_phase"], made["new_status"]) == ("appointments_today", "waiting", "waiting")
    visit_id = made["visit"]["id"]
    assert visit_id == appointment["visit"]["id"]

    started = good(await move(reception, "waiting", "with_doctor", visit_id=visit_id))
    assert (started["new_status"], started["visit"]["status"]) == ("in_progress", "in_progress")
    done = good(await move(reception, "with_doctor", "completed", appointment_id=appointment["id"]))
    assert done["new_status"] == "completed"
    back = good(await move(reception, "completed", "with_doctor", visit_id=visit_id))
    assert back["new_status"] == "in_progress"


async def test_moves_that_are_refused(reception, stranger):
    appointment = await reception.book()
    which = {"appointment_id": appointment["id"]}

    moved = await move(reception, "waiting", "with_doctor", **which)
    assert code_of(moved) == (409, "PHASE_CHANGED")
    assert refused(moved, 409) == {"phase": "appointments_today", "status": "expected"}
    assert code_of(await move(reception, "appointments_today", "completed", **which)) == (409, "INVALID_TRANSITION")
    assert refused(await move(reception, "waiting", "waiting", **which)).keys() == {"to_phase"}
    assert refused(await move(reception, "limbo", "waiting", **which)).keys() == {"from_phase"}
    assert refused(await move(reception, "appointments_today", "waiting")).keys() == {"body"}
    assert refused(await move(reception, "appointments_today", "waiting", visit_id=1, **which)).keys() == {"body"}
    assert refused(await reception.desk.post("/queue/phases/move", {})).keys() == {"from_phase", "to_phase"}
    body = {"from_phase": "appointments_today", "to_phase": "waiting", **which}
    assert code_of(await stranger.post("/queue/phases/move", body)) == (404, "NOT_FOUND")
    assert await reception.roles("POST", "/queue/phases/move", body) == RECEPTIONIST


async def test_one_move_made_eight_times_at_once_lets_one_patient_in(reception):
    appointment = await reception.book()
    which = {"appointment_id": appointment["id"]}
    answers = await at_once(*(move(reception, "appointments_today", "waiting", **which) for _ in range(8)))

    assert answers.keys() <= {200, 409}
    assert answers[200] >= 1
    queue = await reception.read(f"/queue/clinic/{reception.clinic_id}")
    assert ids(queue) == {"waiting": [appointment["visit"]["id"]]}


async def test_the_figures_of_a_day(reception, clock, as_front_desk, stranger):
    path = f"/queue/statistics/{reception.clinic_id}"
    assert code_of(await stranger.get(path)) == (404, "NOT_FOUND")
    empty = await reception.read(path)
    assert empty == {
        "date": TODAY,
        "clinic_id": reception.clinic_id,
        "total_appointments": 0,
        "walk_ins": 0,
        "waiting_count": 0,
        "called_count": 0,
        "in_progress_count": 0,
        "completed_count": 0,
        "avg_wait_time_minutes": 0,
        "avg_consultation_time_minutes": 0,
    }
    await reception.book("16:00")
    done, called = await reception.walk_in(), await reception.walk_in()
    await later(clock, as_front_desk, minutes=10)
    reception.desk = at_root(as_front_desk)
    await reception.do("call", done)
    await reception.do("start", done)
    await later(clock, as_front_desk, minutes=10)
    reception.desk = at_root(as_front_desk)
    await reception.do("complete", done)
    await reception.do("call", called)
    await reception.do("skip", await reception.walk_in())

    assert await reception.read(path) == {
        "date": TODAY,
        "clinic_id": reception.clinic_id,
        "total_appointments": 1,
        "walk_ins": 3,
        "waiting_count": 1,
        "called_count": 1,
        "in_progress_count": 0,
        "completed_count": 1,
        "avg_wait_time_minutes": 10,  # ten, twenty, and none so far
        "avg_consultation_time_minutes": 10,
    }
    assert (await reception.read(path, date=TOMORROW))["total_appointments"] == 0
    assert refused(await reception.desk.get(path, params={"date": "x"})).keys() == {"date"}


async def test_who_may_read_the_figures(reception):
    assert await reception.roles("GET", f"/queue/statistics/{reception.clinic_id}") == STAFF
