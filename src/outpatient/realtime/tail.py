"""Follows the events by position, in every process for itself, as long as somebody is connected to it."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter

from outpatient.adapters.pubsub.news import News
from outpatient.core.database import Database
from outpatient.realtime.hub import Hub
from outpatient.realtime.projections import Told
from outpatient.realtime.queries import BATCH, get_position, list_told

log = structlog.get_logger()

FAILURES = Counter("outpatient_streams_failures_total", "Looks at the events that failed, so that screens lag behind")

POLL = 1.0  # seconds between looks when no news came: it may have been lost
FIRST_BACKOFF, LONGEST_BACKOFF = 0.25, 5.0  # seconds after a look that failed

Deliver = Callable[[Sequence[Told]], Awaitable[None]]


@dataclass
class Tail:
    """Reads what comes after the hub's position and has it delivered, in order, nothing twice.

    The news only wake it; whoever subscribes to nothing costs the database no query.
    """

    database: Database
    news: News
    hub: Hub
    deliver: Deliver  # publishes each event to the hub, which moves its position
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _task: asyncio.Task[None] | None = None
    _unsubscribe: Callable[[], None] = lambda: None

    @property
    def is_following(self) -> bool:
        return self._task is not None and not self._task.done()

    async def start(self) -> None:
        """Follow from the present end on, unless we do already."""
        async with self._starting:
            if self._task is None:
                async with self.database.reading() as tx:
                    self.hub.position = await get_position(tx)
                self._unsubscribe = self.news.subscribe(self._woken.set)
                self._task = asyncio.create_task(self._run(), name="streams-tail")

    async def stop(self) -> None:
        """Follow no more: nobody listens."""
        task, self._task = self._task, None
        if task is not None:
            self._unsubscribe()
            self.hub.position = None
            task.cancel()
            if task is not asyncio.current_task():
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _run(self) -> None:
        backoff, failing = FIRST_BACKOFF, ""
        while True:
            self._woken.clear()
            try:
                told = await self._look()
            except Exception as failure:
                FAILURES.inc()
                if failing != (failing := type(failure).__name__):  # said once, counted each time
                    log.warning("streams_behind", error=failing, exc_info=True)
                await asyncio.sleep(backoff * random.uniform(0.7, 1.0))  # noqa: S311 (only so that not all come at once)
                backoff = min(backoff * 2, LONGEST_BACKOFF)
                continue
            backoff, failing = FIRST_BACKOFF, ""
            if told < BATCH:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL):  # `wait_for` may swallow the cancel of `stop`
                        await self._woken.wait()

    async def _look(self) -> int:
        assert self.hub.position is not None
        async with self.database.reading() as tx:
            told = await list_told(tx, after=self.hub.position)
        if told:
            await self.deliver(told)
        return len(told)
