"""`POST /twilio/webhook`: what people answer, signed by the carrier, done once."""

import asyncio
import base64

import pytest
from sqlalchemy import func, select

from outpatient.adapters.messages.twilio_signature import sign
from outpatient.models import (
    Appointment,
    AuditEntry,
    HospitalConfig,
    InboundMessage,
    OptOut,
    Patient,
    PatientAccess,
    StoredEvent,
)
from outpatient.replies.rules import Outcome
from outpatient.replies.texts import ANSWERS
from tests.appointments.wishes import MONDAY, booked, code_of, count, held, later, one, shown
from tests.replies.twilio import OUR_NUMBER, PATH, Phone, new_sid, post, words
from tests.signing import change, everything_stored, program_like

pytestmark = pytest.mark.anyio

EN, HI = ANSWERS["en"], ANSWERS["hi"]


async def status_of(outpatient, appointment_id: int) -> str:
    return (await one(outpatient, Appointment, id=appointment_id)).status


async def inbound(outpatient, number: str) -> list[InboundMessage]:
    async with outpatient.database.reading() as tx:
        return list(await tx.all(select(InboundMessage).where(InboundMessage.sender == number).order_by("id")))


# ── what is said ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ["CONFIRM {}", "confirm   {}", " Confirm #{} ", "yes {}.", "पुष्टि {}", "हाँ {}"])
async def test_a_patient_confirms(as_patient, as_clinician, outpatient, phone, text):
    made = await booked(as_patient, as_clinician)
    said = await phone.sends(text.format(made["id"]))
    assert said in {EN[Outcome.CONFIRMED], HI[Outcome.CONFIRMED]}
    assert await status_of(outpatient, made["id"]) == "CONFIRMED"


@pytest.mark.parametrize("text", ["CANCEL {}", "cancel:{}", "रद्द {}", "रद्द करें {}"])
async def test_a_patient_cancels(as_patient, as_clinician, outpatient, phone, text):
    made = await booked(as_patient, as_clinician)
    assert await phone.sends(text.format(made["id"])) in {EN[Outcome.CANCELLED], HI[Outcome.CANCELLED]}
    row = await one(outpatient, Appointment, id=made["id"])
    assert (row.status, row.cancelled_by) == ("CANCELLED", "PATIENT")


async def test_it_is_the_patients_deed_and_the_audit_says_by_which_way(as_patient, as_clinician, outpatient, phone):
    made = await booked(as_patient, as_clinician)
    await phone.sends(f"CONFIRM {made['id']}")
    async with outpatient.database.reading() as tx:
        of_it = (AuditEntry.subject == "appointment", AuditEntry.subject_id == made["id"])
        entries = await tx.all(select(AuditEntry).where(*of_it).order_by(AuditEntry.id))
    assert [(entry.action, entry.actor_id) for entry in entries[-2:]] == [
        ("appointment.confirmed", as_patient.user_id),
        ("appointment.answered_by_sms", as_patient.user_id),
    ]


async def test_a_patient_without_an_account_answers_too(as_front_desk, as_clinician, make, hospital, outpatient, http):
    patient = await make.record(hospital, phone="+919811223344")
    made = await booked(as_front_desk, as_clinician, patientId=patient)
    assert await Phone(outpatient, http, "+919811223344").sends(f"cancel {made['id']}") == EN[Outcome.CANCELLED]
    row = await one(outpatient, Appointment, id=made["id"])
    assert row.cancelled_by == "PATIENT"
    async with outpatient.database.reading() as tx:
        mine = (StoredEvent.subject_id == made["id"], StoredEvent.name == "appointment.cancelled")
        assert (await tx.one_or_none(select(StoredEvent).where(*mine))).actor_id is None


async def test_it_is_logged_with_its_answer_and_shown_to_managers(
    as_patient, as_clinician, as_manager, as_stranger, outpatient, phone
):
    made = await booked(as_patient, as_clinician)
    sid = new_sid()
    said = await phone.sends(f"Confirm {made['id']}", sid=sid)
    await phone.sends("What is this?")
    log = (await as_manager.get("/notifications/inbound", params={"limit": 1, "page": 2})).json()
    assert log["meta"] == {"page": 2, "limit": 1, "total": 2, "totalPages": 2}
    (row,) = log["data"]
    assert {key: row[key] for key in row if key not in {"id", "receivedAt"}} == {
        "providerId": sid,
        "channel": "SMS",
        "sender": as_patient.phone,
        "recipient": OUR_NUMBER,
        "body": f"Confirm {made['id']}",
        "command": "CONFIRM",
        "outcome": "CONFIRMED",
        "answer": said,
        "appointmentId": made["id"],
    }
    assert (await as_stranger.get("/notifications/inbound")).json()["data"] == []


async def test_who_may_read_the_log(make, hospital):
    may = await make.who_may(hospital, lambda who: who.get("/notifications/inbound"))
    assert may == {"ADMIN", "MANAGER"}


async def test_one_and_two_mean_the_only_appointment_he_was_reminded_of(
    as_patient, as_clinician, outpatient, phone, clock
):
    other = await booked(as_patient, as_clinician, "11:00")
    made = await booked(as_patient, as_clinician, "14:00", MONDAY)
    assert await phone.sends("1") == EN[Outcome.HELPED]  # nobody has asked him anything
    clock.advance(hours=2)
    await outpatient.worker.run_once()
    assert await phone.sends(" 1 ") == EN[Outcome.CONFIRMED]
    assert await status_of(outpatient, made["id"]) == "CONFIRMED"
    assert await phone.sends("२") == HI[Outcome.CANCELLED]
    assert await status_of(outpatient, made["id"]) == "CANCELLED"
    assert await status_of(outpatient, other["id"]) == "PENDING"


async def test_of_two_he_was_reminded_of_neither_is_guessed(as_patient, as_clinician, outpatient, phone, clock):
    made = [await booked(as_patient, as_clinician, time, MONDAY) for time in ("14:00", "14:30")]
    clock.advance(hours=2, minutes=30)
    await outpatient.worker.run_once()
    for text in ("2", "cancel", "रद्द"):
        assert await phone.sends(text) in {EN[Outcome.HELPED], HI[Outcome.HELPED]}
    assert [await status_of(outpatient, row["id"]) for row in made] == ["PENDING", "PENDING"]


@pytest.mark.parametrize(
    "text", ["help", "", "👍", "please confirm 3 for me", "12", "CONFIRM", "don't cancel 3", "CANCEL MY LIFE", "1 2 3"]
)
async def test_anything_else_is_answered_with_help_and_does_nothing(as_patient, as_clinician, outpatient, phone, text):
    made = await booked(as_patient, as_clinician)
    assert await phone.sends(text) == EN[Outcome.HELPED]
    assert await status_of(outpatient, made["id"]) == "PENDING"


async def test_stop_and_start(outpatient, strange_phone):
    assert await strange_phone.sends("Stop") == EN[Outcome.STOPPED]
    await strange_phone.sends("STOP")
    assert await count(outpatient, OptOut, address=strange_phone.number, channel="SMS") == 1
    assert await strange_phone.sends("start") == EN[Outcome.STARTED]
    assert await count(outpatient, OptOut, address=strange_phone.number) == 0


async def test_stop_ends_the_messages_and_start_brings_them_back(as_patient, as_clinician, outpatient, phone, clock):
    from outpatient.models import Notification

    made = await booked(as_patient, as_clinician, "14:00", MONDAY)
    await phone.sends("STOP")
    await Phone(outpatient, phone.http, f"whatsapp:{phone.number}").sends("STOP")
    clock.advance(hours=2)
    await outpatient.worker.run_once()
    async with outpatient.database.reading() as tx:
        mine = (Notification.appointment_id == made["id"], Notification.notification_type == "APPOINTMENT_REMINDER")
        assert "SENT" not in [
            row.status for row in await tx.all(select(Notification).where(*mine, Notification.channel != "EMAIL"))
        ]


async def test_whatsapp_has_its_own_stop(outpatient, http, as_patient):
    chat = Phone(outpatient, http, f"whatsapp:{as_patient.phone}")
    await chat.sends("stop")
    assert await count(outpatient, OptOut, address=as_patient.phone, channel="WHATSAPP") == 1
    assert await count(outpatient, OptOut, address=as_patient.phone, channel="SMS") == 0


async def test_the_answer_is_in_the_patients_language_else_the_hospitals(
    as_patient, as_clinician, hospital, outpatient, phone
):
    made = await booked(as_patient, as_clinician)
    await change(outpatient, HospitalConfig, HospitalConfig.hospital_id == hospital.id, language="hi")
    assert await phone.sends(f"CONFIRM {made['id']}") == HI[Outcome.CONFIRMED]
    await change(outpatient, Patient, Patient.id == as_patient.patient_id, language="en-IN")
    assert await phone.sends(f"CONFIRM {made['id']}") == EN[Outcome.CONFIRMED]
    assert await phone.sends("मदद") == HI[Outcome.HELPED]


async def test_every_outcome_has_its_words_in_every_language_and_they_fit():
    for said in ANSWERS.values():
        assert set(said) == set(Outcome)
        assert all(0 < len(text) <= 500 for text in said.values())


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_nobody_learns_what_he_may_not_know(
    as_patient, as_clinician, as_manager, make, hospital, outpatient, phone, strange_phone, clock
):
    mine = await booked(as_patient, as_clinician)
    begun = await booked(as_patient, as_clinician, "09:30", MONDAY)
    gone = await booked(as_patient, as_clinician, "12:00")
    await as_patient.patch(f"/appointments/{gone['id']}/cancel")
    here = await booked(as_patient, as_clinician, "12:30", MONDAY)
    await later(clock, as_manager, hours=1)
    await as_manager.post(f"/appointments/{here['id']}/check-in")
    for sender, number in (
        (strange_phone, mine["id"]),
        (phone, 999_999_999),
        (phone, 10**14),
        (phone, begun["id"]),
        (phone, gone["id"]),
        (phone, here["id"]),
    ):
        for verb in ("CONFIRM", "CANCEL"):
            assert await sender.sends(f"{verb} {number}") == EN[Outcome.NOT_FOUND]
    assert await status_of(outpatient, mine["id"]) == "PENDING"
    assert await status_of(outpatient, here["id"]) == "CHECKED_IN"


async def test_an_unpaid_hold_is_not_confirmed_but_may_be_given_up(as_patient, as_clinician, outpatient, phone, clock):
    hold = await held(as_patient, as_clinician)
    assert await phone.sends(f"CONFIRM {hold}") == EN[Outcome.PAYMENT_REQUIRED]
    assert (await one(outpatient, Appointment, id=hold)).status == "PENDING"
    clock.advance(minutes=15)
    assert await phone.sends(f"CONFIRM {hold}") == EN[Outcome.NOT_FOUND]
    clock.advance(minutes=-1)
    assert await phone.sends(f"CANCEL {hold}") == EN[Outcome.CANCELLED]


async def test_who_cancels_too_late_is_asked_to_call(as_patient, as_clinician, hospital, outpatient, phone, clock):
    await change(outpatient, HospitalConfig, HospitalConfig.hospital_id == hospital.id, cancellation_notice_minutes=120)
    made = await booked(as_patient, as_clinician, "12:00", MONDAY)
    clock.advance(hours=1, seconds=1)
    assert await phone.sends(f"CANCEL {made['id']}") == EN[Outcome.TOO_LATE]
    assert await status_of(outpatient, made["id"]) == "PENDING"
    assert [row.outcome for row in await inbound(outpatient, phone.number)] == ["TOO_LATE"]


async def test_who_shares_a_phone_answers_for_the_family_and_a_deleted_record_for_nobody(
    as_front_desk, as_clinician, make, hospital, outpatient, phone, as_patient
):
    child = await make.record(hospital, "Mira Rao", as_patient.phone)
    made = await booked(as_front_desk, as_clinician, patientId=child)
    assert await phone.sends(f"CONFIRM {made['id']}") == EN[Outcome.CONFIRMED]
    async with outpatient.database.reading() as tx:
        assert not await tx.all(select(PatientAccess.user_id).where(PatientAccess.patient_id == child))
    await change(outpatient, Patient, Patient.id == child, deleted_at=outpatient.database.clock.now())
    assert await phone.sends(f"CANCEL {made['id']}") == EN[Outcome.NOT_FOUND]


@pytest.mark.parametrize("signature", ["", "x", None])
async def test_without_a_good_signature_nothing_is_stored(as_patient, as_clinician, outpatient, http, signature):
    made = await booked(as_patient, as_clinician)
    before = await everything_stored(outpatient)
    form = {"MessageSid": new_sid(), "From": as_patient.phone, "To": OUR_NUMBER, "Body": f"CANCEL {made['id']}"}
    refused = await post(http, form, signature)
    assert (refused.status_code, code_of(refused)) == (403, "INVALID_SIGNATURE")
    assert await everything_stored(outpatient) == before


async def test_every_flipped_bit_of_the_signature_is_refused(outpatient, http, phone):
    form = {"MessageSid": new_sid(), "From": phone.number, "To": OUR_NUMBER, "Body": "HELP"}
    right = sign(outpatient.settings.sms_secret, outpatient.settings.base_url + PATH, form)
    raw = base64.b64decode(right)
    for bit in range(len(raw) * 8):
        wrong = bytearray(raw)
        wrong[bit // 8] ^= 1 << bit % 8
        assert (await post(http, form, base64.b64encode(bytes(wrong)).decode())).status_code == 403
    assert (await post(http, form, right)).status_code == 200
    assert len(await inbound(outpatient, phone.number)) == 1


@pytest.mark.parametrize(
    "changed", [{"Body": "CANCEL 1"}, {"From": "+919800000000"}, {"MessageSid": "SM1"}, {"Extra": ""}]
)
async def test_what_was_signed_cannot_be_changed(outpatient, http, phone, changed):
    form = {"MessageSid": new_sid(), "From": phone.number, "To": OUR_NUMBER, "Body": "HELP"}
    right = sign(outpatient.settings.sms_secret, outpatient.settings.base_url + PATH, form)
    assert (await post(http, {**form, **changed}, right)).status_code == 403


async def test_the_address_is_the_configured_one_whatever_the_proxy_says(outpatient, as_patient):
    async with program_like(outpatient, public_url="https://clinic.example", twilio_auth_token="secret") as (_p, http):
        form = {"MessageSid": new_sid(), "From": as_patient.phone, "To": OUR_NUMBER, "Body": "HELP"}
        for url, status in ((f"https://clinic.example{PATH}", 200), (f"http://clinic.test{PATH}", 403)):
            assert (await post(http, form, sign("secret", url, form))).status_code == status


async def test_a_sender_who_needs_no_secret_does_not_exist(outpatient, as_patient):
    """Where Twilio carries messages and its token were missing, nobody could sign: also nobody with an empty key."""
    from outpatient.settings import Settings

    bare = Settings(_env_file=None, sms_adapter="twilio")
    assert bare.sms_secret == ""


@pytest.mark.parametrize(("form", "status"), [({"MessageSid": ""}, 400), ({"MessageSid": "x" * 65}, 400)])
async def test_a_signed_form_without_its_id_is_invalid(phone, form, status):
    assert (await phone.posts("HELP", **form)).status_code == status


async def test_a_huge_or_broken_form_is_refused(http):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await http.post(PATH, content=b"a=" + b"b" * 70_000, headers=headers)).status_code == 413
    assert (await http.post(PATH, content=b"a=%ff", headers=headers)).status_code == 400
    assert (await http.post(PATH, content=b"\xff", headers=headers)).status_code == 400
    assert (await http.post(PATH, content="&".join(f"a{n}=1" for n in range(300)), headers=headers)).status_code == 400


# ── once ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_twenty_repeats_at_once_have_one_effect_and_one_answer(as_patient, as_clinician, outpatient, phone):
    made = await booked(as_patient, as_clinician)
    sid = new_sid()
    answers = await asyncio.gather(*(phone.posts(f"CANCEL {made['id']}", sid=sid) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert {words(answer) for answer in answers} == {EN[Outcome.CANCELLED]}
    async with outpatient.database.reading() as tx:
        mine = (StoredEvent.subject_id == made["id"], StoredEvent.name == "appointment.cancelled")
        assert await tx.one_or_none(select(func.count()).select_from(StoredEvent).where(*mine)) == 1
    assert len(await inbound(outpatient, phone.number)) == 1


async def test_an_old_message_that_comes_again_does_not_undo_a_newer_one(
    as_patient, as_clinician, as_front_desk, outpatient, phone
):
    """Twilio's signature holds for ever: whoever saw the call could post it again."""
    made = await booked(as_patient, as_clinician)
    sid = new_sid()
    said = await phone.sends("STOP", sid=sid)
    await phone.sends("START")
    assert await phone.sends("STOP", sid=sid) == said
    assert await count(outpatient, OptOut, address=phone.number) == 0
    assert (await shown(as_front_desk, made["id"]))["status"] == "PENDING"


async def test_the_carrier_is_not_held_back_by_the_limit_for_strangers(outpatient, as_patient):
    async with program_like(outpatient, rate_limit_general="2/15 minutes") as (program, http):
        phone = Phone(program, http, as_patient.phone)
        assert [(await phone.posts("HELP")).status_code for _ in range(6)] == [200] * 6


async def test_confirm_and_cancel_at_once_leave_one_state(as_patient, as_clinician, outpatient, phone):
    made = await booked(as_patient, as_clinician)
    await asyncio.gather(*(phone.posts(f"{verb} {made['id']}") for verb in ("CONFIRM", "CANCEL") * 3))
    assert await status_of(outpatient, made["id"]) == "CANCELLED"
