"""`python -m tests.races.unguarded serve`: the same server with its guards taken away, which must lose the races.

PostgreSQL without row locks, SQLite without transactions, the next token read instead of counted, and the clinician's
room not looked into. It also takes its time between what it reads and what it writes, and before it commits: whether a
race is lost must not depend on how busy the machine is.
"""

import asyncio
import random
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

from sqlalchemy import Select, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from outpatient import __main__
from outpatient.core import stores
from outpatient.core.database import Tx
from outpatient.core.statements import Arguments, Rows, Statement
from outpatient.queue.actions import call, undo
from outpatient.queue.statements import CALL_NEXT, CHECK_IN, TAKE_TOKEN, check_in

THREADS = 8
PAUSE = 0.02  # seconds
READ_NUMBER = """SELECT COALESCE(max(token_number), 0) + 1 AS last_number FROM visits
WHERE hospital_id = :hospital_id AND token_group = :token_group AND token_period_on = :period_on"""


def _without(statement: Statement, *guards: str, **instead: str) -> None:
    """Cut the guards out of a statement; each of them must be there."""
    text = statement.postgresql
    for guard in guards:
        assert guard in text, guard
        text = text.replace(guard, "")
    object.__setattr__(statement, "postgresql", text)


def _replace_counter(statement: Statement, begins: str, ends: str, instead: str) -> None:
    before, _, rest = statement.postgresql.partition(begins)
    _, _, after = rest.partition(ends)
    assert after or not ends, begins
    object.__setattr__(statement, "postgresql", before + instead + after)


def take_row_locks_away() -> None:
    _without(CHECK_IN, "FOR NO KEY UPDATE")
    _without(CALL_NEXT, "FOR NO KEY UPDATE SKIP LOCKED")
    Select.with_for_update = lambda self, **_: self  # type: ignore[method-assign]


def take_haste_away() -> None:
    """Now and then a pause after a look at a row, and always one after an event, with the transaction still open."""
    look, record = Tx.one_or_none, Tx.record

    async def look_and_pause(self: Tx, query: Any) -> Any:
        found = await look(self, query)
        if random.random() < 0.3:
            await asyncio.sleep(PAUSE)
        return found

    async def record_and_pause(self: Tx, *event: Any, **given: Any) -> None:
        await record(self, *event, **given)
        await self.session.flush()
        await asyncio.sleep(PAUSE)

    Tx.one_or_none = look_and_pause  # type: ignore[method-assign]
    Tx.record = record_and_pause  # type: ignore[method-assign]


def take_counters_away() -> None:
    """`unguarded_number` is a function that the test puts into the store."""
    number = "unguarded_number({}) AS last_number"
    _replace_counter(
        CHECK_IN,
        "INSERT INTO token_counters",
        "RETURNING last_number",
        f"SELECT {number.format(':hospital_id::bigint, token_group, period_on')} FROM fit WHERE token_number IS NULL",
    )
    object.__setattr__(
        TAKE_TOKEN,
        "postgresql",
        f"SELECT {number.format(':hospital_id::bigint, :token_group::text, :period_on::date')}",
    )
    check_in._COUNT_SQLITE = READ_NUMBER


def take_transactions_away() -> None:
    """SQLite: every statement by itself, on as many threads and connections as there are."""

    def engine(path: str, _begin: str, *, size: int) -> AsyncEngine:
        made = create_async_engine(
            f"sqlite+aiosqlite:///{path}", poolclass=AsyncAdaptedQueuePool, pool_size=THREADS, max_overflow=0
        )

        @event.listens_for(made.sync_engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            cursor = connection.cursor()
            stores._prepare_sqlite(cursor.execute)
            cursor.close()

        return made

    def run_alone(self: Any, statement: Statement, arguments: Arguments) -> Rows:
        connection: sqlite3.Connection = self._connection()
        return statement.sqlite(connection, arguments)

    begin = stores.SqliteStore.__init__

    def open_wide(self: Any, path: str) -> None:
        begin(self, path)
        self._lock = nullcontext()
        self._writer = ThreadPoolExecutor(THREADS)

    stores._sqlite_engine = engine
    stores.SqliteStore._run_alone = run_alone  # type: ignore[method-assign]
    stores.SqliteStore.__init__ = open_wide  # type: ignore[method-assign]


async def look_away(*_: Any, **__: Any) -> None:
    """In place of `make_room`."""


if __name__ == "__main__":
    take_row_locks_away()
    take_haste_away()
    take_counters_away()
    take_transactions_away()
    call.make_room = undo.make_room = look_away
    __main__.main()
