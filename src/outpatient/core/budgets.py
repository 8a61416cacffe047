"""Limits that must hold across processes and restarts: counted in the database by one atomic upsert."""

import hashlib
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete

from outpatient.core.database import Database
from outpatient.core.errors import TooMany
from outpatient.core.statements import Statement
from outpatient.models.user import Budget

_UPSERT = """INSERT INTO budgets (key, window_starts_at, used) VALUES (:key, :window, 1)
ON CONFLICT (key, window_starts_at) DO UPDATE SET used = budgets.used + 1 RETURNING used"""

SPEND = Statement(
    "spend", _UPSERT, lambda connection, given: connection.execute(_UPSERT, given).fetchall(), tells=False
)


@dataclass(frozen=True, slots=True)
class Spent:
    """What is left of a budget after this try; `reset_at` is when its window ends."""

    limit: int
    remaining: int
    reset_at: datetime


async def spend(database: Database, key: str, limit: tuple[int, timedelta], *, message: str | None = None) -> Spent:
    """Use one of `limit` (count, window) tries of `key`, safe even when the caller's own work fails (TooMany)."""
    count, window = limit
    now = database.clock.now()
    begins = datetime.fromtimestamp(now.timestamp() // window.total_seconds() * window.total_seconds(), UTC)
    used = (await database.run(SPEND, key=_stored(key), window=begins))[0]["used"]
    if used > count:
        raise TooMany(message, retry_after=max(1, math.ceil((begins + window - now).total_seconds())))
    return Spent(count, count - used, begins + window)


async def forgive(database: Database, key: str) -> None:
    """Forget what `key` has used (a right password clears the wrong ones before it)."""
    async with database.transaction() as tx:
        await tx.execute(delete(Budget).where(Budget.key == _stored(key)))


def _stored(key: str) -> str:
    """Keys name phones and accounts, and may be of any length; what is kept is a digest."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


async def forget_old_budgets(database: Database) -> None:
    """Drop windows that began more than two days ago: no limit looks back further than one."""
    async with database.transaction() as tx:
        await tx.execute(delete(Budget).where(Budget.window_starts_at < tx.now - timedelta(days=2)))
