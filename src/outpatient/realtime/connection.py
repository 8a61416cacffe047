"""One open stream: frames are written straight into its socket by whoever has them (performance: no task wakes up)."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass
from types import coroutine
from typing import Any, cast

from starlette.types import Message, Send

from outpatient.core.terms import Role, SessionKind
from outpatient.realtime.audiences import Room

MAX_BACKLOG = 1_000  # frames that a slow reader may be behind, besides what his socket holds


@dataclass(frozen=True, slots=True)
class Member:
    """Whose a connection is, as far as it must be looked up again and again."""

    session_id: int
    user_id: int
    version: int
    hospital_id: int
    role: Role
    kind: SessionKind


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody who hears exactly the same: the rooms, and the hospital whose events they can be."""

    hospital_id: int
    rooms: frozenset[Room]


class Connection:
    """An open stream. `last` is the position up to which its reader knows everything.

    While it is `held` (a snapshot is being read for it), frames wait; while its socket is full, they wait in `backlog`.
    Who falls too far behind is dropped, and resumes with Last-Event-ID.
    """

    __slots__ = (
        *("audience", "backlog", "farewell", "held", "is_ending", "last", "member", "send", "stream", "task", "writer"),
    )

    def __init__(self, send: Send, stream: Any, task: "asyncio.Task[Any]") -> None:
        self.send, self.stream, self.task = send, stream, task
        self.audience: Audience = stream.audience
        self.member: Member | None = stream.member
        self.last = 0
        self.held: list[tuple[int, Message]] | None = []
        self.backlog: deque[Message] | None = None
        self.writer: asyncio.Task[None] | None = None
        self.is_ending = False
        self.farewell: Message | None = None

    def tell(self, position: int, frame: Message) -> None:
        """Send the frame of a position, unless the reader knows it already."""
        if self.held is not None:
            self.held.append((position, frame))
            if len(self.held) > MAX_BACKLOG:
                self.end()
        elif position > self.last:
            self.last = position
            self.push(frame)

    def release(self) -> None:
        """The snapshot is out: send what waited for it."""
        held, self.held = self.held or [], None
        for position, frame in held:
            self.tell(position, frame)

    def show(self, frame: Message) -> None:
        """Send a frame that is no event, unless a newer one waits already."""
        if self.held is None and self.backlog is None:
            self.push(frame)

    def push(self, frame: Message) -> None:
        """Write a frame, now if the socket takes it."""
        if self.is_ending:
            return
        if self.backlog is not None:
            self.backlog.append(frame)
            if len(self.backlog) > MAX_BACKLOG:
                self.end()
            return
        steps = cast("Coroutine[Any, Any, None]", self.send(frame))
        try:
            waits_for = steps.send(None)
        except StopIteration:
            return
        except Exception:  # noqa: BLE001 (whatever it is, this reader is gone, and the others must not suffer)
            self.end()
            return
        self.backlog = deque()
        self.writer = asyncio.create_task(self._catch_up(steps, waits_for))

    async def _catch_up(self, steps: Coroutine[Any, Any, None], waits_for: Any) -> None:
        try:
            await _go_on(steps, waits_for)
            while self.backlog:
                await self.send(self.backlog.popleft())
        except Exception:  # noqa: BLE001 (as above)
            self.end()
        else:
            self.backlog = self.writer = None

    def end(self, farewell: Message | None = None) -> None:
        """End the stream, with a last frame if its reader is not behind."""
        if not self.is_ending:
            self.is_ending = True
            self.farewell = farewell if self.backlog is None and self.held is None else None
            self.task.cancel()

    async def last_until(self, gone: Callable[[], Awaitable[object]]) -> None:
        """Wait until the reader is `gone` or the stream is ended."""
        try:
            await gone()
        except asyncio.CancelledError:
            if not self.is_ending:
                raise
            self.task.uncancel()
        finally:
            self.is_ending = True
            if self.writer is not None:
                self.writer.cancel()


@coroutine
def _go_on(steps: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """Finish, as part of a task, a coroutine that was begun outside of any."""
    while True:
        try:
            try:
                answer = yield waits_for
            except BaseException as failure:  # noqa: BLE001 (it is the coroutine's, cancellation included)
                waits_for = steps.throw(failure)
            else:
                waits_for = steps.send(answer)
        except StopIteration:
            return
