"""LISTEN/NOTIFY: processes on one PostgreSQL need no other carrier."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg

CHANNEL = "outpatient_news"  # of this database alone: PostgreSQL keeps the channels of databases apart
CONNECT = 5.0  # seconds


class PostgresPubsub:
    """Speaks and listens on one connection of its own.

    A word is a transaction of its own: NOTIFY takes a lock over the whole server at commit, which no business
    transaction should wait for.
    """

    name = "postgresql"

    def __init__(self, url: str, channel: str = CHANNEL) -> None:
        self._url = url
        self._channel = channel
        self._connection: asyncpg.Connection | None = None  # asyncpg itself keeps none alive that only listens

    async def publish(self, word: str) -> None:
        if self._connection is None:
            raise ConnectionError("The connection to PostgreSQL that carries the news is away")
        await self._connection.execute("SELECT pg_notify($1, $2)", self._channel, word)

    async def listen(self, connected: Callable[[], None], heard: Callable[[str], None]) -> None:
        connection = await asyncpg.connect(
            self._url, timeout=CONNECT, server_settings={"application_name": "outpatient news"}
        )
        try:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda *_: lost.set())

            def hear(_connection: Any, _pid: int, _channel: str, word: str) -> None:
                heard(word)

            await connection.add_listener(self._channel, hear)
            self._connection = connection
            connected()
            await lost.wait()
            raise ConnectionError("PostgreSQL closed the connection that carries the news")
        finally:
            self._connection = None
            connection.terminate()  # a polite end would wait for a server that may be away

    async def close(self) -> None:
        """Nothing is left to close once nobody listens."""
