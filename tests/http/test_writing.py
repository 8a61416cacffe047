"""One request, one transaction: what cannot be committed was never answered with success."""

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from outpatient.core.errors import Conflict
from outpatient.http.dependencies import Writing
from outpatient.http.errors import ENVELOPED
from outpatient.models import Follower
from tests.signing import client_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def client(outpatient):
    """A tiny app of its own on the real dependency."""
    app = FastAPI()
    ENVELOPED.install(app)
    app.state.parts = outpatient.api.state.parts

    def row(name: str) -> Follower:
        return Follower(name=name, position=0)  # whoever it is: it has a unique name, and nobody counts them

    @app.post("/at-commit", status_code=201)
    async def make_at_commit(name: str, tx: Writing) -> dict[str, bool]:
        tx.session.add(row(name))  # reaches the database only with the commit
        return {"made": True}

    @app.post("/refused", status_code=201)
    async def make_and_refuse(name: str, tx: Writing) -> None:
        await tx.add(row(name))
        raise Conflict

    @app.post("/fails", status_code=201)
    async def make_and_fail(name: str, tx: Writing) -> None:
        await tx.add(row(name))
        raise RuntimeError

    return client_of(app)


async def made(outpatient, name: str) -> int:
    async with outpatient.database.reading() as tx:
        return await tx.one_or_none(select(func.count()).select_from(Follower).where(Follower.name == name))


async def test_what_is_committed_is_answered_with_success(client, outpatient, make):
    name = f"commit-{(await make.hospital()).id}"
    assert (await client.post(f"/at-commit?name={name}")).status_code == 201
    assert await made(outpatient, name) == 1


async def test_a_commit_that_fails_is_the_answer(client, outpatient, make):
    name = f"twice-{(await make.hospital()).id}"
    assert (await client.post(f"/at-commit?name={name}")).status_code == 201
    refused = await client.post(f"/at-commit?name={name}")
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "DUPLICATE_ENTRY"
    assert await made(outpatient, name) == 1


@pytest.mark.parametrize(("path", "status"), [("/refused", 409), ("/fails", 500)])
async def test_a_route_that_refuses_or_fails_leaves_nothing(client, outpatient, make, path, status):
    name = f"nothing-{(await make.hospital()).id}"
    assert (await client.post(f"{path}?name={name}")).status_code == status
    assert await made(outpatient, name) == 0
