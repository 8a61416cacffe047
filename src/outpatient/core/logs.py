"""Logs: JSON lines in production, readable lines in development, and in neither anything about a person.

What may be said is listed here (`SAFE`); text under any other name is hidden, so a careless `log.info(…, phone=phone)`
tells nothing. Messages of exceptions can quote rows, so production keeps only their kind and place.
"""

import asyncio
import atexit
import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from datetime import datetime
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

SAFE = frozenset(
    {
        *("event", "level", "logger", "exception", "id", "method", "route", "reaction", "error", "address"),
        *("pubsub", "follower", "loop", "outcome"),
    }
)
"""Names under which text is logged; numbers and yes-or-no pass under every name that is not secret."""

SECRET = re.compile(r"phone|code|otp|pass|token|secret|name|mail|(^|_)to$|birth|age$", re.IGNORECASE)
HIDDEN = "[hidden]"

_PERSONAL = re.compile(
    r"""
      [\w.+-]+@[\w-]+\.[\w.-]+            # an e-mail address
    | eyJ[\w-]+\.[\w-]+(\.[\w-]*)?        # a token
    | \+?\d(?:[\s().-]?\d){7,}            # a phone number, however it is written
    | (?<![\w.:/-])\d{6}(?![\w.:/-])      # a one-time code
    """,
    re.VERBOSE,
)


def hide_people(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last processor before rendering: whatever may be about a person is taken out of the line."""
    return {key: _safe(key, value) for key, value in line.items()}


def _safe(key: str, value: Any) -> Any:
    if key == "timestamp" or key.startswith("_"):
        return value
    if isinstance(value, (bool, type(None))):
        return value
    if isinstance(value, (int, float)):
        return HIDDEN if SECRET.search(key) else value
    if key not in SAFE or not isinstance(value, str):
        return HIDDEN
    return _PERSONAL.sub(HIDDEN, value)


def keep_places(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception as its kinds and places, without its message, which may quote what somebody typed."""
    failure = _failure(line.pop("exc_info", None))
    if failure is not None:
        line["exception"] = " < ".join(_places(failure))
    return line


def _failure(info: Any) -> BaseException | None:
    if isinstance(info, BaseException):
        return info
    return info[1] if isinstance(info, tuple) else sys.exc_info()[1] if info else None


def _places(failure: BaseException | None) -> list[str]:
    found = []
    while failure is not None:
        frames = traceback.extract_tb(failure.__traceback__)[-8:]
        steps = " > ".join(f"{frame.filename.rpartition('/src/')[2]}:{frame.lineno} {frame.name}" for frame in frames)
        found.append(f"{type(failure).__name__} ({steps})")
        failure = failure.__cause__ or failure.__context__
    return found


def _console(*, in_colour: bool) -> Processor:
    return structlog.dev.ConsoleRenderer(colors=in_colour, exception_formatter=structlog.dev.plain_traceback)


def configure_logs(*, in_production: bool, stream: TextIO | None = None) -> None:
    """Send every log line of this process, our own and the libraries', through the same few steps to one stream."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    in_colour = (stream or sys.stderr).isatty()
    last: list[Processor] = (
        [keep_places, hide_people, structlog.processors.JSONRenderer()]
        if in_production
        else [structlog.processors.format_exc_info, hide_people, _console(in_colour=in_colour)]
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    requests.to(stream or sys.stderr, _JSON_LINE if in_production else _PLAIN_LINE)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


# ── the line of each request ─────────────────────────────────────────────────────────────────────────────────────────

_JSON_LINE = (
    '{"timestamp": "%sZ", "level": "info", "event": "request", "id": "%s",'
    ' "method": "%s", "route": "%s", "status": %d, "ms": %.1f}\n'
)
_PLAIN_LINE = "%sZ [info     ] request id=%s method=%s route=%s status=%d ms=%.1f\n"
FLUSH_AFTER = 0.1  # seconds that lines may wait for company: one write for many requests


class RequestLines:
    """The one line of each request, made without the steps above, at a fraction of their cost.

    Nothing in it can be about a person: the id is ours or of safe letters, the route is the template and not the path.
    """

    def __init__(self) -> None:
        self._stream: TextIO | None = None
        self._line = _PLAIN_LINE
        self._waiting: list[str] = []

    def to(self, stream: TextIO, line: str) -> None:
        """Write to this stream, in this form."""
        self.flush()
        self._stream, self._line = stream, line

    def tell(self, *, at: datetime, request_id: str, method: str, route: str, status: int, ms: float) -> None:
        """Keep one line, and write it soon."""
        if self._stream is None:
            return
        instant = at.isoformat(timespec="milliseconds")[:23]
        self._waiting.append(self._line % (instant, request_id, method, route, status, ms))
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_later(FLUSH_AFTER, self.flush)

    def flush(self) -> None:
        """Write what waits."""
        if self._stream is not None and self._waiting:
            lines, self._waiting = self._waiting, []
            self._stream.write("".join(lines))
            self._stream.flush()


requests = RequestLines()
atexit.register(requests.flush)
