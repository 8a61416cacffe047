"""What operations ask the database: whether it answers, and how new its schema is."""

import asyncio

from sqlalchemy import text

from outpatient.core.database import Database

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
