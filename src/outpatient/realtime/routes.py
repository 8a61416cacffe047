"""The streams (seed 002) and the tickets that open them. Who may listen is settled before the first byte."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from outpatient.access.actor import Actor, load_actor
from outpatient.access.permissions import Permission as P
from outpatient.access.tokens import Claims
from outpatient.core.errors import NotFound, Unauthenticated
from outpatient.http.dependencies import Allow, App, Public, Writing, allow, authenticate, parts_of
from outpatient.http.schema import Envelope, PathId, answer
from outpatient.queue.queries import get_clinician
from outpatient.realtime import actions, queries
from outpatient.realtime.audiences import doctor_of, own_of, reception_of, waiting_room
from outpatient.realtime.connection import Audience, Member
from outpatient.realtime.live import Live, Stream
from outpatient.realtime.schemas import StreamTicketOut
from outpatient.realtime.snapshots import (
    doctor_snapshot,
    own_snapshot,
    reception_snapshot,
    waiting_room_snapshot,
)

router = APIRouter(tags=["Streams"])

LONGEST_ID = 15  # digits
IN_ADDRESS = ("token", "access_token", "jwt", "authorization")


class EventStream(Response):
    """An answer that lasts: it says its first lines here, and goes on where it holds nothing of the call any more."""

    media_type = "text/event-stream"

    def __init__(self, live: Live, stream: Stream) -> None:
        super().__init__(headers={"x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._live, self._stream = live, stream

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        scope["lasting"] = partial(self._live.serve, self._stream)


@dataclass(frozen=True)
class Listener:
    """Who opens a stream."""

    actor: Actor
    member: Member


@dataclass(frozen=True)
class AllowStream(Allow):
    """A stream's permission: the caller comes by the header, or by a ticket where a browser can send no header."""

    async def __call__(self, request: Request) -> Listener:  # type: ignore[override]
        if any(name in request.query_params for name in IN_ADDRESS):
            raise Unauthenticated(
                "A token does not belong into an address: ask POST /stream-tickets for a ticket, or send the header"
            )
        ticket = request.query_params.get("ticket")
        actor, version = await (_by_header(request) if ticket is None else _by_ticket(request, ticket))
        actor.require(self.permission)
        member = Member(actor.session_id, actor.user_id, version, actor.hospital_id, actor.role, actor.kind)
        return Listener(actor, member)


async def _by_header(request: Request) -> tuple[Actor, int]:
    actor = await authenticate(request)
    token = request.headers["authorization"].partition(" ")[2]
    return actor, parts_of(request).callers.read(token).version


async def _by_ticket(request: Request, ticket: str) -> tuple[Actor, int]:
    database = parts_of(request).database
    async with database.transaction() as tx:
        taken = await actions.use_stream_ticket(tx, ticket=ticket)
    if taken is None:
        raise Unauthenticated("This ticket is unknown, used or too old: ask for a new one")
    async with database.reading() as tx:
        version = await queries.find_user_version(tx, taken.user_id)
        kind = await queries.find_session_kind(tx, taken.session_id)
        if kind is None:
            raise Unauthenticated
        claims = Claims(taken.user_id, taken.session_id, kind, taken.hospital_id, version, 0)
        return await load_actor(tx, claims, taken.hospital_id), version


def listener(permission: P) -> Any:
    return Depends(AllowStream(permission))


def last_event_id(
    header: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
    query: Annotated[str | None, Query(alias="lastEventId")] = None,
) -> int | None:
    """The position after which to go on; by the query where a new EventSource cannot send the header."""
    text = header if header is not None else query
    if text is None or not text.isascii() or not text.isdigit() or len(text) > LONGEST_ID:
        return None
    return int(text)


After = Annotated[int | None, Depends(last_event_id)]
TICKET = Query(description="of POST /stream-tickets, where no Authorization header can be sent")
Ticket = Annotated[str | None, TICKET]
STREAM: dict[str, Any] = {
    "response_class": Response,  # its refusals are documented as the JSON that they are
    "responses": {200: {"description": "One `data:` line for each message", "content": {EventStream.media_type: {}}}},
}


@router.post("/stream-tickets", status_code=201)
async def issue_stream_ticket(actor: Annotated[Actor, allow(P.STREAMS_OWN)], tx: Writing) -> Envelope[StreamTicketOut]:
    ticket, ends = await actions.issue_stream_ticket(tx, actor=actor)
    return answer(StreamTicketOut(ticket=ticket, expires_at=ends))


@router.get("/sse/reception/{hospital_id:int}", **STREAM)
async def stream_reception(
    hospital_id: PathId,
    who: Annotated[Listener, listener(P.STREAMS_STAFF)],
    parts: App,
    after: After,
    ticket: Ticket = None,
) -> Response:
    actor = who.actor
    if hospital_id != actor.hospital_id:
        raise NotFound.of("Hospital")
    async with parts.database.reading() as tx:
        own = await queries.find_department_of(tx, hospital_id, actor.clinician_id) if actor.is_clinician else None
    stream = Stream(
        "reception",
        Audience(hospital_id, reception_of(actor, own)),
        {"stream": "reception", "hospital_id": hospital_id},
        reception_snapshot(actor),
        member=who.member,
        after=after,
    )
    return EventStream(parts.live, stream)


@router.get("/sse/doctor/{doctor_id:int}", **STREAM)
async def stream_doctor(
    doctor_id: PathId,
    who: Annotated[Listener, listener(P.STREAMS_STAFF)],
    parts: App,
    after: After,
    ticket: Ticket = None,
) -> Response:
    actor = who.actor
    async with parts.database.reading() as tx:
        await get_clinician(tx, actor, doctor_id)
        department = await queries.find_department_of(tx, actor.hospital_id, doctor_id)
    stream = Stream(
        f"doctor:{doctor_id}",
        Audience(actor.hospital_id, doctor_of(actor, doctor_id, department)),
        {"stream": "doctor", "doctor_id": doctor_id},
        doctor_snapshot(actor, doctor_id),
        member=who.member,
        after=after,
    )
    return EventStream(parts.live, stream)


@router.get("/sse/waiting-room/{department_id:int}", dependencies=[Public], **STREAM)
async def stream_waiting_room(department_id: PathId, parts: App, after: After) -> Response:
    async with parts.database.reading() as tx:
        hospital_id = await queries.get_public_department(tx, department_id)
    stream = Stream(
        "waiting-room",
        Audience(hospital_id, frozenset({waiting_room(department_id)})),
        {"stream": "waiting-room"},
        waiting_room_snapshot(hospital_id, department_id),
        after=after,
    )
    return EventStream(parts.live, stream)


@router.get("/sse/me", **STREAM)
async def stream_own(
    who: Annotated[Listener, listener(P.STREAMS_OWN)],
    parts: App,
    after: After,
    ticket: Ticket = None,
) -> Response:
    actor = who.actor
    async with parts.database.reading() as tx:
        own = await queries.find_department_of(tx, actor.hospital_id, actor.clinician_id)
    stream = Stream(
        "me",
        Audience(actor.hospital_id, own_of(actor, own)),
        {"stream": "me", "user_id": actor.user_id},
        own_snapshot(actor),
        member=who.member,
        after=after,
    )
    return EventStream(parts.live, stream)
