"""How we speak to a vendor's HTTP API: one policy for time, failure and repetition, whoever it is."""

from collections.abc import Mapping
from typing import Any

import httpx2

from outpatient.core.errors import AdapterFailure

CONNECT = 3.0  # seconds
ANSWER = 10.0  # seconds; a delivery may take 15
WORTH_ANOTHER_TRY = frozenset({408, 409, 423, 425, 429})
"""Refusals that time may cure; so may every 5xx. Any other 4xx is final."""


class Vendor:
    """One vendor's API. It never repeats a call by itself: the outbox does, with the same key.

    Every failure is an AdapterFailure that names the vendor and never shows a secret or the message's text.
    """

    def __init__(
        self, name: str, base_url: str, *, transport: httpx2.AsyncBaseTransport | None = None, **given: Any
    ) -> None:
        self.name = name
        self._client = httpx2.AsyncClient(
            base_url=base_url.rstrip("/"),
            timeout=httpx2.Timeout(ANSWER, connect=CONNECT),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
            **given,
        )

    async def call(self, method: str, path: str, **given: Any) -> Any:
        """The JSON that the vendor answers, an empty dict for no body. Raises VendorRefused for what is no 2xx."""
        try:
            answer = await self._client.request(method, path, **given)
        except httpx2.HTTPError as failure:
            silence = AdapterFailure(f"{self.name} did not answer ({type(failure).__name__})")
            silence.is_certain = isinstance(failure, (httpx2.ConnectError, httpx2.ConnectTimeout))  # it heard nothing
            raise silence from failure
        body = _json_of(answer)
        if not answer.is_success:
            raise VendorRefused(self.name, answer.status_code, body if isinstance(body, Mapping) else {})
        if body is None:
            raise AdapterFailure(f"{self.name} answered {answer.status_code} with what is no JSON")
        return body

    async def close(self) -> None:
        await self._client.aclose()


class VendorRefused(AdapterFailure):
    """The vendor answered, and said no: `status` and its JSON `body` tell why."""

    def __init__(self, vendor: str, status: int, body: Mapping[str, Any]) -> None:
        is_final = 400 <= status < 500 and status not in WORTH_ANOTHER_TRY
        super().__init__(f"{vendor} refused with {status}", permanent=is_final)
        self.is_certain = is_final or status == 429  # whatever else it says, it may have begun
        self.status, self.body = status, body


def _json_of(answer: httpx2.Response) -> Any:
    if not answer.content:
        return {}
    try:
        return answer.json()
    except ValueError:
        return None
