"""`POST /notifications/appointment-confirmation` and `/appointment-reminder`: seed 001, told by hand."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from outpatient.core.terms import Channel
from outpatient.models import Patient, StoredEvent
from outpatient.notifications.actions import opt_out
from outpatient.notifications.links import read_reply_link
from tests.appointments.wishes import booked, bring_to, code_of, count, details_of, held, later
from tests.notifications.carriers import rows_of, texts_to

pytestmark = pytest.mark.anyio

CONFIRMATION, REMINDER = "/notifications/appointment-confirmation", "/notifications/appointment-reminder"
BOTH = pytest.mark.parametrize("path", [CONFIRMATION, REMINDER])


async def told(outpatient, phone: str) -> list[dict]:
    await outpatient.worker.run_once()
    return texts_to(outpatient, phone)


async def test_the_answer_is_the_documented_one(as_manager, as_patient, as_clinician, outpatient):
    made = await booked(as_patient, as_clinician)
    confirmation = await as_manager.post(CONFIRMATION, {"appointmentId": made["id"]})
    reminder = await as_manager.post(REMINDER, {"appointmentId": made["id"]})
    assert (confirmation.status_code, reminder.status_code) == (200, 200)
    assert confirmation.json() == {"success": True, "message": "Appointment confirmation sent successfully"}
    assert reminder.json() == {"success": True, "message": "Appointment reminder sent successfully"}


async def test_a_confirmation_says_what_is_so_now(as_manager, as_patient, as_clinician, outpatient):
    made = await booked(as_patient, as_clinician)
    await told(outpatient, as_patient.phone)
    await as_manager.post(CONFIRMATION, {"appointmentId": made["id"]})
    assert "is booked for" in (await told(outpatient, as_patient.phone))[-1]["body"]
    await as_manager.patch(f"/appointments/{made['id']}/confirm")
    await told(outpatient, as_patient.phone)
    await as_manager.post(CONFIRMATION, {"appointmentId": made["id"]})
    bodies = [message["body"] for message in await told(outpatient, as_patient.phone)]
    assert len(bodies) == 4 and all("is confirmed" in body for body in bodies[2:])


async def test_a_reminder_goes_by_sms_and_asks_for_an_answer(as_manager, as_patient, as_clinician, outpatient):
    made = await booked(as_patient, as_clinician)
    await told(outpatient, as_patient.phone)
    await as_manager.post(REMINDER, {"appointmentId": made["id"]})
    message = (await told(outpatient, as_patient.phone))[-1]
    assert (message["channel"], message["template"]) == ("sms", "APPOINTMENT_REMINDER")
    assert f"reply CONFIRM {made['id']} or CANCEL {made['id']}, or tap " in message["body"]
    token = re.search(r"/r/(\S+)$", message["body"])[1]
    assert read_reply_link(outpatient.settings.secret_key, token)[0] == made["id"]


async def test_who_asks_at_night_is_obeyed_at_night(as_manager, as_patient, as_clinician, outpatient, clock):
    made = await booked(as_patient, as_clinician)
    await outpatient.worker.run_once()
    evening = datetime(2026, 3, 2, 22, tzinfo=ZoneInfo("Asia/Kolkata"))
    await later(clock, as_manager, seconds=(evening - clock.now()).total_seconds())
    assert (await as_manager.post(REMINDER, {"appointmentId": made["id"]})).status_code == 200
    assert len(await told(outpatient, as_patient.phone)) == 2


async def test_what_ceased_to_be_true_before_it_was_sent_is_not_said(as_manager, as_patient, as_clinician, outpatient):
    made = await booked(as_patient, as_clinician)
    await told(outpatient, as_patient.phone)
    await as_manager.post(REMINDER, {"appointmentId": made["id"]})
    await as_patient.patch(f"/appointments/{made['id']}/cancel")
    assert [message["template"] for message in await told(outpatient, as_patient.phone)] == [
        "APPOINTMENT_CONFIRMATION",
        "APPOINTMENT_CANCELLED",
    ]


@BOTH
async def test_the_same_key_tells_once(path, as_manager, as_patient, as_clinician, outpatient):
    made = await booked(as_patient, as_clinician)
    other = await booked(as_patient, as_clinician, "11:00")
    await told(outpatient, as_patient.phone)
    key = {"Idempotency-Key": f"tell {made['id']} by {path}"}
    answers = [await as_manager.post(path, {"appointmentId": made["id"]}, headers=key) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({answer.text for answer in answers}) == 1
    assert len(await told(outpatient, as_patient.phone)) == 3
    refused = await as_manager.post(path, {"appointmentId": other["id"]}, headers=key)
    assert (refused.status_code, code_of(refused)) == (422, "IDEMPOTENCY_MISMATCH")


@BOTH
@pytest.mark.parametrize(
    ("status", "why"),
    [("CANCELLED", "cancelled"), ("COMPLETED", "completed"), ("NO_SHOW", "missed"), ("CHECKED_IN", "is here")],
)
async def test_what_is_over_is_not_told(path, status, why, as_admin, as_patient, as_clinician, clock):
    made = await booked(as_patient, as_clinician, "09:30", "2026-03-02")
    await later(clock, as_admin, minutes=45)
    await bring_to(as_admin, made["id"], status)
    refused = await as_admin.post(path, {"appointmentId": made["id"]})
    assert (refused.status_code, code_of(refused)) == (409, "NOTHING_TO_TELL")
    assert why in refused.json()["error"]["message"]


@BOTH
async def test_what_is_past_or_not_paid_for_is_not_told(path, as_manager, as_patient, as_clinician, clock):
    hold = await held(as_patient, as_clinician, "12:00")
    refused = await as_manager.post(path, {"appointmentId": hold})
    assert (refused.status_code, code_of(refused)) == (409, "NOTHING_TO_TELL")
    assert "not paid for" in refused.json()["error"]["message"]
    made = await booked(as_patient, as_clinician, "10:00")
    await later(clock, as_manager, days=2)
    refused = await as_manager.post(path, {"appointmentId": made["id"]})
    assert (refused.status_code, code_of(refused)) == (409, "NOTHING_TO_TELL")
    assert "past" in refused.json()["error"]["message"]


@BOTH
async def test_nobody_to_tell_is_said(path, as_manager, as_patient, as_clinician, outpatient):
    made = await booked(as_patient, as_clinician)

    async def why() -> str:
        refused = await as_manager.post(path, {"appointmentId": made["id"]})
        assert (refused.status_code, code_of(refused)) == (409, "NOBODY_TO_TELL")
        return refused.json()["error"]["message"]

    await as_manager.put(f"/patients/{as_patient.patient_id}/consents", {"care": False})
    assert "does not agree" in await why()
    await as_manager.put(f"/patients/{as_patient.patient_id}/consents", {"care": True})
    async with outpatient.database.transaction() as tx:
        for channel in (Channel.WHATSAPP, Channel.SMS):
            await opt_out(tx, channel=channel, address=as_patient.phone, source="STOP")
    assert "STOP" in await why()
    async with outpatient.database.transaction() as tx:
        await tx.execute(update(Patient).where(Patient.id == as_patient.patient_id).values(phone=None))
    assert "neither a phone" in await why()
    assert await count(outpatient, StoredEvent, name="notification.requested", subject_id=made["id"]) == 0


@BOTH
async def test_what_is_not_there_or_another_hospitals_is_not_found(
    path, as_manager, as_stranger, as_patient, as_clinician
):
    made = await booked(as_patient, as_clinician)
    assert (await as_manager.post(path, {"appointmentId": 2**50})).status_code == 404
    assert (await as_stranger.post(path, {"appointmentId": made["id"]})).status_code == 404


async def test_the_desk_of_another_centre_does_not_find_it(make, hospital, as_patient, as_clinician):
    made = await booked(as_patient, as_clinician)
    desk = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))
    assert (await desk.post(CONFIRMATION, {"appointmentId": made["id"]})).status_code == 404


@BOTH
@pytest.mark.parametrize("body", [{}, {"appointmentId": "x"}, {"appointmentId": 0}, {"appointmentId": None}])
async def test_a_bad_body_names_its_field(path, body, as_manager):
    assert "appointmentId" in details_of(await as_manager.post(path, body))


async def test_the_roles_are_the_documented_ones(make, hospital, as_patient, as_clinician, outpatient):
    made = await booked(as_patient, as_clinician)
    reception = {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK"}
    body = {"appointmentId": made["id"]}
    assert await make.who_may(hospital, lambda persona: persona.post(CONFIRMATION, body)) == reception
    assert await make.who_may(hospital, lambda persona: persona.post(REMINDER, body)) == {"ADMIN", "MANAGER"}
    await outpatient.worker.run_once()
    kinds = [row.notification_type for row in await rows_of(outpatient, appointment_id=made["id"])]
    assert kinds.count("APPOINTMENT_CONFIRMATION") == 6 and kinds.count("APPOINTMENT_REMINDER") == 2
