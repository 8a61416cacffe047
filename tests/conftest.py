"""One program on one store per worker; every test gets a hospital of its own, so nothing needs to be cleaned up."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import asyncpg
import httpx2
import hypothesis
import pytest
import structlog
from sqlalchemy import text, update

from outpatient.app import Outpatient, create_app
from outpatient.core import stores
from outpatient.core.clock import SetClock
from outpatient.core.database import Database
from outpatient.core.followers import find_end
from outpatient.core.migrations import migrate
from outpatient.core.outbox import ReactionTable, place_events
from outpatient.models import Appointment, Delivery, Follower, Hospital
from outpatient.settings import Settings
from tests.makers import Make, Persona
from tests.outside import rabbitmq_address, redis_address

NOW = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
"""Monday, nine o'clock in Kolkata: the moment at which every test begins."""

SHORT = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
]
"""Log lines of tests; structlog's own way draws every local variable of a failure, which takes seconds."""

UNLIMITED = "1000000/15 minutes"
ANY_ORDER = "reverse_unordered_selects=ON"
"""What no query puts in order comes the other way round, so that neither the program nor a test can rely on it."""
STORES = {"new_database", "postgresql"}
"""Who asks for one of these fixtures, at first or second hand, touches a store."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", choices=("sqlite", "postgresql"), default="sqlite", help="the store to run on")
    parser.addoption(
        "--in-pair", action="store_true", help="leave to the run on the other store what one run is enough for"
    )


hypothesis.settings.register_profile(
    "outpatient", derandomize=True, database=None, deadline=None, suppress_health_check=list(hypothesis.HealthCheck)
)
"""The same examples each time, however slow the machine is."""


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("outpatient")
    structlog.configure(processors=SHORT)
    stores.PRAGMAS = (*stores.PRAGMAS, ANY_ORDER)
    if hasattr(config, "workerinput") or config.option.store != "postgresql":
        return
    from tests.postgres import find_server

    config.server = find_server()
    os.environ["OUTPATIENT_TEST_SERVER"] = config.server.url("{database}")
    os.environ["OUTPATIENT_TEST_SERVER_IS"] = config.server.description


def pytest_unconfigure(config: pytest.Config) -> None:
    if (server := getattr(config, "server", None)) is not None:
        server.stop()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`make test` runs on both stores whatever depends on the store, and the rest on one."""
    if config.option.in_pair:
        kept: list[pytest.Item] = []
        left: list[pytest.Item] = []
        for item in items:
            (kept if config.option.store in _stores_of(item) else left).append(item)
        config.hook.pytest_deselected(items=left)
        items[:] = kept


def _stores_of(item: pytest.Item) -> set[str]:
    if enough := item.get_closest_marker("enough_on"):
        return set(enough.args)
    return {"sqlite", "postgresql"} if STORES & set(getattr(item, "fixturenames", ())) else {"sqlite"}


def pytest_report_header(config: pytest.Config) -> list[str]:
    found = {"redis": redis_address(), "rabbitmq": rabbitmq_address()}
    return [
        f"store: {os.environ.get('OUTPATIENT_TEST_SERVER_IS') or config.option.store}",
        *(f"{name}: {'the one that answers' if it else 'none answers, so a stand-in'}" for name, it in found.items()),
    ]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def new_database(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, worker_id: str):
    """Makes an empty, migrated database and answers its URL; all but the first are copies of one that was migrated."""
    if pytestconfig.option.store == "sqlite":
        yield _sqlite_maker(tmp_path_factory)
        return
    made: list[str] = []
    yield _postgresql_maker(f"outpatient_test_{os.getpid()}_{worker_id}", made)
    for name in made:
        anyio_run(_execute, f'DROP DATABASE "{name}" WITH (FORCE)')


def _sqlite_maker(folders: pytest.TempPathFactory) -> Callable[[str], str]:
    @cache
    def pattern() -> Path:
        file = folders.mktemp("pattern") / "outpatient.db"
        migrate(f"sqlite:///{file}")
        return file

    def make(name: str = "main") -> str:
        return f"sqlite:///{shutil.copy(pattern(), folders.mktemp(name) / 'outpatient.db')}"

    return make


def _postgresql_maker(prefix: str, made: list[str]) -> Callable[[str], str]:
    server = os.environ["OUTPATIENT_TEST_SERVER"]

    def create(name: str, like: str) -> str:
        made.append(f"{prefix}_{name}_{len(made)}")
        anyio_run(_execute, f'CREATE DATABASE "{made[-1]}" TEMPLATE "{like}"')
        return made[-1]

    @cache
    def pattern() -> str:
        name = create("pattern", "template1")
        migrate(server.replace("{database}", name))
        return name

    def make(name: str = "main") -> str:
        return server.replace("{database}", create(name, pattern()))

    return make


def anyio_run(function, *arguments):
    """Run one coroutine to its end on a thread of its own, wherever this is called from."""
    import threading

    import anyio

    failures: list[BaseException] = []

    def run() -> None:
        try:
            anyio.run(function, *arguments)
        except BaseException as failure:  # noqa: BLE001
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


async def _execute(sql: str) -> None:
    connection = await asyncpg.connect(os.environ["OUTPATIENT_TEST_SERVER"].replace("{database}", "postgres"))
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def postgresql() -> str | None:
    """The database `postgres` of the server that this run uses, if it uses one."""
    server = os.environ.get("OUTPATIENT_TEST_SERVER")
    return server and server.replace("{database}", "postgres")


@pytest.fixture(scope="session")
def database_url(new_database) -> str:
    return new_database()


@pytest.fixture
def both_stores(request: pytest.FixtureRequest, new_database, tmp_path: Path) -> dict[str, str]:
    """The URLs of an empty database of each kind."""
    if request.config.option.store != "postgresql":
        pytest.skip("needs both stores: --store postgresql")
    sqlite = f"sqlite:///{tmp_path}/story.db"
    migrate(sqlite)
    return {"sqlite": sqlite, "postgresql": new_database("story")}


@pytest.fixture(scope="session")
def folders() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def settings(database_url: str, folders: Path) -> Settings:
    return Settings(
        _env_file=None,
        database_url=database_url,
        redis_url="",
        rabbitmq_url="",
        outbox_dir=folders / "outbox",
        upload_dir=folders / "uploads",
        rate_limit_auth=UNLIMITED,
        rate_limit_otp=UNLIMITED,
        rate_limit_invitation=UNLIMITED,
        rate_limit_otp_address=UNLIMITED,
        rate_limit_general=UNLIMITED,
        rate_limit_user=UNLIMITED,
    )


@pytest.fixture(scope="session")
async def outpatient(anyio_backend: str, settings: Settings) -> AsyncIterator[Outpatient]:
    """The program, with a clock that stands still and a worker that runs when a test says so."""
    program = create_app(settings, SetClock(NOW), with_worker=False)
    yield program
    await program.database.close()


@pytest.fixture
def clock(outpatient: Outpatient) -> SetClock:
    clock = outpatient.database.clock
    assert isinstance(clock, SetClock)
    clock.set(NOW)
    for sweep in outpatient.worker.sweeps:
        sweep.last = None  # by this clock, nothing has been swept yet
    return clock


async def _close_earlier_hospitals(database: Database) -> None:
    """What earlier tests left to do is nobody's any more: a worker that a test runs finds that test's work alone."""
    while await place_events(database, ReactionTable({})):
        pass
    async with database.transaction() as tx:
        await tx.execute(update(Hospital).where(Hospital.is_active).values(is_active=False))
        await tx.execute(
            update(Appointment).where(text("status = 'PENDING' AND expires_at IS NOT NULL")).values(expires_at=None)
        )
        await tx.execute(update(Delivery).where(Delivery.status == "PENDING").values(status="DONE", done_at=tx.now))
        await tx.execute(update(Follower).where(Follower.position > 0).values(position=await find_end(tx)))


@pytest.fixture
async def http(outpatient: Outpatient, clock: SetClock) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that nobody knows."""
    await _close_earlier_hospitals(outpatient.database)
    transport = httpx2.ASGITransport(app=outpatient, client=("203.0.113.7", 40000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://clinic.test") as client:
        yield client


@pytest.fixture
def make(outpatient: Outpatient, http: httpx2.AsyncClient) -> Make:
    """Builders for everything a test starts from."""
    return Make(outpatient, http)


@pytest.fixture
async def hospital(make: Make):
    """A hospital of this test's own, with one centre in Kolkata."""
    return await make.hospital()


@pytest.fixture
async def as_nobody(make: Make, hospital) -> Persona:
    return make.nobody(hospital)


@pytest.fixture
async def as_admin(make: Make, hospital) -> Persona:
    return await make.staff(hospital, "ADMIN")


@pytest.fixture
async def as_manager(make: Make, hospital) -> Persona:
    return await make.staff(hospital, "MANAGER")


@pytest.fixture
async def as_centre_manager(make: Make, hospital) -> Persona:
    return await make.staff(hospital, "CENTRE_MANAGER", centre_id=hospital.centre_id)


@pytest.fixture
async def as_care_coordinator(make: Make, hospital) -> Persona:
    return await make.staff(hospital, "CARE_COORDINATOR", centre_id=hospital.centre_id)


@pytest.fixture
async def as_front_desk(make: Make, hospital) -> Persona:
    return await make.staff(hospital, "FRONT_DESK", centre_id=hospital.centre_id)


@pytest.fixture
async def as_clinician(make: Make, hospital) -> Persona:
    """A clinician who works nine to five, Monday to Friday, in half hours, for ₹1,500."""
    return await make.clinician(hospital)


@pytest.fixture
async def as_patient(make: Make, hospital) -> Persona:
    return await make.patient(hospital)


@pytest.fixture
async def as_stranger(make: Make) -> Persona:
    """The ADMIN of another hospital."""
    return await make.staff(await make.hospital(), "ADMIN")
