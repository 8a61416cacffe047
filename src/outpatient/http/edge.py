"""What every request passes first and last: its id, its size, its limit, its log line and its figures."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outpatient.core.errors import TooLarge, TooMany
from outpatient.http.errors import render_problem
from outpatient.http.limits import CallLimits

log = structlog.get_logger()

MAX_BODY = 6 * 1024 * 1024  # bytes; a photo may have 5 MiB
REQUESTS = Counter("outpatient_http_requests_total", "HTTP requests", ["method", "route", "status"])
SECONDS = Histogram("outpatient_http_request_seconds", "Time to answer", ["method", "route"])
SAFE_REQUEST_ID = re.compile(r"[\w.-]{8,64}")


class Edge:
    """A pure ASGI wrapper around an API app."""

    def __init__(self, app: ASGIApp, limits: CallLimits, now: Callable[[], float] = time.perf_counter) -> None:
        self._app, self._limits, self._now = app, limits, now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = self._now(), 500
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = scope["request_id"] = given if SAFE_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        allowance = await self._limits.spend(scope)
        extra = [(b"x-request-id", request_id.encode()), (b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store")]
        if allowance is not None:
            scope["allowance"] = allowance

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                left = scope.get("allowance")
                message["headers"] = [*message["headers"], *extra, *(left.headers() if left else ())]
            await send(message)

        try:
            if allowance is not None and allowance.is_spent:
                wait = max(1, allowance.reset - int(time.time()))
                await render_problem(TooMany(retry_after=wait))(scope, receive, send_marked)
            elif int(headers.get("content-length") or 0) > MAX_BODY:
                await render_problem(TooLarge())(scope, receive, send_marked)
            else:
                await self._app(scope, _capped(receive), send_marked)
        finally:
            seconds = self._now() - began
            route = getattr(scope.get("route"), "path", "unmatched")
            REQUESTS.labels(scope["method"], route, status).inc()
            SECONDS.labels(scope["method"], route).observe(seconds)
            log.info("request", id=request_id, method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))


def _capped(receive: Receive) -> Receive:
    """A body that grows past the limit without saying so ends the request."""
    seen = 0

    async def receive_capped() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            raise TooLarge
        return message

    return receive_capped
