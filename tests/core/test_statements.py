"""Every hot statement fits the schema as the migrations make it."""

import importlib
import pkgutil

import asyncpg
import pytest

import outpatient
from outpatient.core.statements import Statement

pytestmark = pytest.mark.anyio


def _statements() -> dict[str, Statement]:
    found = {}
    for module in pkgutil.walk_packages(outpatient.__path__, "outpatient."):
        if not module.name.endswith("__main__"):
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, Statement):
                    found[value.name] = value
    return found


STATEMENTS = _statements()


def test_the_hot_ones_are_found():
    assert {"book", "check_in", "call_next", "clinician_queue", "occupy"} <= STATEMENTS.keys()


@pytest.mark.parametrize("name", sorted(STATEMENTS))
async def test_a_statement_can_be_prepared(name, database_url, request):
    if request.config.option.store != "postgresql":
        pytest.skip("only PostgreSQL prepares statements: --store postgresql")
    statement = STATEMENTS[name]
    connection = await asyncpg.connect(database_url)
    try:
        prepared = await connection.prepare(statement.numbered)
        assert len(prepared.get_parameters()) == len(statement.names)
    finally:
        await connection.close()
