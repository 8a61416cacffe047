"""The line to a vendor that is played inside this process: it can be down, go silent, or bring back something else."""

from collections.abc import Callable
from typing import Any, Literal

import httpx2

Fault = Literal["down", "silent", "html", "lying", "slow down", "broken", "never"]

REFUSALS: dict[Fault, int] = {"slow down": 429, "broken": 503, "never": 400}


class Wire(httpx2.AsyncBaseTransport):
    """Carries calls to an ASGI app.

    `fault` says what is wrong: *down* (nobody answers), *silent* (the vendor does it, but the answer never comes),
    *html* (a proxy answers), *lying* (200 and JSON without what was promised), or a refusal (429, 503, 400) that quotes
    the whole call, as careless vendors do.
    """

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app = httpx2.ASGITransport(app=app)
        self.fault: Fault | None = None
        self.calls: list[httpx2.Request] = []

    def fail(self, fault: Fault | None) -> None:
        self.fault = fault

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.calls.append(request)
        if self.fault == "down":
            raise httpx2.ConnectError("nobody listens")
        if self.fault == "html":
            return httpx2.Response(200, html="<h1>Welcome</h1>")
        if self.fault == "lying":
            return httpx2.Response(200, json={"ok": True})
        if status := REFUSALS.get(self.fault or "silent"):
            said = f"{dict(request.headers)} {(await request.aread()).decode()}"
            return httpx2.Response(status, json={"message": said, "name": said, "code": 1})
        answer = await self._app.handle_async_request(request)
        if self.fault == "silent":
            await answer.aclose()
            raise httpx2.ReadTimeout("no answer")
        return answer
