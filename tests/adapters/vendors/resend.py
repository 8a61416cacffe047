"""Resend's send endpoint, from the vendor's reference (resend.com/docs: send-email, errors, idempotency-keys): JSON in,
`{id}` out; a key within a day answers the same id, with another e-mail `invalid_idempotent_request`.
"""

import base64
import json
import uuid
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.adapters.vendors.wire import Wire

KEY = "re_key_that_nobody_may_see"


class Resend:
    """One account, which composes the e-mails as Resend does."""

    def __init__(self) -> None:
        self.by_key: dict[str, tuple[dict[str, Any], str]] = {}
        self.wishes: list[dict[str, Any]] = []
        self.wire = Wire(Starlette(routes=[Route("/emails", self._sent, methods=["POST"])]))

    async def _sent(self, request: Request) -> JSONResponse:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _refuse(401, "validation_error", "API key is invalid")
        wish, key = json.loads(await request.body()), request.headers.get("Idempotency-Key", "")
        if not 1 <= len(key) <= 256:
            return _refuse(400, "invalid_idempotency_key", "must have between 1 and 256 characters")
        if key not in self.by_key:
            self.by_key[key] = (wish, str(uuid.uuid4()))
            self.wishes.append(wish)
        known, email_id = self.by_key[key]
        if known != wish:
            return _refuse(409, "invalid_idempotent_request", "Same idempotency key used with a different payload")
        return JSONResponse({"id": email_id})

    def arrived(self) -> list[bytes]:
        return [_composed(wish).as_bytes() for wish in self.wishes]


def _refuse(status: int, name: str, message: str) -> JSONResponse:
    return JSONResponse({"statusCode": status, "name": name, "message": message}, status)


def _composed(wish: dict[str, Any]) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = wish["from"], wish["subject"]
    message["To"] = [Address(addr_spec=one) for one in wish["to"]]
    message.set_content(wish["text"])
    if "html" in wish:
        message.add_alternative(wish["html"], subtype="html")
    for file in wish.get("attachments", []):
        main, _, sub = file["content_type"].partition("/")
        content = base64.b64decode(file["content"], validate=True)
        message.add_attachment(content, maintype=main, subtype=sub, filename=file["filename"])
    return message
