"""`POST /notifications/{id}/retry`: what failed is sent again, once, as it would be said now."""

import pytest
from sqlalchemy import update

from outpatient.models import Notification, StoredEvent, User
from outpatient.notifications.handlers.again import SENDERS
from outpatient.notifications.kinds import Kind
from tests.appointments.wishes import MONDAY, at_once, booked, code_of, count, later
from tests.notifications.carriers import carried_by, rows_of, texts_to

pytestmark = pytest.mark.anyio


@pytest.fixture
async def failed(as_patient, as_clinician, outpatient, clock):
    """The first of two messages of a booking that could not be sent by any channel."""
    await outpatient.worker.run_once()
    made = await booked(as_patient, as_clinician)
    _, elsewhere = carried_by(outpatient, whatsapp=["refuse"], sms=["refuse"])
    async with elsewhere:
        await elsewhere.program.worker.run_once()
    return (await rows_of(outpatient, appointment_id=made["id"]))[0]


def why(answer) -> str:
    assert (answer.status_code, code_of(answer)) == (409, "NOT_TO_RETRY")
    return answer.json()["error"]["message"]


async def test_it_is_sent_again_as_a_message_of_its_own(failed, as_manager, as_patient, outpatient):
    answer = await as_manager.post(f"/notifications/{failed.id}/retry")
    assert answer.status_code == 200, answer.text
    await outpatient.worker.run_once()
    await outpatient.worker.run_once()
    assert len(texts_to(outpatient, as_patient.phone)) == 1
    rows = await rows_of(outpatient, appointment_id=failed.appointment_id)
    assert [(row.channel, row.status) for row in rows] == [
        ("WHATSAPP", "FAILED"),
        ("SMS", "FAILED"),
        ("WHATSAPP", "SENT"),
    ]


async def test_it_is_sent_once_whoever_asks(failed, as_manager, as_admin, as_patient, outpatient):
    answers = await at_once(
        *(persona.post(f"/notifications/{failed.id}/retry") for persona in (as_manager, as_admin) * 5)
    )
    assert answers == {200: 1, 409: 9}
    assert await count(outpatient, StoredEvent, name="notification.retried", subject_id=failed.id) == 1
    assert "already" in why(await as_manager.post(f"/notifications/{failed.id}/retry"))


async def test_what_fails_again_can_be_tried_again_from_its_newer_row(failed, as_manager, as_patient, outpatient):
    await as_manager.post(f"/notifications/{failed.id}/retry")
    _, elsewhere = carried_by(outpatient, whatsapp=["refuse"], sms=["refuse"])
    async with elsewhere:
        await elsewhere.program.worker.run_once()
    newer = (await rows_of(outpatient, appointment_id=failed.appointment_id))[2]
    assert (await as_manager.post(f"/notifications/{newer.id}/retry")).status_code == 200
    await outpatient.worker.run_once()
    assert "is booked for" in texts_to(outpatient, as_patient.phone)[0]["body"]


async def test_what_is_not_true_any_more_is_not_said(failed, as_manager, as_patient, outpatient):
    await as_manager.post(f"/notifications/{failed.id}/retry")
    await as_patient.patch(f"/appointments/{failed.appointment_id}/cancel")
    await outpatient.worker.run_once()
    assert [message["template"] for message in texts_to(outpatient, as_patient.phone)] == ["APPOINTMENT_CANCELLED"]


async def test_what_went_out_is_not_sent_again(as_manager, as_patient, as_clinician, outpatient):
    made = await booked(as_patient, as_clinician)
    await outpatient.worker.run_once()
    (row,) = await rows_of(outpatient, appointment_id=made["id"])
    assert "this one is sent" in why(await as_manager.post(f"/notifications/{row.id}/retry"))


async def test_nor_what_was_told_on_another_channel(as_manager, as_patient, as_clinician, outpatient):
    await outpatient.worker.run_once()
    made = await booked(as_patient, as_clinician)
    _, elsewhere = carried_by(outpatient, whatsapp=["refuse"])
    async with elsewhere:
        await elsewhere.program.worker.run_once()
    row = (await rows_of(outpatient, appointment_id=made["id"]))[0]
    assert "another channel" in why(await as_manager.post(f"/notifications/{row.id}/retry"))


@pytest.mark.parametrize(
    ("kind", "notification_type"),
    [
        ("reminder", "APPOINTMENT_REMINDER"),
        ("no_show", "APPOINTMENT_NO_SHOW"),
        ("no_show_to_clinician", "APPOINTMENT_NO_SHOW_CLINICIAN"),
    ],
)
async def test_what_the_clock_made_us_say_is_sent_again_to_whom_it_missed(
    as_patient, as_clinician, as_front_desk, as_manager, outpatient, clock, kind, notification_type
):
    made = await booked(as_patient, as_clinician, "14:00", MONDAY)
    await outpatient.worker.run_once()
    async with outpatient.database.transaction() as tx:  # nobody has another way left
        await tx.execute(update(User).values(email=None))
    await later(clock, as_patient, as_front_desk, as_manager, hours=2 if kind == "reminder" else 6)
    _, elsewhere = carried_by(outpatient, sms=["refuse"] * 99, whatsapp=["refuse"] * 99)
    async with elsewhere:
        for _ in range(2):
            await elsewhere.program.worker.run_once()
    rows = await rows_of(outpatient, appointment_id=made["id"], notification_type=notification_type)
    lost = next(row for row in rows if row.status == "FAILED")
    answer = await as_manager.post(f"/notifications/{lost.id}/retry")
    assert answer.status_code == 200, answer.text
    for _ in range(2):
        await outpatient.worker.run_once()
    sent = [row for row in await rows_of(outpatient, appointment_id=made["id"], status="SENT") if row.id > lost.id]
    assert [(row.notification_type, row.patient_id, row.user_id) for row in sent] == [
        (notification_type, lost.patient_id, lost.user_id)
    ]


def test_every_kind_of_message_can_be_sent_anew():
    assert set(SENDERS) == set(Kind)


async def test_nor_a_code(as_nobody, as_patient, as_manager, outpatient):
    await outpatient.worker.run_once()
    sent = await as_nobody.post("/patient-auth/send-otp", {"phone": as_patient.phone})
    assert sent.status_code == 200, sent.text
    _, elsewhere = carried_by(outpatient, whatsapp=["refuse"], sms=["refuse"])
    async with elsewhere:
        await elsewhere.program.worker.run_once()
    row = (await rows_of(outpatient, recipient=as_patient.phone))[0]
    assert "has passed" in why(await as_manager.post(f"/notifications/{row.id}/retry"))


async def test_nor_what_was_forgotten_with_its_patient(failed, as_manager, outpatient):
    async with outpatient.database.transaction() as tx:
        forgotten = update(Notification).where(Notification.id == failed.id)
        await tx.execute(forgotten.values(key=f"erased:{failed.id}", recipient="erased"))
    assert "has passed" in why(await as_manager.post(f"/notifications/{failed.id}/retry"))


async def test_the_roles(failed, make, hospital):
    async def retry(persona):
        answer = await persona.post(f"/notifications/{failed.id}/retry")
        if answer.status_code == 409:
            answer.status_code = 200  # he may, only somebody was before him
        return answer

    assert await make.who_may(hospital, retry) == {"ADMIN", "MANAGER", "CENTRE_MANAGER"}
