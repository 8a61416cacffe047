"""The same day's work on SQLite and on PostgreSQL leaves the same rows in every table."""

from dataclasses import dataclass

import httpx2
import pytest
from sqlalchemy import Table, select, text

from outpatient.app import Outpatient, create_app
from outpatient.core.clock import SetClock
from outpatient.core.migrations import migrate
from outpatient.models.columns import Base
from outpatient.settings import Settings
from tests import makers
from tests.appointments.wishes import TUESDAY, wish
from tests.conftest import NOW
from tests.makers import Make, Persona

pytestmark = pytest.mark.anyio

SECRET = {"digest", "nonce", "provider_order_id"}
"""Columns that are random, or made from an id."""

SUBJECTS = {"appointment": "appointments", "patient": "patients", "user": "users"}
POINTERS = {
    "appointment_id": "appointments",
    "event_id": "events",
    "made_id": "appointments",
    "patient_id": "patients",
    "payment_id": "payments",
    "session_id": "sessions",
    "user_id": "users",
    "visit_id": "visits",
}
"""Columns that name rows of tables whose ids may have gaps."""
IDS = {"id", "appointmentId", "visitId", "paymentLink", "paymentOrderId"}


@dataclass
class Cast:
    """Who acts in the story."""

    admin: Persona
    desk: Persona
    doctor: Persona
    asha: Persona
    ravi: Persona


async def _cast(program: Outpatient, http: httpx2.AsyncClient) -> Cast:
    makers._numbers = iter(range(1, 1_000))  # the same names and numbers on both stores
    make = Make(program, http)
    hospital = await make.hospital(daily_patient_limit=6, buffer_minutes=0, cancellation_notice_minutes=30)
    return Cast(
        await make.staff(hospital, "ADMIN"),
        await make.staff(hospital, "FRONT_DESK", centre_id=hospital.centre_id),
        await make.clinician(hospital),
        await make.patient(hospital),
        await make.patient(hospital, "Ravi Kumar"),
    )


async def _tell(program: Outpatient, clock: SetClock, cast: Cast) -> list[tuple[int, object]]:
    """The day: bookings of all kinds, refusals, moves, cancellations, an expired hold. Answers what was answered."""
    answers: list[tuple[int, object]] = []

    async def step(persona: Persona, method: str, path: str, body: object = None, **given) -> dict:
        answer = await persona.call(method, path, json=body, **given)
        answers.append((answer.status_code, answer.json()))
        return answer.json().get("data") or {}

    doctor, asha, ravi, desk = cast.doctor, cast.asha, cast.ravi, cast.desk
    key = {"Idempotency-Key": "story-1"}
    first = await step(asha, "POST", "/appointments", wish(doctor, notes="Cough"), headers=key)
    await step(asha, "POST", "/appointments", wish(doctor, notes="Cough"), headers=key)
    await step(asha, "POST", "/appointments", wish(doctor, "11:00"), headers=key)
    await step(ravi, "POST", "/appointments", wish(doctor))
    second = await step(desk, "POST", "/appointments", wish(doctor, "11:00", patientId=ravi.patient_id))
    caller = {"patientPhone": "+919800000001", "patientName": "Jane Smith"}
    await step(desk, "POST", "/booking/front-desk", wish(doctor, "11:30", **caller))
    held = await step(asha, "POST", "/booking/create", wish(doctor, "12:00", sessionType="ONLINE"))
    await step(ravi, "POST", "/booking/create", wish(doctor, "12:30"))
    token = await step(ravi, "POST", "/appointments", wish(doctor, None, bookingType="TOKEN"))
    await step(asha, "POST", "/appointments", wish(doctor, None, bookingType="TOKEN"))
    await step(desk, "POST", "/appointments", wish(doctor, "15:00", patientId=asha.patient_id))
    await step(ravi, "POST", "/appointments", wish(doctor, "02:00"))
    await step(asha, "PATCH", f"/appointments/{first['id']}/reschedule", {"appointmentTime": "11:00"})
    await step(asha, "PATCH", f"/appointments/{first['id']}/reschedule", {"appointmentTime": "09:30"})
    await step(ravi, "PATCH", f"/appointments/{token['id']}/reschedule", {"appointmentDate": "2026-03-04"})
    await step(cast.admin, "PUT", f"/appointments/{first['id']}", {"consultationFee": 1200, "notes": None})
    await step(asha, "PATCH", f"/appointments/{held['appointmentId']}/confirm")
    await step(ravi, "PATCH", f"/appointments/{second['id']}/confirm")
    await step(doctor, "PATCH", f"/appointments/{second['id']}/complete")
    await step(desk, "DELETE", f"/appointments/{first['id']}", {"reason": "Ill"})
    await step(desk, "DELETE", f"/appointments/{first['id']}")
    await program.worker.run_once()
    clock.advance(minutes=14)
    await step(asha, "POST", f"/booking/{held['appointmentId']}/cancel", {"reason": "Later"})
    clock.advance(minutes=2)
    await program.worker.run_once()
    return answers


async def _rows(program: Outpatient) -> dict[str, list[dict]]:
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


def _plain(table: Table, row: dict, place: dict[str, dict[int, int]]) -> dict:
    targets = POINTERS | {"id": table.name, "subject_id": SUBJECTS.get(row.get("subject"), "")}
    plain = {
        name: place[targets[name]][value] if value is not None and targets.get(name) in place else value
        for name, value in row.items()
        if name not in SECRET
    }
    if table.name == "notifications":
        plain["key"] = plain["key"].partition(":")[2]
    return plain


def _without_ids(answer: object) -> object:
    """An answer without ids and what is made of them."""
    if isinstance(answer, dict):
        return {name: _without_ids(value) for name, value in answer.items() if name not in IDS}
    return answer


@pytest.fixture
def urls(request, new_database, tmp_path):
    if request.config.option.store != "postgresql":
        pytest.skip("needs both stores: --store postgresql")
    sqlite = f"sqlite:///{tmp_path}/story.db"
    migrate(sqlite)
    return {"sqlite": sqlite, "postgresql": new_database("story")}


async def test_both_stores_tell_the_same_story(urls, tmp_path, monkeypatch):
    told = {}
    for store, url in urls.items():
        monkeypatch.setattr(makers, "_numbers", makers._numbers)  # put back what `_cast` sets
        clock = SetClock(NOW)
        settings = Settings(_env_file=None, database_url=url, outbox_dir=tmp_path / store)
        program = create_app(settings, clock, with_worker=False)
        transport = httpx2.ASGITransport(app=program, client=("203.0.113.9", 40000))
        async with httpx2.AsyncClient(transport=transport, base_url="http://clinic.test") as http:
            cast = await _cast(program, http)
            answers = await _tell(program, clock, cast)
        told[store] = (answers, await _rows(program), sorted(p.name for p in (tmp_path / store).glob("*.json")))
        async with program.database.reading() as tx:
            assert await tx.one_or_none(text("SELECT count(*) FROM events WHERE position IS NULL")) == 0
        await program.database.close()

    (answers, rows, files), (other_answers, other_rows, other_files) = told["sqlite"], told["postgresql"]
    assert [status for status, _ in answers].count(201) >= 8, answers
    for answer, other in zip(answers, other_answers, strict=True):
        assert answer[0] == other[0]
        assert _without_ids(answer[1]) == _without_ids(other[1])
    assert rows.keys() == other_rows.keys()
    for table, content in rows.items():
        assert content == other_rows[table], table
    assert len(rows["appointments"]) == 7
    assert TUESDAY in {str(row["service_on"]) for row in rows["appointments"]}
    assert len(files) == len(other_files) == len(rows["notifications"]) >= 5
