"""What can go wrong, as classes that carry their HTTP status and code; features add one class per rule."""

from collections.abc import Mapping
from typing import Any, ClassVar


class Problem(Exception):
    """A refusal with a reason: `code` for programs, the message for people, `details` by field."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL_ERROR"
    message: ClassVar[str] = "Something went wrong"

    def __init__(self, message: str | None = None, details: Mapping[str, Any] | None = None) -> None:
        self.text = message or self.message
        self.details = dict(details or {})
        super().__init__(self.text)


class Invalid(Problem):
    status, code, message = 400, "VALIDATION_ERROR", "Validation failed"

    @classmethod
    def field(cls, name: str, why: str) -> "Invalid":
        """The error of one input field, named as the client wrote it."""
        return cls(details={name: why})


class BadRequest(Problem):
    status, code, message = 400, "BAD_REQUEST", "The request cannot be read"


class Unauthenticated(Problem):
    status, code, message = 401, "UNAUTHORIZED", "Authentication required"


class Forbidden(Problem):
    status, code, message = 403, "FORBIDDEN", "You don't have permission to access this resource"


class NotFound(Problem):
    status, code, message = 404, "NOT_FOUND", "Not found"

    @classmethod
    def of(cls, thing: str) -> "NotFound":
        return cls(f"{thing} not found")


class Conflict(Problem):
    status, code, message = 409, "CONFLICT", "The request does not fit the present state"


class DuplicateEntry(Conflict):
    code, message = "DUPLICATE_ENTRY", "Resource already exists"


class TooLarge(Problem):
    status, code, message = 413, "PAYLOAD_TOO_LARGE", "The request is too large"


class IdempotencyMismatch(Problem):
    status, code = 422, "IDEMPOTENCY_MISMATCH"
    message = "This Idempotency-Key was used for another request"


class TooMany(Problem):
    status, code, message = 429, "RATE_LIMIT_EXCEEDED", "Too many requests. Please try again later."

    def __init__(self, message: str | None = None, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds


class AdapterError(Problem):
    status, code, message = 502, "UPSTREAM_FAILED", "A service that we depend on did not answer"


class Unavailable(Problem):
    status, code = 503, "UNAVAILABLE"
    message = "The database takes no more work just now. Nothing was done; please try again in a moment."


class AdapterFailure(Exception):
    """The outside world refused or did not answer; `permanent` means that trying again cannot help.

    `is_certain`: what we asked for was surely not done. A refusal is certain, silence is not.
    """

    def __init__(self, text: str, *, permanent: bool = False) -> None:
        super().__init__(text)
        self.permanent = permanent
        self.is_certain = permanent
