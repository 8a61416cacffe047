"""Every route of both surfaces, called by nine principals about four relations of the thing asked for.

Allowed is 2xx with what was asked for; refused is 401, 403 or 404, nothing of another hospital, and not a row changed.
`pytest -rP tests/access/test_matrix.py` shows the totals.
"""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import true

from outpatient.access.permissions import ROLES, Permission
from outpatient.app import create_api, create_app
from outpatient.appointments.queries import single
from outpatient.compat.surface import create_compat
from outpatient.core.clock import SetClock
from outpatient.core.terms import Role
from outpatient.departments import queries as departments
from outpatient.http.dependencies import Allow, parts_of
from outpatient.http.inventory import list_endpoints
from outpatient.settings import Settings
from tests.access.matrix import tables
from tests.access.matrix.cells import Judge
from tests.access.matrix.places import Clinic
from tests.access.matrix.store import Watched
from tests.access.matrix.tables import (
    PRINCIPALS,
    RELATIONS,
    Expected,
    Row,
    documented,
    matrix,
    plain,
    rows_of,
    who_may,
    written,
)
from tests.access.matrix.vendors import SECRETS
from tests.conftest import NOW
from tests.signing import client_of

ROOT = Path(__file__).parents[2]


@dataclass
class Stage:
    """A program of its own; its reading clinic stays as it is, in the other one things are done."""

    store: Watched
    reading: Clinic
    writing: Clinic

    async def judge(self, row: Row) -> Judge:
        if not row.reads:
            await self.writing.settle()
        judge = Judge(self.reading if row.reads else self.writing, self.store, row)
        await judge.judge()
        return judge


@pytest.fixture(scope="module")
def own_settings(new_database: Any, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder: Path = tmp_path_factory.mktemp("matrix")
    own = {"database_url": new_database("matrix"), "outbox_dir": folder / "outbox", "upload_dir": folder / "uploads"}
    return Settings(_env_file=None, **{**settings.model_dump(), **SECRETS, **own})


@pytest.fixture(scope="module")
async def stage(anyio_backend: str, own_settings: Settings) -> AsyncIterator[Stage]:
    program = create_app(own_settings, SetClock(NOW), with_worker=False)
    async with client_of(program) as http:
        reading, writing = Clinic(program, http), Clinic(program, http)
        await reading.open()
        await writing.open(reading)
        await reading.furnish()
        yield Stage(Watched(program), reading, writing)
    await program.live.stop()
    await program.database.close()


CELLS = [(who, relation) for who in PRINCIPALS for relation in RELATIONS.values()]
ROWS = {row.label: row for row in matrix()}


@pytest.mark.enough_on("sqlite")
@pytest.mark.parametrize("row", matrix(), ids=lambda row: row.label)
async def test_every_cell_of(stage, row):
    judge = await stage.judge(row)

    assert not judge.wrong, f"{row.label}: {len(judge.wrong)} wrong\n    " + "\n    ".join(judge.wrong[:40])
    assert judge.called == {cell for cell in CELLS if row.expected(*cell) is not Expected.NONE}


def unlisted(surface: str, app: FastAPI) -> set[tuple[str, str]]:
    """The routes of an app that have no row."""
    known = {(row["surface"], plain(" ".join(row["call"].split()[:2]))) for row in rows_of(tables.HERE / "calls.tsv")}
    return {(surface, plain(f"{one.method} {one.path}")) for one in list_endpoints(app)} - known


def hidden(app: FastAPI) -> list[str]:
    """Routes that no document shows, so that the list above does not hold them."""
    contexts = iter_route_contexts(app.routes)
    return [
        str(one.path_format)
        for one in contexts
        if isinstance(one.original_route, APIRoute) and not one.include_in_schema
    ]


def test_every_route_has_a_row():
    for surface, app in (("api", create_api(Settings.model_construct())), ("root", create_compat())):
        assert unlisted(surface, app) == set()
        assert hidden(app) == []


def test_no_table_speaks_of_a_route_that_is_not_called():
    called = {(row.surface, plain(row.call)) for row in matrix()}

    assert len(called) == len(matrix())
    assert {*documented(), *written("merged.tsv"), *written("own_routes.tsv")} - called == set()
    assert set(documented()) & set(written("own_routes.tsv")) == set()


async def test_what_stands_beside_the_two_surfaces_has_a_test_of_its_own(stage):
    beside = rows_of(tables.HERE / "beside.tsv")
    door = stage.reading.program.front_door

    assert {row["path"] for row in beside} == {*dict(door._mounts), *door._plain} - {"/api", "/api/v1"}
    for row in beside:
        file, _, name = row["test"].partition("::")
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), row["test"]


def test_the_totals():
    cells = Counter(row.expected(*cell) for row in matrix() for cell in CELLS)
    print(f"{len(matrix())} rows x {len(PRINCIPALS)} principals x {len(RELATIONS)} relations = {cells.total()} cells")
    print(", ".join(f"{cells[expected]} {expected.value}" for expected in Expected))
    without = Counter(row.thing.name for row in matrix() for cell in CELLS if row.expected(*cell) is Expected.NONE)
    for name, count in without.most_common():
        print(f"  {count} n/a about {name!r}: {tables.things()[name].means}")
    assert cells.total() == len(matrix()) * len(CELLS)


# What the matrix must notice: with something broken on purpose, the judge has to find it.


async def wrongs(stage: Stage, label: str) -> str:
    return "\n".join((await stage.judge(ROWS[label])).wrong)


async def test_a_permission_that_was_widened_is_noticed(stage, monkeypatch):
    wider = ROLES[Permission.PATIENTS_EXPORT] | {Role.FRONT_DESK}
    monkeypatch.setitem(ROLES, Permission.PATIENTS_EXPORT, wider)

    found = await wrongs(stage, "api GET /patients/{patient_id}/export")

    assert "FRONT_DESK, own: should be refused" in found
    assert "ADMIN" not in found


async def test_a_permission_that_was_narrowed_is_noticed(stage, monkeypatch):
    monkeypatch.setitem(ROLES, Permission.PATIENTS_EXPORT, frozenset({Role.ADMIN}))

    assert "MANAGER, own: should be served" in await wrongs(stage, "api GET /patients/{patient_id}/export")


async def test_a_query_that_looks_everywhere_is_noticed(stage, monkeypatch):
    monkeypatch.setattr(single, "visible_to", lambda _actor: true())

    found = await wrongs(stage, "api GET /appointments/{appointment_id}/history")

    for cell in ("PATIENT, same centre", "CLINICIAN, same centre", "FRONT_DESK, other centre", "ADMIN, other hospital"):
        assert f"{cell}: should be refused" in found
    assert "ADMIN, other centre" not in found


async def test_a_list_that_shows_everything_is_noticed(stage, monkeypatch):
    monkeypatch.setattr(departments, "visible_to", lambda _actor: true())

    found = await wrongs(stage, "api GET /departments")

    assert "FRONT_DESK, other centre: should not show" in found
    assert "ADMIN, own: speaks of another hospital" in found


async def test_a_refusal_that_writes_is_noticed(stage, monkeypatch):
    ask = Allow.__call__

    async def note(self: Allow, request: Request) -> Any:
        async with parts_of(request).database.transaction() as tx:
            tx.audit("hospital.looked_at", "hospital", 1, hospital_id=None, by=None)
        return await ask(self, request)

    monkeypatch.setattr(Allow, "__call__", note)

    found = await wrongs(stage, "api GET /audit")

    assert "FRONT_DESK, own: was refused, and changed ['audit_entries']" in found
    assert "ADMIN" not in found


def test_a_route_without_a_row_is_noticed():
    api = create_api(Settings.model_construct())
    api.get("/new/{thing_id}")(lambda thing_id: thing_id)

    assert unlisted("api", api) == {("api", "GET /new/{}")}
    with pytest.raises(AssertionError, match="nobody says who may"):
        who_may("api", "GET /new/{thing_id}")
