"""What a route asks for: the caller and his permission, a transaction, the hospital of a public page."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from sqlalchemy import select

from outpatient.access.actor import Actor, Callers
from outpatient.access.permissions import Permission
from outpatient.access.tokens import AccessTokens, InvalidToken, TokenExpired
from outpatient.core.database import Database, Tx
from outpatient.core.errors import Forbidden, Invalid, NotFound, Unauthenticated
from outpatient.core.paging import MAX_LIMIT, Page
from outpatient.http.answers import Answers
from outpatient.http.schema import MAX_ID
from outpatient.models import Hospital
from outpatient.settings import Settings


@dataclass(frozen=True)
class Parts:
    """What `create_app` put together, as routes reach it: `request.app.state.parts`."""

    settings: Settings
    database: Database
    callers: Callers
    tokens: AccessTokens
    schedules: Any  # scheduling.queries.Schedules, which is above this package
    queue_answers: Answers  # a clinician's queue, for a second
    list_answers: Answers  # the root surface's lists, for minutes
    live: Any  # realtime.live.Live, likewise
    adapters: Any
    started_at: datetime
    stopping: asyncio.Event  # set when the process was told to stop: long answers end, no new calls should come

    def photo_url(self, name: str) -> str:
        """Where anybody who was given the name finds the photo."""
        return f"{self.settings.base_url}/uploads/{name}"


def parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


async def open_transaction(request: Request) -> AsyncIterator[Tx]:
    """One request, one transaction: committed before the answer leaves, undone when the route refuses."""
    async with parts_of(request).database.transaction() as tx:
        yield tx


async def open_reading(request: Request) -> AsyncIterator[Tx]:
    async with parts_of(request).database.reading() as tx:
        yield tx


App = Annotated[Parts, Depends(parts_of)]
Writing = Annotated[Tx, Depends(open_transaction, scope="function")]
Reading = Annotated[Tx, Depends(open_reading, scope="function")]


async def authenticate(request: Request) -> Actor:
    """The caller behind the Authorization header (Unauthenticated: none, expired, forged, or no longer valid)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    callers = parts_of(request).callers
    try:
        claims = callers.read(token)
    except TokenExpired:
        raise SignInExpired from None
    except InvalidToken:
        raise BadToken from None
    return await callers.identify(claims, header_hospital(request))


async def find_caller(request: Request) -> Actor | None:
    """The caller of a public route, if he is signed in after all; a token that is no longer good says nothing."""
    try:
        return await authenticate(request)
    except (Unauthenticated, Forbidden):
        return None


class SignInExpired(Unauthenticated):
    code, message = "TOKEN_EXPIRED", "Access token expired"


class BadToken(Unauthenticated):
    code, message = "INVALID_TOKEN", "Invalid or malformed token"


def header_hospital(request: Request) -> int | None:
    """`X-Hospital-Id`, which chooses among the hospitals of the caller and grants nothing."""
    text = request.headers.get("x-hospital-id")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:17]) <= MAX_ID or len(text) > 16:
        raise Invalid.field("X-Hospital-Id", "Must be the number of a hospital")
    return int(text)


@dataclass(frozen=True)
class Allow:
    """A route's permission; the dependency answers the caller."""

    permission: Permission

    async def __call__(self, request: Request) -> Actor:
        actor = await authenticate(request)
        actor.require(self.permission)
        return actor


def allow(permission: Permission) -> Any:
    """`actor: Annotated[Actor, allow(P.CENTRES_READ)]`."""
    return Depends(Allow(permission))


async def is_public() -> None:
    """Marks a route that anybody may call; docs/permissions.md lists them."""


Public = Depends(is_public)


async def _own_hospital(request: Request) -> int | None:
    """The hospital of a caller who happens to be signed in; whoever is not, or no more, is nobody here."""
    if "authorization" not in request.headers:
        return None
    try:
        return (await authenticate(request)).hospital_id or None
    except (Unauthenticated, Forbidden):
        return None


async def public_hospital(
    request: Request,
    hospital_id: Annotated[int | None, Query(alias="hospitalId", ge=1, le=MAX_ID)] = None,
    at_root: Annotated[int | None, Query(alias="hospital_id", ge=1, le=MAX_ID, include_in_schema=False)] = None,
) -> int:
    """The hospital that a public page speaks of: named by header or query, else the caller's own, else the only one."""
    wanted = header_hospital(request) or hospital_id or at_root or await _own_hospital(request)
    query = select(Hospital.id).where(Hospital.is_active).order_by(Hospital.id).limit(2)
    async with parts_of(request).database.reading() as tx:  # given back before the route asks for its own
        found = await tx.all(query if wanted is None else query.where(Hospital.id == wanted))
    if wanted is None and len(found) > 1:
        raise Invalid.field(
            "hospitalId", "Several hospitals share this address: name one by ?hospitalId= or X-Hospital-Id"
        )
    if not found:
        raise NotFound.of("Hospital")
    return int(found[0])


PublicHospital = Annotated[int, Depends(public_hospital)]


def asked_page(
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1, limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 20
) -> Page:
    return Page(page, limit)


Paged = Annotated[Page, Depends(asked_page)]


def id_named(alias: str) -> Any:
    """`centre_id: Annotated[int | None, id_named("centreId")] = None`: an id in the query string."""
    return Query(alias=alias, ge=1, le=MAX_ID)
