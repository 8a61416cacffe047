"""Seed 000 `/visits`, at the root, and the arrivals of `/queue`, which are the same."""

import pytest

from outpatient.models import Payment, Visit
from tests.appointments.wishes import at_once, count, one
from tests.compat.reception.conftest import (
    DOCTOR,
    RECEPTIONIST,
    STAFF,
    TODAY,
    TOMORROW,
    at_root,
    code_of,
    good,
    refused,
)

SHOWN = {
    *("id", "appointment_id", "patient_id", "patient_name", "patient_phone", "doctor_id", "doctor_name", "clinic_id"),
    *("service_id", "service_name", "date", "queue_number", "token_label", "visit_type", "status", "priority"),
    *("check_in_time", "called_time", "start_time", "end_time", "notes"),
}
CHECK_INS, WALK_INS = ("/visits/check-in", "/queue/checkin"), ("/visits/walk-in", "/queue/walkin")


@pytest.mark.parametrize("path", CHECK_INS)
async def test_check_in_lets_the_patient_arrive(reception, outpatient, path):
    appointment = await reception.book()
    made = good(await reception.desk.post(path, {"appointment_id": appointment["id"]}))

    assert made.keys() == {"message", "visit", "queue_number", "warnings"}
    visit = made["visit"]
    assert visit.keys() == SHOWN
    assert (made["queue_number"], visit["queue_number"], visit["status"]) == (1, 1, "waiting")
    assert (visit["visit_type"], visit["check_in_time"]) == ("appointment", "2026-03-02T03:30:00Z")
    assert (visit["doctor_name"], visit["service_name"]) == ("Clinician", "Consultation")
    assert (await reception.read(f"/appointments/{appointment['id']}"))["status"] == "checked_in"
    again = good(await reception.desk.post(path, {"appointment_id": appointment["id"]}))
    assert (again["visit"], again["queue_number"]) == (visit, 1)
    assert await count(outpatient, Visit, appointment_id=appointment["id"]) == 1


async def test_eight_check_ins_at_once_make_one_arrival(reception, outpatient):
    appointment = await reception.book()
    body = {"appointment_id": appointment["id"]}
    answers = await at_once(*(reception.desk.post(path, body) for path in CHECK_INS * 4))

    assert answers == {200: 8}
    assert await count(outpatient, Visit, appointment_id=appointment["id"]) == 1


@pytest.mark.parametrize("path", CHECK_INS)
async def test_check_in_is_refused(reception, stranger, path):
    tomorrow, cancelled = await reception.book(on=TOMORROW), await reception.book()
    good(await reception.desk.delete(f"/appointments/{cancelled['id']}"))

    assert refused(await reception.desk.post(path, {})) == {"appointment_id": "This field is required"}
    assert code_of(await reception.desk.post(path, {"appointment_id": tomorrow["id"]})) == (409, "TOO_EARLY")
    assert code_of(await reception.desk.post(path, {"appointment_id": cancelled["id"]})) == (409, "INVALID_TRANSITION")
    assert code_of(await stranger.post(path, {"appointment_id": tomorrow["id"]})) == (404, "NOT_FOUND")
    today = await reception.book()
    assert await reception.roles("POST", path, {"appointment_id": today["id"]}) == RECEPTIONIST


@pytest.mark.parametrize("path", WALK_INS)
async def test_a_walk_in_gets_a_visit_and_a_bill(reception, outpatient, path):
    body = await reception.walk_in_body(notes="Fever", priority="urgent")
    made = good(await reception.desk.post(path, body), 201)

    assert made.keys() == {"message", "visit", "queue_number", "warnings"}
    visit = made["visit"]
    assert visit.keys() == SHOWN
    assert (made["queue_number"], visit["status"], visit["visit_type"]) == (1, "waiting", "walk_in")
    assert (visit["notes"], visit["priority"], visit["appointment_id"]) == ("Fever", "urgent", None)
    assert {key: visit[key] for key in ("patient_id", "clinic_id", "doctor_id", "service_id")} == {
        key: body[key] for key in ("patient_id", "clinic_id", "doctor_id", "service_id")
    }
    assert (await one(outpatient, Payment, visit_id=visit["id"])).amount_minor == 80_000
    twice = await reception.desk.post(path, body)
    assert code_of(twice) == (409, "ALREADY_IN_QUEUE")
    assert refused(twice, 409)["visit_id"] == visit["id"]


@pytest.mark.parametrize("path", WALK_INS)
async def test_a_walk_in_is_refused(reception, make, hospital, stranger, path):
    details = refused(await reception.desk.post(path, {}))
    assert details.keys() == {"patient_id", "clinic_id", "service_id", "doctor_id"}
    for field in ("patient_id", "service_id", "doctor_id"):
        answer = await reception.desk.post(path, await reception.walk_in_body(**{field: 9_999_999}))
        assert code_of(answer) == (404, "NOT_FOUND")
    other = await make.centre(hospital)
    wrong = await reception.desk.post(path, await reception.walk_in_body(clinic_id=other))
    assert refused(wrong).keys() == {"clinic_id"}
    bad = await reception.desk.post(path, await reception.walk_in_body(priority="rich"))
    assert refused(bad).keys() == {"priority"}
    assert code_of(await stranger.post(path, await reception.walk_in_body())) == (404, "NOT_FOUND")
    assert await reception.roles("POST", path, await reception.walk_in_body()) == RECEPTIONIST


async def test_twelve_walk_ins_at_once_get_twelve_numbers(reception):
    bodies = [await reception.walk_in_body() for _ in range(12)]
    assert await at_once(*(reception.desk.post(WALK_INS[n % 2], body) for n, body in enumerate(bodies))) == {201: 12}

    visits = (await reception.read("/visits"))["visits"]
    assert sorted(visit["queue_number"] for visit in visits) == list(range(1, 13))


async def test_the_same_key_lets_one_in(reception):
    body, headers = await reception.walk_in_body(), {"Idempotency-Key": "walk"}
    first = good(await reception.desk.post("/visits/walk-in", body, headers=headers), 201)
    again = good(await reception.desk.post("/visits/walk-in", body, headers=headers), 201)

    assert first["visit"] == again["visit"]


async def test_the_list_and_its_filters(reception, make, hospital, stranger):
    here, to_come = await reception.check_in(await reception.book()), await reception.book(on=TOMORROW)
    walker = await reception.walk_in()
    colleague = at_root(await make.clinician(hospital))

    async def ids(by=None, **params):
        page = await reception.read("/visits", by, **params)
        assert page.keys() == {"visits", "total", "pages", "current_page", "per_page"}
        return [visit["id"] for visit in page["visits"]]

    later = to_come["visit"]["id"]
    assert await ids() == [later, walker["id"], here["id"]]
    assert await ids(date=TODAY) == [walker["id"], here["id"]]
    assert await ids(status="expected") == [later]
    assert await ids(visit_type="walk_in") == [walker["id"]]
    assert await ids(visit_type="appointment", date=TODAY) == [here["id"]]
    assert await ids(patient_id=here["patient_id"]) == [here["id"]]
    assert await ids(clinic_id=reception.clinic_id, doctor_id=reception.doctor.clinician_id, per_page=1) == [later]
    assert await ids(doctor_id=colleague.clinician_id) == []
    assert await ids(reception.doctor) == [later, walker["id"], here["id"]]
    assert await ids(colleague) == []
    assert await ids(stranger) == []
    assert refused(await reception.desk.get("/visits", params={"visit_type": "ghost"})).keys() == {"visit_type"}
    assert refused(await reception.desk.get("/visits", params={"per_page": 0})).keys() == {"per_page"}
    assert await reception.roles("GET", "/visits") == STAFF


async def test_one_visit(reception, make, hospital, stranger):
    visit = await reception.walk_in()
    path = f"/visits/{visit['id']}"

    assert await reception.read(path) == visit
    assert await reception.read(path, reception.doctor) == visit
    assert code_of(await at_root(await make.clinician(hospital)).get(path)) == (404, "NOT_FOUND")
    assert code_of(await stranger.get(path)) == (404, "NOT_FOUND")
    assert (await at_root(await make.patient(hospital)).get(path)).status_code == 403


async def test_the_live_queue_of_a_clinic_or_a_doctor(reception, stranger):
    waiting, called, seen = [await reception.walk_in() for _ in range(3)]
    await reception.book("16:00")
    await reception.do("call", called)
    await reception.do("complete", await reception.do("start", seen))
    doctor_id = reception.doctor.clinician_id
    for params in ({"clinic_id": reception.clinic_id}, {"doctor_id": doctor_id}):
        queue = await reception.read("/visits/queue", **params)
        assert queue.keys() == {"waiting", "called", "in_progress", "completed", "total", *params}
        assert {key: queue[key] for key in params} == params
        shown = {name: [one["id"] for one in queue[name]] for name in ("waiting", "called", "in_progress", "completed")}
        assert shown == {
            "waiting": [waiting["id"]],
            "called": [called["id"]],
            "in_progress": [],
            "completed": [seen["id"]],
        }
        assert queue["total"] == 3
        assert queue["waiting"][0].keys() == SHOWN

    assert refused(await reception.desk.get("/visits/queue")).keys() == {"clinic_id"}
    both = await reception.read("/visits/queue", clinic_id=reception.clinic_id, doctor_id=doctor_id)
    assert both["total"] == 3
    for params in ({"clinic_id": reception.clinic_id}, {"doctor_id": doctor_id}):
        assert code_of(await stranger.get("/visits/queue", params=params)) == (404, "NOT_FOUND")
    assert await reception.roles("GET", f"/visits/queue?clinic_id={reception.clinic_id}") == STAFF


async def test_a_clinics_queue_shows_a_doctor_his_own(reception, make, hospital):
    await reception.walk_in()
    colleague = at_root(await make.clinician(hospital))

    assert (await reception.read("/visits/queue", reception.doctor, clinic_id=reception.clinic_id))["total"] == 1
    assert (await reception.read("/visits/queue", colleague, clinic_id=reception.clinic_id))["total"] == 0
    his = {"doctor_id": reception.doctor.clinician_id}
    assert code_of(await colleague.get("/visits/queue", params=his)) == (404, "NOT_FOUND")


async def test_the_doctor_moves_his_patient(reception):
    visit = await reception.check_in(await reception.book())
    path = f"/visits/{visit['id']}/status"

    for status in ("called", "IN_PROGRESS", "completed"):
        made = good(await reception.doctor.put(path, {"status": status}))
        assert made.keys() == {"message", "visit"}
        assert made["visit"]["status"] == status.lower()
    assert made["visit"]["end_time"] is not None
    assert (await reception.read(f"/appointments/{visit['appointment_id']}"))["status"] == "completed"


async def test_moves_that_are_refused(reception, make, hospital, stranger):
    visit = await reception.walk_in()
    path = f"/visits/{visit['id']}/status"

    assert code_of(await reception.doctor.put(path, {"status": "completed"})) == (409, "INVALID_TRANSITION")
    assert code_of(await reception.doctor.put(path, {"status": "expected"})) == (409, "INVALID_TRANSITION")
    assert code_of(await reception.doctor.put(path, {"status": "cancelled"})) == (403, "FORBIDDEN")
    assert refused(await reception.doctor.put(path, {"status": "lost"})).keys() == {"status"}
    assert refused(await reception.doctor.put(path, {})) == {"status": "This field is required"}
    assert code_of(await stranger.put(path, {"status": "called"})) == (404, "NOT_FOUND")
    colleague = at_root(await make.clinician(hospital))
    assert code_of(await colleague.put(path, {"status": "called"})) == (404, "NOT_FOUND")
    assert await reception.roles("PUT", path, {"status": "called"}) == DOCTOR


async def test_the_doctor_calls_his_patient(reception, make, hospital, stranger):
    visit = await reception.walk_in()
    path = f"/visits/{visit['id']}/call"
    assert code_of(await at_root(await make.clinician(hospital)).post(path)) == (404, "NOT_FOUND")
    assert code_of(await stranger.post(path)) == (404, "NOT_FOUND")
    made = good(await reception.doctor.post(path))

    assert made.keys() == {"message", "visit"}
    assert (made["visit"]["status"], made["visit"]["called_time"]) == ("called", "2026-03-02T03:30:00Z")
    assert good(await reception.doctor.post(path))["visit"] == made["visit"]
    assert await reception.roles("POST", path) == DOCTOR
