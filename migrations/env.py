"""Runs the migrations through the program's own engine, on either store."""

import asyncio

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, text

from outpatient.core.stores import opened
from outpatient.models import Base
from outpatient.models.columns import Instant
from outpatient.settings import load_settings

MIGRATION_LOCK = 0x0C70  # one process migrates at a time


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | bool:
    """Write our own column type by its name."""
    if kind == "type" and isinstance(item, Instant):
        autogen.imports.add("from outpatient.models.columns import Instant")
        return "Instant()"
    return False


def run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        transaction_per_migration=False,
    )
    context.run_migrations()


async def main() -> None:
    url = context.config.get_main_option("sqlalchemy.url") or load_settings().store_url
    async with opened(url) as store, store.writes.connect() as connection:
        if store.dialect == "sqlite":  # a table is changed by making it anew, which its children must not notice
            driver = (await connection.get_raw_connection()).driver_connection
            await driver.execute("PRAGMA foreign_keys=OFF")
        async with connection.begin():
            await connection.run_sync(run)
            if store.dialect == "sqlite" and (await connection.exec_driver_sql("PRAGMA foreign_key_check")).all():
                raise SystemExit("A row refers to one that is not there; nothing was changed")
        if store.dialect == "sqlite":
            await driver.execute("PRAGMA foreign_keys=ON")


asyncio.run(main())
