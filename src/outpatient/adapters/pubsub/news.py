"""News: wakes whoever follows the events, in this process at once, in the others through a `Pubsub`.

Whoever is woken reads the events after his own position, so a word that is lost, late or said twice changes nothing;
he must also look around by himself every second or so, for the time when the carrier is away.
"""

import asyncio
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import structlog
from prometheus_client import Counter

from outpatient.adapters.pubsub.port import Pubsub

log = structlog.get_logger()

FAILURES = Counter("outpatient_pubsub_failures_total", "Words that could not be said to other processes", ["pubsub"])
LOSSES = Counter("outpatient_pubsub_losses_total", "Connections to listen on that were lost", ["pubsub"])

PATIENCE = 2.0  # seconds that saying one word may take
BEAT = 5.0  # seconds of silence after which we say something, only to hear whether we can
DEAF = 2.5  # beats after which a listener that heard nothing, not even us, is made anew
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 15.0  # seconds between tries to listen again

Callback = Callable[[], None]
Word = Literal["news", "beat"]


@dataclass
class News:
    """Tells this process and all others that events were placed.

    `subscribe` and `tell` may be used before `start` and without it: then only this process is told.
    """

    pubsub: Pubsub
    beat: float = BEAT
    is_connected: bool = False
    _own_name: str = field(default_factory=lambda: secrets.token_hex(8))
    _subscribers: dict[object, Callback] = field(default_factory=dict)
    _something_to_say: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _silence: asyncio.Timeout | None = None
    _is_refused: bool = False

    def subscribe(self, callback: Callback) -> Callback:
        """Have `callback` called, in the loop, whenever there may be new positions; answers how to end that."""
        ticket = object()
        self._subscribers[ticket] = callback

        def unsubscribe() -> None:
            self._subscribers.pop(ticket, None)

        return unsubscribe

    def tell(self) -> None:
        """There is something new: wake this process now and the others soon. Never waits and never fails."""
        self._wake()
        self._something_to_say.set()

    def start(self) -> None:
        """Begin to speak and to listen."""
        self._tasks = [
            asyncio.create_task(self._keep_listening(), name="news-listen"),
            asyncio.create_task(self._keep_speaking(), name="news-speak"),
        ]

    async def stop(self) -> None:
        """Be silent and deaf from now on."""
        running = set(self._tasks)
        while running:  # a carrier's own code may swallow being told to end, so it is told again
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=0.5)
        self._tasks = []
        await self.pubsub.close()

    def _wake(self) -> None:
        for callback in tuple(self._subscribers.values()):
            try:
                callback()
            except Exception:  # one who cannot be woken must not keep the others asleep
                log.exception("news_callback_failed")

    async def _keep_speaking(self) -> None:
        while True:
            word: Word = "news"
            try:
                async with asyncio.timeout(self.beat):
                    await self._something_to_say.wait()
            except TimeoutError:
                word = "beat"
            self._something_to_say.clear()  # what is told while we speak is said in the next word
            await self._say(word)

    async def _say(self, word: Word) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self.pubsub.publish(f"{word} {self._own_name}")
        except Exception as failure:  # noqa: BLE001 (whatever it is, nobody may suffer from it)
            FAILURES.labels(self.pubsub.name).inc()
            if not self._is_refused:  # said once, counted each time
                log.warning("pubsub_refuses", pubsub=self.pubsub.name, error=type(failure).__name__)
            self._is_refused = True
        else:
            self._is_refused = False

    async def _keep_listening(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                async with asyncio.timeout(self.beat * DEAF) as self._silence:
                    await self.pubsub.listen(self._connected, self._heard)
                cause = "ended"
            except Exception as failure:  # noqa: BLE001 (a carrier that is away must not end us)
                cause = type(failure).__name__
            finally:
                was_connected, self.is_connected, self._silence = self.is_connected, False, None
            if was_connected:
                LOSSES.labels(self.pubsub.name).inc()
                pause = FIRST_PAUSE
            if was_connected or pause == FIRST_PAUSE:
                log.warning("pubsub_lost", pubsub=self.pubsub.name, error=cause)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 (only so that not all come at once)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _connected(self) -> None:
        log.info("pubsub_connected", pubsub=self.pubsub.name)
        self.is_connected = True
        self._heard_somebody()
        self._wake()  # nobody knows what was said while we could not hear

    def _heard(self, word: str) -> None:
        self._heard_somebody()
        kind, _, speaker = word.partition(" ")
        if kind == "news" and speaker != self._own_name:
            self._wake()

    def _heard_somebody(self) -> None:
        if self._silence is not None and not self._silence.expired():
            self._silence.reschedule(asyncio.get_running_loop().time() + self.beat * DEAF)
