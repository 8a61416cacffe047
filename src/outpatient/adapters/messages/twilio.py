"""SMS by Twilio: its Messages resource, and what its status callbacks say."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from outpatient.adapters.messages.port import MessageStatus, StatusReport, TextMessage, Unsubscribed
from outpatient.adapters.vendor import Vendor, VendorRefused
from outpatient.core.errors import AdapterFailure

NAME = "Twilio"
STATUS_PATH = "/api/v1/twilio/status"
"""Where Twilio is asked to report what became of a message."""

UNSUBSCRIBED = 21610
QUEUE_FULL = 21611  # too many of our messages wait to go: the one refusal with 400 that time cures
LOOKED_THROUGH = 100
"""How many of the latest messages to a phone are looked through for one that may have gone out already."""
CLOCKS_DIFFER = timedelta(minutes=1)
"""How far Twilio's clock may be behind ours."""

STATUSES: Mapping[str, MessageStatus] = {
    "sent": "SENT",
    "delivered": "DELIVERED",
    "read": "READ",
    "failed": "FAILED",
    "undelivered": "FAILED",
    "canceled": "FAILED",
}
"""Twilio's words that say something new; `queued`, `sending` and the like do not."""


class TwilioMessages:
    """Sends SMS from one number; `public_url`, if there is one, is told to Twilio for its reports.

    Twilio takes no idempotency key, so a doubtful message is looked for among those that it has for the phone. They
    are chosen by our own comparison of times: Twilio's date filter goes by `date_sent`, which a queued one has not yet.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        sender: str,
        base_url: str,
        public_url: str = "",
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._vendor = Vendor(NAME, base_url, transport=transport, auth=httpx2.BasicAuth(account_sid, auth_token))
        self._messages = f"/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._sender = sender
        self._callback = {"StatusCallback": f"{public_url.rstrip('/')}{STATUS_PATH}"} if public_url else {}

    async def send(self, *, message: TextMessage, at: datetime, doubtful_since: datetime | None = None) -> str:
        """Sends the text, unless a doubtful earlier try did; answers the message's SID."""
        if doubtful_since is not None and (sid := await self._find(message, doubtful_since)):
            return sid
        form = {"From": self._sender, "To": message.to, "Body": message.body, **self._callback}
        return _sid(await self._call("POST", data=form))

    async def _find(self, message: TextMessage, since: datetime) -> str | None:
        """The SID of the text to this phone that was made no earlier than the doubtful try."""
        about = {"To": message.to, "From": self._sender, "PageSize": LOOKED_THROUGH}
        listed = await self._call("GET", params=about)
        try:
            for known in listed["messages"]:
                made_at = parsedate_to_datetime(known["date_created"])
                if known["body"] == message.body and made_at >= since - CLOCKS_DIFFER:
                    return _sid(known)
        except (KeyError, TypeError, ValueError) as problem:
            raise AdapterFailure(f"{NAME} listed messages in a form that we do not know") from problem
        return None

    async def _call(self, method: str, **given: Any) -> Any:
        try:
            return await self._vendor.call(method, self._messages, **given)
        except VendorRefused as refused:
            code = refused.body.get("code")
            if code == UNSUBSCRIBED:
                raise Unsubscribed(NAME) from refused
            why = f"{refused} (code {code})" if isinstance(code, int) else str(refused)
            raise AdapterFailure(why, permanent=refused.permanent and code != QUEUE_FULL) from refused

    async def close(self) -> None:
        await self._vendor.close()


def status_report(form: Mapping[str, str]) -> StatusReport | None:
    """What a status callback says, if it says anything new."""
    sid, status = form.get("MessageSid", ""), STATUSES.get(form.get("MessageStatus", ""))
    if not sid or status is None:
        return None
    return StatusReport(sid, status, form.get("ErrorCode") or None)


def _sid(answer: Any) -> str:
    sid = answer.get("sid") if isinstance(answer, Mapping) else None
    if not isinstance(sid, str) or not sid:
        raise AdapterFailure(f"{NAME} answered without the message's SID")
    return sid
