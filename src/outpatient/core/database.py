"""One request, one transaction: the `Tx` that every action takes, and the `Database` that opens it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import Executable, Result
from sqlalchemy.ext.asyncio import AsyncSession

from outpatient.core.clock import Clock
from outpatient.core.constraints import BROKEN, CROWDED, Crowded, is_crowded, refusal_of
from outpatient.core.events import Event
from outpatient.core.statements import Rows, Statement
from outpatient.core.stores import Store
from outpatient.models.outbox import AuditEntry, StoredEvent

R = TypeVar("R")


class Who(Protocol):
    """Somebody who acts (`user_id` 0: without an account); None in its place is the system itself."""

    @property
    def user_id(self) -> int: ...


class Tx:
    """An open transaction. Actions write through it and never commit; whoever opened it does, once."""

    def __init__(self, session: AsyncSession, store: Store, now: datetime, reactions: "Reactions") -> None:
        self.session = session
        self.store = store
        self.now = now
        self._reactions = reactions
        self._after_commit: list[Callable[[], Any]] = []
        self._changed_people: set[int] = set()
        self._audited: set[tuple[str, int]] = set()
        self._has_told = False

    async def execute(
        self, query: Executable, rows: Sequence[Mapping[str, Any]] | None = None
    ) -> Result[*tuple[Any, ...]]:
        """Run a query, once for all `rows` if there are any."""
        return await self.session.execute(query, rows)

    async def one_or_none(self, query: Executable) -> Any:
        """The only value (or ORM row) of a one-column query, or None."""
        return (await self.session.execute(query)).scalars().one_or_none()

    async def all(self, query: Executable) -> Sequence[Any]:
        """Every value (or ORM row) of a one-column query."""
        return (await self.session.execute(query)).scalars().all()

    async def rows(self, query: Executable) -> Sequence[Mapping[str, Any]]:
        """Every row of a query, by column name."""
        return cast("Sequence[Mapping[str, Any]]", (await self.session.execute(query)).mappings().all())

    async def add(self, row: R) -> R:
        """Insert one row now, so that its id is known and its constraints have spoken."""
        self.session.add(row)
        await self.session.flush()
        return row

    async def run(self, statement: Statement, **arguments: Any) -> Rows:
        """Run a hot statement inside this transaction."""
        self._has_told |= statement.is_change
        await self.session.flush()
        return await self.store.run_inside(await self.session.connection(), statement, arguments)

    async def record(self, event: Event, *, by: Who | None) -> None:
        """Say that something happened: inside reactions run at once, its row and audit entry are part of the deed."""
        self._has_told = True
        self.session.add(stored(event, by=by, at=self.now))
        self.audit(event.name, event.subject, event.subject_id, hospital_id=event.hospital_id, by=by)
        for react in self._reactions.inside(type(event)):
            await react(self, event, by)

    def audit(self, action: str, subject: str, subject_id: int, *, hospital_id: int | None, by: Who | None) -> None:
        """Note who did, or looked at, what."""
        self._audited.add((subject, subject_id))
        self.session.add(
            AuditEntry(
                hospital_id=hospital_id,
                actor_id=(by.user_id or None) if by else None,
                action=action,
                subject=subject,
                subject_id=subject_id,
                at=self.now,
            )
        )

    def look(self, action: str, subject: str, subject_id: int, *, hospital_id: int | None, by: Who) -> None:
        """Note who looked at what, unless he did something to it in this transaction: then he is noted already."""
        if (subject, subject_id) not in self._audited:
            self.audit(action, subject, subject_id, hospital_id=hospital_id, by=by)

    def after_commit(self, call: Callable[[], Any]) -> None:
        """Call this in the process's own memory once the deed is safe (forget a cache, wake the relay)."""
        self._after_commit.append(call)

    def forget_person(self, user_id: int) -> None:
        """What this user is or may do has changed: once the deed is safe, this process looks him up anew."""
        self._changed_people.add(user_id)


def stored(event: Event, *, by: Who | None, at: datetime) -> StoredEvent:
    """The row that an event becomes."""
    return StoredEvent(
        hospital_id=event.hospital_id,
        name=event.name,
        subject=event.subject,
        subject_id=event.subject_id,
        actor_id=(by.user_id or None) if by else None,
        payload=event.payload(),
        at=at,
        position=None,
    )


class Reactions(Protocol):
    """The table of reactions, as far as a transaction needs it (see `reactions.py`)."""

    def inside(self, event: type[Event]) -> Sequence[Callable[[Tx, Any, Who | None], Any]]: ...


class NoReactions:
    def inside(self, event: type[Event]) -> Sequence[Callable[[Tx, Any, Who | None], Any]]:
        return ()


@dataclass
class Database:
    """The store, the clock and the reactions, put together once per process."""

    store: Store
    clock: Clock
    reactions: Reactions = field(default_factory=NoReactions)
    on_commit: Callable[[], Any] = lambda: None
    on_change: Callable[[], Any] = lambda: None
    """After a commit that an event stands for; a look that is only audited and a sweep that finds nothing are none."""
    forget_person: Callable[[int], Any] = lambda _user_id: None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """Open a transaction that writes; it commits when the block ends well. Broken constraints become refusals."""
        async with self.store.write_lock(), AsyncSession(self.store.writes, expire_on_commit=False) as session:
            tx = Tx(session, self.store, self.clock.now(), self.reactions)
            try:
                yield tx
                await session.commit()
            except BROKEN as broken:
                raise refusal_of(broken) from broken
            except CROWDED as failure:
                if not is_crowded(failure):
                    raise
                raise Crowded from failure
        for call in tx._after_commit:  # noqa: SLF001 (the two are one thing)
            call()
        for user_id in tx._changed_people:  # noqa: SLF001
            self.forget_person(user_id)
        self.on_commit()
        if tx._has_told:  # noqa: SLF001
            self.on_change()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Tx]:
        """Open a transaction that only reads."""
        async with AsyncSession(self.store.reads, expire_on_commit=False) as session:
            yield Tx(session, self.store, self.clock.now(), self.reactions)

    async def run(self, statement: Statement, **arguments: Any) -> Rows:
        """Run a hot statement as its own transaction. Broken constraints become refusals."""
        try:
            rows = await self.store.run(statement, arguments)
        except BROKEN as broken:
            raise refusal_of(broken) from broken
        if statement.writes:
            self.on_commit()
            if statement.is_change:
                self.on_change()
        return rows

    async def close(self) -> None:
        await self.store.close()
