"""A Socket.IO client that remembers what it was told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import socketio

from tests.makers import Persona

PATIENCE = 60.0  # seconds; only a broken program takes that long


class Client:
    """One connected client. `messages` has what came and was not asked for yet, as (name, data)."""

    def __init__(self) -> None:
        self.io = socketio.AsyncClient(reconnection=False)
        self.messages: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.io.on("*", self._hear)
        self.io.on("disconnect", self._leave)

    async def _hear(self, name: str, data: Any = None) -> None:
        self.messages.put_nowait((name, data))

    async def _leave(self, *_: Any) -> None:
        self.gone.set()

    async def next(self, *names: str) -> tuple[str, Any]:
        """The next message, or the next of these names."""
        while True:
            name, data = await asyncio.wait_for(self.messages.get(), PATIENCE)
            if not names or name in names:
                return name, data

    async def ask(self, event: str, **data: Any) -> Any:
        """Send an event and wait for its answer."""
        return await self.io.call(event, data, timeout=PATIENCE)

    async def join(self, event: str, **data: Any) -> Any:
        """Join a room; the queue that it shows."""
        answer = await self.ask(event, **data)
        assert "error" not in answer, answer
        name, queue = await self.next()
        assert name == "queue_updated"
        return queue

    async def barrier(self) -> list[tuple[str, Any]]:
        """Everything that was sent before now."""
        await self.ask("leave_queue_room", clinic_id=0)
        found = []
        while not self.messages.empty():
            found.append(self.messages.get_nowait())
        return found


def token_of(persona: Persona) -> str:
    return persona.headers["Authorization"].removeprefix("Bearer ")


@asynccontextmanager
async def connected(url: str, persona: Persona, **given: Any) -> AsyncIterator[Client]:
    client = Client()
    given = {"auth": {"token": token_of(persona)}, "transports": ["websocket"], **given}
    await client.io.connect(url, wait_timeout=PATIENCE, **given)
    try:
        yield client
    finally:
        await client.io.disconnect()
