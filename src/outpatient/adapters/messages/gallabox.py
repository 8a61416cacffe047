"""WhatsApp by Gallabox: its message endpoint, and what its webhook says of a message's fate."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import httpx2
import structlog

from outpatient.adapters.messages.port import MessageStatus, StatusReport, TextMessage
from outpatient.adapters.vendor import Vendor
from outpatient.core.errors import AdapterFailure

log = structlog.get_logger()

NAME = "Gallabox"
STATUSES: Mapping[str, MessageStatus] = {
    "sent": "SENT",
    "delivered": "DELIVERED",
    "read": "READ",
    "failed": "FAILED",
    "undelivered": "FAILED",
    "rejected": "FAILED",
}


class GallaboxMessages:
    """Sends WhatsApp messages from one channel.

    Gallabox takes no idempotency key and documents no list of messages by phone, so a doubtful message is sent again:
    once per doubtful try a person may get the same text twice, which a line in the log counts.
    """

    def __init__(
        self,
        *,
        api_key: str,
        api_secret: str,
        channel_id: str,
        base_url: str,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        login = {"apiKey": api_key, "apiSecret": api_secret}
        self._vendor = Vendor(NAME, base_url, transport=transport, headers=login)
        self._channel_id = channel_id

    async def send(self, *, message: TextMessage, at: datetime, doubtful_since: datetime | None = None) -> str:
        """Sends the template, if the message has one, else the plain text, which arrives only in a conversation."""
        if doubtful_since is not None:
            log.warning("whatsapp_message_perhaps_twice", doubtful_seconds=(at - doubtful_since).total_seconds())
        digits = message.to.removeprefix("+")
        wish = {
            "channelId": self._channel_id,
            "channelType": "whatsapp",
            "recipient": {"name": message.values.get("name", digits), "phone": digits},
            "whatsapp": _content(message),
        }
        answer = await self._vendor.call("POST", "/devapi/messages/whatsapp", json=wish)
        message_id = answer.get("id") if isinstance(answer, Mapping) else None
        if not isinstance(message_id, str) or not message_id:
            raise AdapterFailure(f"{NAME} answered without the message's id")
        return message_id

    async def close(self) -> None:
        await self._vendor.close()


def _content(message: TextMessage) -> dict[str, Any]:
    if message.template is None:
        return {"type": "text", "text": {"body": message.body}}
    name = message.template.lower()  # WhatsApp knows template names in small letters only
    return {"type": "template", "template": {"templateName": name, "bodyValues": dict(message.values)}}


def status_report(payload: Any) -> StatusReport | None:
    """What a webhook says of a message's fate, if it does.

    Gallabox publishes the names of its events (`Message.WA.status.received`, `Message.WA.status.failed`) but not what
    is in them, and accounts get them in several forms: the innermost place that names an id or a status counts.
    """
    places = list(_inside(payload))
    event = _first(places[-1:], "event", "eventName", "type").lower()
    if event and "status" not in event:
        return None
    word = _first(places, "status", "deliveryStatus").lower()
    status = "FAILED" if event.endswith("failed") else STATUSES.get(word)
    message_id = _first(places, "messageId") or _first(places, "id")
    if status is None or not message_id:
        return None
    return StatusReport(message_id, status, (_error_code(places) or None) if status == "FAILED" else None)


def _inside(payload: Any) -> Iterator[Mapping[str, Any]]:
    """The objects in which a message may be described, from the innermost to the whole."""
    if isinstance(payload, Mapping):
        for name in ("data", "payload", "message", "whatsapp"):
            yield from _inside(payload.get(name))
        yield payload


def _first(places: list[Mapping[str, Any]], *names: str) -> str:
    found = (place.get(name) for place in places for name in names)
    return next((text for text in found if isinstance(text, str) and text), "")


def _error_code(places: list[Mapping[str, Any]]) -> str:
    """The number of WhatsApp's first error; its title may quote the recipient."""
    for place in places:
        errors = place.get("errors")
        if isinstance(errors, list) and errors and isinstance(errors[0], Mapping):
            code = errors[0].get("code")
            return str(code) if isinstance(code, (int, str)) else ""
    return ""
