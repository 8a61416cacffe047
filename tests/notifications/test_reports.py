"""What carriers report: signed, forward only, and no business of anybody else's."""

import base64
import json

import httpx2
import pytest
from sqlalchemy import update

from outpatient.adapters.email import resend_signature
from outpatient.adapters.messages import twilio_signature
from outpatient.app import create_app
from outpatient.models import Notification, Patient, StoredEvent
from outpatient.settings import Settings
from tests.appointments.wishes import booked, count
from tests.notifications.carriers import rows_of, texts_to

pytestmark = pytest.mark.anyio

TWILIO, GALLABOX = "twilio-token-of-these-tests", "gallabox-token-of-these-tests"
RESEND = "whsec_" + base64.b64encode(b"resend-secret-of-these-tests").decode()
PUBLIC = "https://clinic.example"
STATUS = "/api/v1/twilio/status"


@pytest.fixture
async def post(outpatient, clock):
    """Posts to a program that knows its vendors' secrets."""
    secrets = {"twilio_auth_token": TWILIO, "gallabox_webhook_token": GALLABOX, "resend_webhook_secret": RESEND}
    changes = {**secrets, "public_url": PUBLIC, "rate_limit_general": "1/15 minutes"}
    settings = Settings(_env_file=None, **{**outpatient.settings.model_dump(), **changes})
    program = create_app(settings, clock, with_worker=False)
    transport = httpx2.ASGITransport(app=program, client=("203.0.113.9", 40000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://inside") as http:
        yield http.post
    await program.database.close()


async def twilio(post, form: dict, *, token: str = TWILIO, url: str = PUBLIC + STATUS) -> int:
    signature = twilio_signature.sign(token, url, form)
    answer = await post(STATUS, data=form, headers={"X-Twilio-Signature": signature})
    return answer.status_code


async def gallabox(post, body: dict, token: str = GALLABOX) -> int:
    return (await post(f"/api/v1/gallabox/webhook/{token}", json=body)).status_code


async def resend(post, clock, body: dict, *, secret: str = RESEND, age: int = 0, call: str = "msg_1") -> int:
    content, at = json.dumps(body).encode(), str(int(clock.now().timestamp()) - age)
    signature = resend_signature.sign(secret, call, at, content)
    headers = {"svix-id": call, "svix-timestamp": at, "svix-signature": signature, "content-type": "application/json"}
    return (await post("/api/v1/resend/webhook", content=content, headers=headers)).status_code


@pytest.fixture
async def sent(as_patient, as_manager, as_clinician, outpatient) -> dict[str, Notification]:
    """A WhatsApp message, an SMS and an e-mail of one appointment, by channel."""
    made = await booked(as_patient, as_clinician)
    await outpatient.worker.run_once()
    await as_manager.post("/notifications/appointment-reminder", {"appointmentId": made["id"]})
    await outpatient.worker.run_once()
    async with outpatient.database.transaction() as tx:
        values = {"phone": None, "email": f"person.{as_patient.patient_id}@example.com"}
        await tx.execute(update(Patient).where(Patient.id == as_patient.patient_id).values(**values))
    await as_manager.patch(f"/appointments/{made['id']}/confirm")
    await outpatient.worker.run_once()
    found = {row.channel: row for row in await rows_of(outpatient, appointment_id=made["id"])}
    assert set(found) == {"WHATSAPP", "SMS", "EMAIL"}
    return found


async def now(outpatient, row: Notification) -> Notification:
    return (await rows_of(outpatient, id=row.id))[0]


async def test_an_sms_that_arrived(sent, post, outpatient, clock):
    form = {"MessageSid": sent["SMS"].provider_id, "MessageStatus": "delivered", "To": sent["SMS"].recipient}
    assert await twilio(post, form) == 204
    row = await now(outpatient, sent["SMS"])
    assert (row.status, row.delivered_at) == ("DELIVERED", clock.now())


async def test_the_form_may_hold_what_is_empty_or_doubled_and_the_path_is_the_one_called(sent, post, outpatient):
    url = f"{PUBLIC}/api/twilio/status?centre=1"
    form = {"MessageSid": sent["SMS"].provider_id, "MessageStatus": "read", "ErrorCode": "", "Body": "a b+ü"}
    signature = twilio_signature.sign(TWILIO, url, form)
    answer = await post("/api/twilio/status?centre=1", data=form, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 204
    assert (await now(outpatient, sent["SMS"])).status == "READ"


@pytest.mark.parametrize(
    ("reports", "status"),
    [
        (["sent"], "SENT"),
        (["queued", "unheard of"], "SENT"),
        (["delivered", "sent"], "DELIVERED"),
        (["read", "delivered"], "READ"),
        (["read"], "READ"),
        (["delivered", "failed"], "DELIVERED"),
        (["undelivered", "delivered"], "FAILED"),
        (["failed", "failed"], "FAILED"),
    ],
)
async def test_reports_lead_forward_only(sent, post, outpatient, reports, status):
    for report in reports:
        assert await twilio(post, {"MessageSid": sent["SMS"].provider_id, "MessageStatus": report}) == 204
    assert (await now(outpatient, sent["SMS"])).status == status


async def test_when_it_arrived_stays_when_it_is_read(sent, post, outpatient, clock):
    arrived = clock.now()
    await twilio(post, {"MessageSid": sent["SMS"].provider_id, "MessageStatus": "delivered"})
    clock.advance(minutes=3)
    await twilio(post, {"MessageSid": sent["SMS"].provider_id, "MessageStatus": "read"})
    assert (await now(outpatient, sent["SMS"])).delivered_at == arrived


async def test_a_whatsapp_message_and_an_e_mail(sent, post, outpatient, clock):
    chat = {"event": "Message.WA.status.received", "data": {"id": sent["WHATSAPP"].provider_id, "status": "read"}}
    assert await gallabox(post, chat) == 204
    assert (await now(outpatient, sent["WHATSAPP"])).status == "READ"
    mail = {"type": "email.delivered", "data": {"email_id": sent["EMAIL"].provider_id}}
    assert await resend(post, clock, mail) == 204
    assert (await now(outpatient, sent["EMAIL"])).status == "DELIVERED"


async def test_a_carrier_speaks_of_its_own_messages_only(sent, post, outpatient):
    await twilio(post, {"MessageSid": sent["WHATSAPP"].provider_id, "MessageStatus": "read"})
    assert (await now(outpatient, sent["WHATSAPP"])).status == "SENT"


async def test_what_we_do_not_know_changes_nothing_and_is_no_mistake(sent, post, outpatient, clock):
    assert await twilio(post, {"MessageSid": "SM-unknown", "MessageStatus": "delivered"}) == 204
    assert await twilio(post, {"MessageSid": "SM\x00", "MessageStatus": "delivered"}) == 204
    assert await twilio(post, {}) == 204
    assert await gallabox(post, {"event": "Message.received"}) == 204
    assert await resend(post, clock, {"type": "email.delivered", "data": {"email_id": "unknown"}}) == 204
    assert [(await now(outpatient, row)).status for row in sent.values()] == ["SENT"] * 3


async def test_who_cannot_sign_changes_nothing(sent, post, outpatient, clock):
    form = {"MessageSid": sent["SMS"].provider_id, "MessageStatus": "delivered"}
    assert await twilio(post, form, token="another") == 403
    assert await twilio(post, form, url=f"{PUBLIC}/api/v1/twilio/other") == 403
    assert (await post(STATUS, data=form)).status_code == 403
    chat = {"event": "Message.WA.status.received", "data": {"id": sent["WHATSAPP"].provider_id, "status": "read"}}
    assert await gallabox(post, chat, token="another") == 404
    assert await gallabox(post, chat, token="%C3%BC") == 404
    mail = {"type": "email.delivered", "data": {"email_id": sent["EMAIL"].provider_id}}
    assert await resend(post, clock, mail, secret="whsec_" + base64.b64encode(b"another").decode()) == 403
    assert await resend(post, clock, mail, age=301) == 403
    assert (await post("/api/v1/resend/webhook", json=mail)).status_code == 403
    assert [(await now(outpatient, row)).status for row in sent.values()] == ["SENT"] * 3


async def test_where_no_secret_is_set_nobody_is_let_in(sent, http, outpatient, clock):
    form = {"MessageSid": sent["SMS"].provider_id, "MessageStatus": "delivered"}
    signature = twilio_signature.sign("", outpatient.settings.base_url + STATUS, form)
    assert (await http.post(STATUS, data=form, headers={"X-Twilio-Signature": signature})).status_code == 403
    assert (await http.post("/api/v1/gallabox/webhook/x", json={})).status_code == 404
    assert await resend(http.post, clock, {"type": "email.delivered"}) == 403


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff"])
async def test_what_is_no_json_is_refused(body, post):
    answer = await post(f"/api/v1/gallabox/webhook/{GALLABOX}", content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")


async def test_many_reports_from_one_address_are_no_flood(sent, post):
    form = {"MessageSid": sent["SMS"].provider_id, "MessageStatus": "sent"}
    assert [await twilio(post, form) for _ in range(5)] == [204] * 5
    assert (await post("/api/v1/auth/send-otp", json={})).status_code == 400
    assert (await post("/api/v1/auth/send-otp", json={})).status_code == 429


async def test_what_did_not_arrive_after_all_goes_by_the_next_channel(sent, post, as_patient, outpatient):
    async with outpatient.database.transaction() as tx:
        phone = sent["WHATSAPP"].recipient
        await tx.execute(update(Patient).where(Patient.id == as_patient.patient_id).values(phone=phone))
    failed = {
        "event": "Message.WA.status.failed",
        "data": {"id": sent["WHATSAPP"].provider_id, "errors": [{"code": 131026}]},
    }
    for _ in range(3):
        assert await gallabox(post, failed) == 204
    assert await count(outpatient, StoredEvent, name="notification.failed", subject_id=sent["WHATSAPP"].id) == 1
    await outpatient.worker.run_once()
    await outpatient.worker.run_once()
    first = await now(outpatient, sent["WHATSAPP"])
    assert (first.status, first.last_error) == ("FAILED", "Not delivered (131026)")
    last = (await rows_of(outpatient, appointment_id=first.appointment_id))[-1]
    assert (last.channel, last.status, last.notification_type) == ("SMS", "SENT", "APPOINTMENT_CONFIRMATION")
    assert [message["channel"] for message in texts_to(outpatient, phone)] == ["whatsapp", "sms", "sms"]


async def test_a_code_that_whatsapp_could_not_bring_goes_by_sms(post, as_nobody, as_patient, outpatient):
    await outpatient.worker.run_once()
    await as_nobody.post("/patient-auth/send-otp", {"phone": as_patient.phone})
    await outpatient.worker.run_once()
    (row,) = await rows_of(outpatient, recipient=as_patient.phone)
    assert (row.channel, row.status, row.notification_type) == ("WHATSAPP", "SENT", "OTP")
    assert await gallabox(post, {"event": "Message.WA.status.failed", "data": {"id": row.provider_id}}) == 204
    for _ in range(2):
        await outpatient.worker.run_once()
    chat, text = texts_to(outpatient, as_patient.phone)
    assert (chat["channel"], text["channel"]) == ("whatsapp", "sms")
    assert chat["body"] == text["body"]


async def test_what_arrived_by_no_channel_ends_there(sent, post, as_patient, outpatient, clock):
    mail = {"type": "email.bounced", "data": {"email_id": sent["EMAIL"].provider_id, "bounce": {"type": "Permanent"}}}
    assert await resend(post, clock, mail) == 204
    await outpatient.worker.run_once()
    rows = await rows_of(outpatient, appointment_id=sent["EMAIL"].appointment_id)
    assert [row.status for row in rows] == ["SENT", "SENT", "FAILED"]
    assert rows[-1].last_error == "Not delivered (bounced (Permanent))"


async def test_staff_can_send_again_what_a_carrier_lost(sent, post, as_manager, outpatient, clock):
    await resend(post, clock, {"type": "email.bounced", "data": {"email_id": sent["EMAIL"].provider_id}})
    answer = await as_manager.post(f"/notifications/{sent['EMAIL'].id}/retry")
    assert answer.status_code == 409  # another channel is being tried already
