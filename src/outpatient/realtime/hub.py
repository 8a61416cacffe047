"""Who is connected to this process, and the loop that writes each event into all the sockets that want it."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from typing import Any

from pydantic.alias_generators import to_camel
from pydantic_core import to_json
from starlette.types import Message

from outpatient.realtime.audiences import Room
from outpatient.realtime.connection import Audience, Connection
from outpatient.realtime.projections import Told

AT_ONCE = 200  # sockets written to before others in this process get their turn (about 2 ms)


class Hub:
    """The connections of this process, by audience.

    `position` is how far this process has told; None while it does not follow because nobody listens.
    """

    def __init__(self) -> None:
        self.position: int | None = None
        self._audiences: dict[Audience, set[Connection]] = {}
        self._rooms: dict[Room, set[Audience]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Connection]:
        for connections in tuple(self._audiences.values()):
            yield from tuple(connections)

    def add(self, connection: Connection) -> None:
        """From now on this connection is told."""
        audience = connection.audience
        if audience not in self._audiences:
            self._audiences[audience] = set()
            for room in audience.rooms:
                self._rooms.setdefault(room, set()).add(audience)
        self._audiences[audience].add(connection)
        self._count += 1

    def remove(self, connection: Connection) -> None:
        audience = connection.audience
        connections = self._audiences[audience]
        connections.remove(connection)
        self._count -= 1
        if not connections:
            del self._audiences[audience]
            for room in audience.rooms:
                self._rooms[room].discard(audience)
                if not self._rooms[room]:
                    del self._rooms[room]

    async def publish(self, told: Told) -> None:
        """Tell an event to everybody whom it concerns; from here on `position` includes it."""
        targets: list[tuple[Message, list[Connection]]] = []
        reached: set[Audience] = set()
        for letter in told.letters:
            wanted = self._listening(letter.rooms) - reached
            if wanted:
                reached |= wanted
                frame = frame_of(told.event.name, letter.data, told.position)
                targets.append((frame, [one for audience in wanted for one in self._audiences[audience]]))
        self.position = told.position
        for frame, connections in targets:
            await in_turns(connections, partial(_tell, told.position, frame))

    def _listening(self, rooms: Iterable[Room]) -> set[Audience]:
        found: set[Audience] = set()
        for room in rooms:
            found |= self._rooms.get(room, set())
        return found

    async def beat(self) -> None:
        """Show every reader, and whatever stands between, that the stream is alive."""
        await in_turns(tuple(self), lambda one: one.push(HEARTBEAT) if one.held is None else None)


def _tell(position: int, frame: Message, connection: Connection) -> None:
    connection.tell(position, frame)


async def in_turns(connections: Iterable[Connection], act: Callable[[Connection], Any]) -> None:
    """Do something with each connection, and let the rest of the process have its turn in between."""
    for number, connection in enumerate(connections, 1):
        act(connection)
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)


def frame_of(kind: str, data: Any, position: int | None = None, retry: int | None = None) -> Message:
    """A message as the wire has it: one `data:` line; a position is its `id`, `retry` is in milliseconds."""
    head = b"" if position is None else b"id: %d\n" % position
    if retry is not None:
        head += b"retry: %d\n" % retry
    body = to_json({"type": kind, "data": camel_keys(data)}, by_alias=True)
    return {"type": "http.response.body", "body": b"%sdata: %s\n\n" % (head, body), "more_body": True}


HEARTBEAT: Message = {"type": "http.response.body", "body": b": still here\n\n", "more_body": True}

_camel = lru_cache(1_000)(to_camel)


def camel_keys(data: Any) -> Any:
    """Our names as the API writes them; what is inside a value stays as it is."""
    return {_camel(name): value for name, value in data.items()} if isinstance(data, dict) else data
