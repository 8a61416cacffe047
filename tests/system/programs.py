"""Programs that are not as well as the one the other tests share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from outpatient.app import Outpatient, create_app
from outpatient.core.clock import Clock
from outpatient.settings import Settings

AWAY = {"redis_url": "redis://127.0.0.1:1/0", "rabbitmq_url": "amqp://127.0.0.1:1/"}
"""Servers outside that are not there: nobody listens on port 1."""


def program_on(database_url: str, clock: Clock, folders: Path, **outside: str) -> Outpatient:
    outside = {"redis_url": "", "rabbitmq_url": ""} | outside
    settings = Settings(_env_file=None, database_url=database_url, outbox_dir=folders / "outbox", **outside)
    return create_app(settings, clock, with_worker=False)


def without_database(clock: Clock, folders: Path) -> Outpatient:
    """A program whose PostgreSQL is not there: nobody listens on port 1."""
    return program_on("postgresql://nobody@127.0.0.1:1/nothing", clock, folders)


@asynccontextmanager
async def client_of(program: Outpatient) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a program, which is closed afterwards."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=program), base_url="http://clinic.test") as client:
        yield client
    await program.adapters.close()
    await program.database.close()
