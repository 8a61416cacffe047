"""What operations ask: whether database, Redis and RabbitMQ answer, how new the schema is, what waits to be told."""

import asyncio
from dataclasses import dataclass

from sqlalchemy import func, select, text

from outpatient.adapters.bus.port import Bus
from outpatient.adapters.pubsub.news import News
from outpatient.core.database import Database
from outpatient.models.outbox import Follower, StoredEvent

PATIENCE = 2.0  # seconds; whoever asks for our health waits little longer


async def is_connected(database: Database) -> bool:
    """Whether the database answers, now and soon."""
    try:
        async with asyncio.timeout(PATIENCE), database.reading() as tx:
            await tx.execute(text("SELECT 1"))
    except Exception:  # noqa: BLE001 (whatever it is, the database is away)
        return False
    return True


async def find_migration(database: Database) -> str | None:
    """The migration that the database is at; None when it has none, or does not answer."""
    try:
        async with asyncio.timeout(PATIENCE), database.reading() as tx:
            found: str | None = await tx.one_or_none(text("SELECT version_num FROM alembic_version"))
    except Exception:  # noqa: BLE001 (no such table, or no database)
        return None
    return found


def is_redis_heard(news: News) -> bool | None:
    """Whether this process hears the others through Redis; None when they do not use it."""
    return news.is_connected if news.pubsub.name == "redis" else None


async def is_rabbitmq_up(bus: Bus | None) -> bool | None:
    """Whether this process could publish now and soon (the one that holds the lease does); None without a broker."""
    if bus is None:
        return None
    try:
        async with asyncio.timeout(PATIENCE):
            return await bus.is_up()
    except TimeoutError:
        return False


@dataclass(frozen=True, slots=True)
class Backlogs:
    """Events that wait: for their position, and to be told to each follower."""

    unplaced: int
    followers: dict[str, int]


async def find_backlogs(database: Database) -> Backlogs | None:
    """What waits in the database; None when it does not answer."""
    last = select(func.coalesce(func.max(StoredEvent.position), 0)).scalar_subquery()
    followers = select(Follower.name, (last - Follower.position).label("backlog"))
    unplaced = select(func.count()).select_from(StoredEvent).where(StoredEvent.position.is_(None))
    try:
        async with asyncio.timeout(PATIENCE), database.reading() as tx:
            return Backlogs(
                unplaced=await tx.one_or_none(unplaced),
                followers={row["name"]: row["backlog"] for row in await tx.rows(followers)},
            )
    except Exception:  # noqa: BLE001 (whatever it is, there is nothing to read)
        return None
