"""How other systems learn what happened here: every event, in the one order, at least once."""

from collections.abc import Sequence
from typing import Protocol

from outpatient.models.outbox import StoredEvent


class Bus(Protocol):
    """Publishes events to whoever asked the broker for them."""

    name: str

    async def publish(self, events: Sequence[StoredEvent]) -> None:
        """Hand events over, in this order; it returns when the broker has answered for each of them.

        Raises AdapterFailure, at once while the broker is away; then some of them may have arrived all the same.
        """
        ...

    async def is_up(self) -> bool:
        """Whether the broker can be spoken to now."""
        ...

    async def close(self) -> None: ...
