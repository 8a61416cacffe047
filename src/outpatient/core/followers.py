"""Followers: somebody is told of every event, in the one order, however long he was away.

How far he has come is a position in the database, so it survives everybody.

Somebody *outside* is told at least once, by one process at a time: whoever holds his lease. The lease is also the
fence: who has lost it cannot move the position. What follows *inside* our own store needs none: its work and its
position are one transaction under the lock of its row, so each event is worked once, and all of it or nothing is there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from outpatient.core.database import Database, Tx
from outpatient.models.outbox import Follower, StoredEvent

log = structlog.get_logger()

BATCH = 200  # events told at once
LEASE = timedelta(seconds=45)
PATIENCE = timedelta(seconds=20)  # that telling one batch may take; well within a lease
INSIDE_BATCH = 1000  # events worked in one transaction
NOT_BEGUN = -1

Tell = Callable[[Sequence[StoredEvent]], Awaitable[None]]
Work = Callable[[Tx, Sequence[StoredEvent]], Awaitable[None]]
Begin = Callable[[Tx], Awaitable[None]]

_END = select(func.coalesce(func.max(StoredEvent.position), 0)).scalar_subquery()


async def tell_follower(database: Database, name: str, holder: str, tell: Tell) -> int:
    """Tell a follower what comes next for him; how many events that were.

    None if he knows everything, or if another `holder` tells him. Raises what `tell` raises: then he stays where he
    was, and the same events are told again.
    """
    async with database.reading() as tx:
        follower = await tx.one_or_none(select(Follower).where(Follower.name == name))
        events = await tx.all(_after(follower.position)) if follower is not None else []
    if follower is None:
        await _begin(database, name)
        return 0
    if not events or _is_told_by_another(follower, holder, database.clock.now()):
        return 0
    if follower.lease != holder or follower.leased_until - database.clock.now() <= PATIENCE:
        position = await _take_lease(database, name, holder)
        if position != follower.position:
            return 0  # another tells him, or did a moment ago: the next look knows more
    async with asyncio.timeout(PATIENCE.total_seconds()):
        await tell(events)
    if not await _advance(database, name, holder, follower.position, events[-1].position):
        log.warning("follower_lease_lost", follower=name, position=follower.position)
        return 0
    return len(events)


async def follow_inside(database: Database, name: str, work: Work, *, begin: Begin, batch: int = INSIDE_BATCH) -> int:
    """Let `work` follow the events inside our own store; how much there was to do.

    None if it has seen everything, or if another process is at it. A new follower begins with `begin`, which takes
    history into account as it likes: what happens from that moment on is what it follows. Whatever fails is undone with
    its position, and comes again.
    """
    async with database.reading() as tx:
        position = await tx.one_or_none(select(Follower.position).where(Follower.name == name))
        has_news = position is not None and await tx.one_or_none(select(_is_after(position).exists()))
    if position is None:
        await enlist(database, name)
    elif position != NOT_BEGUN and not has_news:
        return 0
    async with database.transaction() as tx:
        follower = await lock_follower(tx, name, skip_locked=True)
        if follower is None:
            return 0
        if follower.position == NOT_BEGUN:
            end = await find_end(tx)  # before the work: what comes meanwhile is followed, not missed
            await begin(tx)
            follower.position = end
            return 1
        events = await tx.all(_after(follower.position, batch))
        if events:
            await work(tx, events)
            follower.position = events[-1].position
        return len(events)


async def enlist(database: Database, name: str) -> None:
    """Have a row for a follower inside, who has yet to begin."""
    async with database.transaction() as tx:
        await _add(tx, name, NOT_BEGUN)


async def lock_follower(tx: Tx, name: str, *, skip_locked: bool = False) -> Follower | None:
    """The row of a follower inside, for whoever does its work; None (`skip_locked`) if somebody else is at it."""
    query = select(Follower).where(Follower.name == name).with_for_update(skip_locked=skip_locked)
    found: Follower | None = await tx.one_or_none(query)
    return found


async def find_end(tx: Tx) -> int:
    """The position of the last event that has one."""
    end: int = await tx.one_or_none(select(_END))
    return end


async def let_go(database: Database, name: str, holder: str) -> None:
    """Give the lease back, so that another process need not wait for its end."""
    async with database.transaction() as tx:
        await tx.execute(
            update(Follower)
            .where(Follower.name == name, Follower.lease == holder)
            .values(lease=None, leased_until=None)
        )


async def find_backlog(database: Database, name: str) -> int | None:
    """How many events a follower has not been told of yet; None before he was first seen."""
    async with database.reading() as tx:
        backlog: int | None = await tx.one_or_none(select(_END - Follower.position).where(Follower.name == name))
    return backlog


def _is_told_by_another(follower: Follower, holder: str, now: datetime) -> bool:
    return follower.leased_until is not None and follower.lease != holder and follower.leased_until > now


def _is_after(position: int) -> Select[StoredEvent]:
    return select(StoredEvent).where(StoredEvent.position > position)


def _after(position: int, batch: int = BATCH) -> Select[StoredEvent]:
    return _is_after(position).order_by(StoredEvent.position).limit(batch)


async def _begin(database: Database, name: str) -> None:
    """A new follower starts at the present end: what was before him is history, and not news."""
    async with database.transaction() as tx:
        await _add(tx, name, _END)


async def _add(tx: Tx, name: str, position: Any) -> None:
    new = postgresql.insert if tx.store.dialect == "postgresql" else sqlite.insert
    await tx.execute(new(Follower).values(name=name, position=position).on_conflict_do_nothing())


async def _take_lease(database: Database, name: str, holder: str) -> int | None:
    """The follower's position if the lease is ours now."""
    async with database.transaction() as tx:
        is_free: ColumnElement[bool] = or_(
            Follower.lease.is_(None), Follower.lease == holder, Follower.leased_until <= tx.now
        )
        position: int | None = await tx.one_or_none(
            update(Follower)
            .where(Follower.name == name, is_free)
            .values(lease=holder, leased_until=tx.now + LEASE)
            .returning(Follower.position)
        )
    return position


async def _advance(database: Database, name: str, holder: str, told: int, now_told: int | None) -> bool:
    async with database.transaction() as tx:
        moved = await tx.one_or_none(
            update(Follower)
            .where(Follower.name == name, Follower.lease == holder, Follower.position == told)
            .values(position=now_told, leased_until=tx.now + LEASE)
            .returning(Follower.position)
        )
    return moved is not None
