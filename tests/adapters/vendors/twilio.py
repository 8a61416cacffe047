"""Twilio's Messages resource, from the vendor's reference (twilio.com/docs/messaging/api/message-resource) and its
list of error codes (twilio.com/docs/api/errors): form in, JSON out, the latest message first, dates as RFC 2822.
"""

import base64
import itertools
import re
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.adapters.vendors.wire import Wire

SID, TOKEN, NUMBER = "AC" + "5" * 32, "twilio-token-that-nobody-may-see", "+14155550100"


class Twilio:
    """One account; `now` is its clock and `unsubscribed` the numbers that answered STOP."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.messages: list[dict[str, Any]] = []
        self.forms: list[dict[str, str]] = []
        self.unsubscribed: set[str] = set()
        self.queue_is_full = False
        self._numbers = itertools.count(1)
        path = f"/2010-04-01/Accounts/{SID}/Messages.json"
        self.wire = Wire(Starlette(routes=[Route(path, self._made, methods=["POST"]), Route(path, self._listed)]))

    async def _made(self, request: Request) -> JSONResponse:
        form = {name: str(value) for name, value in (await request.form()).items()}
        if (refusal := _login(request) or self._objection(form)) is not None:
            return refusal
        self.forms.append(form)
        message = {
            "sid": f"SM{next(self._numbers):032x}",
            "account_sid": SID,
            "to": form["To"],
            "from": form["From"],
            "body": form["Body"],
            "status": "queued",
            "direction": "outbound-api",
            "date_created": format_datetime(self.now),
            "date_sent": None,
            "error_code": None,
        }
        self.messages.append(message)
        return JSONResponse(message, 201)

    async def _listed(self, request: Request) -> JSONResponse:
        if (refusal := _login(request)) is not None:
            return refusal
        wish = request.query_params
        found = [one for one in reversed(self.messages) if one["to"] == wish["To"] and one["from"] == wish["From"]]
        return JSONResponse({"messages": found[: int(wish["PageSize"])], "page": 0, "next_page_uri": None})

    def _objection(self, form: dict[str, str]) -> JSONResponse | None:
        if form.get("From") != NUMBER:
            return _refuse(400, 21606, "The 'From' phone number provided is not a valid message-capable number")
        if not re.fullmatch(r"\+[1-9]\d{7,14}", form.get("To", "")):
            return _refuse(400, 21211, f"Invalid 'To' Phone Number: {form.get('To')}")
        if not form.get("Body"):
            return _refuse(400, 21602, "Message body is required")
        if form["To"] in self.unsubscribed:
            return _refuse(400, 21610, "Attempt to send to unsubscribed recipient")
        if self.queue_is_full:
            return _refuse(400, 21611, "This 'From' number has exceeded the maximum number of queued messages")
        return None


def _login(request: Request) -> JSONResponse | None:
    expected = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
    return None if request.headers.get("Authorization") == expected else _refuse(401, 20003, "Authenticate")


def _refuse(status: int, code: int, message: str) -> JSONResponse:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": message, "more_info": more, "status": status}, status)
