"""What every request passes first and last: its id, its size, its limit, its log line and its figures."""

import re
import time
from collections.abc import Callable
from itertools import count
from secrets import token_hex

from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outpatient.core.errors import BadRequest, NotFound, Problem, TooLarge, TooMany
from outpatient.core.logs import requests
from outpatient.http.errors import Refusals
from outpatient.http.limits import Allowance, CallLimits

MAX_BODY = 6 * 1024 * 1024  # bytes; a photo may have 5 MiB
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUESTS = Counter("outpatient_http_requests_total", "HTTP requests", ["method", "route", "status"])
SECONDS = Histogram("outpatient_http_request_seconds", "Time to answer", ["method", "route"])
_ENDLESS = re.compile(r"[0-9]{19}")  # in a path: no id is that long, and Python refuses to read some that are
SAFE_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")
_PROCESS, _numbers = token_hex(12), count(1)  # together unique, at no system call a request


class Edge:
    """A pure ASGI wrapper around an API app."""

    def __init__(
        self, app: ASGIApp, limits: CallLimits, refusals: Refusals, now: Callable[[], float] = time.perf_counter
    ) -> None:
        self._app, self._limits, self._refusals, self._now = app, limits, refusals, now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, is_done = self._now(), 0, False
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = scope["request_id"] = (
            given if SAFE_REQUEST_ID.fullmatch(given) else f"{_PROCESS}{next(_numbers):08x}"
        )
        allowance = scope["allowance"] = self._limits.spend(scope)
        extra = [
            (b"x-request-id", request_id.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"cache-control", b"no-store"),
        ]

        async def send_marked(message: Message) -> None:
            nonlocal status, is_done
            if message["type"] == "http.response.start":
                status = message["status"]
                left: Allowance | None = scope["allowance"]  # a route with a limit of its own puts that one here
                message["headers"] = [*message["headers"], *extra, *(left.headers() if left else ())]
            else:
                is_done = not message.get("more_body", False)
            await send(message)

        try:
            refusal = NotFound() if _ENDLESS.search(scope["path"]) else _refusal(headers, allowance)
            app = self._app if refusal is None else self._refusals.of_problem(refusal)
            await app(scope, _capped(receive), send_marked)
        except Exception as unknown:
            if status and not is_done:
                raise  # half an answer is out: all that is left is to break the connection
            if not status:
                await self._refusals.of_failure(unknown, request_id)(scope, receive, send_marked)
        finally:
            seconds = self._now() - began
            method = scope["method"] if scope["method"] in METHODS else "OTHER"
            route = getattr(scope.get("route"), "path", "unmatched")
            REQUESTS.labels(method, route, status).inc()
            SECONDS.labels(method, route).observe(seconds)
            requests.tell(
                at=self._limits.now(),
                request_id=request_id,
                method=method,
                route=route,
                status=status,
                ms=seconds * 1000,
            )


def _refusal(headers: Headers, allowance: Allowance | None) -> Problem | None:
    """Why a request is not let in at all."""
    if allowance is not None and allowance.is_spent:
        return TooMany(retry_after=allowance.wait)
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        return BadRequest("Content-Length must be a whole number")
    return TooLarge() if len(length) > 18 or int(length) > MAX_BODY else None


def _capped(receive: Receive) -> Receive:
    """A body that grows past the limit without saying so ends the request."""
    seen = 0

    async def receive_capped() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            raise HTTPException(413, TooLarge.message)  # the one kind that FastAPI's body reader lets through
        return message

    return receive_capped
