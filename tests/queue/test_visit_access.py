"""Who may do what with a visit: roles, own patients, own centre, own hospital."""

import pytest

from tests.queue.conftest import refusal
from tests.queue.test_check_in import RECEPTION

STAFF = RECEPTION | {"CLINICIAN"}
RUN, ARRANGE = STAFF, RECEPTION
COMMANDS = [
    ("POST", "/visits/{}/call", None, RUN, "WAITING"),
    ("POST", "/visits/{}/start", None, RUN, "WAITING"),
    ("POST", "/visits/{}/complete", None, RUN, "CALLED"),
    ("POST", "/visits/{}/skip", {"reason": "Away"}, RUN, "WAITING"),
    ("POST", "/visits/{}/hold", {"reason": "Blood test"}, RUN, "WAITING"),
    ("POST", "/visits/{}/recall", None, RUN, "ON_HOLD"),
    ("POST", "/visits/{}/delay", {"minutes": 10}, RUN, "WAITING"),
    ("POST", "/visits/{}/undo", None, RUN, "CALLED"),
    ("POST", "/visits/{}/no-show", None, RUN, "CALLED"),
    ("POST", "/visits/{}/cancel", None, ARRANGE, "WAITING"),
    ("POST", "/visits/{}/priority", {"priority": "VIP", "reason": "Frail"}, ARRANGE, "WAITING"),
    ("POST", "/visits/{}/reassign", {"doctorId": 999_999_999}, ARRANGE, "WAITING"),
    ("PATCH", "/visits/{}/status", {"status": "ON_HOLD"}, RUN, "WAITING"),
    ("PUT", "/queue/reorder", {"visitId": "{}", "newPosition": 1}, ARRANGE, "WAITING"),
    ("GET", "/visits/{}", None, RUN | {"PATIENT"}, "WAITING"),
    ("GET", "/visits/{}/history", None, RUN, "WAITING"),
]


def asked(path, body, visit_id):
    return path.format(visit_id), {**body, "visitId": visit_id} if body and "visitId" in body else body


@pytest.mark.parametrize(("method", "path", "body", "roles", "status"), COMMANDS)
async def test_the_roles_of_each_command(make, hospital, morning, method, path, body, roles, status):
    async def call(persona):
        url, said = asked(path, body, await morning.brought_to(status))
        answer = await persona.call(method, url, json=said)
        if answer.status_code in (404, 409):  # allowed to ask, but not to see this one; or somebody is seen already
            answer.status_code = 200
        return answer

    assert await make.who_may(hospital, call) == roles


@pytest.mark.parametrize(("method", "path", "body", "roles", "status"), COMMANDS)
async def test_what_one_may_not_see_is_not_there(
    make, hospital, morning, as_stranger, as_patient, method, path, body, roles, status
):
    visit_id = await morning.brought_to(status)
    url, said = asked(path, body, visit_id)
    strangers = [
        as_stranger,
        await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital)),
        *([await make.clinician(hospital)] if "CLINICIAN" in roles else []),
        *([as_patient] if "PATIENT" in roles else []),
    ]
    for persona in strangers:
        assert refusal(await persona.call(method, url, json=said)) == (404, "NOT_FOUND")
    assert await morning.status(visit_id) == status
    url, said = asked(path, body, 999_999_999)
    assert refusal(await morning.desk.call(method, url, json=said)) == (404, "NOT_FOUND")


QUEUES = [
    ("GET", "/queue/doctor/{}", None, STAFF),
    ("POST", "/queue/doctor/{}/next", None, RUN),
    ("POST", "/queue/doctor/{}/skip", None, RUN),
    ("POST", "/queue/doctor/{}/complete", None, RUN),
]


@pytest.mark.parametrize(("method", "path", "body", "roles"), QUEUES)
async def test_the_roles_of_a_queue(make, hospital, morning, method, path, body, roles):
    async def call(persona):
        answer = await persona.call(method, path.format(persona.clinician_id or morning.doctor.clinician_id), json=body)
        if answer.status_code == 409:  # allowed to ask; nobody is there
            answer.status_code = 200
        return answer

    assert await make.who_may(hospital, call) == roles


@pytest.mark.parametrize(("method", "path", "body", "roles"), QUEUES)
async def test_the_queue_of_another_is_not_there(make, hospital, morning, as_stranger, method, path, body, roles):
    await morning.do((await morning.walk_in())["id"], "call")
    waiting = (await morning.walk_in())["id"]
    colleague = await make.clinician(hospital)
    for persona in (as_stranger, colleague):
        answer = await persona.call(method, path.format(morning.doctor.clinician_id), json=body)
        assert refusal(answer) == (404, "NOT_FOUND")
    assert refusal(await morning.desk.call(method, path.format(999_999_999), json=body)) == (404, "NOT_FOUND")
    assert await morning.line() == [waiting]


async def test_a_desk_of_another_centre_neither_sees_nor_calls_whom_he_has_here(make, hospital, morning):
    visit_id = (await morning.walk_in())["id"]
    desk = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))
    path = f"/queue/doctor/{morning.doctor.clinician_id}"
    assert (await desk.get(path)).json()["data"]["queue"] == []
    assert refusal(await desk.post(f"{path}/next")) == (409, "QUEUE_EMPTY")
    assert refusal(await desk.post(f"{path}/skip", {"visitId": visit_id})) == (404, "NOT_FOUND")
    assert await morning.status(visit_id) == "WAITING"


async def test_a_department_of_another_is_not_there(make, hospital, morning, as_stranger):
    department_id = await morning.department()
    path = f"/queue/department/{department_id}"
    elsewhere = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))
    for persona in (as_stranger, elsewhere):
        assert refusal(await persona.get(path)) == (404, "NOT_FOUND")
    assert await make.who_may(hospital, lambda persona: persona.get(path)) == STAFF


async def test_a_clinician_sees_whom_nobody_of_his_department_has(morning, make):
    department_id = await morning.department()
    own, other = await morning.clinician(department_id, on_duty=False), await morning.clinician()
    visit_id = (await morning.walk_in(departmentId=department_id))["id"]
    assert (await own.get(f"/visits/{visit_id}")).status_code == 200
    assert refusal(await other.get(f"/visits/{visit_id}")) == (404, "NOT_FOUND")
    await morning.do(visit_id, "reassign", doctorId=other.clinician_id)
    assert refusal(await own.get(f"/visits/{visit_id}")) == (404, "NOT_FOUND")
    assert (await other.get(f"/visits/{visit_id}")).status_code == 200


async def test_a_patient_reads_his_own_and_no_other(morning, as_patient):
    body = {"patientId": as_patient.patient_id}
    mine, other = (await morning.walk_in(**body))["id"], (await morning.walk_in())["id"]
    seen = (await as_patient.get(f"/visits/{mine}")).json()["data"]
    assert (seen["position"], seen["explanation"]) == (1, ["Next in line"])
    assert refusal(await as_patient.get(f"/visits/{other}")) == (404, "NOT_FOUND")


async def test_what_staff_write_for_each_other_no_patient_reads(morning, make, hospital):
    patient = await make.patient(hospital)
    body = {"patientId": patient.patient_id, "doctorId": morning.doctor.clinician_id, "notes": "Between us"}
    visit = (await morning.desk.post("/visits", body)).json()["data"]
    await morning.do(visit["id"], "hold", reason="Between us")

    for path in ("/visits", f"/visits/{visit['id']}"):
        answer = await patient.get(path)
        assert answer.status_code == 200 and "Between us" not in answer.text, path


async def test_true_is_nobody(morning):
    answer = await morning.desk.post("/visits", {"patientId": True, "doctorId": morning.doctor.clinician_id})

    assert answer.status_code == 400
    assert "patientId" in answer.json()["error"]["details"]


async def test_a_number_without_end_is_no_visit(morning):
    for path in ("/visits/", "/queue/doctor/"):
        assert (await morning.desk.get(path + "9" * 5000)).status_code == 404
