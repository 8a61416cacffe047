"""What sums of money mean: where a payment stands, what is still due, how much goes back, when to ask again."""

from datetime import datetime, timedelta
from typing import TypeGuard

from outpatient.core.terms import CancelledBy, PaymentMethod, PaymentStatus

ASKED = frozenset({PaymentStatus.PENDING, PaymentStatus.PARTIALLY_PAID, PaymentStatus.FAILED})
"""Payments that still ask for money."""
OVER = frozenset({PaymentStatus.CANCELLED, PaymentStatus.EXPIRED})
"""Payments that ask for nothing any more, because nothing takes place."""

GIVEN_UP = timedelta(days=3)
FIRST_LOOK = timedelta(minutes=2)
GAPS = (
    (timedelta(minutes=15), timedelta(minutes=2)),
    (timedelta(hours=2), timedelta(minutes=10)),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta.max, timedelta(hours=6)),
)
"""Up to this age, what has no outcome yet is asked about once in so long."""


def status_of(*, amount: int, discount: int, paid: int, refunded: int, was: PaymentStatus) -> PaymentStatus:
    """Where a payment stands, from its sums (minor units) alone, so that the order of events cannot matter.

    Where nothing was paid it stays what it was: over, failed or pending; a discount of everything pays it. What counts
    as paid is what is kept, so a surplus that went back leaves it PAID.
    """
    if paid == 0:
        if was in OVER:
            return was
        if discount == amount > 0:
            return PaymentStatus.PAID
        return PaymentStatus.FAILED if was is PaymentStatus.FAILED else PaymentStatus.PENDING
    if refunded == paid:
        return PaymentStatus.REFUNDED
    if paid - refunded >= amount - discount:
        return PaymentStatus.PAID
    return PaymentStatus.PARTIALLY_REFUNDED if refunded else PaymentStatus.PARTIALLY_PAID


def due_of(status: PaymentStatus, *, amount: int, discount: int, paid: int) -> int:
    """What is still asked for, in minor units; nothing of what is settled or over."""
    return max(0, amount - discount - paid) if status in ASKED else 0


def refund_share(
    kept: int,
    *,
    full_notice: timedelta,
    late_percent: int,
    starts_at: datetime,
    now: datetime,
    cancelled_by: CancelledBy,
) -> int:
    """How much of what we keep goes back when an appointment is cancelled, in minor units, rounded down.

    All of it when staff or the system cancels. A patient gets all up to `full_notice` before the start, from then on
    `late_percent` of it, and nothing once the start has passed.
    """
    if cancelled_by is not CancelledBy.PATIENT or now <= starts_at - full_notice:
        return kept
    return kept * late_percent // 100 if now <= starts_at else 0


METHODS = {
    "card": PaymentMethod.CARD,
    "emi": PaymentMethod.CARD,
    "upi": PaymentMethod.UPI,
    "netbanking": PaymentMethod.NETBANKING,
    "bank_transfer": PaymentMethod.BANK_TRANSFER,
    "wallet": PaymentMethod.WALLET,
    "paylater": PaymentMethod.WALLET,
}
"""The gateway's words for how somebody paid."""


def method_of(word: str | None) -> PaymentMethod:
    """Our word for a gateway's."""
    return METHODS.get((word or "").lower(), PaymentMethod.OTHER)


LONGEST_ID = 64


def is_provider_id(value: object) -> TypeGuard[str]:
    """Whether this can be a name that a provider gave to something: short, and plain ASCII."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID and value.isascii() and value.isprintable()
