"""Video visits by Google Meet: each is an event in a calendar, to which the Calendar API adds a conference."""

import base64
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx2

from outpatient.adapters.vendor import Vendor, VendorRefused
from outpatient.adapters.video.google_tokens import GoogleTokens, Grant
from outpatient.adapters.video.port import Meeting, MeetingGone
from outpatient.core.clock import Clock
from outpatient.core.errors import AdapterFailure
from outpatient.core.terms import VideoProvider

GONE = (404, 410)
NOT_JUST_NOW = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"})
"""Reasons of a 403 that time cures."""
WITH_CONFERENCE = {"conferenceDataVersion": "1", "sendUpdates": "none"}


class GoogleMeetVideo:
    """Meetings in one Google calendar. Their ids follow from key and secret, so whoever repeats meets his own event."""

    provider = VideoProvider.GOOGLE_MEET

    def __init__(
        self,
        *,
        grant: Grant,
        secret: str,
        calendar_id: str,
        base_url: str,
        token_url: str,
        clock: Clock,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._secret = secret
        self._events = f"/calendar/v3/calendars/{quote(calendar_id, safe='')}/events"
        self._vendor = Vendor("Google", base_url, transport=transport)
        self._tokens = GoogleTokens(self._vendor, token_url, grant, clock)

    async def create_meeting(self, *, key: str, summary: str, starts_at: datetime, ends_at: datetime) -> Meeting:
        """The event of this key, made if there is none.

        A conference that Google has not made yet is a failure for now: the next try finds it.
        """
        event_id = self._event_id(key)
        times = _times(starts_at, ends_at)
        body = {
            "id": event_id,
            "summary": summary,
            **times,
            "visibility": "private",
            **_conference(f"{event_id}-1"),
        }
        try:
            event = await self._call("POST", self._events, json=body, params=WITH_CONFERENCE)
        except VendorRefused as refused:
            if refused.status != 409:
                raise
            event = await self._again(event_id, times)
        return Meeting(_address(event), event_id)

    async def _again(self, event_id: str, times: dict[str, Any]) -> Mapping[str, Any]:
        """The event that we made before; one that was ended, or got no conference, is renewed."""
        path = self._path(event_id)
        event = await self._call("GET", path)
        if event.get("status") != "cancelled" and _conference_state(event) != "failure":
            return event
        changes = {"status": "confirmed", **times, **_conference(secrets.token_hex(16))}
        return await self._call("PATCH", path, json=changes, params=WITH_CONFERENCE)

    async def move_meeting(self, event_id: str, *, starts_at: datetime, ends_at: datetime) -> None:
        try:
            event = await self._call("PATCH", self._path(event_id), json=_times(starts_at, ends_at))
        except VendorRefused as refused:
            if refused.status in GONE:
                raise MeetingGone from refused
            raise
        if event.get("status") == "cancelled":
            raise MeetingGone

    async def delete_meeting(self, event_id: str) -> None:
        try:
            await self._call("DELETE", self._path(event_id), params={"sendUpdates": "none"})
        except VendorRefused as refused:
            if refused.status not in GONE:
                raise

    async def close(self) -> None:
        await self._vendor.close()

    def _event_id(self, key: str) -> str:
        """Google takes the letters of base32hex in lower case: 0 to 9 and a to v."""
        digest = hmac.new(self._secret.encode(), f"calendar event:{key}".encode(), "sha256").digest()
        return base64.b32hexencode(digest[:20]).decode().lower()

    def _path(self, event_id: str) -> str:
        return f"{self._events}/{quote(event_id, safe='')}"

    async def _call(self, method: str, path: str, **given: Any) -> Mapping[str, Any]:
        """One call with our token; a token that is refused is renewed, once."""
        token = await self._tokens.get()
        try:
            answer = await self._call_as(token, method, path, **given)
        except VendorRefused as refused:
            if refused.status != 401:
                raise
            self._tokens.forget(token)
            answer = await self._call_as(await self._tokens.get(), method, path, **given)
        if not isinstance(answer, Mapping):
            raise AdapterFailure("Google answered with what is no event")
        return answer

    async def _call_as(self, token: str, method: str, path: str, **given: Any) -> Any:
        try:
            return await self._vendor.call(method, path, headers={"Authorization": f"Bearer {token}"}, **given)
        except VendorRefused as refused:
            if refused.status == 403 and _reasons(refused.body) & NOT_JUST_NOW:
                raise AdapterFailure("Google takes no more calls just now") from refused
            raise


def _times(starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    return {"start": {"dateTime": _text(starts_at)}, "end": {"dateTime": _text(ends_at)}}


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _conference(request_id: str) -> dict[str, Any]:
    return {
        "conferenceData": {
            "createRequest": {"requestId": request_id, "conferenceSolutionKey": {"type": "hangoutsMeet"}}
        }
    }


def _conference_state(event: Mapping[str, Any]) -> str:
    """`pending`, `success`, `failure`, or nothing."""
    place: Any = event
    for name in ("conferenceData", "createRequest", "status", "statusCode"):
        place = place.get(name) if isinstance(place, Mapping) else None
    return place if isinstance(place, str) else ""


def _address(event: Mapping[str, Any]) -> str:
    """Where to join (AdapterFailure: nowhere yet, or nowhere at all)."""
    state = _conference_state(event)
    if state == "pending":
        raise AdapterFailure("Google is still making the conference")
    if state == "failure":
        raise AdapterFailure("Google could not make a conference")
    conference = event.get("conferenceData")
    entries = conference.get("entryPoints") if isinstance(conference, Mapping) else None
    ways = [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
    video = (entry.get("uri") for entry in ways if entry.get("entryPointType") == "video")
    for url in (event.get("hangoutLink"), *video):
        if isinstance(url, str) and url.startswith("https://") and len(url) <= 500:
            return url
    raise AdapterFailure("Google answered an event without a place to meet")


def _reasons(body: Mapping[str, Any]) -> set[str]:
    """Why a call was refused, in Google's words."""
    error = body.get("error")
    listed = error.get("errors") if isinstance(error, Mapping) else None
    return {str(one.get("reason")) for one in listed if isinstance(one, Mapping)} if isinstance(listed, list) else set()
