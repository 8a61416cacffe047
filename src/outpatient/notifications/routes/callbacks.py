"""What carriers report of messages that they took. Their signature lets them in; unknown messages change nothing."""

import hmac
import json
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from outpatient.adapters.email import resend, resend_signature
from outpatient.adapters.messages import gallabox, twilio, twilio_signature
from outpatient.adapters.messages.port import StatusReport
from outpatient.core.errors import BadRequest, Forbidden, NotFound
from outpatient.core.terms import Channel
from outpatient.http.dependencies import App, Parts, Public
from outpatient.http.schema import ErrorEnvelope
from outpatient.notifications import actions

router = APIRouter(tags=["Carriers"], dependencies=[Public])

NOTED = 204
UNSIGNED: dict[int | str, dict[str, Any]] = {403: {"model": ErrorEnvelope, "description": "Not signed by the carrier"}}


@router.post("/twilio/status", status_code=NOTED, responses=UNSIGNED)
async def take_twilio_status(request: Request, app: App) -> Response:
    """What became of an SMS (`X-Twilio-Signature` over our public address and the form)."""
    form = parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True)
    query = request.url.query
    is_genuine = twilio_signature.is_genuine(
        app.settings.twilio_auth_token,
        f"{app.settings.base_url}{request.scope['path']}{f'?{query}' if query else ''}",
        form,
        request.headers.get(twilio_signature.HEADER),
        settings=request.headers.get(twilio_signature.SETTINGS_HEADER),
    )
    if not is_genuine:
        raise Forbidden("The signature is not Twilio's")
    return await _take(app, Channel.SMS, twilio.status_report(dict(form)))


@router.post("/gallabox/webhook/{token}", status_code=NOTED)
async def take_gallabox_status(token: str, request: Request, app: App) -> Response:
    """What became of a WhatsApp message (the last part of the path is the secret)."""
    secret = app.settings.gallabox_webhook_token
    if not secret or not hmac.compare_digest(secret.encode(), token.encode()):
        raise NotFound
    return await _take(app, Channel.WHATSAPP, gallabox.status_report(_json_of(await request.body())))


@router.post("/resend/webhook", status_code=NOTED, responses=UNSIGNED)
async def take_resend_status(request: Request, app: App) -> Response:
    """What became of an e-mail (signed as Svix does)."""
    body, headers = await request.body(), request.headers
    is_genuine = resend_signature.is_genuine(
        app.settings.resend_webhook_secret,
        call_id=headers.get(resend_signature.ID_HEADER),
        timestamp=headers.get(resend_signature.TIME_HEADER),
        signature=headers.get(resend_signature.HEADER),
        body=body,
        now=app.database.clock.now(),
    )
    if not is_genuine:
        raise Forbidden("The signature is not Resend's")
    return await _take(app, Channel.EMAIL, resend.status_report(_json_of(body)))


def _json_of(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest("The body must be JSON") from None


async def _take(app: Parts, channel: Channel, report: StatusReport | None) -> Response:
    if report is not None and "\x00" not in report.provider_id:
        async with app.database.transaction() as tx:
            await actions.take_report(tx, channel=channel, report=report)
    return Response(status_code=NOTED)
