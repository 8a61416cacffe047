"""How processes wake each other: one short word to everybody who listens, and nothing that must arrive."""

from collections.abc import Callable
from typing import Protocol


class Pubsub(Protocol):
    """Carries words between processes. A word may be lost or come twice; nobody may depend on it."""

    name: str

    async def publish(self, word: str) -> None:
        """Say a word to every process that listens, this one included. Raises whatever its carrier raises."""
        ...

    async def listen(self, connected: Callable[[], None], heard: Callable[[str], None]) -> None:
        """Call `connected` as soon as no word would be missed, then `heard` with each; only a lost connection ends it.

        Raises whatever its carrier raises; to try again is for `News`.
        """
        ...

    async def close(self) -> None: ...
