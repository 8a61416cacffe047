"""One request, one transaction: what cannot be committed was never answered with success."""

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from outpatient.core.errors import Conflict
from outpatient.http.dependencies import Writing
from outpatient.http.errors import ENVELOPED
from outpatient.models import Hospital
from tests.signing import client_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def client(outpatient):
    """A tiny app of its own on the real dependency."""
    app = FastAPI()
    ENVELOPED.install(app)
    app.state.parts = outpatient.api.state.parts

    def row(tx, slug: str) -> Hospital:
        return Hospital(name="Made by a test", slug=slug, created_at=tx.now)

    @app.post("/at-commit", status_code=201)
    async def make_at_commit(slug: str, tx: Writing) -> dict[str, bool]:
        tx.session.add(row(tx, slug))  # reaches the database only with the commit
        return {"made": True}

    @app.post("/refused", status_code=201)
    async def make_and_refuse(slug: str, tx: Writing) -> None:
        await tx.add(row(tx, slug))
        raise Conflict

    @app.post("/fails", status_code=201)
    async def make_and_fail(slug: str, tx: Writing) -> None:
        await tx.add(row(tx, slug))
        raise RuntimeError

    return client_of(app)


async def made(outpatient, slug: str) -> int:
    async with outpatient.database.reading() as tx:
        return await tx.one_or_none(select(func.count()).select_from(Hospital).where(Hospital.slug == slug))


async def test_what_is_committed_is_answered_with_success(client, outpatient, make):
    slug = f"commit-{(await make.hospital()).id}"
    assert (await client.post(f"/at-commit?slug={slug}")).status_code == 201
    assert await made(outpatient, slug) == 1


async def test_a_commit_that_fails_is_the_answer(client, outpatient, make):
    slug = f"twice-{(await make.hospital()).id}"
    assert (await client.post(f"/at-commit?slug={slug}")).status_code == 201
    refused = await client.post(f"/at-commit?slug={slug}")
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "DUPLICATE_ENTRY"
    assert await made(outpatient, slug) == 1


@pytest.mark.parametrize(("path", "status"), [("/refused", 409), ("/fails", 500)])
async def test_a_route_that_refuses_or_fails_leaves_nothing(client, outpatient, make, path, status):
    slug = f"nothing-{(await make.hospital()).id}"
    assert (await client.post(f"{path}?slug={slug}")).status_code == status
    assert await made(outpatient, slug) == 0
