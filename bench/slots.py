"""What a month of free slots costs: database round trips and CPU."""

import asyncio
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bench.stage import set_stage
from outpatient.core.clock import Clock
from outpatient.core.database import Database
from outpatient.core.stores import open_store
from outpatient.scheduling.queries import Schedules

MONTH = 30


def report(folder: Path) -> None:
    """Print queries and milliseconds of thirty days of slots, cold and warm."""
    stage = set_stage(f"sqlite:///{folder}/slots.db")
    asyncio.run(_measure(stage.url))


async def _measure(url: str) -> None:
    database = Database(open_store(url), Clock())
    counted = 0

    def count(_connection: Any = None, _cursor: Any = None, statement: str = "", *_: Any) -> None:
        nonlocal counted
        counted += statement != "BEGIN"

    event.listen(database.store.reads.sync_engine, "before_cursor_execute", count)
    run = database.store.run

    async def counting_run(*given: Any) -> Any:
        count()
        return await run(*given)

    database.store.run = counting_run  # type: ignore[method-assign]
    schedules = Schedules(database)
    print("\nSlots of 30 days (48 a day)")
    for temperature in ("cold", "warm"):
        counted, began = 0, time.perf_counter()
        days = await schedules.find_slots(
            1, 1, first_on=date(2030, 1, 1), last_on=date(2030, 1, 1) + timedelta(MONTH - 1)
        )
        took = time.perf_counter() - began
        print(f"  {temperature}: {counted} queries, {took * 1000:.1f} ms, {sum(map(len, days.values()))} slots")
    await database.close()
