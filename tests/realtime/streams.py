"""A reader of streams that talks to the program in process: it sees the very bytes, and can stop reading."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from outpatient.app import Outpatient
from outpatient.core.outbox import place_events
from outpatient.realtime.queries import get_position
from tests.makers import Persona

PATIENCE = 60.0  # seconds; only a broken program takes that long


@dataclass
class Message:
    """One message of a stream, as a browser takes it."""

    type: str
    data: dict[str, Any]
    id: int | None
    retry: int | None
    raw: str


@dataclass
class Reader:
    """One open stream."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""
    has_ended: bool = False
    last_id: int | None = None
    slow: asyncio.Event | None = None  # set: the socket takes bytes; cleared: it is full
    chunks: "asyncio.Queue[bytes | None]" = field(default_factory=asyncio.Queue)
    _rest: bytes = b""

    async def next(self) -> Message:
        """The next message; heartbeats are passed over."""
        while True:
            while b"\n\n" not in self._rest:
                chunk = await asyncio.wait_for(self.chunks.get(), PATIENCE)
                if chunk is None:
                    raise EOFError
                self._rest += chunk
            block, _, self._rest = self._rest.partition(b"\n\n")
            if not block.startswith(b":"):
                return self._read(block.decode())

    async def until(self, kind: str) -> Message:
        """The next message of a kind."""
        while (message := await self.next()).type != kind:
            pass
        return message

    async def rest(self) -> list[Message]:
        """Everything up to the end of the stream."""
        found = []
        try:
            while True:
                found.append(await self.next())
        except EOFError:
            return found

    def _read(self, block: str) -> Message:
        message = message_of(block)
        self.last_id = self.last_id if message.id is None else message.id
        return message


def message_of(block: str) -> Message:
    """A message from the lines that it came in."""
    lines = [line.split(": ", 1) for line in block.split("\n")]
    fields = dict(lines)
    assert len(fields) == len(lines), "each field stands in one line"
    body = json.loads(fields["data"])
    assert set(body) == {"type", "data"}
    number = int(fields["id"]) if "id" in fields else None
    return Message(body["type"], body["data"], number, int(fields["retry"]) if "retry" in fields else None, block)


@asynccontextmanager
async def opened(
    program: Outpatient, persona: Persona, path: str, *, after: int | None = None, **headers: str
) -> AsyncIterator[Reader]:
    """A stream for the length of a block; a refusal has a status and a body, and no messages."""
    reader, gone = Reader(), asyncio.Event()
    url = urlsplit(path)
    given = {**persona.headers, **headers}
    if after is not None:
        given["Last-Event-ID"] = str(after)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": f"/api/v1{url.path}",
        "raw_path": f"/api/v1{url.path}".encode(),
        "query_string": url.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        "client": ("203.0.113.7", 40000),
        "server": ("clinic.test", 80),
        "state": {},
    }
    is_asked = False

    async def receive() -> dict[str, Any]:
        nonlocal is_asked
        if not is_asked:
            is_asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if reader.slow is not None:
            await reader.slow.wait()
        if message["type"] == "http.response.start":
            reader.status = message["status"]
            reader.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        reader.raw += message.get("body", b"")
        reader.chunks.put_nowait(message.get("body", b""))
        if not message.get("more_body", False):
            reader.has_ended = True
            reader.chunks.put_nowait(None)

    async def run() -> None:
        try:
            await program(scope, receive, send)
        finally:
            reader.chunks.put_nowait(None)

    task = asyncio.create_task(run())
    try:
        yield reader
    finally:
        gone.set()
        if reader.slow is not None:
            reader.slow.set()
        await asyncio.wait_for(task, PATIENCE)


async def place(program: Outpatient) -> None:
    """Give what happened its position and wake whoever follows, as the relay does; then everybody has been told."""
    while await place_events(program.database, program.database.reactions):
        pass
    program.news.tell()
    async with program.database.reading() as tx:
        last = await get_position(tx)
    async with asyncio.timeout(PATIENCE):
        while program.live.tail.is_following and (program.live.hub.position or 0) < last:
            await asyncio.sleep(0.001)
