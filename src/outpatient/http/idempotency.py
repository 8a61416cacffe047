"""`Idempotency-Key`: the same key with the same request makes one thing, and gets the same answer."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from starlette.requests import Request

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.errors import Conflict, IdempotencyMismatch, Invalid
from outpatient.http.dependencies import Parts
from outpatient.models import IdempotencyKey

T = TypeVar("T")

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
    asked = "".join(f"{value}/" for value in request.path_params.values())  # no body says whom a path is about
    return Repeatable(key, hashlib.sha256(asked.encode() + await request.body()).hexdigest())


async def once(
    parts: Parts,
    actor: Actor,
    route: str,
    repeatable: Repeatable | None,
    make: Callable[[], Awaitable[T]],
    *,
    again: Callable[[Parts, Actor, int], Awaitable[T]],
) -> T:
    """Make it, or answer `again` for what the same key made before (IdempotencyMismatch: another request)."""
    if repeatable is None:
        return await make()
    made = await _find_made(parts, actor, route, repeatable)
    if made is not None:
        return await again(parts, actor, made)
    try:
        return await make()
    except (Conflict, Invalid):  # with ourselves, perhaps: the same request, sent twice at once, was faster
        made = await _find_made(parts, actor, route, repeatable)
        if made is None:
            raise
        return await again(parts, actor, made)


async def _find_made(parts: Parts, actor: Actor, route: str, repeatable: Repeatable) -> int | None:
    async with parts.database.reading() as tx:
        known: IdempotencyKey | None = await tx.one_or_none(
            select(IdempotencyKey).where(
                IdempotencyKey.hospital_id == actor.hospital_id,
                IdempotencyKey.user_id == actor.user_id,
                IdempotencyKey.route == route,
                IdempotencyKey.key == repeatable.key,
            )
        )
    if known is not None and known.digest != repeatable.digest:
        raise IdempotencyMismatch
    return known.made_id if known else None


async def keep_made(tx: Tx, actor: Actor, route: str, repeatable: Repeatable | None, made_id: int) -> None:
    """Keep what a key made, in the transaction that made it."""
    if repeatable is None:
        return
    await tx.add(
        IdempotencyKey(
            hospital_id=actor.hospital_id,
            user_id=actor.user_id,
            route=route,
            key=repeatable.key,
            digest=repeatable.digest,
            made_id=made_id,
            created_at=tx.now,
        )
    )
