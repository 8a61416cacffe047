"""What tests of signing in need: the codes that were sent, and programs with other settings on the same store."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from sqlalchemy import select, update

from outpatient.access.passwords import hash_password
from outpatient.app import Outpatient, create_app
from outpatient.core.clock import Clock
from outpatient.models import Base, User
from outpatient.settings import Settings

PASSWORD = "correct horse battery"

DOCUMENTED = {
    "rate_limit_auth": "5/15 minutes",
    "rate_limit_otp": "3/15 minutes",
    "rate_limit_otp_address": "20/1 hour",
    "rate_limit_invitation": "10/15 minutes",
    "rate_limit_general": "100/15 minutes",
    "rate_limit_user": "3000/15 minutes",
}
"""The limits of the seed's documents; the other tests run without any."""


async def messages_to(outpatient: Outpatient, phone: str) -> list[dict[str, Any]]:
    """Every text sent to this phone, the oldest first."""
    await outpatient.worker.run_once()
    found = [json.loads(file.read_text()) for file in outpatient.settings.outbox_dir.glob("*.json")]
    return sorted((text for text in found if text["to"] == phone), key=lambda text: int(text["key"].split(":")[0]))


async def sent_code(outpatient: Outpatient, phone: str) -> str:
    """The code in the newest message to this phone."""
    return (await messages_to(outpatient, phone))[-1]["body"][:6]


def wrong(code: str) -> str:
    """Six digits that are not these."""
    return f"{(int(code) + 1) % 10**6:06d}"


async def set_password(outpatient: Outpatient, user_id: int, password: str = PASSWORD) -> str:
    """Give somebody a password, as staff management does; answers it."""
    hashed = await hash_password(password)
    async with outpatient.database.transaction() as tx:
        await tx.execute(update(User).where(User.id == user_id).values(password_hash=hashed))
    return password


async def change(outpatient: Outpatient, table: type[Base], *which: Any, **values: Any) -> None:
    """Change rows behind the program's back, as another process would."""
    async with outpatient.database.transaction() as tx:
        await tx.execute(update(table).where(*which).values(**values))


async def everything_stored(outpatient: Outpatient) -> str:
    """Every value of every table, as one text."""
    async with outpatient.database.reading() as tx:
        tables = [(await tx.execute(select(table))).all() for table in Base.metadata.sorted_tables]
    return "\n".join(str(tuple(row)) for rows in tables for row in rows)


@asynccontextmanager
async def program_like(
    outpatient: Outpatient, clock: Clock | None = None, *, address: str = "203.0.113.7", **settings: Any
) -> AsyncIterator[tuple[Outpatient, httpx2.AsyncClient]]:
    """Another process of the same installation, with some settings changed, and a client of it at that address."""
    changed = Settings(_env_file=None, **{**outpatient.settings.model_dump(), **settings})
    program = create_app(changed, clock or outpatient.database.clock, with_worker=False)
    async with client_of(program, address) as client:
        yield program, client
    await program.database.close()


def client_of(program: Any, address: str = "203.0.113.7") -> httpx2.AsyncClient:
    """Somebody's browser at an address."""
    transport = httpx2.ASGITransport(app=program, client=(address, 40000), raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://clinic.test")
