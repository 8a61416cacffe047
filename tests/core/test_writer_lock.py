"""One writer at a time on SQLite, and nobody who waits for himself."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import literal, select

from outpatient.core.budgets import spend
from outpatient.core.stores import SqliteStore, WriterLock
from tests.makers import new_phone

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(outpatient, clock):
    if not isinstance(outpatient.database.store, SqliteStore):
        pytest.skip("PostgreSQL has many writers")
    return outpatient.database


async def test_a_write_transaction_inside_another_is_told_so_at_once(database):
    async with database.transaction():
        with pytest.raises(RuntimeError, match="hand on the open `tx`"):
            async with database.transaction():
                pass


async def test_a_hot_write_inside_a_write_transaction_is_told_so_at_once(database):
    async with database.transaction():
        with pytest.raises(RuntimeError, match="hand on the open `tx`"):
            await spend(database, "lock", (1, timedelta(days=1)))


async def test_reading_inside_a_write_transaction_is_free(database):
    async with database.transaction(), database.reading() as other:
        assert await other.one_or_none(select(literal(7))) == 7
    assert (await spend(database, new_phone(), (2, timedelta(days=1)))).remaining == 1  # the next writer gets through


async def test_one_write_after_another_is_fine_also_after_a_failure(database):
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            async with database.transaction():
                raise ZeroDivisionError
    assert (await spend(database, new_phone(), (2, timedelta(days=1)))).remaining == 1  # the next writer gets through


async def test_other_tasks_wait_their_turn():
    lock, order = WriterLock(), []

    async def write(name: str) -> None:
        async with lock:
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    await asyncio.gather(write("one"), write("two"), write("three"))
    assert order == [f"{name} {what}" for name in ("one", "two", "three") for what in ("begins", "ends")]


async def test_a_writer_who_gave_up_waiting_blocks_nobody():
    lock = WriterLock()
    async with lock:
        waiting = asyncio.ensure_future(lock.__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(60), lock:  # the next writer gets through
        pass
