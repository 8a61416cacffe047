"""The two stores: how each opens connections, begins transactions and runs hot statements."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import asyncpg
from sqlalchemy import event, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from outpatient.core.days import local_day_text
from outpatient.core.statements import Arguments, Rows, Statement
from outpatient.models.columns import instant_to_text

POOL = 8
DEADLOCK_TRIES = 3
PATIENCE = {"jit": "off", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "60s"}
"""What every PostgreSQL session is told: nobody waits for ever, and nobody lets others wait for ever."""
ONE_PLAN = {"plan_cache_mode": "force_generic_plan"}
"""What the sessions of the hot statements are told besides: to plan takes longer than to run, so plan each once."""
BUSY_SECONDS = 15
PRAGMAS: tuple[str, ...] = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={BUSY_SECONDS * 1000}",
)
"""What every SQLite connection is told."""


class Store(Protocol):
    """A database engine as the rest of the core sees it."""

    dialect: str
    reads: AsyncEngine
    writes: AsyncEngine

    def write_lock(self) -> AbstractAsyncContextManager[Any]:
        """What a writer holds from begin to commit."""
        ...

    async def run(self, statement: Statement, arguments: Arguments) -> Rows:
        """Run a statement as its own transaction."""
        ...

    async def run_inside(self, connection: AsyncConnection, statement: Statement, arguments: Arguments) -> Rows:
        """Run a statement in the transaction that `connection` has open."""
        ...

    async def close(self) -> None: ...


def open_store(url: str, pool: int = POOL) -> Store:
    """The store behind a DATABASE_URL; ValueError for an engine that is neither SQLite nor PostgreSQL."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteStore(parsed.database or "outpatient.db")
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        return PostgresStore(parsed.set(drivername="postgresql").render_as_string(hide_password=False), pool)
    raise ValueError("DATABASE_URL must begin with sqlite:/// or postgresql://")


class PostgresStore:
    """PostgreSQL: SQLAlchemy on asyncpg for ordinary work, a bare asyncpg pool for the hot statements."""

    dialect = "postgresql"

    def __init__(self, url: str, pool: int = POOL) -> None:
        self.url, self._size = url, pool
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()
        self.reads = self.writes = create_async_engine(
            url.replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=pool,
            max_overflow=pool,
            connect_args={"server_settings": PATIENCE},
        )

    def write_lock(self) -> AbstractAsyncContextManager[Any]:
        return nullcontext()

    async def _hot_pool(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self.url,
                    min_size=1,
                    max_size=self._size,
                    connection_class=_NoReset,
                    server_settings=PATIENCE | ONE_PLAN,
                )
        return self._pool

    async def run(self, statement: Statement, arguments: Arguments) -> Rows:
        pool = self._pool or await self._hot_pool()
        given = [arguments[name] for name in statement.names]
        async with pool.acquire() as connection:
            for _ in range(DEADLOCK_TRIES):
                with suppress(asyncpg.DeadlockDetectedError):  # undone as a whole, so it may simply be run again
                    rows: Rows = await connection.fetch(statement.numbered, *given)
                    return rows
            last: Rows = await connection.fetch(statement.numbered, *given)
            return last

    async def run_inside(self, connection: AsyncConnection, statement: Statement, arguments: Arguments) -> Rows:
        await connection.exec_driver_sql("SELECT 1")  # SQLAlchemy begins at the driver only with its first statement
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        rows: Rows = await raw.fetch(statement.numbered, *[arguments[name] for name in statement.names])
        return rows

    async def close(self) -> None:
        await self.writes.dispose()
        if self._pool is not None:
            await self._pool.close()


class _NoReset(asyncpg.Connection):  # type: ignore[misc]  # (asyncpg has no types)
    """Hot statements leave nothing behind in a session, so nothing needs to be reset (1.3 x)."""

    def get_reset_query(self) -> str:
        return ""


class WriterLock:
    """One writer at a time. A task that asks again before it is done would wait for itself, so it is told instead."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._holder: asyncio.Task[Any] | None = None

    async def __aenter__(self) -> None:
        task = asyncio.current_task()
        if task is not None and task is self._holder:
            raise RuntimeError("A write inside an open write transaction of its own task: hand on the open `tx`")
        await self._lock.acquire()
        self._holder = task

    async def __aexit__(self, *_failure: object) -> None:
        self._holder = None
        self._lock.release()


class SqliteStore:
    """SQLite in WAL mode: many readers and one writer, so one lock for SQLAlchemy and the hot thread together."""

    dialect = "sqlite"

    def __init__(self, path: str) -> None:
        self._path = path
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = WriterLock()
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._writer = ThreadPoolExecutor(1, "sqlite-writer")
        self._readers = ThreadPoolExecutor(2, "sqlite-reader")
        self.reads = _sqlite_engine(path, "BEGIN", size=4)
        self.writes = _sqlite_engine(path, "BEGIN IMMEDIATE", size=1)

    def write_lock(self) -> AbstractAsyncContextManager[Any]:
        return self._lock

    def _connection(self) -> sqlite3.Connection:
        """This thread's own connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = sqlite3.connect(
                self._path, isolation_level=None, check_same_thread=False
            )
            _prepare_sqlite(connection.execute)
            connection.row_factory = sqlite3.Row
            self._opened.append(connection)
        return connection

    def _run_alone(self, statement: Statement, arguments: Arguments) -> Rows:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE" if statement.writes else "BEGIN")
        try:
            rows = statement.sqlite(connection, arguments)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return rows

    async def run(self, statement: Statement, arguments: Arguments) -> Rows:
        loop, plain = asyncio.get_running_loop(), _plain(arguments)
        if not statement.writes:
            return await loop.run_in_executor(self._readers, self._run_alone, statement, plain)
        async with self._lock:
            return await loop.run_in_executor(self._writer, self._run_alone, statement, plain)

    async def run_inside(self, connection: AsyncConnection, statement: Statement, arguments: Arguments) -> Rows:
        await connection.exec_driver_sql("SELECT 1")  # see PostgresStore
        driver: Any = (await connection.get_raw_connection()).driver_connection

        def in_its_thread() -> Rows:
            raw: sqlite3.Connection = driver._conn  # noqa: SLF001 (aiosqlite offers no public way into its thread)
            factory, raw.row_factory = raw.row_factory, sqlite3.Row
            try:
                return statement.sqlite(raw, _plain(arguments))
            finally:
                raw.row_factory = factory

        rows: Rows = await driver._execute(in_its_thread)  # noqa: SLF001
        return rows

    async def close(self) -> None:
        await self.reads.dispose()
        await self.writes.dispose()
        self._writer.shutdown()
        self._readers.shutdown()
        for connection in self._opened:
            connection.close()


def _plain(arguments: Arguments) -> dict[str, Any]:
    """Arguments as SQLite keeps them: instants and dates as text."""
    return {
        name: instant_to_text(value)
        if isinstance(value, datetime)
        else str(value)
        if isinstance(value, date)
        else value
        for name, value in arguments.items()
    }


def _prepare_sqlite(execute: Callable[[str], Any]) -> None:
    for pragma in PRAGMAS:
        execute(f"PRAGMA {pragma}")


def _sqlite_engine(path: str, begin: str, *, size: int) -> AsyncEngine:
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}", poolclass=AsyncAdaptedQueuePool, pool_size=size, max_overflow=0
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        connection.create_function("local_day", 2, local_day_text, deterministic=True)
        cursor = connection.cursor()
        _prepare_sqlite(cursor.execute)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """A store for the length of a block."""
    store = open_store(url)
    try:
        yield store
    finally:
        await store.close()
