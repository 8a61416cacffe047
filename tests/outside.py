"""Servers outside that a test may need: where they are, and a way to take them away and bring them back."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Self
from urllib.parse import urlsplit

from tests.stand_ins import StandInBroker, StandInRedis, listening

PORTS = {"redis": 6379, "amqp": 5672, "postgresql": 5432}
STAND_IN = "stand-in"
"""As TEST_REDIS_URL or TEST_RABBITMQ_URL: pass over the one that runs here."""


async def until(is_so: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait for something that other tasks bring about."""
    try:
        async with asyncio.timeout(seconds):
            while not is_so():
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"After {seconds} s it is still not so: {what}") from None


@cache
def _answers(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


def _address(variable: str, default: str) -> str | None:
    url = os.environ.get(variable) or default
    parts = urlsplit(url)
    return (
        url if url != STAND_IN and _answers(parts.hostname or "127.0.0.1", parts.port or PORTS[parts.scheme]) else None
    )


def redis_address() -> str | None:
    """The Redis that TEST_REDIS_URL names, else the one running here; None when there is none."""
    return _address("TEST_REDIS_URL", "redis://127.0.0.1:6379/0")


def rabbitmq_address() -> str | None:
    """The RabbitMQ that TEST_RABBITMQ_URL names, else the one running here; None when there is none."""
    return _address("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/")


@asynccontextmanager
async def redis_server() -> AsyncIterator[str]:
    """The address of a Redis, or of its stand-in."""
    if address := redis_address():
        yield address
    else:
        async with listening(StandInRedis().answer, "redis://") as address:
            yield address


@asynccontextmanager
async def rabbitmq_server() -> AsyncIterator[str]:
    """The address of a RabbitMQ, or of its stand-in."""
    if address := rabbitmq_address():
        yield address
    else:
        async with listening(StandInBroker().answer, "amqp://guest:guest@") as address:
            yield address


class Wire:
    """A wire to a server that a test can cut, mend, and let go dead (open, but nothing comes through)."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname, parts.port or PORTS[parts.scheme])
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        login = parts.netloc.rpartition("@")[0]
        self.url = parts._replace(
            netloc=f"{login}@127.0.0.1:{self._port}" if login else f"127.0.0.1:{self._port}"
        ).geturl()
        self._listener: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()
        self._is_dead = False

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self.cut()

    async def mend(self) -> None:
        """The server is there again."""
        self._is_dead = False
        if self._listener is None:
            self._listener = await asyncio.start_server(self._link, "127.0.0.1", self._port)

    async def cut(self) -> None:
        """The server is gone: every connection ends and none is taken."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for link in self._links:
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)
        self._links.clear()

    def go_dead(self) -> None:
        """Every connection made so far stays open, and nothing comes through it any more."""
        for link in self._links:
            link.cancel("dead")

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._links.add(task)
        writers = [writer]
        try:
            there, to_there = await asyncio.open_connection(*self._server)
            writers.append(to_there)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(_carry(reader, to_there))
                    both.create_task(_carry(there, writer))
            except asyncio.CancelledError as end:
                if "dead" not in end.args:
                    raise
                task.uncancel()
                await asyncio.Event().wait()
        except (OSError, ExceptionGroup, asyncio.CancelledError):
            pass  # cut, or ended by one of the two
        finally:
            for one in writers:
                one.transport.abort()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(65536):
        writer.write(part)
        await writer.drain()
    raise ConnectionResetError
