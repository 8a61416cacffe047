"""The work that nobody waits for: the outbox relay and the periodic sweeps, inside `serve` or on their own."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from outpatient.appointments.actions import expire_stale_holds, forget_old_keys
from outpatient.auth.sweeps import forget_dead_sign_ins
from outpatient.core.budgets import forget_old_budgets
from outpatient.core.database import Database
from outpatient.core.outbox import ReactionTable, drain, step
from outpatient.notifications.handlers import Outside

log = structlog.get_logger()

LAST_WORK = 5.0  # seconds that work under way may still take when we are told to stop
POLL = 0.25  # seconds between looks when nothing woke us: another process may have written
SHORTEST_REST = 0.02  # seconds after each round of work, so that a busy desk's events are placed many at a time


@dataclass
class Sweep:
    """Something that is looked after every so often, over columns, safe to repeat."""

    work: Callable[[Database], Awaitable[object]]
    every: timedelta
    last: datetime | None = None


async def expire_holds(database: Database) -> None:
    """Give back every slot that was not paid in time, a batch at a time."""
    ended = 1
    while ended:
        async with database.transaction() as tx:
            ended = await expire_stale_holds(tx)


def sweeps() -> list[Sweep]:
    """Every periodic work there is."""
    return [
        Sweep(expire_holds, timedelta(seconds=30)),
        Sweep(forget_old_budgets, timedelta(hours=6)),
        Sweep(forget_old_keys, timedelta(hours=6)),
        Sweep(forget_dead_sign_ins, timedelta(hours=6)),
    ]


@dataclass
class Worker:
    """Runs the relay whenever something was committed here, and looks around four times a second.

    `share` is the part of the time that it may work while there is a backlog: inside `serve` the people at the desks
    come first, so it rests nine times as long as it worked; on its own it need not rest.
    """

    database: Database
    reactions: ReactionTable
    outside: Outside
    share: float = 0.1
    sweeps: list[Sweep] = field(default_factory=sweeps)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _ending: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """There is something to do (called after each commit)."""
        self._woken.set()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="worker")

    async def stop(self) -> None:
        """Finish what is under way, if that is soon, and end."""
        if self._task is not None:
            self._ending.set()
            self._woken.set()
            await asyncio.wait({self._task}, timeout=LAST_WORK)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def run_once(self) -> None:
        """Everything that is due now."""
        await self._sweep()
        await drain(self.database, self.reactions, self.outside)

    async def _sweep(self) -> None:
        now = self.database.clock.now()
        for sweep in self.sweeps:
            if sweep.last is None or abs(now - sweep.last) >= sweep.every:
                sweep.last = now
                await sweep.work(self.database)

    async def _run(self) -> None:
        while not self._ending.is_set():
            self._woken.clear()
            try:
                await self._sweep()
                began = time.perf_counter()
                done = await step(self.database, self.reactions, self.outside)
                worked = time.perf_counter() - began
            except Exception as failure:  # the worker outlives a database that is away
                log.exception("worker_failed", error=type(failure).__name__)
                await self._rest(1)
                continue
            if done:
                await self._rest(max(SHORTEST_REST, worked * (1 / self.share - 1)))
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), POLL)

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), seconds)
