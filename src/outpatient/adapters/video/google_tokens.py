"""Google's access tokens, had for a refresh token or for a service account's signature (RFC 6749, RFC 7523)."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import jwt

from outpatient.adapters.vendor import Vendor, VendorRefused
from outpatient.core.clock import Clock
from outpatient.core.errors import AdapterFailure

SCOPE = "https://www.googleapis.com/auth/calendar.events"
BY_ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_LASTS = timedelta(hours=1)  # the longest that Google takes
RENEWED_BEFORE = timedelta(minutes=2)  # so that no token ends on its way


class Grant(Protocol):
    """By what right we ask; `settings` names the variables to look at when Google refuses it."""

    @property
    def settings(self) -> str: ...

    def form(self, now: datetime, audience: str) -> dict[str, str]:
        """What is posted to the token endpoint."""
        ...


@dataclass(frozen=True, slots=True)
class RefreshGrant:
    """A person let us write into his calendar, once, and we keep what he gave us for it."""

    client_id: str
    client_secret: str
    refresh_token: str
    settings = "GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET and GOOGLE_REFRESH_TOKEN"

    def form(self, now: datetime, audience: str) -> dict[str, str]:
        return {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
        }


@dataclass(frozen=True, slots=True)
class ServiceGrant:
    """A service account's key; `acts_for` is the person whose calendar it writes into (domain-wide delegation)."""

    email: str
    key_id: str
    private_key: str
    acts_for: str = ""
    settings = "GOOGLE_SERVICE_ACCOUNT_FILE and GOOGLE_ACTS_FOR"

    @classmethod
    def read(cls, file: str, acts_for: str) -> "ServiceGrant":
        """The key in the file that Google hands out (ValueError: it is no such file)."""
        try:
            held = json.loads(Path(file).read_text("utf-8"))
            grant = cls(held["client_email"], held["private_key_id"], held["private_key"], acts_for)
            grant._sign({})  # a key that cannot sign is found out now and not at the first visit
        except (OSError, ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError) as broken:
            raise ValueError("GOOGLE_SERVICE_ACCOUNT_FILE is no readable key of a service account.") from broken
        return grant

    def form(self, now: datetime, audience: str) -> dict[str, str]:
        claims = {"iss": self.email, "scope": SCOPE, "aud": audience, "iat": now, "exp": now + ASSERTION_LASTS}
        if self.acts_for:
            claims["sub"] = self.acts_for
        return {"grant_type": BY_ASSERTION, "assertion": self._sign(claims)}

    def _sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.private_key, "RS256", headers={"kid": self.key_id})


class GoogleTokens:
    """The access token that is good now: had once, kept until shortly before its end, renewed by one at a time."""

    def __init__(self, vendor: Vendor, token_url: str, grant: Grant, clock: Clock) -> None:
        self._vendor, self._url, self._grant, self._clock = vendor, token_url, grant, clock
        self._token, self._good_until = "", clock.now()
        self._renewing = asyncio.Lock()

    async def get(self) -> str:
        """Raises AdapterFailure, a permanent one that names the settings when Google refuses the grant."""
        async with self._renewing:
            now = self._clock.now()
            if not self._token or now >= self._good_until:
                answer = await self._ask(now)
                self._token, lasts = answer
                self._good_until = now + lasts - RENEWED_BEFORE
            return self._token

    def forget(self, token: str) -> None:
        """This one was refused; by now somebody else may have got a better one."""
        if token == self._token:
            self._token = ""

    async def _ask(self, now: datetime) -> tuple[str, timedelta]:
        try:
            answer = await self._vendor.call("POST", self._url, data=self._grant.form(now, self._url))
        except VendorRefused as refused:
            if not refused.permanent:
                raise
            why = refused.body.get("error")
            raise AdapterFailure(
                f"Google gives no access ({why if isinstance(why, str) else refused.status}): "
                f"check {self._grant.settings}",
                permanent=True,
            ) from refused
        token, lasts = (answer.get("access_token"), answer.get("expires_in")) if isinstance(answer, Mapping) else (0, 0)
        if not isinstance(token, str) or not token or not isinstance(lasts, int | float) or not 0 < lasts < 1e6:
            raise AdapterFailure("Google answered without an access token")
        return token, timedelta(seconds=lasts)
