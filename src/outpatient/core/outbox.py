"""After the deed: events get their place in the one order, and every outside reaction is delivered once.

Nobody follows a serial id (a transaction that commits late would be skipped); the relay takes rows that have no
`position` yet, wherever they stand, and gives them one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import insert, select, text, update

from outpatient.core.database import Database, Tx
from outpatient.core.errors import AdapterFailure
from outpatient.core.events import Event
from outpatient.core.statements import Statement
from outpatient.core.terms import DeliveryStatus
from outpatient.models.outbox import Delivery, StoredEvent

log = structlog.get_logger()

BATCH = 500  # events placed at once
HANDFUL = 20  # deliveries taken at once
LEASE = timedelta(minutes=1)
PATIENCE = 15  # seconds that one delivery may take
FIRST_PAUSE = timedelta(seconds=5)
MAX_ATTEMPTS = 8
RELAY_LOCK = 0x0C71  # any number that no other advisory lock of ours uses

Inside = Callable[[Tx, Any, Any], Awaitable[None]]
After = Callable[[Any, StoredEvent], Awaitable[None]]


class Later(Exception):
    """It is not the time for this reaction: deliver it at `until`, which is after now. The try does not count."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"not before {until.isoformat()}")
        self.until = until


_last_try: ContextVar[bool] = ContextVar("last_try", default=False)


def is_last_try() -> bool:
    """Whether the delivery under way is parked if it fails once more."""
    return _last_try.get()


@dataclass(frozen=True)
class React:
    """What follows an event: inside its transaction, and after it (each outside reaction is a delivery of its own)."""

    inside: tuple[Inside, ...] = ()
    after: tuple[After, ...] = ()


class ReactionTable:
    """Event class → React."""

    def __init__(self, table: Mapping[type[Event], React]) -> None:
        self.table = dict(table)
        self.handlers = {react.__name__: react for entry in table.values() for react in entry.after}
        self._after = {event.name: tuple(react.__name__ for react in entry.after) for event, entry in table.items()}

    def inside(self, event: type[Event]) -> Sequence[Inside]:
        return self.table[event].inside

    def after(self, name: str) -> tuple[str, ...]:
        """The names of the outside reactions to an event of that name."""
        return self._after.get(name, ())


_ANY_NEW = "SELECT id FROM events WHERE position IS NULL LIMIT 1"
FIND_NEW = Statement("find_new", _ANY_NEW, lambda connection, _: connection.execute(_ANY_NEW).fetchall(), writes=False)
_PLACE = text(
    """UPDATE events SET position = placed.position
FROM (
    SELECT id, (SELECT COALESCE(MAX(position), 0) FROM events) + row_number() OVER (ORDER BY id) AS position
    FROM events WHERE position IS NULL ORDER BY id LIMIT :batch
) AS placed
WHERE events.id = placed.id
RETURNING events.id, events.name"""
)


async def place_events(database: Database, reactions: ReactionTable) -> int:
    """Give new events their position and their deliveries; how many there were. One relay at a time."""
    if not await database.run(FIND_NEW):
        return 0
    async with database.transaction() as tx:
        if tx.store.dialect == "postgresql":  # waiting is short, and then what came meanwhile is seen too
            await tx.execute(text(f"SELECT pg_advisory_xact_lock({RELAY_LOCK})"))
        placed = (await tx.execute(_PLACE.bindparams(batch=BATCH))).all()
        deliveries = [
            {
                "event_id": event_id,
                "reaction": reaction,
                "status": DeliveryStatus.PENDING,
                "attempts": 0,
                "due_at": tx.now,
            }
            for event_id, name in sorted(placed)
            for reaction in reactions.after(name)
        ]
        if deliveries:
            await tx.execute(insert(Delivery), deliveries)
        return len(placed)


async def deliver_due(database: Database, reactions: ReactionTable, outside: Any) -> int:
    """Carry out the deliveries that are due; how many were tried. Several workers may do this at once."""
    claimed = await _claim(database)
    for delivery in claimed:
        await _deliver(database, reactions, outside, delivery)
    return len(claimed)


async def _claim(database: Database) -> Sequence[Delivery]:
    """Take due deliveries for the length of a lease; `attempts` is the fence that only the taker passes."""
    due = (
        select(Delivery.id)
        .where(Delivery.status == DeliveryStatus.PENDING, Delivery.due_at <= database.clock.now())
        .order_by(Delivery.due_at, Delivery.id)
        .limit(HANDFUL)
    )
    async with database.reading() as tx:
        if not await tx.all(due):
            return []
    async with database.transaction() as tx:
        ids = await tx.all(due.with_for_update(skip_locked=True))
        claimed = await tx.all(
            update(Delivery)
            .where(Delivery.id.in_(ids), Delivery.status == DeliveryStatus.PENDING, Delivery.due_at <= tx.now)
            .values(attempts=Delivery.attempts + 1, due_at=tx.now + LEASE)
            .returning(Delivery)
        )
    return sorted(claimed, key=lambda delivery: delivery.id)  # in the order of the events and of the table's reactions


async def _deliver(database: Database, reactions: ReactionTable, outside: Any, delivery: Delivery) -> None:
    if database.clock.now() + timedelta(seconds=PATIENCE) >= delivery.due_at:
        return  # the rest of the lease is too short to be sure that nobody else sends it too
    async with database.reading() as tx:
        event = await tx.one_or_none(select(StoredEvent).where(StoredEvent.id == delivery.event_id))
    last_try = _last_try.set(delivery.attempts >= MAX_ATTEMPTS)
    try:
        async with asyncio.timeout(PATIENCE):
            await reactions.handlers[delivery.reaction](outside, event)
    except Later as later:
        await _postpone(database, delivery, later.until)
    except Exception as failure:  # noqa: BLE001 (one failing provider must not stop the others)
        log.warning("delivery_failed", reaction=delivery.reaction, delivery=delivery.id, error=type(failure).__name__)
        await _finish(database, delivery, failure)
    else:
        await _finish(database, delivery, None)
    finally:
        _last_try.reset(last_try)


async def _postpone(database: Database, delivery: Delivery, until: datetime) -> None:
    async with database.transaction() as tx:
        await tx.execute(
            update(Delivery)
            .where(Delivery.id == delivery.id, Delivery.attempts == delivery.attempts)
            .values(status=DeliveryStatus.PENDING, attempts=delivery.attempts - 1, due_at=until)
        )


async def _finish(database: Database, delivery: Delivery, failure: Exception | None) -> None:
    async with database.transaction() as tx:
        changes: dict[str, Any] = {"status": DeliveryStatus.DONE, "done_at": tx.now, "last_error": None}
        if failure is not None:
            gone = (isinstance(failure, AdapterFailure) and failure.permanent) or delivery.attempts >= MAX_ATTEMPTS
            changes = {
                "status": DeliveryStatus.PARKED if gone else DeliveryStatus.PENDING,
                "due_at": next_try(tx.now, delivery.attempts),
                "last_error": f"{type(failure).__name__}: {failure}"[:500],
            }
        await tx.execute(
            update(Delivery).where(Delivery.id == delivery.id, Delivery.attempts == delivery.attempts).values(**changes)
        )


def next_try(now: datetime, attempts: int) -> datetime:
    """When to try again: 5 s, 10 s, 20 s … after the failure."""
    return now + FIRST_PAUSE * (1 << (attempts - 1))


async def drain(database: Database, reactions: ReactionTable, outside: Any) -> None:
    """Work until nothing new and nothing due is left."""
    while await place_events(database, reactions) + await deliver_due(database, reactions, outside):
        pass
