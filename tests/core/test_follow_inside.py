"""What follows inside our own store: its work and its position are one transaction, whoever does it."""

import asyncio
import contextlib
import secrets

import pytest
from sqlalchemy import func, select

from outpatient.core import followers
from outpatient.core.followers import NOT_BEGUN, follow_inside
from outpatient.models import AuditEntry
from outpatient.models.outbox import Follower
from tests.appointments.wishes import Elsewhere
from tests.core.test_followers import happen, row_of  # noqa: F401 (`happen` is a fixture)

pytestmark = pytest.mark.anyio


class Work:
    """Notes each event in the store, and in memory; may fail when it has done so."""

    def __init__(self) -> None:
        self.mark = f"test.{secrets.token_hex(6)}"
        self.heard: list[int] = []
        self.begun = 0
        self.fails = False

    async def begin(self, tx) -> None:
        self.begun += 1
        tx.audit(self.mark, "test", 0, hospital_id=None, by=None)
        await self._end(tx)

    async def __call__(self, tx, events) -> None:
        for event in events:
            tx.audit(self.mark, "test", event.position, hospital_id=None, by=None)
        self.heard += [event.position for event in events]
        await self._end(tx)

    async def _end(self, tx) -> None:
        await tx.session.flush()
        if self.fails:
            raise ConnectionError

    async def kept(self, database) -> list[int]:
        async with database.reading() as tx:
            query = select(AuditEntry.subject_id).where(AuditEntry.action == self.mark).order_by(AuditEntry.id)
            return list(await tx.all(query))


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def name() -> str:
    return f"test-{secrets.token_hex(6)}"


def follow(outpatient, name: str, work: Work, **more):
    return follow_inside(outpatient.database, name, work, begin=work.begin, **more)


async def test_it_begins_with_what_is_there_and_follows_what_comes(outpatient, happen, name, work):  # noqa: F811
    await happen(2)

    assert await follow(outpatient, name, work) == 1
    assert (work.begun, work.heard) == (1, [])
    assert await follow(outpatient, name, work) == 0

    expected = await happen(5)
    assert [await follow(outpatient, name, work, batch=3) for _ in range(3)] == [3, 2, 0]
    assert work.heard == expected == (await work.kept(outpatient.database))[1:]
    assert (await row_of(outpatient, name)).position == expected[-1]


async def test_what_fails_is_undone_with_its_position_and_comes_again(outpatient, happen, name, work):  # noqa: F811
    work.fails = True
    with pytest.raises(ConnectionError):
        await follow(outpatient, name, work)
    assert (await row_of(outpatient, name)).position == NOT_BEGUN
    assert await work.kept(outpatient.database) == []

    work.fails = False
    await follow(outpatient, name, work)
    before = (await row_of(outpatient, name)).position
    expected, work.fails = await happen(2), True
    with pytest.raises(ConnectionError):
        await follow(outpatient, name, work)
    assert (await row_of(outpatient, name)).position == before
    assert await work.kept(outpatient.database) == [0]

    work.fails = False
    assert await follow(outpatient, name, work) == 2
    assert await work.kept(outpatient.database) == [0, *expected]


async def test_two_workers_at_once_work_each_event_once(outpatient, happen, name, work):  # noqa: F811
    async with Elsewhere(outpatient) as elsewhere:
        programs = (outpatient, elsewhere.program)
        for _ in range(3):  # one of them makes the row, one begins
            await asyncio.gather(*(follow(program, name, work) for program in programs))
        expected = await happen(40)
        while (await row_of(outpatient, name)).position < expected[-1]:
            await asyncio.gather(*(follow(program, name, work, batch=7) for program in programs))
        assert (work.begun, sorted(work.heard)) == (1, expected)
        assert await work.kept(outpatient.database) == [0, *expected]


class Meeting(Work):
    """Waits, with its transaction open, for a second worker to come in; answers how many came."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = 0
        self.both = asyncio.Event()

    async def _end(self, tx) -> None:
        if self.begun and self.heard:
            self.inside += 1
            if self.inside == 2:
                self.both.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.both.wait(), 2)
        await super()._end(tx)


async def meet(outpatient, name: str, happen) -> tuple[Meeting, list[int]]:  # noqa: F811
    meeting = Meeting()
    await follow(outpatient, name, meeting)
    await happen(3)
    async with Elsewhere(outpatient) as elsewhere:
        done = await asyncio.gather(*(follow(program, name, meeting) for program in (outpatient, elsewhere.program)))
    return meeting, sorted(done)


async def test_while_one_is_at_work_the_other_goes_away(outpatient, happen, name):  # noqa: F811
    meeting, done = await meet(outpatient, name, happen)

    assert (meeting.inside, done) == (1, [0, 3])


async def test_without_the_lock_both_work_the_same_events(outpatient, happen, name, monkeypatch):  # noqa: F811
    if outpatient.database.store.dialect == "sqlite":
        pytest.skip("SQLite has one writer, whatever we lock: --store postgresql")

    async def look(tx, name, *, skip_locked=False):
        return await tx.one_or_none(select(Follower).where(Follower.name == name))

    monkeypatch.setattr(followers, "lock_follower", look)
    meeting, done = await meet(outpatient, name, happen)

    assert (meeting.inside, done) == (2, [3, 3])
    async with outpatient.database.reading() as tx:
        twice = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == meeting.mark)
        assert await tx.one_or_none(twice) == 1 + 2 * 3
