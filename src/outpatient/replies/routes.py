"""What carriers bring us (seed 004's webhook), and the log of it."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from fastapi import APIRouter, Request, Response

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.adapters.messages.twilio_signature import HEADER, SETTINGS_HEADER, is_genuine
from outpatient.core.errors import BadRequest, Invalid, TooLarge
from outpatient.core.phones import to_e164
from outpatient.core.terms import Channel
from outpatient.http.dependencies import App, Paged, Public, Reading, allow
from outpatient.http.schema import Envelope, answer
from outpatient.notifications.routes.callbacks import UNSIGNED
from outpatient.replies import queries
from outpatient.replies.actions import Incoming, receive_message
from outpatient.replies.errors import BadSignature
from outpatient.replies.schemas import InboundOut
from outpatient.settings import Settings

router = APIRouter()

MAX_FORM = 64 * 1024  # bytes; Twilio's forms have about one thousand
MAX_FIELDS = 200
WHATSAPP = "whatsapp:"
ANSWERS = {
    200: {"content": {"text/xml": {"schema": {"type": "string"}}}, "description": "What he is answered, in TwiML"},
    **UNSIGNED,
}
EXAMPLE = {"MessageSid": f"SM{12:032x}", "From": "+919876543210", "To": "+14155550100", "Body": "CONFIRM 12"}
SHOWN = {
    "parameters": [{"name": HEADER, "in": "header", "required": True, "schema": {"type": "string"}}],
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": list(EXAMPLE),
                    "properties": {name: {"type": "string"} for name in EXAMPLE},
                    "examples": [EXAMPLE],
                }
            }
        },
    },
}


class TwiML(Response):
    """Twilio's language: here, one message in answer."""

    media_type = "text/xml"

    @classmethod
    def saying(cls, text: str) -> "TwiML":
        words = f"<Message>{escape(text)}</Message>" if text else ""
        return cls(f'<?xml version="1.0" encoding="UTF-8"?><Response>{words}</Response>')


@router.post(
    "/twilio/webhook",
    tags=["Carriers"],
    dependencies=[Public],
    response_class=Response,
    responses=ANSWERS,
    openapi_extra=SHOWN,
)
async def receive_twilio_message(request: Request, app: App) -> Response:
    """An SMS to our number: `CONFIRM <id>`, `CANCEL <id>`, `STOP`, `START` or `HELP`, answered in TwiML.

    403 unless Twilio signed it. The same MessageSid again is answered with the same words and does nothing.
    """
    body = await _read(request)
    form = _parse(body)
    if not _is_signed(request, app.settings, form):
        raise BadSignature
    incoming = _incoming(dict(form), app.settings.default_region)
    async with app.database.transaction() as tx:
        words = await receive_message(tx, incoming=incoming)
    return TwiML.saying(words)


@router.get("/notifications/inbound", tags=["Notifications"])
async def list_inbound_messages(
    actor: Annotated[Actor, allow(P.NOTIFICATIONS_LIST)], tx: Reading, page: Paged
) -> Envelope[list[InboundOut]]:
    """What people answered to the hospital's messages, the newest first."""
    rows, total = await queries.list_inbound(tx, actor, page)
    return answer([InboundOut.model_validate(row) for row in rows], meta=page.meta(total))


async def _read(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM:
            raise TooLarge
    return body


def _parse(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise BadRequest("The form cannot be read") from None


def _is_signed(request: Request, settings: Settings, form: list[tuple[str, str]]) -> bool:
    """Signed over the address that people reach us at, whatever a proxy made of it on the way."""
    query = request.scope["query_string"].decode("latin-1")
    url = settings.base_url + request.scope["path"] + (f"?{query}" if query else "")
    headers = request.headers
    return is_genuine(settings.sms_secret, url, form, headers.get(HEADER), settings=headers.get(SETTINGS_HEADER))


def _incoming(form: Mapping[str, str], region: str) -> Incoming:
    sid, sender, recipient = (form.get(name, "").strip() for name in ("MessageSid", "From", "To"))
    if not sid or len(sid) > 64 or "\0" in sid:
        raise Invalid.field("MessageSid", "This field is required")
    is_chat = sender.startswith(WHATSAPP)
    return Incoming(
        provider_id=sid,
        channel=Channel.WHATSAPP if is_chat else Channel.SMS,
        sender=_phone(sender.removeprefix(WHATSAPP), region),
        recipient=_phone(recipient.removeprefix(WHATSAPP), region),
        body=form.get("Body", "").replace("\0", "")[:1600],
    )


def _phone(text: str, region: str) -> str:
    """In E.164 if it is a phone; short codes and sender's names stay as they are."""
    try:
        return to_e164(text, region)
    except ValueError:
        return text.replace("\0", "")[:32]
