"""A store that is watched: whether anything was committed, and what every row is now."""

import sqlite3
from contextlib import closing
from typing import Any

from sqlalchemy import func, select, text

from outpatient.app import Outpatient
from outpatient.models import AuditEntry, Base

Rows = dict[str, Any]

TABLES = [table.name for table in Base.metadata.sorted_tables]
OF_HOSPITALS = [table.name for table in Base.metadata.sorted_tables if "hospital_id" in table.c]


def _fingerprints(names: list[str], which: str = "") -> str:
    """PostgreSQL's own digest of the rows of each table, in one question."""
    return " UNION ALL ".join(
        f"SELECT '{name}', count(*), sum(hashtextextended(t::text, 0)) FROM \"{name}\" t {which}" for name in names
    )


class Watched:
    """Counts commits by the hook that the program itself uses, and fingerprints every table."""

    def __init__(self, program: Outpatient) -> None:
        self.database, self.commits = program.database, 0
        self.file = program.settings.store_url.removeprefix("sqlite:///") if self._is_file(program) else None
        committed = self.database.on_commit

        def count() -> None:
            self.commits += 1
            committed()

        self.database.on_commit = count

    @staticmethod
    def _is_file(program: Outpatient) -> bool:
        return program.settings.store_url.startswith("sqlite:///")

    async def rows(self) -> Rows:
        """Table → what is in it, as a fingerprint."""
        return await self._read(TABLES)

    async def rows_of(self, hospital_id: int) -> Rows:
        """The same, of one hospital."""
        return await self._read(OF_HOSPITALS, f"WHERE hospital_id = {hospital_id}")

    async def count_audited(self, user_id: int) -> int:
        """How much the audit says of what somebody did or looked at."""
        async with self.database.reading() as tx:
            query = select(func.count()).select_from(AuditEntry).where(AuditEntry.actor_id == user_id)
            return int(await tx.one_or_none(query))

    async def _read(self, names: list[str], which: str = "") -> Rows:
        if self.file is not None:
            with closing(sqlite3.connect(self.file)) as connection:
                return {
                    name: hash(tuple(connection.execute(f'SELECT * FROM "{name}" {which} ORDER BY rowid')))
                    for name in names
                }
        async with self.database.reading() as tx:
            return {name: tuple(rest) for name, *rest in await tx.execute(text(_fingerprints(names, which)))}
