"""`POST /visits/{id}/cancel`: the patient leaves unseen."""

import pytest

from outpatient.models import Payment
from tests.appointments.wishes import booked, one


@pytest.mark.parametrize("status", ["EXPECTED", "WAITING", "CALLED", "SKIPPED", "ON_HOLD"])
async def test_visit_appointment_slot_and_bill_end_together(morning, outpatient, as_patient, status):
    visit_id = await morning.brought_to(status)
    gone = await morning.do(visit_id, "cancel", reason="Had to leave")
    assert (gone["status"], gone["position"]) == ("CANCELLED", None)
    appointment = await morning.appointment(gone["appointmentId"])
    assert (appointment["status"], appointment["cancelReason"]) == ("CANCELLED", "Had to leave")
    assert appointment["cancelledBy"] == "STAFF"
    assert (await one(outpatient, Payment, visit_id=visit_id)).status == "CANCELLED"
    assert await morning.queue() == []
    assert (await booked(as_patient, morning.doctor, "09:00", "2026-03-02"))["status"] == "PENDING"
    assert (await morning.history(visit_id))[-1]["details"]["reason"] == "Had to leave"


async def test_a_walk_ins_bill_is_void(morning, outpatient):
    visit_id = (await morning.walk_in())["id"]
    await morning.do(visit_id, "cancel", reason="Entered twice")
    assert (await one(outpatient, Payment, visit_id=visit_id)).status == "CANCELLED"
    assert (await morning.history(visit_id))[-1]["details"]["reason"] == "Entered twice"


async def test_cancelling_the_appointment_leaves_no_ghost_in_the_queue(morning):
    visit = await morning.check_in(await morning.book())
    assert (await morning.desk.delete(f"/appointments/{visit['appointmentId']}", {"reason": "Ill"})).status_code == 200
    assert await morning.queue() == []
    assert (await morning.history(visit["id"]))[-1]["details"]["reason"] == "Ill"


@pytest.mark.parametrize("is_booked", [True, False])
async def test_a_repeat_answers_the_same(morning, is_booked):
    visit_id = await morning.brought_to("WAITING") if is_booked else (await morning.walk_in())["id"]
    once = await morning.do(visit_id, "cancel", reason="Left")
    assert await morning.do(visit_id, "cancel", reason="Other") == once
    assert [entry["details"]["status"] for entry in await morning.history(visit_id)] == ["WAITING", "CANCELLED"]


async def test_the_number_is_not_given_again(morning):
    await morning.do((await morning.walk_in())["id"], "cancel")
    assert (await morning.walk_in())["tokenLabel"] == "T2"
