"""What carriers and the gateway send, rightly signed; and other bodies that are no plain JSON."""

import json
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from PIL import Image

from outpatient.adapters.email import resend_signature
from outpatient.adapters.messages import twilio_signature
from outpatient.adapters.payments.signatures import sign_webhook
from outpatient.app import Outpatient
from tests.access.matrix.places import Place
from tests.payments.paying import payment_entity, report
from tests.replies.twilio import OUR_NUMBER, new_sid

TWILIO_TOKEN, GALLABOX_TOKEN = "twilio-token-of-these-tests", "gallabox-token-of-these-tests"
RESEND_SECRET = "whsec_cmVzZW5kLXNlY3JldC1vZi10aGVzZS10ZXN0cw=="
SECRETS = {
    "twilio_auth_token": TWILIO_TOKEN,
    "gallabox_webhook_token": GALLABOX_TOKEN,
    "resend_webhook_secret": RESEND_SECRET,
}


def _form(program: Outpatient, path: str, form: dict[str, str], secret: str) -> dict[str, Any]:
    signature = twilio_signature.sign(secret, program.settings.base_url + path, form)
    headers = {"Content-Type": "application/x-www-form-urlencoded", twilio_signature.HEADER: signature}
    return {"content": urlencode(form), "headers": headers}


async def twilio_message(program: Outpatient, place: Place, request: Any) -> dict[str, Any]:
    form = {"MessageSid": new_sid(), "From": place.patient.phone, "To": OUR_NUMBER, "Body": "CONFIRM 1"}
    return _form(program, request.url, form, program.settings.sms_secret)


async def twilio_status(program: Outpatient, place: Place, request: Any) -> dict[str, Any]:
    form = {"MessageSid": new_sid(), "MessageStatus": "delivered", "To": place.patient.phone}
    return _form(program, request.url, form, TWILIO_TOKEN)


async def resend(program: Outpatient, _place: Place, _request: Any) -> dict[str, Any]:
    content = json.dumps({"type": "email.delivered", "data": {"email_id": new_sid()}}).encode()
    call, at = new_sid(), str(int(program.database.clock.now().timestamp()))
    headers = {
        "svix-id": call,
        "svix-timestamp": at,
        "svix-signature": resend_signature.sign(RESEND_SECRET, call, at, content),
        "content-type": "application/json",
    }
    return {"content": content, "headers": headers}


async def razorpay(program: Outpatient, place: Place, _request: Any) -> dict[str, Any]:
    await place.value("ordered")
    content = report("payment.captured", payment=payment_entity(place.checkout["razorpayOrderId"]))
    signature = sign_webhook(program.settings.webhook_secret, content)
    return {"content": content, "headers": {"Content-Type": "application/json", "X-Razorpay-Signature": signature}}


async def own_photo(_program: Outpatient, _place: Place, _request: Any) -> dict[str, Any]:
    picture = BytesIO()
    Image.new("RGB", (64, 64), "teal").save(picture, "PNG")
    return {"files": {"file": ("me.png", picture.getvalue())}}


SENT = {
    "twilio_message": twilio_message,
    "twilio_status": twilio_status,
    "resend": resend,
    "razorpay": razorpay,
    "photo": own_photo,
}
"""What `calls.tsv` calls it → what is sent."""
