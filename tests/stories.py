"""One story told on SQLite and on PostgreSQL, so that answers and rows can be compared."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import Table, select, text

from outpatient.app import Outpatient, create_app
from outpatient.core.clock import SetClock
from outpatient.models.columns import Base
from outpatient.settings import Settings
from tests import makers
from tests.conftest import NOW
from tests.makers import Make, Persona

Answers = list[tuple[int, Any]]
Rows = dict[str, list[dict[str, Any]]]

SECRET = {"digest", "nonce", "provider_order_id"}
"""Columns that are random, or made from an id."""

SUBJECTS = {"appointment": "appointments", "patient": "patients", "user": "users", "visit": "visits"}
POINTERS = {
    "appointment_id": "appointments",
    "event_id": "events",
    "patient_id": "patients",
    "payment_id": "payments",
    "session_id": "sessions",
    "undone": "events",
    "user_id": "users",
    "visit_id": "visits",
}
"""Columns, and keys of what events say, that name rows of tables whose ids may have gaps."""
MADE = {"visits": "visits", "queue/next": "visits", "appointments/check-in": "visits"}
"""What a repeatable route made, if not an appointment."""
IDS = {"id", "appointmentId", "visitId", "patientId", "paymentLink", "paymentOrderId", "undone"}


class Story:
    """Somebody who does one thing after the other, and notes what was answered."""

    def __init__(self, program: Outpatient, http: httpx2.AsyncClient, clock: SetClock) -> None:
        self.program, self.clock, self.make = program, clock, Make(program, http)
        self.answers: Answers = []

    async def step(self, persona: Persona, method: str, path: str, body: object = None, **given: Any) -> dict[str, Any]:
        """One call; answers its data."""
        answer = await persona.call(method, path, json=body, **given)
        self.answers.append((answer.status_code, answer.json()))
        return answer.json().get("data") or {}


@dataclass(frozen=True)
class Told:
    """A story after its end."""

    answers: Answers
    rows: Rows
    sent: list[str]


async def tell_on_both(
    urls: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch, tell: Callable[[Story], Awaitable[None]]
) -> Told:
    """Tell a story on both stores; answers and rows must be the same. Answers what it came to on SQLite."""
    told = {}
    for store, url in urls.items():
        monkeypatch.setattr(makers, "_numbers", iter(range(1, 1_000)))  # the same names and numbers on both stores
        clock = SetClock(NOW)
        settings = Settings(_env_file=None, database_url=url, outbox_dir=folder / store, jwt_expires_in="30d")
        program = create_app(settings, clock, with_worker=False)
        transport = httpx2.ASGITransport(app=program, client=("203.0.113.9", 40000))
        async with httpx2.AsyncClient(transport=transport, base_url="http://clinic.test") as http:
            story = Story(program, http, clock)
            await tell(story)
            await program.worker.run_once()
        told[store] = Told(
            story.answers, await _rows(program), sorted(path.name for path in (folder / store).glob("*.json"))
        )
        async with program.database.reading() as tx:
            assert await tx.one_or_none(text("SELECT count(*) FROM events WHERE position IS NULL")) == 0
        await program.database.close()
    one, other = told["sqlite"], told["postgresql"]
    for answer, same in zip(one.answers, other.answers, strict=True):
        assert answer[0] == same[0], (answer, same)
        assert _without_ids(answer[1]) == _without_ids(same[1])
    assert one.rows.keys() == other.rows.keys()
    for table, content in one.rows.items():
        different = [pair for pair in zip(content, other.rows[table], strict=False) if pair[0] != pair[1]]
        assert content == other.rows[table], (table, different[:2])
    assert len(one.sent) == len(other.sent)
    return one


async def _rows(program: Outpatient) -> Rows:
    """Every row of every table; an id is its place among its table's ids, for refusals leave gaps on PostgreSQL."""
    tables = Base.metadata.sorted_tables
    async with program.database.reading() as tx:
        read = {table.name: [dict(row) for row in await tx.rows(select(table))] for table in tables}
    place = {
        name: {row_id: n for n, row_id in enumerate(sorted(row["id"] for row in rows), 1)}
        for name, rows in read.items()
        if rows and "id" in rows[0]
    }
    return {table.name: sorted((_plain(table, row, place) for row in read[table.name]), key=repr) for table in tables}


def _plain(table: Table, row: dict[str, Any], place: dict[str, dict[int, int]]) -> dict[str, Any]:
    targets = POINTERS | {
        "id": table.name,
        "subject_id": SUBJECTS.get(row.get("subject", ""), ""),
        "made_id": MADE.get(row.get("route", ""), "appointments"),
    }
    plain = {name: _placed(name, value, targets, place) for name, value in row.items() if name not in SECRET}
    if table.name == "notifications":
        plain["key"] = plain["key"].partition(":")[2]
    return plain


def _placed(name: str, value: Any, targets: dict[str, str], place: dict[str, dict[int, int]]) -> Any:
    if isinstance(value, dict):
        return {
            key: _placed(key, value[key], targets, place) for key in sorted(value)
        }  # (the order in which rows sort)
    return place[targets[name]][value] if value is not None and targets.get(name) in place else value


def _without_ids(answer: Any) -> Any:
    """An answer without ids and what is made of them."""
    if isinstance(answer, dict):
        return {name: _without_ids(value) for name, value in answer.items() if name not in IDS}
    return [_without_ids(one) for one in answer] if isinstance(answer, list) else answer
