"""Every refusal as a surface says it: `{success: false, error: {code, message, details}}` in the API."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from outpatient.core.constraints import is_away
from outpatient.core.errors import Problem, TooMany, Unavailable

log = structlog.get_logger()

COME_AGAIN = 2  # seconds
CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
}


def field_errors(errors: Sequence[Any]) -> dict[str, str]:
    """Pydantic's errors as field → sentence, each field named as the client wrote it."""
    found: dict[str, str] = {}
    for error in errors:
        place = () if error["type"] == "json_invalid" else error["loc"]  # there `loc` is a position in the text
        parts = [str(part) for part in place if part not in {"body", "query", "path", "header"}]
        found.setdefault(".".join(parts) or "body", _sentence(error))
    return found


SENTENCES = {
    "missing": "This field is required",
    "string_too_short": "Must have at least {min_length} characters",
    "string_too_long": "Must have at most {max_length} characters",
    "string_pattern_mismatch": "Is not written in the expected form ({pattern})",
    "string_type": "Must be text",
    "int_type": "Must be a whole number",
    "int_parsing": "Must be a whole number",
    "int_from_float": "Must be a whole number",
    "bool_parsing": "Must be true or false",
    "bool_type": "Must be true or false",
    "greater_than_equal": "Must be at least {ge}",
    "less_than_equal": "Must be at most {le}",
    "date_from_datetime_parsing": "Must be a date, such as 2024-03-15",
    "date_parsing": "Must be a date, such as 2024-03-15",
    "date_type": "Must be a date, such as 2024-03-15",
    "time_parsing": "Must be a time, such as 10:00 or 10:00:00",
    "time_type": "Must be a time, such as 10:00 or 10:00:00",
    "datetime_parsing": "Must be an instant, such as 2024-03-15T10:00:00Z",
    "datetime_from_date_parsing": "Must be an instant, such as 2024-03-15T10:00:00Z",
    "timezone_aware": "Must say its offset from UTC, such as 2024-03-15T10:00:00Z",
    "list_type": "Must be a list",
}
"""Kinds of bad input in our own words; what is not here keeps the validator's."""


def _sentence(error: Any) -> str:
    if (known := SENTENCES.get(error["type"])) is not None:
        return known.format(**error.get("ctx", {}))
    text: str = error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return text[:1].upper() + text[1:]


_HUMP = re.compile(r"(?<=[a-z0-9])[A-Z]")


def _snake(value: Any) -> Any:
    """Details with their keys as the root writes them: our features name fields as the API does."""
    if isinstance(value, dict):
        return {_HUMP.sub(lambda hump: f"_{hump[0].lower()}", key): _snake(each) for key, each in value.items()}
    return [_snake(each) for each in value] if isinstance(value, list) else value


Refused = Problem | RequestValidationError | HTTPException


@dataclass(frozen=True, slots=True)
class Refusals:
    """How a surface says no: with the API's envelope, or bare (`{error: {…}}`) at the root (seeds 000, 003)."""

    has_envelope: bool

    def body(self, code: str, message: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
        error = {"error": {"code": code, "message": message, "details": details or {}}}
        return {"success": False, **error} if self.has_envelope else error

    def of_problem(self, problem: Problem) -> JSONResponse:
        body = self.body(problem.code, problem.text, problem.details if self.has_envelope else _snake(problem.details))
        headers = {}
        if isinstance(problem, TooMany):
            body["error"]["retryAfter" if self.has_envelope else "retry_after"] = problem.retry_after
            headers["Retry-After"] = str(problem.retry_after)
        if problem.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return JSONResponse(body, problem.status, headers)

    def of(self, refused: Refused) -> JSONResponse:
        """The answer to anything that was refused on purpose."""
        if isinstance(refused, Problem):
            return self.of_problem(refused)
        if isinstance(refused, RequestValidationError):
            return JSONResponse(self.body("VALIDATION_ERROR", "Validation failed", field_errors(refused.errors())), 400)
        code = CODES.get(refused.status_code, "ERROR")
        return JSONResponse(self.body(code, str(refused.detail)), refused.status_code, dict(refused.headers or {}))

    def of_failure(self, failure: Exception, request_id: str) -> JSONResponse:
        """What people are told of a failure of ours: to come again, or only the id under which the log has it."""
        if is_away(failure):
            log.warning("database_away", id=request_id, error=type(failure).__name__)
            answer = self.of_problem(Unavailable())
            answer.headers["Retry-After"] = str(COME_AGAIN)
            return answer
        log.error("unhandled", id=request_id, error=type(failure).__name__, exc_info=failure)
        return JSONResponse(self.body("INTERNAL_ERROR", "Something went wrong", {"requestId": request_id}), 500)

    def install(self, app: FastAPI) -> None:
        """Give an app these answers and no others."""

        async def on_refused(_request: Request, refused: Exception) -> JSONResponse:
            assert isinstance(refused, Refused)
            return self.of(refused)

        for kind in (Problem, RequestValidationError, HTTPException):
            app.add_exception_handler(kind, on_refused)

        @app.exception_handler(Exception)
        async def on_unknown(request: Request, unknown: Exception) -> JSONResponse:
            return self.of_failure(unknown, request.scope.get("request_id", ""))


ENVELOPED, BARE = Refusals(has_envelope=True), Refusals(has_envelope=False)
