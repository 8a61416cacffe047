"""What the clock makes us say: reminders, no-shows, a turn that is near. True when it leaves, and once."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from outpatient.core.outbox import deliver_due, place_events
from outpatient.models import Clinician, HospitalConfig, Notification
from tests.appointments.wishes import MONDAY, booked, later
from tests.conftest import NOW
from tests.notifications.test_appointment_messages import messages_to
from tests.signing import change, program_like

pytestmark = pytest.mark.anyio

REMINDER, NO_SHOW = "APPOINTMENT_REMINDER", "APPOINTMENT_NO_SHOW"


def told(outpatient, phone: str, kind: str) -> list[dict]:
    return [message for message in messages_to(outpatient, phone) if message.get("template") == kind]


async def sweep_only(outpatient) -> None:
    """The sweeps find what is due, and the worker dies before anything is sent."""
    worker = outpatient.worker
    for sweep in worker._due_sweeps():
        await worker._make(sweep)
    await place_events(worker.database, worker.reactions)


async def test_a_reminder_comes_by_sms_and_says_how_to_answer(as_patient, as_clinician, outpatient, http, clock):
    made = await booked(as_patient, as_clinician, "14:00", MONDAY)
    clock.advance(hours=2)
    await outpatient.worker.run_once()
    await outpatient.worker.run_once()
    (message,) = told(outpatient, as_patient.phone, REMINDER)
    assert message["channel"] == "sms"
    assert f"CONFIRM {made['id']} or CANCEL {made['id']}" in message["body"] and "2:00 pm" in message["body"]
    link = message["body"].split()[-1]
    assert (await http.get(link.removeprefix(outpatient.settings.base_url))).status_code == 200


@pytest.mark.parametrize("what", ["cancel", "reschedule", "check-in", "begin"])
async def test_what_has_ceased_to_be_true_is_not_said(as_patient, as_front_desk, as_clinician, outpatient, clock, what):
    made = await booked(as_patient, as_clinician, "14:00", MONDAY)
    await later(clock, as_patient, as_front_desk, hours=2)
    await sweep_only(outpatient)
    path = f"/appointments/{made['id']}/{what}"
    if what == "cancel":
        assert (await as_patient.patch(path)).status_code == 200
    elif what == "reschedule":
        assert (await as_patient.patch(path, {"appointmentTime": "16:00"})).status_code == 200
    elif what == "check-in":
        assert (await as_front_desk.post(path)).status_code == 200
    else:
        clock.advance(hours=3)
    await deliver_due(outpatient.database, outpatient.worker.reactions, outpatient.worker.outside)
    assert told(outpatient, as_patient.phone, REMINDER) == []


async def test_a_restart_between_due_and_sent_loses_and_doubles_nothing(as_patient, as_clinician, outpatient, clock):
    await booked(as_patient, as_clinician, "14:00", MONDAY)
    clock.advance(hours=2)
    await sweep_only(outpatient)
    assert told(outpatient, as_patient.phone, REMINDER) == []
    for _ in range(2):
        async with program_like(outpatient) as (restarted, _http):
            await restarted.worker.run_once()
    assert len(told(outpatient, as_patient.phone, REMINDER)) == 1


async def test_the_reminder_of_an_early_visit_waits_for_the_end_of_the_night(make, outpatient, clock):
    hospital = await make.hospital()
    clinician = await make.clinician(hospital, hours=tuple((weekday, 0, 1440) for weekday in range(7)))
    patient = await make.patient(hospital)
    await booked(patient, clinician, "09:30", "2026-03-03")
    clock.set(datetime(2026, 3, 3, 1, 0, tzinfo=UTC))  # half past six in Kolkata, and it is due
    await outpatient.worker.run_once()
    assert told(outpatient, patient.phone, REMINDER) == []
    clock.set(datetime(2026, 3, 3, 2, 30, tzinfo=UTC))
    await outpatient.worker.run_once()
    assert len(told(outpatient, patient.phone, REMINDER)) == 1


async def test_both_sides_are_told_of_a_no_show(as_patient, as_clinician, outpatient, clock):
    await booked(as_patient, as_clinician, "10:00", MONDAY)
    clock.advance(hours=1, minutes=15)
    await outpatient.worker.run_once()
    clock.advance(minutes=10)
    await outpatient.worker.run_once()
    (patients,) = told(outpatient, as_patient.phone, NO_SHOW)
    (doctors,) = told(outpatient, as_clinician.phone, "APPOINTMENT_NO_SHOW_CLINICIAN")
    assert (patients["channel"], doctors["channel"]) == ("sms", "sms")
    assert "we missed you" in patients["body"] and "did not come" in doctors["body"]
    assert "cancelled" not in patients["body"] + doctors["body"]


async def test_where_people_decide_the_clinician_is_asked_and_both_are_told_afterwards(
    as_patient, as_clinician, as_manager, hospital, outpatient, clock
):
    await change(outpatient, HospitalConfig, HospitalConfig.hospital_id == hospital.id, no_show_mode="PROPOSE")
    made = await booked(as_patient, as_clinician, "10:00", MONDAY)
    await later(clock, as_manager, hours=1, minutes=15)
    await outpatient.worker.run_once()
    assert len(told(outpatient, as_clinician.phone, "APPOINTMENT_NO_SHOW_PROPOSED")) == 1
    assert told(outpatient, as_patient.phone, NO_SHOW) == []
    marked = await as_manager.put(f"/appointments/{made['id']}", {"status": "NO_SHOW"})
    assert marked.status_code == 200, marked.text
    await outpatient.worker.run_once()
    assert len(told(outpatient, as_patient.phone, NO_SHOW)) == 1
    assert len(told(outpatient, as_clinician.phone, "APPOINTMENT_NO_SHOW_CLINICIAN")) == 1


async def test_who_has_come_meanwhile_is_not_told_that_he_did_not(
    as_patient, as_front_desk, as_clinician, outpatient, clock
):
    made = await booked(as_patient, as_clinician, "10:00", MONDAY)
    await later(clock, as_front_desk, hours=1, minutes=15)
    await sweep_only(outpatient)
    assert (await as_front_desk.post(f"/appointments/{made['id']}/check-in")).status_code == 200
    await outpatient.worker.run_once()
    assert told(outpatient, as_patient.phone, NO_SHOW) == []
    assert told(outpatient, as_clinician.phone, "APPOINTMENT_NO_SHOW_CLINICIAN") == []


async def test_a_turn_that_is_near_is_told_once_with_the_room(
    as_patient, as_front_desk, as_clinician, make, hospital, outpatient, clock
):
    await change(outpatient, Clinician, Clinician.id == as_clinician.clinician_id, room="Room 4")
    for patient in (await make.record(hospital), as_patient.patient_id):
        body = {"patientId": patient, "clinicianId": as_clinician.clinician_id}
        assert (await as_front_desk.post("/visits", body)).status_code == 201
    await as_front_desk.post(f"/queue/doctor/{as_clinician.clinician_id}/next")
    await later(clock, as_front_desk, minutes=5)
    await outpatient.worker.run_once()
    clock.advance(minutes=1)
    await outpatient.worker.run_once()
    (message,) = told(outpatient, as_patient.phone, "TURN_NEAR")
    assert message["channel"] == "whatsapp"
    assert "T2" in message["body"] and "you are next" in message["body"] and "Room 4" in message["body"]


async def test_who_was_called_meanwhile_needs_no_word(
    as_patient, as_front_desk, as_clinician, make, hospital, outpatient, clock
):
    for patient in (await make.record(hospital), as_patient.patient_id):
        body = {"patientId": patient, "clinicianId": as_clinician.clinician_id}
        assert (await as_front_desk.post("/visits", body)).status_code == 201
    await as_front_desk.post(f"/queue/doctor/{as_clinician.clinician_id}/next")
    await later(clock, as_front_desk, minutes=5)
    await sweep_only(outpatient)
    await as_front_desk.post(f"/queue/doctor/{as_clinician.clinician_id}/next")
    await outpatient.worker.run_once()
    assert told(outpatient, as_patient.phone, "TURN_NEAR") == []


async def test_a_history_that_is_told_later_reminds_nobody_of_it(as_patient, as_clinician, outpatient, clock):
    made = await booked(as_patient, as_clinician, "10:00", MONDAY)
    clock.advance(hours=1, minutes=15)
    await sweep_only(outpatient)
    clock.set(NOW)
    clock.advance(days=3)
    await outpatient.worker.run_once()
    async with outpatient.database.reading() as tx:
        mine = select(Notification.notification_type).where(Notification.appointment_id == made["id"])
        assert NO_SHOW not in await tx.all(mine)
