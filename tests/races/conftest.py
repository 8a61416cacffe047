"""Real servers over TCP: two processes on PostgreSQL, one on SQLite, with a real clock."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from sqlalchemy import text

from bench.servers import Server, free_port, started
from outpatient.app import Outpatient, create_app
from outpatient.settings import Settings
from tests.makers import MadeHospital, Make, Persona

pytest.register_assert_rewrite("tests.races.queues")

UNLIMITED = "1000000/15 minutes"
PARALLEL = 50
OURS = ("-m", "outpatient")
NOON = 12 - datetime.now(UTC).hour
ZONE = f"Etc/GMT{-NOON:+d}"  # (whose sign is the other way round)
"""A zone in which it is noon now, so that no midnight comes between."""

OVERLAPPING_PAIRS = """
SELECT count(*) FROM appointments a JOIN appointments b
  ON a.hospital_id = b.hospital_id AND a.clinician_id = b.clinician_id AND a.id < b.id
 AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE a.hospital_id = :hospital_id
  AND a.status IN ('PENDING', 'CONFIRMED', 'CHECKED_IN') AND b.status IN ('PENDING', 'CONFIRMED', 'CHECKED_IN')
"""


@dataclass
class Clinic:
    """A hospital behind real servers. `call` spreads its calls over them in turn."""

    program: Outpatient
    make: Make
    hospital: MadeHospital
    clients: list[httpx2.AsyncClient]
    servers: list[Server] = field(default_factory=list)
    turn: int = 0

    async def call(
        self, persona: Persona, method: str, path: str, json: Any = None, *, server: int | None = None
    ) -> Any:
        """One call over TCP; on the server named, else on the next one in turn."""
        self.turn += 1
        client = self.clients[(self.turn if server is None else server) % len(self.clients)]
        return await client.request(method, f"/api/v1{path}", json=json, headers=persona.headers)

    async def all_at_once(self, calls: list[tuple[Persona, str, str, Any]]) -> list[Any]:
        """Every call in parallel, over every server."""
        return await asyncio.gather(*(self.call(*call) for call in calls))

    async def overlapping_pairs(self) -> int:
        async with self.program.database.reading() as tx:
            return await tx.one_or_none(text(OVERLAPPING_PAIRS).bindparams(hospital_id=self.hospital.id))

    async def rows(self, query: str) -> list[Any]:
        """What a plain query finds in the store."""
        async with self.program.database.reading() as tx:
            return list((await tx.execute(text(query))).all())

    async def execute(self, *statements: str) -> None:
        """Plain SQL on the store."""
        async with self.program.database.transaction() as tx:
            for statement in statements:
                await tx.execute(text(statement))

    @property
    def is_postgresql(self) -> bool:
        return self.program.database.store.dialect == "postgresql"


def next_monday() -> datetime:
    """Nine o'clock in Kolkata on a Monday that is at least a week away."""
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Kolkata")).date()
    monday = today + timedelta(days=14 - today.weekday())
    return datetime(monday.year, monday.month, monday.day, 9, tzinfo=ZoneInfo("Asia/Kolkata"))


@pytest.fixture(scope="module")
def race_url(new_database) -> str:
    return new_database("races")


def serve(
    url: str, folder: Path, program: Sequence[str] = OURS, environment: Mapping[str, str] | None = None
) -> AbstractContextManager[Server]:
    """One server on this database, for the length of a block."""
    port = free_port()
    given = {
        "DATABASE_URL": url,
        "DATABASE_POOL": "4",  # two processes for each worker of the tests, and a server takes a hundred in all
        "REDIS_URL": "",
        "RABBITMQ_URL": "",
        "PORT": str(port),
        "OUTBOX_DIR": str(folder / f"race-outbox-{port}"),
        "UPLOAD_DIR": str(folder / "race-uploads"),
        "RATE_LIMIT_GENERAL": UNLIMITED,
        "RATE_LIMIT_USER": UNLIMITED,
        **(environment or {}),
    }
    return started([sys.executable, *program, "serve"], port, given)


def client_of(server: Server) -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=PARALLEL, max_keepalive_connections=PARALLEL)
    return httpx2.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", limits=limits, timeout=60)


@asynccontextmanager
async def serving(
    url: str,
    folder: Path,
    program: Sequence[str] = OURS,
    environment: Mapping[str, str] | None = None,
    servers: int = 2,
    **config: Any,
) -> Any:
    """A hospital, and so many servers of it, as far as the store allows (SQLite allows one)."""
    number = servers if url.startswith("postgresql") else 1
    async with AsyncExitStack() as stack:
        running = [stack.enter_context(serve(url, folder, program, environment)) for _ in range(number)]
        clients = [client_of(server) for server in running]
        own = create_app(Settings(_env_file=None, database_url=url, redis_url="", rabbitmq_url=""), with_worker=False)
        stack.push_async_callback(own.database.close)
        make = Make(own, clients[0])
        try:
            yield Clinic(own, make, await make.hospital(**config), clients, running)
        finally:
            for client in clients:
                await client.aclose()


@pytest.fixture(scope="module")
async def clinic(anyio_backend: str, race_url: str, folders: Path) -> AsyncIterator[Clinic]:
    async with serving(race_url, folders) as clinic:
        yield clinic
