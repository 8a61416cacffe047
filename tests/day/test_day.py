"""A whole clinic day: hundreds of deeds of many people on both surfaces, each of which paper foresees.

`make soak` lives twenty long days; `DAY_SEED=7 pytest tests/day` lives another one.
"""

import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import func, select, text

from outpatient.analytics.actions import follow_events
from outpatient.app import create_app
from outpatient.core.clock import SetClock
from outpatient.core.outbox import place_events
from outpatient.models import StoredEvent, TokenCounter, Visit, VisitRecord
from outpatient.settings import Settings
from tests.analytics.conftest import full_count, kept
from tests.conftest import NOW
from tests.day.clinic import Clinic
from tests.invariants import INVARIANTS
from tests.signing import client_of

pytestmark = pytest.mark.anyio

SOAK = os.environ.get("SOAK") == "1"
FIRST = int(os.environ.get("DAY_SEED", "1"))
SEEDS = range(FIRST, FIRST + (20 if SOAK else 2))
DEEDS = 600 if SOAK else 130
"""Before and after midnight."""


@pytest.fixture(scope="module")
def own_settings(new_database: Any, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    own = {"database_url": new_database("day"), "outbox_dir": tmp_path_factory.mktemp("day"), "jwt_expires_in": "30d"}
    return Settings(_env_file=None, **{**settings.model_dump(), **own})


@pytest.fixture(scope="module")
async def world(anyio_backend: str, own_settings: Settings) -> AsyncIterator[Any]:
    """A program of its own, whose worker is run when the day says so, and a clock that the day sets."""
    clock = SetClock(NOW)
    program = create_app(own_settings, clock, with_worker=False)
    async with client_of(program) as http:
        yield program, http, clock
    await program.live.stop()
    await program.database.close()


async def live(clinic: Clinic, deeds: int) -> None:
    """So many deeds, a night, and as many again; a failure says what happened before it."""
    await clinic.open()
    try:
        for _ in range(deeds):
            await clinic.act()
        await clinic.night()
        for _ in range(deeds // 2):
            await clinic.act()
        await clinic.run_worker()
    except AssertionError as wrong:
        raise AssertionError("\n".join([*clinic.log[-20:], str(wrong)])) from wrong


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_day_is_what_paper_says(world, seed):
    program, http, clock = world
    clock.set(max(NOW, clock.now()))
    clinic = Clinic(program, http, clock, seed)
    await live(clinic, DEEDS)
    print(f"seed {seed}: {clinic.tally.total()} calls; {dict(sorted(clinic.tally.items()))}")  # `pytest -rP` shows it
    for visit in clinic.paper.slips:
        await clinic.compare_visit(visit)
    await reckon(clinic)


async def reckon(clinic: Clinic) -> None:
    """In the evening everything is counted: visits, tokens, money, figures, events."""
    database, mine = clinic.program.database, clinic.hospital.id
    while await place_events(database, clinic.program.worker.reactions):
        pass
    while await follow_events(database):
        pass
    await clinic.program.worker.run_once()
    async with database.reading() as tx:
        visits = await tx.all(select(Visit).where(Visit.hospital_id == mine))
        counters = await tx.all(select(TokenCounter.last_number).where(TokenCounter.hospital_id == mine))
        records = await tx.all(select(VisitRecord.visit_id).where(VisitRecord.hospital_id == mine))
        unplaced = await tx.one_or_none(
            select(func.count()).where(StoredEvent.hospital_id == mine, StoredEvent.position.is_(None))
        )
        found = {wrong: await tx.one_or_none(text(query)) for wrong, query in INVARIANTS.items()}
    assert {one.id for one in visits} == clinic.paper.slips.keys()
    assert sorted(counters) == sorted(number for number in clinic.paper.numbers.values() if number)
    assert sorted(records) == sorted(one.id for one in clinic.paper.slips.values() if one.status == "COMPLETED")
    assert unplaced == 0
    assert found == dict.fromkeys(INVARIANTS, 0)
    counted, all_of_it = await kept(database, mine), await full_count(database, mine)
    assert counted["days"] == all_of_it["days"]  # newcomers are told of, and these were written straight into the store


async def test_what_is_not_as_on_paper_is_noticed(world):
    """The counter-proof: money that is not there, and a patient who stands elsewhere."""
    program, http, clock = world
    clinic = Clinic(program, http, clock, FIRST)
    await clinic.open()
    await clinic.walk_in()
    (visit,) = clinic.paper.slips
    clinic.books.accounts[visit].paid = 100
    with pytest.raises(AssertionError):
        await clinic.compare_visit(visit)
    clinic.books.accounts[visit].paid = 0
    await clinic.compare_visit(visit)
    clinic.paper.slips[visit].status = "CALLED"
    with pytest.raises(AssertionError):
        await clinic.compare_queue(clinic.paper.slips[visit].clinician)
