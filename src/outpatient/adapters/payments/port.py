"""The payment gateway: it makes orders that a patient can pay."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

OrderStatus = Literal["created", "attempted", "paid"]


@dataclass(frozen=True, slots=True)
class Order:
    """What the gateway will take, in minor units, under its own id."""

    id: str
    amount_minor: int
    currency: str
    status: OrderStatus


class Payments(Protocol):
    """Takes payments; `provider` is the name under which its orders are kept."""

    provider: str

    async def create_order(self, *, amount_minor: int, currency: str, receipt: str, notes: Mapping[str, str]) -> Order:
        """Asks the gateway for an order; `receipt` is our name for it (at most 40 characters, never used twice).

        The same receipt again is the same order; with another amount or currency it is a permanent AdapterFailure.
        """
        ...
