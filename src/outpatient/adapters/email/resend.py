"""E-mail by Resend: its send endpoint, and what its webhook says of an e-mail's fate."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx2

from outpatient.adapters.email import rfc5322
from outpatient.adapters.email.port import Email
from outpatient.adapters.messages.port import MessageStatus, StatusReport
from outpatient.adapters.vendor import Vendor, VendorRefused
from outpatient.core.errors import AdapterFailure

NAME = "Resend"
SENT_OTHERWISE = "invalid_idempotent_request"
"""Resend's word for a key that came with another e-mail before: that one is on its way, this one never will be."""

STATUSES: Mapping[str, MessageStatus] = {
    "email.sent": "SENT",
    "email.delivered": "DELIVERED",
    "email.opened": "READ",
    "email.bounced": "FAILED",
    "email.complained": "FAILED",  # it did arrive, and its reader wants no other
    "email.failed": "FAILED",
    "email.suppressed": "FAILED",
}


class ResendEmails:
    """Sends e-mails from one address. Resend keeps our key for a day: a repeat in that time sends nothing."""

    def __init__(
        self, *, api_key: str, sender: str, base_url: str, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        login = {"Authorization": f"Bearer {api_key}"}
        self._vendor = Vendor(NAME, base_url, transport=transport, headers=login)
        self._sender = sender

    async def send(self, *, email: Email, at: datetime, doubtful_since: datetime | None = None) -> str:
        """Sends the e-mail once per key; answers Resend's id."""
        rfc5322.refuse_impossible(email, self._sender)
        key = {"Idempotency-Key": rfc5322.digest_of(email)}
        try:
            answer = await self._vendor.call("POST", "/emails", json=self._wish(email), headers=key)
        except VendorRefused as refused:
            if refused.body.get("name") == SENT_OTHERWISE:
                raise AdapterFailure(f"{NAME} has another e-mail by this key", permanent=True) from refused
            raise
        email_id = answer.get("id") if isinstance(answer, Mapping) else None
        if not isinstance(email_id, str) or not email_id:
            raise AdapterFailure(f"{NAME} answered without the e-mail's id")
        return email_id

    def _wish(self, email: Email) -> dict[str, Any]:
        wish: dict[str, Any] = {
            "from": self._sender,
            "to": [email.to],
            "subject": email.subject,
            "text": email.text,
        }
        if email.html is not None:
            wish["html"] = email.html
        if email.attachments:
            wish["attachments"] = [
                {"filename": it.name, "content_type": it.media_type, "content": base64.b64encode(it.content).decode()}
                for it in email.attachments
            ]
        return wish

    async def close(self) -> None:
        await self._vendor.close()


def status_report(payload: Any) -> StatusReport | None:
    """What a webhook says of an e-mail's fate, if it does; a failure names its kind and, for a bounce, its nature."""
    kind, data = (payload.get("type"), payload.get("data")) if isinstance(payload, Mapping) else (None, None)
    status = STATUSES.get(kind) if isinstance(kind, str) else None
    email_id = data.get("email_id") if isinstance(data, Mapping) else None
    if status is None or not isinstance(email_id, str) or not email_id:
        return None
    return StatusReport(email_id, status, _error(str(kind), data) if status == "FAILED" else None)


def _error(kind: str, data: Any) -> str:
    word, bounce = kind.removeprefix("email."), data.get("bounce")
    nature = bounce.get("type") if isinstance(bounce, Mapping) else None
    return f"{word} ({nature})" if isinstance(nature, str) and nature.isalpha() else word
