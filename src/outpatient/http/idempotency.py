"""`Idempotency-Key`: the same key with the same request makes one thing, and gets the same answer."""

import hashlib
from dataclasses import dataclass

from starlette.requests import Request

from outpatient.core.errors import Invalid

MAX_LENGTH = 255
KEY = "Idempotency-Key"
TAKES_KEY = {
    "parameters": [
        {
            "name": KEY,
            "in": "header",
            "required": False,
            "description": "The same key with the same body makes one thing, however often it is sent",
            "schema": {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH, "pattern": "^[ -~]+$"},
        }
    ]
}
"""`openapi_extra` of a route that reads the key."""


@dataclass(frozen=True, slots=True)
class Repeatable:
    """The key that a client chose, and a digest of what it asked for with it."""

    key: str
    digest: str


async def idempotency_of(request: Request) -> Repeatable | None:
    """The request's key, if it has one (Invalid: too long, or not plain ASCII)."""
    key = request.headers.get(KEY)
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_LENGTH or not key.isascii() or not key.isprintable():
        raise Invalid.field(KEY, f"Must be 1 to {MAX_LENGTH} printable ASCII characters")
    return Repeatable(key, hashlib.sha256(await request.body()).hexdigest())
