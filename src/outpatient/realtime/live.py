"""The live side of one process: streams and sockets, fed by one tail, looked after while anybody is connected."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import structlog
from starlette.types import Message, Receive, Send

from outpatient.access.actor import Callers
from outpatient.adapters.pubsub.news import News
from outpatient.core.database import Database, Tx
from outpatient.core.terms import SessionKind
from outpatient.realtime.audiences import (
    CLOSES_WAITING_ROOM,
    ENDS_PATIENT,
    ENDS_SESSIONS,
    MOVES_CLINICIAN,
    MOVES_PATIENT,
    MOVES_STAFF,
    Room,
    doctor,
    patient,
    waiting_room,
)
from outpatient.realtime.connection import Audience, Connection, Member
from outpatient.realtime.hub import Hub, frame_of, in_turns
from outpatient.realtime.projections import Told
from outpatient.realtime.queries import SignedIn, get_position, list_signed_in, list_told
from outpatient.realtime.snapshots import Snapshot
from outpatient.realtime.sockets import Sockets
from outpatient.realtime.tail import Tail

log = structlog.get_logger()

MOST_MISSED = 1_000  # events; whoever missed more gets the queue anew
HEARTBEAT = 15.0  # seconds
REFRESH = 30.0  # seconds after which the queue is shown anew if waits have changed meanwhile: time changes them, too
LOOK_AGAIN = 5.0  # seconds between looks whether those who are connected may still be
AT_ONCE = 4  # snapshots and backlogs read at the same time: a thousand screens that come back must not take every pool
FRESH = 1.0  # seconds for which those who ask for the same get the same: screens come back together

RETRIES = range(1_000, 5_000, 250)  # milliseconds, so that not all come back at once


def bye(reason: str) -> Message:
    """The last message of a stream that ends on our side, and when to come again."""
    return frame_of("bye", {"reason": reason}, retry=random.choice(RETRIES))  # noqa: S311 (nothing depends on it)


class Live:
    """Everybody who is connected to this process, and what keeps them informed."""

    def __init__(
        self, database: Database, news: News, callers: Callers, stopping: asyncio.Event, origins: Iterable[str]
    ) -> None:
        self.database, self._stopping = database, stopping
        self.hub = Hub()
        self._callers = callers
        self.sockets = Sockets(database, callers, origins, self.wanted, self.unwanted)
        self.tail = Tail(database, news, self.hub, self._deliver)
        self._tasks: list[asyncio.Task[None]] = []
        self._resting: asyncio.Task[None] | None = None
        self._reading = asyncio.Semaphore(AT_ONCE)
        self._firsts: dict[tuple[str, Audience, int | None, int], tuple[float, list[Message], int]] = {}
        self._look_now, self._refresh_now, self._queues_changed = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._shown: dict[tuple[str, Audience], Message] = {}

    async def wanted(self) -> None:
        """Somebody listens: follow the events and look after the connections, unless we do already."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._keep_beating(), name="streams-heartbeat"),
                asyncio.create_task(self._keep_looking(), name="streams-sessions"),
                asyncio.create_task(self._keep_fresh(), name="streams-refresh"),
                asyncio.create_task(self._keep_showing_boards(), name="sockets-boards"),
                asyncio.create_task(self._say_goodbye(), name="streams-goodbye"),
            ]
        await self.tail.start()

    async def unwanted(self) -> None:
        """Somebody left: if he was the last, rest. In a task of its own, for what says so may be what must end."""
        if self._is_alone() and self._resting is None:
            self._resting = asyncio.create_task(self._rest(), name="streams-rest")

    def _is_alone(self) -> bool:
        return not len(self.hub) and not len(self.sockets) and not self._stopping.is_set()

    async def _rest(self) -> None:
        try:
            if self._is_alone():
                await self.stop()
        finally:
            self._resting = None

    async def stop(self) -> None:
        """Look after nobody any more."""
        tasks, self._tasks = self._tasks, []
        me = asyncio.current_task()
        others = [task for task in tasks if task is not me]
        for task in others:
            task.cancel()
        await self.tail.stop()
        await asyncio.gather(*others, return_exceptions=True)
        if me in tasks:
            me.cancel()  # last, because whoever is cancelled cannot wait for others

    async def serve(self, stream: "Stream", receive: Receive, send: Send) -> None:
        """Keep one stream open until its reader goes or we end it. What precedes the body has been sent."""
        task = asyncio.current_task()
        assert task is not None
        connection = Connection(send, stream, task)
        self.hub.add(connection)
        try:
            await connection.last_until(lambda: self._attend(connection, stream, receive))
        finally:
            self.hub.remove(connection)
            await self.unwanted()
        if connection.farewell is not None:
            await send(connection.farewell)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _attend(self, connection: Connection, stream: "Stream", receive: Receive) -> None:
        if self._stopping.is_set():
            connection.held = None
            connection.end(bye("RESTART"))
            await asyncio.sleep(0)  # here the end that was just ordered arrives
        await self.wanted()
        await connection.send(frame_of("connected", stream.greeting))
        async with self._reading:
            frames, last = await self._first_frames(stream)
        for frame in frames:
            await connection.send(frame)
        connection.last = last
        connection.release()
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _first_frames(self, stream: "Stream") -> tuple[list[Message], int]:
        """What a reader missed, or the queue as it is; and the position up to which he knows everything then."""
        position, after = self.hub.position or 0, stream.after
        if after == position:
            return [], position
        key, now = (stream.kind, stream.audience, after, position), asyncio.get_running_loop().time()
        known = self._firsts.get(key)
        if known is None or now - known[0] > FRESH:
            async with self.database.reading() as tx:
                known = self._firsts[key] = (now, *await _read_first(tx, stream, position))
        return known[1], known[2]

    async def _deliver(self, batch: Sequence[Told]) -> None:
        for told in batch:
            await self.hub.publish(told)
            await self.sockets.publish(told)
            if told.event.name in ENDS_SESSIONS:
                self._look_now.set()
            elif told.event.name == ENDS_PATIENT or (
                told.event.name == MOVES_PATIENT and "phone" in told.event.payload["fields"]
            ):
                await self._move_patient(told.event.subject_id)
            elif told.event.name in (MOVES_STAFF, MOVES_CLINICIAN):
                await self._move(told.event.name, told.event.subject_id)
                self._refresh_now.set()  # his room may be another
            elif told.event.name == CLOSES_WAITING_ROOM:
                self._close(waiting_room(told.event.subject_id))
        self.sockets.note_changes(batch)
        self._queues_changed.set()

    def _close(self, room: Room) -> None:
        for connection in self.hub:
            if room in connection.audience.rooms:
                connection.end(bye("CLOSED"))

    async def _move_patient(self, patient_id: int) -> None:
        """Whose a record is may have changed: whoever hears of it comes again, and is looked up anew."""
        for connection in self.hub:
            if connection.member is not None and patient(patient_id) in connection.audience.rooms:
                self._callers.forget(connection.member.user_id)
                connection.end(bye("MOVED"))
        await self.sockets.move_patient(patient_id)

    async def _move(self, what: str, subject_id: int) -> None:
        """End the streams of somebody whose rooms may be others now; his sockets change rooms where they are."""
        is_moved = _is_of(subject_id) if what == MOVES_STAFF else _watches(subject_id)
        for connection in self.hub:
            if is_moved(connection):
                connection.end(bye("MOVED"))
        await (self.sockets.move_user if what == MOVES_STAFF else self.sockets.move_clinician)(subject_id)

    async def check_sessions(self) -> None:
        """End what belongs to people who are signed out, disabled, or work here no more."""
        members = {one.member for one in self.hub if one.member is not None} | self.sockets.members()
        if not members:
            return
        async with self.database.reading() as tx:
            good = await list_signed_in(tx, sorted({member.session_id for member in members}))
        out = {member for member in members if not _is_still(member, good.get(member.session_id))}
        for connection in self.hub:
            if connection.member in out:
                connection.end(bye("SIGNED_OUT"))
        await self.sockets.disconnect(out)

    async def _keep_beating(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            await self.hub.beat()

    async def _keep_fresh(self) -> None:
        while True:
            await _next(self._refresh_now, REFRESH)
            try:
                await self.refresh()
            except Exception as failure:  # noqa: BLE001 (the database may be away: we look again)
                log.warning("streams_not_refreshed", error=type(failure).__name__)

    async def refresh(self) -> None:
        """Show every reader the queue as it is now, where it differs from what was shown last without an event."""
        readers: dict[tuple[str, Audience], list[Connection]] = {}
        for connection in self.hub:
            readers.setdefault((connection.stream.kind, connection.audience), []).append(connection)
        self._shown = {key: frame for key, frame in self._shown.items() if key in readers}
        for key, connections in readers.items():
            position = self.hub.position
            async with self._reading, self.database.reading() as tx:
                frame = frame_of("queue.updated", await connections[0].stream.snapshot(tx))
            if position == self.hub.position and self._shown.get(key) != frame:  # else an event says it better
                self._shown[key] = frame
                await in_turns(connections, lambda one, frame=frame: one.show(frame))  # type: ignore[misc]

    async def _keep_showing_boards(self) -> None:
        """Beside the tail, because a clinic's whole board takes time that no stream should wait for."""
        while True:
            await _next(self._queues_changed, LOOK_AGAIN)
            try:
                await self.sockets.publish_boards()
            except Exception as failure:  # noqa: BLE001 (a socket may be gone: the others see the next change)
                log.warning("boards_not_shown", error=type(failure).__name__)

    async def _keep_looking(self) -> None:
        while True:
            await _next(self._look_now, LOOK_AGAIN)
            self._firsts.clear()
            try:
                await self.sockets.drop_slow()
                await self.check_sessions()
            except Exception as failure:  # noqa: BLE001 (the database may be away, a socket gone: we look again)
                log.warning("streams_sessions_unknown", error=type(failure).__name__)

    async def _say_goodbye(self) -> None:
        """When the process is told to stop, end every stream: open ones would keep it waiting."""
        await self._stopping.wait()
        await in_turns(tuple(self.hub), lambda one: one.end(bye("RESTART")))
        await self.sockets.stop()


async def _next(asked: asyncio.Event, seconds: float) -> None:
    """Wait until it is asked for, or until so much time has passed."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):  # `wait_for` may swallow the cancel of `stop`
            await asked.wait()
    asked.clear()


class Stream:
    """What a reader asked for and may have: its audience, its first message and its snapshot.

    `kind` names the snapshot; `after` is the position up to which the reader knows everything (None: he knows nothing).
    """

    __slots__ = ("after", "audience", "greeting", "kind", "member", "snapshot")

    def __init__(
        self,
        kind: str,
        audience: Audience,
        greeting: dict[str, Any],
        snapshot: Snapshot,
        *,
        member: Member | None = None,
        after: int | None = None,
    ) -> None:
        self.kind, self.audience, self.greeting, self.snapshot = kind, audience, greeting, snapshot
        self.member, self.after = member, after


async def _read_first(tx: Tx, stream: Stream, position: int) -> tuple[list[Message], int]:
    """The events after `stream.after` up to the position; a snapshot, if that is unknown, too far back or not ours."""
    after = stream.after
    if after is not None and position - after <= MOST_MISSED and after <= max(position, await get_position(tx)):
        hospital_id = stream.audience.hospital_id
        missed = await list_told(tx, after=after, until=position, hospital_id=hospital_id, limit=MOST_MISSED)
        return [frame for told in missed for frame in _heard(told, stream.audience)], max(position, after)
    return [frame_of("queue.updated", await stream.snapshot(tx), position)], position


def _heard(told: Told, audience: Audience) -> list[Message]:
    """The frame of an event that an audience hears, if it does."""
    for letter in told.letters:
        if not letter.rooms.isdisjoint(audience.rooms):
            return [frame_of(told.event.name, letter.data, told.position)]
    return []


def _is_of(user_id: int) -> Callable[[Connection], bool]:
    return lambda one: one.member is not None and one.member.user_id == user_id


def _watches(clinician_id: int) -> Callable[[Connection], bool]:
    whole, part = doctor(clinician_id), f"{doctor(clinician_id)}@"
    return lambda one: any(room == whole or room.startswith(part) for room in one.audience.rooms)


def _is_still(member: Member, now: SignedIn | None) -> bool:
    if now is None or now.version != member.version:
        return False
    return member.kind is SessionKind.PATIENT or now.is_superadmin or now.roles.get(member.hospital_id) == member.role
