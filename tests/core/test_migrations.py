"""The migrations make the very tables that the models speak of, can be undone, and guard what is only added to."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from outpatient.core.migrations import configuration, newest_migration
from outpatient.core.stores import opened
from outpatient.models import Base

pytestmark = pytest.mark.anyio


def differences(connection: Connection) -> list:
    return compare_metadata(MigrationContext.configure(connection), Base.metadata)


@pytest.fixture
def migrated(new_database) -> str:
    return new_database("models")


@pytest.fixture
def undone_and_done_again(new_database) -> str:
    url = new_database("back_and_forth")
    command.downgrade(configuration(url), "base")
    command.upgrade(configuration(url), "head")
    return url


async def test_the_migrated_tables_are_the_models(migrated):
    async with opened(migrated) as store, store.reads.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_every_migration_can_be_undone_and_done_again(undone_and_done_again):
    async with opened(undone_and_done_again) as store, store.reads.connect() as connection:
        version = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
        assert version == newest_migration()
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize("change", ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries"])
async def test_the_audit_is_never_changed(outpatient, make, change):
    await make.hospital()
    async with outpatient.database.transaction() as tx:
        tx.audit("patient.read", "patient", 1, hospital_id=1, by=None)

    with pytest.raises(IntegrityError, match="append_only"):
        async with outpatient.database.store.writes.begin() as connection:
            await connection.execute(text(change))
