"""Answers kept in memory, so that a hundred screens that ask the same cost one read (ADR 9)."""

from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime, timedelta

from outpatient.core.clock import Clock


class Answers:
    """Answers in bytes, by what was asked and what the reader may see of it, `most` of them at once.

    Every change by this process and every word of another's forgets them all, so a reader finds what he has just
    written; if a word is lost, an answer is at most `fresh()` old.
    """

    def __init__(self, clock: Clock, fresh: Callable[[], timedelta], *, most: int) -> None:
        self._clock, self._fresh, self._most = clock, fresh, most
        self._known: dict[Hashable, tuple[datetime, bytes]] = {}
        self._changes = 0

    def __len__(self) -> int:
        return len(self._known)

    def forget(self) -> None:
        """Something has changed somewhere."""
        self._changes += 1
        self._known.clear()

    async def get(self, key: Hashable, read: Callable[[], Awaitable[bytes]]) -> bytes:
        """The answer for this key, read anew unless it is fresh."""
        now, known = self._clock.now(), self._known.get(key)
        if known is not None and timedelta(0) <= now - known[0] < self._fresh():
            return known[1]
        changes = self._changes
        answer = await read()
        if changes == self._changes:  # else what was read may be no longer so
            self._known.pop(key, None)
            if len(self._known) >= self._most:
                del self._known[next(iter(self._known))]
            self._known[key] = now, answer
        return answer
