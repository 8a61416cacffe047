"""The only process there is: it needs to tell nobody but itself."""

import asyncio
from collections.abc import Callable


class LocalPubsub:
    """Carries words inside this process."""

    name = "local"

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[str]] = set()

    async def publish(self, word: str) -> None:
        for listener in self._listeners:
            listener.put_nowait(word)

    async def listen(self, connected: Callable[[], None], heard: Callable[[str], None]) -> None:
        words: asyncio.Queue[str] = asyncio.Queue()
        self._listeners.add(words)
        try:
            connected()
            while True:
                heard(await words.get())
        finally:
            self._listeners.discard(words)

    async def close(self) -> None:
        self._listeners.clear()
