"""`POST /visits/{id}/reassign`: another clinician; the token stays within its group."""

import pytest

from tests.appointments.wishes import details_of
from tests.queue.conftest import refusal, sentence


async def reassign(morning, visit_id, doctor, **more):
    return await morning.attempt(visit_id, "reassign", doctorId=doctor.clinician_id, **more)


async def test_within_a_department_the_token_stays(morning):
    department_id = await morning.department()
    one, two = [await morning.clinician(department_id) for _ in range(2)]
    visit = await morning.walk_in(one)
    moved = (await reassign(morning, visit["id"], two, reason="Dr Rao is called away")).json()["data"]
    assert (
        (moved["tokenLabel"], moved["clinicianId"])
        == (visit["tokenLabel"], two.clinician_id)
        == ("D1", two.clinician_id)
    )
    assert await morning.line(one) == []
    details = (await morning.history(visit["id"]))[-1]["details"]
    assert (details["wasClinicianId"], details["reason"]) == (one.clinician_id, "Dr Rao is called away")


async def test_outside_its_group_there_is_a_new_token(morning):
    department_id = await morning.department("C")
    there = await morning.clinician(department_id)
    await morning.walk_in(there)
    visit = await morning.walk_in()
    moved = (await reassign(morning, visit["id"], there)).json()["data"]
    assert (visit["tokenLabel"], moved["tokenLabel"], moved["departmentId"]) == ("T1", "C2", department_id)
    assert (await morning.walk_in())["tokenLabel"] == "T2"
    assert (await morning.walk_in(there))["tokenLabel"] == "C3"


async def test_his_place_goes_by_the_same_order(morning, clock):
    other = await morning.clinician()
    early = (await morning.walk_in())["id"]
    await morning.pass_time(clock, minutes=1)
    late = (await morning.walk_in(other))["id"]
    await reassign(morning, early, other)
    assert await morning.line(other) == [early, late]
    assert (await morning.visit(early))["checkedInAt"] == "2026-03-02T03:30:00Z"


async def test_the_called_wait_again_and_the_parked_stay_parked(morning):
    other = await morning.clinician()
    called, held = await morning.brought_to("CALLED"), await morning.brought_to("ON_HOLD")
    back = (await reassign(morning, called, other)).json()["data"]
    assert (back["status"], back["calledAt"]) == ("WAITING", None)
    assert (await reassign(morning, held, other)).json()["data"]["status"] == "ON_HOLD"


async def test_whom_nobody_has_gets_somebody(morning):
    department_id = await morning.department()
    doctor = await morning.clinician(department_id, on_duty=False)
    visit_id = (await morning.walk_in(departmentId=department_id))["id"]
    answer = await reassign(morning, visit_id, doctor)
    assert answer.json()["data"]["tokenLabel"] == "D1"
    assert answer.json()["meta"]["warnings"] == ["The clinician is not on duty"]
    assert (await morning.do(visit_id, "call"))["clinicianId"] == doctor.clinician_id


async def test_a_repeat_does_nothing_more(morning):
    other = await morning.clinician()
    visit_id = (await morning.walk_in())["id"]
    for _ in range(2):
        assert (await reassign(morning, visit_id, other)).status_code == 200
    assert len(await morning.history(visit_id)) == 2


async def test_he_does_not_stand_in_one_queue_twice(morning):
    other = await morning.clinician()
    first = await morning.walk_in()
    there = await morning.walk_in(other, patientId=first["patientId"])
    refused = await reassign(morning, first["id"], other)
    assert refusal(refused) == (409, "ALREADY_IN_QUEUE")
    assert refused.json()["error"]["details"]["visitId"] == there["id"]


@pytest.mark.parametrize("status", ["EXPECTED", "IN_PROGRESS", "COMPLETED", "CANCELLED", "NO_SHOW"])
async def test_whoever_does_not_wait_is_refused(morning, status):
    refused = await reassign(morning, await morning.brought_to(status), await morning.clinician())
    assert refusal(refused) == (409, "INVALID_TRANSITION")
    assert sentence(refused).startswith("This visit cannot be given to another clinician: ")


async def test_a_clinician_who_is_elsewhere_or_gone_or_unknown(morning, make, as_stranger):
    visit_id = (await morning.walk_in())["id"]
    elsewhere = await morning.clinician(centre_id=await make.centre(morning.hospital))
    assert details_of(await reassign(morning, visit_id, elsewhere)) == {
        "doctorId": "This clinician works at another centre than the one where the patient is"
    }
    for doctor in (
        await morning.clinician(is_active=False),
        await make.clinician(await make.hospital()),
        as_stranger,
    ):
        body = {"doctorId": doctor.clinician_id or 999_999_999}
        assert refusal(await morning.attempt(visit_id, "reassign", **body)) == (404, "NOT_FOUND")
    assert list(details_of(await morning.desk.post(f"/visits/{visit_id}/reassign", {}))) == ["clinicianId"]
