"""The payment gateway: orders and links that a patient can pay, what came of them, and money that goes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

OrderStatus = Literal["created", "attempted", "paid"]
LinkStatus = Literal["created", "partially_paid", "paid", "cancelled", "expired"]
CaptureStatus = Literal["created", "authorized", "captured", "refunded", "failed"]
RefundStatus = Literal["pending", "processed", "failed"]


@dataclass(frozen=True, slots=True)
class Order:
    """What the gateway will take, in minor units, under its own id."""

    id: str
    amount_minor: int
    currency: str
    status: OrderStatus


@dataclass(frozen=True, slots=True)
class Capture:
    """One try to pay an order, as the gateway knows it: `captured` (or `refunded` later) means the money came in.

    `method` is the gateway's word (`upi`, `card`, `netbanking` …), `error` its reason for a failed one.
    """

    id: str
    order_id: str | None
    amount_minor: int
    currency: str
    status: CaptureStatus
    method: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """Who is asked to pay: what the gateway's page shows to him."""

    name: str
    phone: str | None = None  # E.164
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A page of the gateway where an amount can be paid until `expires_at`; `payments` are the captures on it."""

    id: str
    url: str
    amount_minor: int
    paid_minor: int
    currency: str
    status: LinkStatus
    expires_at: datetime | None
    payments: tuple[Capture, ...] = ()


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """Money on its way back to whoever paid `payment_id`."""

    id: str
    payment_id: str
    amount_minor: int
    status: RefundStatus


class Payments(Protocol):
    """Takes payments; `provider` is the name under which its orders are kept, `key_id` what a checkout shows of us.

    Every method raises AdapterFailure; a permanent one means that the gateway refused and trying again cannot help.
    """

    provider: str
    key_id: str

    async def create_order(self, *, amount_minor: int, currency: str, receipt: str, notes: Mapping[str, str]) -> Order:
        """Asks the gateway for an order; `receipt` is our name for it (at most 40 characters, never used twice).

        The same receipt again is the same order; with another amount or currency it is a permanent AdapterFailure.
        """
        ...

    async def list_captures(self, order_id: str) -> list[Capture]:
        """Every try to pay this order, the oldest first."""
        ...

    async def get_capture(self, payment_id: str) -> Capture:
        """One try to pay (permanent AdapterFailure: there is none)."""
        ...

    async def create_link(
        self,
        *,
        amount_minor: int,
        currency: str,
        reference: str,
        description: str,
        customer: Customer,
        expires_at: datetime,
        notes: Mapping[str, str],
    ) -> Link:
        """A page where this can be paid; `reference` is our name for it (at most 40 characters, never used twice).

        The same reference again is the same link; with another amount or currency it is a permanent AdapterFailure.
        The gateway itself sends nothing to the customer: we do.
        """
        ...

    async def get_link(self, link_id: str) -> Link:
        """The link as it stands now (permanent AdapterFailure: there is none)."""
        ...

    async def cancel_link(self, link_id: str) -> None:
        """Nobody can pay by this link any more; one that is paid, expired or cancelled already stays what it is."""
        ...

    async def refund(self, *, payment_id: str, amount_minor: int, key: str, notes: Mapping[str, str]) -> ProviderRefund:
        """Give back so much of a captured payment; `key` has 10 to 40 letters, digits, `-` or `_`.

        The same key again is the same refund; with another amount, and more than is left of the payment, it is a
        permanent AdapterFailure.
        """
        ...

    async def get_refund(self, refund_id: str) -> ProviderRefund:
        """The refund as it stands now (permanent AdapterFailure: there is none)."""
        ...

    async def close(self) -> None:
        """Let go of the connections to the gateway."""
        ...
