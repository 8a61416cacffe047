"""What a patient is told of his appointment: one message per event, true at the moment of sending."""

import json
from email.parser import BytesParser
from email.policy import default

import pytest
from sqlalchemy import select, update

from outpatient.models import Notification, Patient
from tests.appointments.wishes import booked, bring_to, held, later
from tests.makers import new_phone

pytestmark = pytest.mark.anyio


def messages_to(outpatient, phone: str) -> list[dict]:
    """What reached this phone, in the order of sending."""
    folder = outpatient.settings.outbox_dir
    found = [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]
    return sorted((message for message in found if message["to"] == phone), key=lambda m: int(m["key"].split(":")[0]))


async def told(outpatient, phone: str) -> list[str]:
    """The kinds of messages that reached this phone, when all that is due has been sent."""
    await outpatient.worker.run_once()
    return [message["template"] for message in messages_to(outpatient, phone)]


async def test_a_booking_is_told_once_by_whatsapp_in_the_centres_time(as_patient, as_clinician, outpatient):
    made = await booked(as_patient, as_clinician)

    await outpatient.worker.run_once()
    await outpatient.worker.run_once()

    (message,) = messages_to(outpatient, as_patient.phone)
    assert message["channel"] == "whatsapp"
    assert message["body"] == (
        "Dear Asha Rao, your appointment with Clinician is booked for Tuesday 3 March 2026 at 10:00 am, at Main centre."
    )
    async with outpatient.database.reading() as tx:
        row = await tx.one_or_none(select(Notification).where(Notification.appointment_id == made["id"]))
    assert message["key"] == f"{row.event_id}:booked:whatsapp:{as_patient.phone}" == row.key
    assert (row.notification_type, row.status, row.patient_id) == (
        "APPOINTMENT_CONFIRMATION",
        "SENT",
        as_patient.patient_id,
    )


async def test_times_are_the_centres_own(make, outpatient):
    hospital = await make.hospital("America/New_York")
    clinician, patient = await make.clinician(hospital), await make.patient(hospital)
    await booked(patient, clinician, "14:30")
    await outpatient.worker.run_once()
    assert "Tuesday 3 March 2026 at 2:30 pm" in messages_to(outpatient, patient.phone)[0]["body"]


async def test_the_desks_patient_is_told_too(as_front_desk, as_clinician, outpatient):
    phone = new_phone()
    body = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "11:00"}
    await as_front_desk.post("/booking/front-desk", {**body, "patientPhone": phone, "patientName": "Tom"})
    assert await told(outpatient, phone) == ["APPOINTMENT_CONFIRMATION"]


async def test_a_hold_is_not_told_but_its_end_is(as_patient, as_clinician, outpatient, clock):
    await held(as_patient, as_clinician)
    assert await told(outpatient, as_patient.phone) == []
    await later(clock, minutes=15)
    assert await told(outpatient, as_patient.phone) == ["APPOINTMENT_EXPIRED"]
    assert "not paid in time" in messages_to(outpatient, as_patient.phone)[0]["body"]


async def test_a_new_time_and_a_confirmation_are_told(as_patient, as_manager, as_clinician, outpatient, clock):
    made = await booked(as_patient, as_clinician)
    await told(outpatient, as_patient.phone)
    await as_patient.patch(f"/appointments/{made['id']}/reschedule", {"appointmentTime": "15:00"})
    await told(outpatient, as_patient.phone)
    await as_manager.patch(f"/appointments/{made['id']}/confirm")
    kinds = await told(outpatient, as_patient.phone)
    assert kinds == ["APPOINTMENT_CONFIRMATION", "APPOINTMENT_RESCHEDULED", "APPOINTMENT_CONFIRMATION"]
    bodies = [message["body"] for message in messages_to(outpatient, as_patient.phone)]
    assert "has been moved" in bodies[1] and "3:00 pm" in bodies[1]
    assert "is confirmed" in bodies[2] and "3:00 pm" in bodies[2]


async def test_of_two_moves_the_last_is_told(as_patient, as_clinician, outpatient):
    made = await booked(as_patient, as_clinician)
    await told(outpatient, as_patient.phone)
    for time in ("15:00", "16:00"):
        await as_patient.patch(f"/appointments/{made['id']}/reschedule", {"appointmentTime": time})
    assert await told(outpatient, as_patient.phone) == ["APPOINTMENT_CONFIRMATION", "APPOINTMENT_RESCHEDULED"]
    assert "4:00 pm" in messages_to(outpatient, as_patient.phone)[1]["body"]


async def test_nothing_is_said_of_a_state_that_has_moved_on(as_patient, as_manager, as_clinician, outpatient):
    made = await booked(as_patient, as_clinician)
    await as_patient.patch(f"/appointments/{made['id']}/reschedule", {"appointmentTime": "15:00"})
    await as_manager.patch(f"/appointments/{made['id']}/confirm")
    await as_patient.patch(f"/appointments/{made['id']}/cancel")
    assert await told(outpatient, as_patient.phone) == ["APPOINTMENT_CANCELLED"]


async def test_nothing_is_said_of_what_is_over(as_patient, as_clinician, outpatient, clock):
    await booked(as_patient, as_clinician)
    clock.advance(days=3)
    assert await told(outpatient, as_patient.phone) == []


@pytest.mark.parametrize(("who", "words"), [("patient", "as you asked"), ("staff", "by the clinic")])
async def test_who_cancelled_is_said_truthfully(as_patient, as_manager, as_clinician, outpatient, who, words):
    made = await booked(as_patient, as_clinician)
    await told(outpatient, as_patient.phone)
    persona = as_patient if who == "patient" else as_manager
    await persona.patch(f"/appointments/{made['id']}/cancel")
    await told(outpatient, as_patient.phone)
    assert words in messages_to(outpatient, as_patient.phone)[-1]["body"]


async def test_nobody_without_a_phone_is_told(as_patient, as_clinician, outpatient):
    made = await booked(as_patient, as_clinician)
    async with outpatient.database.transaction() as tx:
        await tx.execute(update(Patient).where(Patient.id == as_patient.patient_id).values(phone=None))
    assert await told(outpatient, as_patient.phone) == []
    async with outpatient.database.reading() as tx:
        assert not await tx.all(select(Notification.id).where(Notification.appointment_id == made["id"]))


async def test_what_ended_otherwise_is_not_told_as_expected(as_admin, as_patient, as_clinician, outpatient):
    made = await booked(as_patient, as_clinician)
    await bring_to(as_admin, made["id"], "COMPLETED")
    assert await told(outpatient, as_patient.phone) == []


async def test_without_a_phone_the_patient_is_told_by_email(as_admin, as_clinician, make, hospital, outpatient):
    async with outpatient.database.transaction() as tx:
        patient = await make.patient_row(tx, hospital, "Tom Mail", None, email="tom.mail@example.com")
    body = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "11:00"}
    made = await as_admin.post("/appointments", {**body, "patientId": patient.id})
    assert made.status_code == 201, made.text

    await outpatient.worker.run_once()

    letters = [
        BytesParser(policy=default).parsebytes(f.read_bytes()) for f in outpatient.settings.outbox_dir.glob("*.eml")
    ]
    (letter,) = [letter for letter in letters if letter["To"] == "tom.mail@example.com"]
    assert letter["Subject"] == "Your appointment is booked"
    assert "Tuesday 3 March 2026 at 11:00 am" in " ".join(letter.get_content().split())
