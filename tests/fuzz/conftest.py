"""The program that the fuzzer calls: in process on SQLite, over TCP on PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import httpx2
import pytest
from anyio.from_thread import start_blocking_portal

from outpatient.app import create_app
from outpatient.core.clock import SetClock
from outpatient.http.server import Server, listen
from outpatient.settings import Settings
from tests.conftest import NOW
from tests.fuzz.world import World

CANARY = "Canarius"
"""Nobody of another hospital may ever read this name."""


@asynccontextmanager
async def served(program: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that reaches the program through a real socket."""
    listener = listen("127.0.0.1", 0)
    server = Server(program, program.stopping)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server.serve, [listener])
        while not server.started:
            await anyio.sleep(0.01)
        address = "http://{}:{}".format(*listener.getsockname())
        async with httpx2.AsyncClient(base_url=address, timeout=30) as client:
            yield client
        server.should_exit = True


@asynccontextmanager
async def in_process(program: Any) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=program, client=("203.0.113.7", 40000), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://clinic.test") as client:
        yield client
    await program.database.close()


@pytest.fixture(scope="module")
def fuzz(
    new_database: Any, settings: Settings, tmp_path_factory: pytest.TempPathFactory, pytestconfig: Any
) -> Iterator[Any]:
    """The world, and `run` to do something in it: hypothesis is synchronous, the program is not."""
    folder: Path = tmp_path_factory.mktemp("fuzz")
    own = {"database_url": new_database("fuzz"), "outbox_dir": folder / "outbox", "upload_dir": folder / "uploads"}
    reach = served if pytestconfig.option.store == "postgresql" else in_process

    with start_blocking_portal() as portal:
        program = create_app(
            Settings(_env_file=None, **{**settings.model_dump(), **own}), SetClock(NOW), with_worker=False
        )
        with portal.wrap_async_context_manager(reach(program)) as http:
            world = World(program, http)
            portal.call(world.make_canary, CANARY)
            yield SimpleNamespace(world=world, run=portal.call, program=program)
