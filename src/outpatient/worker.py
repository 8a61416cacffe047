"""The work that nobody waits for: relay, deliveries, sweeps, figures and the bus, inside `serve` or on their own.

Loops that never wait for one another: a provider that is slow delays no screen, nor does a broker that is away.
"""

import asyncio
import contextlib
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from prometheus_client import Counter

from outpatient.adapters.bus.port import Bus
from outpatient.adapters.outside import Outside
from outpatient.adapters.pubsub.news import News
from outpatient.analytics.actions import FIGURES, follow_events
from outpatient.appointments.actions import expire_stale_holds, forget_old_keys
from outpatient.appointments.sweeps import find_no_shows, remind_due
from outpatient.auth.sweeps import forget_dead_sign_ins
from outpatient.core.budgets import forget_old_budgets
from outpatient.core.database import Database
from outpatient.core.followers import let_go, tell_follower
from outpatient.core.outbox import ReactionTable, deliver_due, drain, place_events
from outpatient.feedback.sweeps import ask_for_feedback
from outpatient.payments.sweeps import EVERY, reconcile
from outpatient.queue.sweeps import tell_turns
from outpatient.realtime.sweeps import forget_old_tickets

log = structlog.get_logger()

FAILURES = Counter("outpatient_worker_failures_total", "Rounds of the worker's loops that failed", ["loop"])

LAST_WORK = 5.0  # seconds that work under way may still take when we are told to stop
POLL = 0.25  # seconds between looks when nothing woke us: another process may have written
FOLLOWER_POLL = 1.0  # seconds; another process tells the followers, or they know everything
SHORTEST_REST = 0.02  # seconds after each round of work, so that a busy desk's events are placed many at a time
LONGEST_REST = 1.0  # seconds; most of a long round went by waiting for others, which is no work
RELAY_REST = 0.04  # seconds; screens wait for the relay, and a round of it is short however much there is to place
FIGURES_REST = 10.0  # seconds; nobody waits for figures as for a screen, and counting is work for the database
FIRST_BACKOFF, BUS_BACKOFF = 1.0, 15.0  # seconds after a round that failed, and the most of it for the bus


@dataclass
class Sweep:
    """Something that is looked after every so often, over columns, safe to repeat."""

    work: Callable[[Any], Awaitable[object]]
    every: timedelta
    asks_outside: bool = False  # it is given the outside world, else the database
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
        Sweep(remind_due, timedelta(seconds=30)),
        Sweep(find_no_shows, timedelta(seconds=30)),
        Sweep(tell_turns, timedelta(seconds=20)),
        Sweep(ask_for_feedback, timedelta(minutes=1)),
        Sweep(forget_old_budgets, timedelta(hours=6)),
        Sweep(forget_old_keys, timedelta(hours=6)),
        Sweep(forget_dead_sign_ins, timedelta(hours=6)),
        Sweep(forget_old_tickets, timedelta(minutes=10)),
        Sweep(reconcile, EVERY, asks_outside=True),
    ]


@dataclass
class Loop:
    """Does its rounds whenever it is woken, and looks around every `poll` seconds; it outlives whatever fails.

    `share` is the part of the time that it may work while there is a backlog.
    """

    name: str
    work: Callable[[], Awaitable[int]]  # one round; how much there was to do
    poll: float
    share: float
    longest_rest: float = LONGEST_REST
    longest_backoff: float = FIRST_BACKOFF
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _ending: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        self._woken.set()

    def end(self) -> None:
        self._ending.set()
        self._woken.set()

    async def run(self) -> None:
        backoff, failing = FIRST_BACKOFF, ""
        while not self._ending.is_set():
            self._woken.clear()
            began = time.perf_counter()
            try:
                done = await self.work()
            except Exception as failure:
                FAILURES.labels(self.name).inc()
                if failing != (failing := type(failure).__name__):  # said once, counted each time
                    log.warning("worker_failed", loop=self.name, error=failing, exc_info=True)
                await self._rest(backoff * random.uniform(0.7, 1.0))  # noqa: S311 (only so that not all come at once)
                backoff = min(backoff * 2, self.longest_backoff)
                continue
            backoff, failing = FIRST_BACKOFF, ""
            if done:
                worked = time.perf_counter() - began
                await self._rest(min(max(SHORTEST_REST, worked * (1 / self.share - 1)), self.longest_rest))
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self.poll)

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), seconds)


@dataclass
class Worker:
    """Places events and tells the news, sends what must go out, makes the sweeps, keeps the figures, feeds the bus.

    Inside `serve` the people at the desks come first, so each loop rests nine times as long as it worked, up to its
    longest rest; on its own (`share` 1) it need not, and looks more often for what other processes have written.
    """

    database: Database
    reactions: ReactionTable
    outside: Outside
    news: News
    bus: Bus | None = None
    share: float = 0.1
    sweeps: list[Sweep] = field(default_factory=sweeps)
    _holder: str = field(default_factory=lambda: secrets.token_hex(16))
    _loops: list[Loop] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _unsubscribe: list[Callable[[], None]] = field(default_factory=list)
    _relay: Loop | None = None

    def wake(self) -> None:
        """There is something to place (called after each commit)."""
        if self._relay is not None:
            self._relay.wake()

    def start(self) -> None:
        poll = POLL if self.share < 1 else RELAY_REST
        self._relay = Loop("relay", self._place, poll, self.share, RELAY_REST)
        deliveries = Loop("deliveries", self._deliver, POLL, self.share)
        figures = Loop(FIGURES, self._count, FOLLOWER_POLL, self.share, FIGURES_REST)
        self._loops = [self._relay, deliveries, figures]
        self._unsubscribe = [self.news.subscribe(deliveries.wake), self.news.subscribe(figures.wake)]
        if self.bus is not None:
            follower = Loop(self.bus.name, self._feed_bus, FOLLOWER_POLL, self.share, longest_backoff=BUS_BACKOFF)
            self._loops.append(follower)
            self._unsubscribe.append(self.news.subscribe(follower.wake))
        self._tasks = {asyncio.create_task(loop.run(), name=f"worker-{loop.name}") for loop in self._loops}

    async def stop(self) -> None:
        """Finish what is under way, if that is soon, and end."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        for loop in self._loops:
            loop.end()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_WORK)
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._tasks and self.bus is not None:
            with contextlib.suppress(Exception):  # else the lease ends by itself
                await let_go(self.database, self.bus.name, self._holder)

    async def run_once(self) -> None:
        """Everything that is due now."""
        for sweep in self._due_sweeps():
            await self._make(sweep)
        await drain(self.database, self.reactions, self.outside)
        self.news.tell()
        while await self._count() + await self._feed_bus():
            pass

    async def _place(self) -> int:
        placed = await place_events(self.database, self.reactions)
        if placed:
            self.news.tell()
        return placed

    async def _deliver(self) -> int:
        for sweep in self._due_sweeps():
            try:
                await self._make(sweep)
            except Exception:  # one that fails must not keep the others, nor what is to be sent
                FAILURES.labels(sweep.work.__name__).inc()
                log.warning("sweep_failed", sweep=sweep.work.__name__, exc_info=True)
        return await deliver_due(self.database, self.reactions, self.outside)

    async def _count(self) -> int:
        return await follow_events(self.database)

    async def _feed_bus(self) -> int:
        if self.bus is None:
            return 0
        return await tell_follower(self.database, self.bus.name, self._holder, self.bus.publish)

    def _due_sweeps(self) -> Iterator[Sweep]:
        now = self.database.clock.now()
        for sweep in self.sweeps:
            if sweep.last is None or abs(now - sweep.last) >= sweep.every:
                sweep.last = now
                yield sweep

    async def _make(self, sweep: Sweep) -> None:
        await sweep.work(self.outside if sweep.asks_outside else self.database)
