"""Socket.IO for the clients of seed 000: its rooms, event names and shapes, fed by the same tail as the streams."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import socketio
import structlog
from socketio.exceptions import ConnectionRefusedError as Refused
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from outpatient.access.actor import Actor, Callers
from outpatient.access.tokens import Claims, InvalidToken
from outpatient.core.database import Database
from outpatient.core.errors import Forbidden, NotFound, Problem
from outpatient.core.terms import VisitStatus
from outpatient.queue.queries import get_clinician
from outpatient.realtime.audiences import (
    PATIENT_AVAILABLE,
    PHASES_UPDATED,
    QUEUE_UPDATED,
    Room,
    centre_of,
    doctor_of,
    own_of,
)
from outpatient.realtime.connection import Member
from outpatient.realtime.projections import Told
from outpatient.realtime.queries import find_centre, find_department_of
from outpatient.realtime.snapshots import clinic_board, doctor_board

log = structlog.get_logger()

MAX_WAITING = 1_000  # packets that a slow client may be behind
MAX_ROOMS = 50  # that one socket may join
STRANGERS = 10.0  # seconds after which a line that shows no token is closed
LAST_ANSWERS = 0.5  # seconds for calls to end by themselves when the process does
TRIES = 5  # at a snapshot that nothing overtakes
IN_ROOM = {VisitStatus.CALLED.value, VisitStatus.IN_PROGRESS.value}
RENAMED = {"clinician_id": "doctor_id", "centre_id": "clinic_id", "was_clinician_id": "was_doctor_id"}
TERMS = frozenset({"status", "was", "priority", "booking_type", "cancelled_by", "method"})


@dataclass(frozen=True, slots=True)
class Joined:
    """A room as clients name it: `clinic_3`, `doctor_7`, or their own, `user_5`."""

    kind: str
    id: int

    def __str__(self) -> str:
        return f"{self.kind}_{self.id}"


@dataclass(slots=True)
class Socket:
    """A connected client: who it is, and which rooms of ours stand behind each room of seed 000 that it joined."""

    claims: Claims
    hospital_id: int | None
    actor: Actor
    member: Member
    joined: dict[Joined, frozenset[Room]] = field(default_factory=dict)

    def rooms(self) -> set[Room]:
        return {room for rooms in self.joined.values() for room in rooms}


class Sockets:
    """The Socket.IO server of this process. A message goes to each socket once, however many of its rooms it is for."""

    def __init__(
        self,
        database: Database,
        callers: Callers,
        origins: Iterable[str],
        wanted: Callable[[], Awaitable[None]],
        unwanted: Callable[[], Awaitable[None]],
    ) -> None:
        self._database, self._callers = database, callers
        self._origins = frozenset(origins)
        self._wanted, self._unwanted = wanted, unwanted
        self._sockets: dict[str, Socket] = {}
        self._unshown: dict[Room, int] = {}  # room → the last event that changed its queue
        self._calls: set[asyncio.Task[Any]] = set()
        self._is_stopping = False
        self._told = 0  # events since the start: a snapshot that one overtook is read again
        self.server = socketio.AsyncServer(
            async_mode="asgi", cors_allowed_origins=self._is_ours, max_http_buffer_size=100_000, namespaces=["/"]
        )
        for name, handler in {
            "connect": self._connect,
            "disconnect": self._disconnect,
            "join_queue_room": self._join_queue_room,
            "join_doctor_room": self._join_doctor_room,
            "leave_queue_room": self._leave_queue_room,
            "leave_doctor_room": self._leave_doctor_room,
        }.items():
            self.server.on(name, handler)
        self._greet_first = self.server.eio.handlers["connect"]
        self.server.eio.on("connect", self._greet)

    def __len__(self) -> int:
        return len(self._sockets)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._calls.add(task)
        try:
            await self.server.handle_request(scope, receive, send)
        except asyncio.CancelledError:
            if not self._is_stopping or scope["type"] != "http":
                raise
            task.uncancel()
            await PlainTextResponse("1")(scope, receive, send)  # Engine.IO's word for: closed
        finally:
            self._calls.discard(task)

    def _is_ours(self, origin: str | None, environ: Mapping[str, Any]) -> bool:
        """The origins that may call the API may open sockets, and our own pages may: one list for both."""
        return origin in self._origins or urlsplit(origin or "").netloc == environ.get("HTTP_HOST")

    def members(self) -> set[Member]:
        """Whose the sockets are."""
        return {socket.member for socket in self._sockets.values()}

    # ── what clients do ──────────────────────────────────────────────────────────────────────────────────────────────

    async def _greet(self, line: str, environ: Mapping[str, Any]) -> None:
        """A line is open, and nobody has said who he is: he has so long to do it."""
        await self._greet_first(line, environ)
        asyncio.get_running_loop().call_later(STRANGERS, self._hang_up_on_stranger, line)

    def _hang_up_on_stranger(self, line: str) -> None:
        if line in self.server.eio.sockets and self.server.manager.sid_from_eio_sid(line, "/") not in self._sockets:
            hanging_up = asyncio.create_task(self.server.eio.disconnect(line))
            self._calls.add(hanging_up)
            hanging_up.add_done_callback(self._calls.discard)

    async def _connect(self, sid: str, environ: Mapping[str, Any], auth: Any = None) -> None:
        given = auth if isinstance(auth, dict) else {}
        scheme, _, header = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
        token = given.get("token") or (header if scheme.lower() == "bearer" else None)
        hospital_id = _number(given.get("hospitalId", given.get("hospital_id", environ.get("HTTP_X_HOSPITAL_ID"))))
        if not isinstance(token, str):
            raise Refused("Authentication required")
        try:
            claims = self._callers.read(token)
            actor = await self._callers.identify(claims, hospital_id)
        except InvalidToken:
            raise Refused("Invalid or expired token") from None
        except Problem as problem:
            raise Refused(problem.text) from None
        member = Member(actor.session_id, actor.user_id, claims.version, actor.hospital_id, actor.role, actor.kind)
        socket = self._sockets[sid] = Socket(claims, hospital_id, actor, member)
        try:
            await self._wanted()
            await self._enter(sid, socket, Joined("user", actor.user_id))
        except BaseException:
            await self._disconnect(sid)
            raise

    async def _disconnect(self, sid: str, _reason: Any = None) -> None:
        if self._sockets.pop(sid, None) is not None:
            await self._unwanted()

    async def _join_queue_room(self, sid: str, data: Any = None) -> dict[str, Any]:
        return await self._join(sid, "clinic", _number_in(data, "clinic_id"))

    async def _join_doctor_room(self, sid: str, data: Any = None) -> dict[str, Any]:
        return await self._join(sid, "doctor", _number_in(data, "doctor_id"))

    async def _leave_queue_room(self, sid: str, data: Any = None) -> dict[str, Any]:
        return await self._leave(sid, Joined("clinic", _number_in(data, "clinic_id") or 0))

    async def _leave_doctor_room(self, sid: str, data: Any = None) -> dict[str, Any]:
        return await self._leave(sid, Joined("doctor", _number_in(data, "doctor_id") or 0))

    async def _join(self, sid: str, kind: str, number: int | None) -> dict[str, Any]:
        """Let a socket into a room if its user may be there, and show it the queue; else say why not."""
        socket = self._sockets.get(sid)
        if socket is None:
            return {}
        if number is None or len(socket.joined) >= MAX_ROOMS:
            return await self._refuse(sid, NotFound.of("Room"))
        try:
            socket.actor = await self._callers.identify(socket.claims, socket.hospital_id)
            room = Joined(kind, number)
            await self._enter(sid, socket, room)
            await self._show(sid, socket, room)
        except Problem as problem:
            return await self._refuse(sid, problem)
        except Exception as failure:
            log.exception("join_failed", error=type(failure).__name__)
            return await self._refuse(sid, Problem())
        return {"joined": str(room)}

    async def _refuse(self, sid: str, problem: Problem) -> dict[str, Any]:
        refusal = {"error": {"code": problem.code, "message": problem.text}}
        await self.server.emit("error", refusal, to=sid)
        return refusal

    async def _leave(self, sid: str, room: Joined) -> dict[str, Any]:
        socket = self._sockets.get(sid)
        if socket is not None and room in socket.joined:
            kept = {name: rooms for name, rooms in socket.joined.items() if name != room}
            await self._seat(sid, socket, kept)
        return {"left": str(room)}

    async def _enter(self, sid: str, socket: Socket, room: Joined) -> None:
        rooms = await self._rooms_behind(socket.actor, room)
        await self._seat(sid, socket, {**socket.joined, room: rooms})

    async def _seat(self, sid: str, socket: Socket, joined: dict[Joined, frozenset[Room]]) -> None:
        """Put a socket into exactly the rooms that stand behind what it joined."""
        had = socket.rooms()
        socket.joined = joined
        has = socket.rooms()
        for room in has - had:
            await self.server.enter_room(sid, room)
        for room in had - has:
            await self.server.leave_room(sid, room)

    async def _rooms_behind(self, actor: Actor, room: Joined) -> frozenset[Room]:
        """Our rooms for one of seed 000's (NotFound: he may not be there, or there is no such room)."""
        async with self._database.reading() as tx:
            if room.kind == "user":
                return own_of(actor, await find_department_of(tx, actor.hospital_id, actor.clinician_id))
            if actor.is_patient:
                raise Forbidden
            if room.kind == "doctor":
                await get_clinician(tx, actor, room.id)
                return doctor_of(actor, room.id, await find_department_of(tx, actor.hospital_id, room.id))
            if actor.is_clinician:
                raise Forbidden
            if not actor.sees_centre(room.id) or not await find_centre(tx, actor.hospital_id, room.id):
                raise NotFound.of("Clinic")
        return centre_of(actor, room.id)

    async def _show(self, sid: str, socket: Socket, room: Joined) -> None:
        """Send the queue of a room to one who just joined it, as new as what he will hear next."""
        told, board = self._told, await self._board(socket.actor, room)
        for _ in range(TRIES):
            if told == self._told:
                break
            told, board = self._told, await self._board(socket.actor, room)
        await self.server.emit(QUEUE_UPDATED, board, to=sid)

    async def _board(self, actor: Actor, room: Joined) -> dict[str, Any]:
        async with self._database.reading() as tx:
            if room.kind == "clinic":
                return await clinic_board(tx, actor, room.id)
            return await doctor_board(tx, actor, room.id)

    # ── what happens ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def publish(self, told: Told) -> None:
        """Tell an event to every socket that it concerns."""
        self._told += 1
        if not told.telling.socket or not self._sockets:
            return
        for letter in told.letters:
            if rooms := self._occupied(letter.rooms):
                message = in_words_of_seed(letter.data)
                await self.server.emit(told.telling.socket, message, to=rooms)
                if PATIENT_AVAILABLE in told.telling.then and letter.data.get("status") in IN_ROOM:
                    doctors = [room for room in rooms if room.startswith("doctor:")]
                    if doctors:
                        await self.server.emit(PATIENT_AVAILABLE, message, to=doctors)

    def note_changes(self, batch: Sequence[Told]) -> None:
        """These events have been told; the queues that they changed are yet to be shown."""
        if self._sockets:
            for told in batch:
                if QUEUE_UPDATED in told.telling.then and told.letters:
                    self._unshown.update(dict.fromkeys(told.letters[0].rooms, told.event.id))

    async def publish_boards(self) -> None:
        """Show the queues that have changed since, each once, to the rooms that watch them."""
        changed, self._unshown = self._unshown, {}
        watched: dict[tuple[Joined, frozenset[Room], int], tuple[Actor, list[str], int]] = {}
        for sid, socket in tuple(self._sockets.items()):
            for joined, behind in socket.joined.items():
                events = [changed[one] for one in behind if one in changed]
                if events and joined.kind != "user":
                    key = (joined, behind, socket.actor.hospital_id)
                    watched.setdefault(key, (socket.actor, [], max(events)))[1].append(sid)
        for (joined, _, _), (actor, sids, event_id) in watched.items():
            try:
                board = await self._board(actor, joined)
            except Exception as failure:  # noqa: BLE001 (the events were told; the queue is shown at the next look)
                log.warning("board_unknown", error=type(failure).__name__)
                self._unshown = changed | self._unshown
                return
            which: dict[str, Any] = {key: board[key] for key in ("clinic_id", "doctor_id") if key in board}
            await self.server.emit(QUEUE_UPDATED, {**board, "event_id": event_id}, to=sids)
            await self.server.emit(PHASES_UPDATED, {**which, "event_id": event_id}, to=sids)

    def _occupied(self, rooms: Iterable[Room]) -> list[Room]:
        taken = self.server.manager.rooms.get("/", {})
        return [room for room in rooms if room in taken]

    # ── who may stay ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def disconnect(self, members: set[Member]) -> None:
        """End the sockets of people who are out."""
        for sid, socket in tuple(self._sockets.items()):
            if socket.member in members:
                await self.server.disconnect(sid)

    async def move_user(self, user_id: int) -> None:
        """Somebody's work has changed: seat his sockets anew."""
        for sid, socket in tuple(self._sockets.items()):
            if socket.member.user_id == user_id:
                await self._seat_anew(sid, socket)

    async def move_clinician(self, clinician_id: int) -> None:
        """A clinician works elsewhere: seat anew who watches him."""
        for sid, socket in tuple(self._sockets.items()):
            if socket.actor.clinician_id == clinician_id or Joined("doctor", clinician_id) in socket.joined:
                await self._seat_anew(sid, socket)

    async def move_patient(self, patient_id: int) -> None:
        """Whose a record is may have changed: seat anew who hears of it."""
        for sid, socket in tuple(self._sockets.items()):
            if patient_id in socket.actor.patient_ids:
                self._callers.forget(socket.actor.user_id)
                await self._seat_anew(sid, socket)

    async def _seat_anew(self, sid: str, socket: Socket) -> None:
        kept: dict[Joined, frozenset[Room]] = {}
        try:
            socket.actor = await self._callers.identify(socket.claims, socket.hospital_id)
        except Problem:
            await self.server.disconnect(sid)
            return
        for room in socket.joined:
            try:
                kept[room] = await self._rooms_behind(socket.actor, room)
            except Problem as problem:
                await self.server.emit("error", {"error": {"code": problem.code, "message": problem.text}}, to=sid)
        await self._seat(sid, socket, kept)

    async def drop_slow(self) -> None:
        """Hang up on clients who do not read; they come again and get a snapshot."""
        for line in tuple(self.server.eio.sockets.values()):
            if line.queue.qsize() > MAX_WAITING:
                log.info("socket_dropped")
                await _hang_up(line)

    async def stop(self) -> None:
        """The process ends: every line with it, and whoever was on one comes again, to another process."""
        self._is_stopping = True
        for line in tuple(self.server.eio.sockets.values()):
            await _hang_up(line)
        if self._calls:
            await asyncio.wait(tuple(self._calls), timeout=LAST_ANSWERS)
        for call in tuple(self._calls):  # polls that nobody waits for any more would keep the process for a minute
            call.cancel()


async def _hang_up(line: Any) -> None:
    """End a line, after what waits on it; told that his *socket* is disconnected, a client would stay away for good."""
    await line.close(wait=False)
    await line.queue.put(None)  # Engine.IO's word for: that was the last


def in_words_of_seed(data: Mapping[str, Any]) -> dict[str, Any]:
    """A message as seed 000 writes: its names for things, terms in lower case."""
    return {
        RENAMED.get(name, name): value.lower() if name in TERMS and isinstance(value, str) else value
        for name, value in data.items()
    }


def _number_in(data: Any, name: str) -> int | None:
    return _number(data.get(name)) if isinstance(data, dict) else None


def _number(value: Any) -> int | None:
    """An id as clients send it, as a number or as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53 else None
