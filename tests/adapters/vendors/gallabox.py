"""Gallabox's message endpoint, from the vendor's API pages (docs.gallabox.com, developer resources) and the calls that
public programs make to it: JSON in, `{id, status, message}` out, the login in two headers.
"""

import itertools
import re
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.adapters.vendors.wire import Wire

KEY, SECRET, CHANNEL = "gallabox-key", "gallabox-secret-that-nobody-may-see", "628ce0487721240004000001"
TEMPLATES = {"appointment_confirmation": ("name", "clinician", "when")}
"""The templates that WhatsApp approved, and their gaps."""


class Gallabox:
    """One account with one channel."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)
        self.wire = Wire(Starlette(routes=[Route("/devapi/messages/whatsapp", self._made, methods=["POST"])]))

    async def _made(self, request: Request) -> JSONResponse:
        if (request.headers.get("apiKey"), request.headers.get("apiSecret")) != (KEY, SECRET):
            return JSONResponse({"message": "Unauthorized"}, 401)
        wish = await request.json()
        if (why := _objection(wish)) is not None:
            return JSONResponse({"status": "FAILED", "message": why}, 400)
        message_id = f"66f0{next(self._numbers):020x}"
        self.messages.append({"id": message_id, **wish})
        return JSONResponse({"id": message_id, "status": "ACCEPTED", "message": "WhatsApp message accepted"}, 202)


def _objection(wish: dict[str, Any]) -> str | None:
    content = wish["whatsapp"]
    if (wish["channelId"], wish["channelType"]) != (CHANNEL, "whatsapp"):
        return "Channel not found"
    if not re.fullmatch(r"[1-9]\d{7,14}", wish["recipient"]["phone"]) or not wish["recipient"]["name"]:
        return f"Invalid recipient {wish['recipient']}"
    if content["type"] == "text":
        return None if content["text"]["body"] else "Empty text"
    template = content["template"]
    gaps = TEMPLATES.get(template["templateName"])
    return None if gaps is not None and set(template["bodyValues"]) == set(gaps) else "Template not found or not filled"
