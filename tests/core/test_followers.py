"""Followers are told of every event, in the one order, at least once, by one process at a time."""

import asyncio
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from outpatient.core import followers
from outpatient.core.followers import BATCH, LEASE, find_backlog, let_go, tell_follower
from outpatient.core.outbox import place_events
from outpatient.models.outbox import Follower, StoredEvent

pytestmark = pytest.mark.anyio


class Ear:
    """Somebody outside, as a follower's `tell`: hears batches, and can be away."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.is_away = False

    async def __call__(self, events) -> None:
        if self.is_away:
            raise ConnectionError
        self.batches.append([event.position for event in events])

    @property
    def heard(self) -> list[int]:
        return [position for batch in self.batches for position in batch]


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
async def happen(outpatient, http):
    """Makes so many events and places them; answers their positions. What earlier tests left has its place (`http`)."""

    async def happen(count: int = 1) -> list[int]:
        await place_events(outpatient.database, outpatient.worker.reactions)
        async with outpatient.database.reading() as tx:
            last = await tx.one_or_none(select(func.coalesce(func.max(StoredEvent.position), 0)))
        async with outpatient.database.transaction() as tx:
            tx.session.add_all(
                StoredEvent(
                    hospital_id=None,
                    name="test.happened",
                    subject="test",
                    subject_id=number,
                    actor_id=None,
                    payload={},
                    at=tx.now,
                )
                for number in range(count)
            )
        await place_events(outpatient.database, outpatient.worker.reactions)
        return list(range(last + 1, last + count + 1))

    return happen


@pytest.fixture
async def name(outpatient, clock) -> str:
    """A follower of this test's own, who was seen for the first time just now."""
    name = f"test-{secrets.token_hex(6)}"
    await place_events(outpatient.database, outpatient.worker.reactions)
    assert await tell_follower(outpatient.database, name, "first", Ear()) == 0
    return name


async def row_of(outpatient, name: str) -> Follower:
    async with outpatient.database.reading() as tx:
        return await tx.one_or_none(select(Follower).where(Follower.name == name))


async def test_a_new_follower_hears_no_history(outpatient, happen, ear):
    (old,) = await happen()
    name = f"test-{secrets.token_hex(6)}"
    assert await find_backlog(outpatient.database, name) is None

    assert await tell_follower(outpatient.database, name, "a", ear) == 0
    (new,) = await happen()
    assert await find_backlog(outpatient.database, name) == 1
    assert await tell_follower(outpatient.database, name, "a", ear) == 1

    assert new == old + 1
    assert ear.heard == [new]
    assert await find_backlog(outpatient.database, name) == 0


async def test_two_who_see_a_new_follower_first_make_him_once(outpatient, clock, ear):
    name = f"test-{secrets.token_hex(6)}"
    await asyncio.gather(*(tell_follower(outpatient.database, name, holder, ear) for holder in "abcd"))
    assert (await row_of(outpatient, name)).name == name
    assert ear.heard == []


async def test_events_are_told_in_order_in_batches_and_once(outpatient, name, happen, ear):
    expected = await happen(BATCH + 3)

    assert [await tell_follower(outpatient.database, name, "a", ear) for _ in range(3)] == [BATCH, 3, 0]

    assert ear.heard == expected
    assert (await row_of(outpatient, name)).position == expected[-1]


async def test_a_follower_who_is_away_stays_where_he_was_and_hears_all_of_it_later(outpatient, name, happen, ear):
    expected = await happen(3)
    ear.is_away = True
    for _ in range(3):
        with pytest.raises(ConnectionError):
            await tell_follower(outpatient.database, name, "a", ear)
        expected += await happen(2)
    assert await find_backlog(outpatient.database, name) == 9

    ear.is_away = False
    assert await tell_follower(outpatient.database, name, "a", ear) == 9

    assert ear.heard == expected


async def test_one_process_at_a_time_tells_him(outpatient, name, happen, ear):
    first = await happen()
    assert await tell_follower(outpatient.database, name, "a", ear) == 1
    second = await happen()

    other = Ear()
    assert await tell_follower(outpatient.database, name, "b", other) == 0
    assert other.heard == []
    assert await tell_follower(outpatient.database, name, "a", ear) == 1
    assert ear.heard == first + second


async def test_many_processes_at_once_tell_each_event_once(outpatient, name, happen, ear):
    expected = await happen(BATCH * 2 + 5)
    told = 1
    while told:
        told = sum(
            await asyncio.gather(*(tell_follower(outpatient.database, name, holder, ear) for holder in "abcdef"))
        )
    assert ear.heard == expected


async def test_without_the_lease_the_same_race_tells_events_twice(outpatient, name, happen, ear, monkeypatch):
    """The counter-proof: it is the lease that keeps the others silent, and not luck."""

    async def take_anyway(database, name, holder) -> int:
        return (await row_of(outpatient, name)).position

    monkeypatch.setattr(followers, "_is_told_by_another", lambda *_: False)
    monkeypatch.setattr(followers, "_take_lease", take_anyway)
    expected = await happen(3)
    await asyncio.gather(*(tell_follower(outpatient.database, name, holder, ear) for holder in "abcdef"))
    assert set(ear.heard) == set(expected)
    assert len(ear.heard) > len(expected)


async def test_a_lease_that_was_given_back_is_taken_at_once(outpatient, name, happen, ear):
    await happen()
    await tell_follower(outpatient.database, name, "a", Ear())
    await let_go(outpatient.database, name, "b")  # not b's to give
    second = await happen()
    assert await tell_follower(outpatient.database, name, "b", ear) == 0

    await let_go(outpatient.database, name, "a")
    assert await tell_follower(outpatient.database, name, "b", ear) == 1
    assert ear.heard == second


async def test_who_died_is_replaced_when_his_lease_is_over(outpatient, name, happen, ear, clock):
    await happen()
    await tell_follower(outpatient.database, name, "a", Ear())  # and never again
    second = await happen()
    clock.advance(seconds=LEASE.total_seconds() - 1)
    assert await tell_follower(outpatient.database, name, "b", ear) == 0

    clock.advance(seconds=1)
    assert await tell_follower(outpatient.database, name, "b", ear) == 1
    assert ear.heard == second


async def test_a_lease_that_is_nearly_over_is_renewed_before_he_is_told(outpatient, name, happen, ear, clock):
    await happen()
    await tell_follower(outpatient.database, name, "a", ear)
    await happen()
    clock.advance(seconds=LEASE.total_seconds() - 1)

    seen = []

    async def look(events) -> None:
        seen.append((await row_of(outpatient, name)).leased_until - clock.now())

    await tell_follower(outpatient.database, name, "a", look)
    assert seen == [LEASE]


async def test_who_lost_the_lease_while_telling_cannot_move_the_position(outpatient, name, happen, ear, clock):
    positions = await happen(2)

    async def too_slow(events) -> None:
        clock.advance(seconds=LEASE.total_seconds() + 1)
        assert await tell_follower(outpatient.database, name, "b", ear) == 2

    assert await tell_follower(outpatient.database, name, "a", too_slow) == 0

    row = await row_of(outpatient, name)
    assert (row.lease, row.position) == ("b", positions[-1])
    assert ear.heard == positions


async def test_a_position_that_went_back_is_not_overwritten(outpatient, name, happen, ear):
    """Whoever puts a follower back by hand, so that he hears history again, is not undone by a batch under way."""
    positions = await happen(3)
    back = positions[0] - 1

    async def set_back(events) -> None:
        async with outpatient.database.transaction() as tx:
            await tx.execute(update(Follower).where(Follower.name == name).values(position=back + 1))

    assert await tell_follower(outpatient.database, name, "a", set_back) == 0
    assert await tell_follower(outpatient.database, name, "a", ear) == 2
    assert ear.heard == positions[1:]


async def test_telling_that_never_ends_is_given_up(outpatient, name, happen, ear, monkeypatch):
    monkeypatch.setattr("outpatient.core.followers.PATIENCE", timedelta(milliseconds=20))
    expected = await happen()

    async def never(events) -> None:
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await tell_follower(outpatient.database, name, "a", never)
    assert await tell_follower(outpatient.database, name, "a", ear) == 1
    assert ear.heard == expected
