"""A message's way: noted first, carried once, on another channel if need be, and not to those who want none."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, update

from outpatient.core.terms import Channel
from outpatient.models import Delivery, Notification, OptOut, Patient
from outpatient.notifications.actions import opt_out
from tests.appointments.wishes import booked, later, one
from tests.makers import new_phone
from tests.notifications.carriers import KilledError, carried_by, rows_of, texts_to

pytestmark = pytest.mark.anyio

WHATSAPP, SMS = Channel.WHATSAPP, Channel.SMS


async def all_sent(outpatient) -> None:
    """Nothing of other tests is left to do."""
    await outpatient.worker.run_once()


async def work(elsewhere, clock, *, rounds: int = 1, minutes: int = 2) -> None:
    """Let the other program's worker go round, with time between."""
    for _ in range(rounds):
        await elsewhere.program.worker.run_once()
        clock.advance(minutes=minutes)


async def test_a_message_that_went_out_is_noted_with_its_words_and_the_carriers_id(
    as_patient, as_clinician, outpatient
):
    made = await booked(as_patient, as_clinician)
    await all_sent(outpatient)
    (row,) = await rows_of(outpatient, appointment_id=made["id"])
    assert (row.status, row.channel, row.attempts, row.language) == ("SENT", "WHATSAPP", 1, "en")
    assert row.body.startswith("Dear Asha Rao, your appointment with Clinician is booked")
    assert row.provider_id.startswith("local_")
    assert (row.tried_at, row.last_error) == (None, None)
    assert row.sent_at == row.created_at


async def test_it_is_said_in_the_patients_language(as_patient, as_clinician, outpatient):
    async with outpatient.database.transaction() as tx:
        await tx.execute(update(Patient).where(Patient.id == as_patient.patient_id).values(language="hi-IN"))
    await booked(as_patient, as_clinician)
    await all_sent(outpatient)
    (message,) = texts_to(outpatient, as_patient.phone)
    assert "आपका अपॉइंटमेंट मंगलवार, 3 मार्च 2026, सुबह 10:00 बजे" in message["body"]
    assert message["template"] == "APPOINTMENT_CONFIRMATION_HI"


async def test_else_in_the_hospitals(make, outpatient):
    hospital = await make.hospital(language="hi")
    patient, clinician = await make.patient(hospital), await make.clinician(hospital)
    await booked(patient, clinician)
    await all_sent(outpatient)
    assert "बुक हो गया है" in texts_to(outpatient, patient.phone)[0]["body"]


@pytest.mark.parametrize(("end", "messages_before"), [("die before", 0), ("die after", 1)])
async def test_who_dies_on_the_way_leaves_a_doubt_that_the_next_tells_the_carrier(
    as_patient, as_clinician, outpatient, clock, end, messages_before
):
    await all_sent(outpatient)
    made = await booked(as_patient, as_clinician)
    began = clock.now()
    carrier, elsewhere = carried_by(outpatient, whatsapp=[end])
    async with elsewhere:
        with pytest.raises(KilledError):
            await elsewhere.program.worker.run_once()
        (left,) = await rows_of(outpatient, appointment_id=made["id"])
        assert (left.status, left.tried_at, left.attempts) == ("PENDING", began, 1)
        assert len(texts_to(outpatient, as_patient.phone)) == messages_before
        clock.advance(minutes=2)
        await work(elsewhere, clock, rounds=2)
    assert carrier.asked == [(WHATSAPP, None), (WHATSAPP, began)]
    assert len(texts_to(outpatient, as_patient.phone)) == 1
    (row,) = await rows_of(outpatient, appointment_id=made["id"])
    assert (row.status, row.attempts, row.tried_at) == ("SENT", 2, None)


async def test_silence_is_a_doubt_and_the_first_one_counts(as_patient, as_clinician, outpatient, clock):
    await all_sent(outpatient)
    made = await booked(as_patient, as_clinician)
    began = clock.now()
    carrier, elsewhere = carried_by(outpatient, whatsapp=["answer lost", "busy"])
    async with elsewhere:
        await work(elsewhere, clock)
        (row,) = await rows_of(outpatient, appointment_id=made["id"])
        assert (row.status, row.tried_at, row.last_error) == ("PENDING", began, "The carrier did not answer")
        await work(elsewhere, clock, rounds=2)
    assert [since for _, since in carrier.asked] == [None, began, began]
    assert len(texts_to(outpatient, as_patient.phone)) == 1
    (row,) = await rows_of(outpatient, appointment_id=made["id"])
    assert (row.status, row.attempts, row.last_error) == ("SENT", 3, None)


async def test_a_refusal_that_time_cures_leaves_no_doubt(as_patient, as_clinician, outpatient, clock):
    await all_sent(outpatient)
    await booked(as_patient, as_clinician)
    carrier, elsewhere = carried_by(outpatient, whatsapp=["busy", "busy"])
    async with elsewhere:
        await work(elsewhere, clock, rounds=3)
    assert carrier.asked == [(WHATSAPP, None)] * 3


async def test_what_is_in_doubt_is_repeated_word_for_word(as_patient, as_clinician, outpatient, clock):
    await all_sent(outpatient)
    made = await booked(as_patient, as_clinician)
    _, elsewhere = carried_by(outpatient, whatsapp=["silence"])
    async with elsewhere:
        await work(elsewhere, clock)
        async with outpatient.database.transaction() as tx:
            await tx.execute(
                update(Patient).where(Patient.id == as_patient.patient_id).values(full_name="Asha Rao-Sen")
            )
        await work(elsewhere, clock)
    (row,) = await rows_of(outpatient, appointment_id=made["id"])
    assert row.status == "SENT" and row.body.startswith("Dear Asha Rao,")
    assert texts_to(outpatient, as_patient.phone)[0]["body"] == row.body


async def test_what_fails_for_good_on_one_channel_goes_by_the_next(as_patient, as_clinician, outpatient, clock):
    await all_sent(outpatient)
    made = await booked(as_patient, as_clinician)
    carrier, elsewhere = carried_by(outpatient, whatsapp=["refuse"])
    async with elsewhere:
        await work(elsewhere, clock, rounds=2)
    assert [channel for channel, _ in carrier.asked] == [WHATSAPP, SMS]
    failed, sent = await rows_of(outpatient, appointment_id=made["id"])
    assert (failed.channel, failed.status, failed.last_error) == ("WHATSAPP", "FAILED", "The carrier refused with 400")
    assert (sent.channel, sent.status) == ("SMS", "SENT")
    assert [message["channel"] for message in texts_to(outpatient, as_patient.phone)] == ["sms"]
    assert (await one(outpatient, Delivery, event_id=sent.event_id)).status == "DONE"


async def test_a_channel_that_is_away_for_long_gives_way_to_the_next(as_patient, as_clinician, outpatient, clock):
    await all_sent(outpatient)
    made = await booked(as_patient, as_clinician)
    carrier, elsewhere = carried_by(outpatient, whatsapp=["busy"] * 9)
    async with elsewhere:
        await work(elsewhere, clock, rounds=4)
    assert [channel for channel, _ in carrier.asked] == [WHATSAPP] * 3 + [SMS]
    assert [row.status for row in await rows_of(outpatient, appointment_id=made["id"])] == ["FAILED", "SENT"]


async def test_e_mail_is_the_last_way(as_patient, as_clinician, outpatient, clock):
    await all_sent(outpatient)
    async with outpatient.database.transaction() as tx:
        values = {"email": f"{'a' * 60}.{as_patient.patient_id}@{'long-name.' * 12}example.com"}
        await tx.execute(update(Patient).where(Patient.id == as_patient.patient_id).values(**values))
    made = await booked(as_patient, as_clinician)
    _, elsewhere = carried_by(outpatient, whatsapp=["refuse"], sms=["refuse"])
    async with elsewhere:
        await work(elsewhere, clock, rounds=2)
    rows = await rows_of(outpatient, appointment_id=made["id"])
    assert [(row.channel, row.status) for row in rows] == [("WHATSAPP", "FAILED"), ("SMS", "FAILED"), ("EMAIL", "SENT")]
    assert rows[2].recipient == values["email"]


async def test_when_every_way_failed_it_is_parked_and_shown_as_failed(as_patient, as_clinician, outpatient, clock):
    await all_sent(outpatient)
    made = await booked(as_patient, as_clinician)
    _, elsewhere = carried_by(outpatient, whatsapp=["silence"] * 20, sms=["silence"] * 20)
    async with elsewhere:
        await work(elsewhere, clock, rounds=12, minutes=20)
    rows = await rows_of(outpatient, appointment_id=made["id"])
    assert [(row.channel, row.status) for row in rows] == [("WHATSAPP", "FAILED"), ("SMS", "FAILED")]
    assert (await one(outpatient, Delivery, event_id=rows[0].event_id)).status == "PARKED"


async def test_who_unsubscribed_at_the_carrier_has_opted_out(as_patient, as_clinician, outpatient, clock):
    await all_sent(outpatient)
    made = await booked(as_patient, as_clinician)
    carrier, elsewhere = carried_by(outpatient, whatsapp=["stop"])
    async with elsewhere:
        await work(elsewhere, clock)
        await as_patient.patch(f"/appointments/{made['id']}/cancel")
        await work(elsewhere, clock)
    assert [channel for channel, _ in carrier.asked] == [WHATSAPP, SMS, SMS]
    assert (await one(outpatient, OptOut, address=as_patient.phone)).source == "CARRIER"
    rows = await rows_of(outpatient, appointment_id=made["id"])
    assert [row.status for row in rows] == ["SUPPRESSED", "SENT", "SUPPRESSED", "SENT"]
    assert rows[2].last_error == "The address wants no more messages (STOP)"
    assert rows[2].attempts == 0


async def test_who_said_stop_on_every_channel_gets_nothing(as_patient, as_clinician, outpatient):
    async with outpatient.database.transaction() as tx:
        for channel in (WHATSAPP, SMS):
            await opt_out(tx, channel=channel, address=as_patient.phone, source="STOP")
            await opt_out(tx, channel=channel, address=as_patient.phone, source="STOP")
    made = await booked(as_patient, as_clinician)
    await all_sent(outpatient)
    assert texts_to(outpatient, as_patient.phone) == []
    rows = await rows_of(outpatient, appointment_id=made["id"])
    assert [row.status for row in rows] == ["SUPPRESSED", "SUPPRESSED"]
    assert (await one(outpatient, Delivery, event_id=rows[0].event_id)).status == "DONE"


async def test_a_code_that_one_asks_for_comes_all_the_same_and_is_kept_nowhere(as_nobody, outpatient, hospital):
    phone = new_phone()
    async with outpatient.database.transaction() as tx:
        await opt_out(tx, channel=WHATSAPP, address=phone, source="STOP")
    answer = await as_nobody.post("/patient-auth/send-otp", {"phone": phone, "fullName": "New"})
    assert answer.status_code == 200, answer.text
    await all_sent(outpatient)
    (message,) = texts_to(outpatient, phone)
    (row,) = await rows_of(outpatient, recipient=phone)
    assert (row.status, row.body) == ("SENT", None)
    assert message["body"][:6].isdigit()
    async with outpatient.database.transaction() as tx:
        await tx.execute(delete(OptOut).where(OptOut.address == phone))


async def test_without_the_row_before_the_carrier_the_doubt_is_lost(as_patient, as_clinician, outpatient, clock):
    """The counter-proof: forget the row, as if it were written after the carrier was asked, and nobody knows."""
    await all_sent(outpatient)
    made = await booked(as_patient, as_clinician)
    carrier, elsewhere = carried_by(outpatient, whatsapp=["die after"])
    async with elsewhere:
        with pytest.raises(KilledError):
            await elsewhere.program.worker.run_once()
        async with outpatient.database.transaction() as tx:
            await tx.execute(delete(Notification).where(Notification.appointment_id == made["id"]))
        clock.advance(minutes=2)
        await work(elsewhere, clock)
    assert carrier.asked == [(WHATSAPP, None), (WHATSAPP, None)]


async def test_a_booking_cannot_wait_for_the_morning(as_patient, as_clinician, outpatient, clock):
    night = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # half past nine in the evening in Kolkata
    await later(clock, as_patient, seconds=(night - clock.now()).total_seconds())
    made = await booked(as_patient, as_clinician)
    await all_sent(outpatient)
    assert [row.status for row in await rows_of(outpatient, appointment_id=made["id"])] == ["SENT"]
