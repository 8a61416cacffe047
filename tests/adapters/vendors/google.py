"""Google as far as video visits need it: the token endpoint and the events of one calendar, in their wire format."""

import asyncio
import itertools
import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx2
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

TOKEN_URL = "https://oauth2.google.test/token"
API_URL = "https://api.google.test"
CALENDAR = "clinic@example.com"
ACCOUNT = "outpatient@project.iam.gserviceaccount.example"
LOGIN = {"client_id": "client", "client_secret": "client-secret", "refresh_token": "refresh"}
EVENTS = f"/calendar/v3/calendars/{CALENDAR}/events"

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()


def key_file() -> dict[str, str]:
    """What Google hands out for a service account."""
    return {"type": "service_account", "client_email": ACCOUNT, "private_key_id": "key-1", "private_key": PEM}


class FakeGoogle:
    """Checks what it is asked as Google does, and can be made to misbehave by the attributes below."""

    def __init__(self) -> None:
        self.events: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, str]] = []  # method and path, tokens as ("POST", "/token")
        self.bodies: list[Any] = []
        self.claims: list[dict[str, Any]] = []
        self.good: set[str] = set()  # access tokens that are good now
        self.is_down = self.is_silent = self.is_unreachable = False
        self.answers: list[tuple[int, Any]] = []  # given in this order instead of its own, one for each call
        self.refuses_grants = ""  # the error with which the token endpoint refuses
        self.token_answer: Any = None
        self.conference = "success"  # what becomes of conferences: success, pending, failure
        self.with_hangout_link = True
        self.dies_after = ""  # the method after which the caller hears nothing any more, once
        self.lasts = 3599
        self.now: datetime | None = None  # whose clock the assertion is held against
        self._numbers = itertools.count(1)

    def transport(self) -> httpx2.ASGITransport:
        return httpx2.ASGITransport(app=self)

    def asked(self, method: str) -> int:
        """How many calls of this method the calendar got."""
        return sum(1 for verb, path in self.calls if verb == method and path != "/token")

    @property
    def tokens_given(self) -> int:
        return self.calls.count(("POST", "/token"))

    @property
    def standing(self) -> list[dict[str, Any]]:
        """The events that are in the calendar."""
        return [event for event in self.events.values() if event["status"] != "cancelled"]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        path = unquote(scope["raw_path"].decode().partition("?")[0])
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        self.calls.append((scope["method"], path))
        if self.is_unreachable:
            raise httpx2.ConnectError("no route")
        if self.is_silent:
            await asyncio.Event().wait()
        if self.is_down:
            return await _say(send, 503, {"error": {"code": 503}})
        if self.answers:
            return await _say(send, *self.answers.pop(0))
        if path == "/token":
            return await _say(send, *self._token(parse_qs(body.decode()), headers))
        status, answer = self._calendar(scope["method"], path, headers, query, json.loads(body) if body else {})
        if self.dies_after == scope["method"]:
            self.dies_after = ""
            raise httpx2.ReadTimeout("silence")
        await asyncio.sleep(0)
        return await _say(send, status, answer)

    def _token(self, form: dict[str, list[str]], headers: dict[str, str]) -> tuple[int, Any]:
        assert headers["content-type"] == "application/x-www-form-urlencoded"
        given = {name: values[0] for name, values in form.items()}
        if self.refuses_grants:
            return 400, {"error": self.refuses_grants, "error_description": "Token has been expired or revoked."}
        if self.token_answer is not None:
            return 200, self.token_answer
        if given.pop("grant_type") == "refresh_token":
            if given != LOGIN:
                return 400, {"error": "invalid_grant"}
        elif not self._believes(given["assertion"]):
            return 400, {"error": "invalid_grant"}
        token = f"ya29.{next(self._numbers)}"
        self.good.add(token)
        return 200, {"access_token": token, "expires_in": self.lasts, "token_type": "Bearer"}

    def _believes(self, assertion: str) -> bool:
        assert jwt.get_unverified_header(assertion) == {"alg": "RS256", "typ": "JWT", "kid": "key-1"}
        try:
            claims = jwt.decode(
                assertion,
                KEY.public_key(),
                ["RS256"],
                audience=TOKEN_URL,
                issuer=ACCOUNT,
                options={"verify_exp": False, "verify_iat": False},
            )
        except jwt.PyJWTError:
            return False
        self.claims.append(claims)
        assert claims["scope"] == "https://www.googleapis.com/auth/calendar.events"
        assert 0 < claims["exp"] - claims["iat"] <= 3600
        return self.now is None or claims["iat"] <= self.now.timestamp() < claims["exp"]

    def _calendar(
        self, method: str, path: str, headers: dict[str, str], query: dict[str, str], body: Any
    ) -> tuple[int, Any]:
        if headers.get("authorization", "").removeprefix("Bearer ") not in self.good:
            return 401, {"error": {"code": 401, "errors": [{"reason": "authError"}]}}
        self.bodies.append(body)
        if not path.startswith(EVENTS):
            return 404, {"error": {"code": 404}}
        event_id = path.removeprefix(EVENTS).removeprefix("/")
        if method == "POST":
            return self._insert(query, body)
        event = self.events.get(event_id)
        if event is None:
            return 404, {"error": {"code": 404}}
        if method == "PATCH":
            event.update({key: value for key, value in body.items() if key != "conferenceData"})
            self._confer(event, query, body)
        if method == "DELETE":
            if event["status"] == "cancelled":
                return 410, {"error": {"code": 410, "errors": [{"reason": "deleted"}]}}
            event["status"] = "cancelled"
            return 204, None
        return 200, event

    def _insert(self, query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        assert re.fullmatch(r"[0-9a-v]{5,1024}", body["id"])
        if body["id"] in self.events:
            return 409, {"error": {"code": 409, "errors": [{"reason": "duplicate"}]}}
        event = {key: value for key, value in body.items() if key != "conferenceData"} | {"status": "confirmed"}
        self.events[body["id"]] = event
        self._confer(event, query, body)
        return 200, event

    def _confer(self, event: dict[str, Any], query: dict[str, str], body: dict[str, Any]) -> None:
        wish = body.get("conferenceData", {}).get("createRequest")
        if wish is None or query.get("conferenceDataVersion") != "1":
            return
        assert wish["conferenceSolutionKey"] == {"type": "hangoutsMeet"}
        known = event.get("conferenceData", {}).get("createRequest", {})
        if wish["requestId"] == known.get("requestId"):
            return  # Google ignores the repeat of a request
        event.pop("hangoutLink", None)
        event["conferenceData"] = {"createRequest": {**wish, "status": {"statusCode": self.conference}}}
        if self.conference == "success":
            self.finish(event)

    def finish(self, event: dict[str, Any]) -> None:
        """The conference is made."""
        url = f"https://meet.google.com/abc-defg-{next(self._numbers):03}"
        event["conferenceData"]["createRequest"]["status"]["statusCode"] = "success"
        event["conferenceData"]["entryPoints"] = [
            {"entryPointType": "phone", "uri": "tel:+1-000"},
            {"entryPointType": "video", "uri": url},
        ]
        if self.with_hangout_link:
            event["hangoutLink"] = url


async def _say(send: Any, status: int, body: Any) -> None:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": content})
