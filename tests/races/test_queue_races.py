"""The queue with many hands in it: every race is run on real servers, and once more on servers whose guards were taken
away (tests/races/unguarded.py), where the same assertions must fail.
"""

from collections import Counter
from collections.abc import AsyncIterator

import pytest

from tests.races.conftest import ZONE, Clinic, serving
from tests.races.morning import Morning
from tests.races.queues import RACES, SKIPS, judge

pytestmark = pytest.mark.anyio

MORE = 60  # rounds that a race without guards may take until it is lost


async def _morning(clinic: Clinic) -> Morning:
    desk = await clinic.make.staff(clinic.hospital, "ADMIN")
    return Morning(clinic, desk, [await clinic.make.record(clinic.hospital, f"Patient {n}") for n in range(40)])


UNGUARDED = ("-m", "tests.races.unguarded")
NUMBER = """CREATE FUNCTION unguarded_number(hospital bigint, grp text, period date) RETURNS bigint
LANGUAGE sql VOLATILE AS $$ SELECT COALESCE(max(token_number), 0) + 1 FROM visits
   WHERE hospital_id = hospital AND token_group = grp AND token_period_on = period $$"""


@pytest.fixture(scope="module")
def unguarded_url(new_database) -> str:
    return new_database("unguarded")


@pytest.fixture(scope="module")
async def morning(anyio_backend: str, request, race_url: str, unguarded_url: str, folders) -> AsyncIterator[Morning]:
    """Servers as they are, or without guards and on a store without the unique keys behind them; never both at once."""
    if request.param == "guarded":
        async with serving(race_url, folders, zone=ZONE, skip_positions=SKIPS) as clinic:
            yield await _morning(clinic)
        return
    async with serving(unguarded_url, folders, UNGUARDED, zone=ZONE, skip_positions=SKIPS) as clinic:
        await clinic.execute("DROP INDEX uq_visits_token", "DROP INDEX uq_visits_in_progress")
        if clinic.is_postgresql:
            await clinic.execute(NUMBER, "ALTER TABLE visit_history DROP CONSTRAINT uq_visit_history_visit_id")
        yield await _morning(clinic)


@pytest.mark.parametrize("morning", ["guarded"], indirect=True)
@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
async def test_many_at_once(morning, race):
    for turn in range(RACES[race][0]):
        await race(morning, turn)
    await judge(morning)


@pytest.mark.parametrize("morning", ["unguarded"], indirect=True)
@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
async def test_without_its_guard_the_same_race_is_lost(morning, race):
    """Sooner or later: a round in which something else goes wrong first (two want one place, say) does not count."""
    wrong: Counter[str] = Counter()
    for turn in range(MORE):
        try:
            await race(morning, turn)
        except AssertionError as lost:
            if RACES[race][1] in str(lost):
                return
            wrong[str(lost).splitlines()[0]] += 1
    raise AssertionError(f"{MORE} rounds without guards, and {RACES[race][1]!r} held; else: {dict(wrong)}")
