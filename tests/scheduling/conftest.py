"""What the tests of a clinician's time share."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from outpatient.app import Outpatient
from outpatient.models import Service


class Asking:
    """Short questions for slots, as anybody may ask them."""

    def __init__(self, nobody, clinician_id: int) -> None:
        self.nobody, self.clinician_id = nobody, clinician_id

    async def day(self, on: str, **given) -> dict[str, bool]:
        """Wall-clock time → free or not, of one day."""
        answer = await self.nobody.get(
            "/booking/available-slots", params={"clinicianId": self.clinician_id, "date": on, **given}
        )
        assert answer.status_code == 200, answer.text
        return {slot["time"]: slot["available"] for slot in answer.json()["data"]["availableSlots"]}

    async def free(self, on: str, **given) -> list[str]:
        return [time for time, available in (await self.day(on, **given)).items() if available]

    async def instants(self, on: str, **given) -> list[dict]:
        answer = await self.nobody.get(f"/doctors/{self.clinician_id}/slots", params={"date": on, **given})
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]


@pytest.fixture
def ask(as_nobody, as_clinician) -> Asking:
    return Asking(as_nobody, as_clinician.clinician_id)


@pytest.fixture
def asking():
    return Asking


@pytest.fixture
def make_service(make):
    async def make_service(hospital, minutes: int, **given) -> int:
        async with make.database.transaction() as tx:
            row = {"name": f"{minutes} minutes", "duration_minutes": minutes, **given}
            return (await tx.add(Service(hospital_id=hospital.id, created_at=tx.now, **row))).id

    return make_service


@pytest.fixture
def counting(outpatient: Outpatient, monkeypatch):
    """`with counting() as seen:` collects every statement that reaches the store, by whichever way."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        seen: list[str] = []
        store = outpatient.database.store
        run = store.run

        async def run_counted(statement, arguments):
            seen.append(statement.name)
            return await run(statement, arguments)

        def note(_connection, _cursor, sql, *_rest) -> None:
            if not sql.startswith(("BEGIN", "PRAGMA")):
                seen.append(sql)

        engines = {store.reads.sync_engine, store.writes.sync_engine}
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        with monkeypatch.context() as patched:
            patched.setattr(store, "run", run_counted)
            try:
                yield seen
            finally:
                for engine in engines:
                    event.remove(engine, "before_cursor_execute", note)

    return counting
