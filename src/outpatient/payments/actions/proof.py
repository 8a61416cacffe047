"""Proof that money is in: a capture that the gateway itself reports, for exactly what we asked for."""

import asyncio

from sqlalchemy import update

from outpatient.adapters.payments.port import Capture, Payments
from outpatient.core.database import Tx
from outpatient.core.errors import AdapterFailure
from outpatient.models import PaymentLink, PaymentOrder
from outpatient.payments.actions.receive import Incoming, receive
from outpatient.payments.errors import PaymentMismatch, PaymentNotCaptured, PaymentUnconfirmed
from outpatient.payments.queries import Asked, PatientAccount
from outpatient.payments.rules import method_of

PROVIDER_SECONDS = 5
MONEY_IS_IN = frozenset({"captured", "refunded"})
"""States of a capture that mean that the money came in, whatever became of it later."""


async def ask_capture(gateway: Payments, payment_id: str) -> Capture:
    """What the gateway says of a payment (PaymentUnconfirmed: no answer; PaymentNotCaptured: there is none)."""
    try:
        async with asyncio.timeout(PROVIDER_SECONDS):
            return await gateway.get_capture(payment_id)
    except AdapterFailure as failure:
        raise (PaymentNotCaptured if failure.permanent else PaymentUnconfirmed) from failure
    except TimeoutError as failure:
        raise PaymentUnconfirmed from failure


def check_capture(asked: Asked, capture: Capture, *, order_id: str | None) -> None:
    """Order, amount and currency must be those that we asked for (PaymentMismatch), and the money must be in."""
    if (capture.amount_minor, capture.currency) != (asked.amount_minor, asked.currency):
        raise PaymentMismatch
    if order_id is not None and capture.order_id != order_id:
        raise PaymentMismatch
    if capture.status == "failed":
        raise PaymentNotCaptured
    if capture.status not in MONEY_IS_IN:
        raise PaymentUnconfirmed


async def receive_capture(tx: Tx, asked: Asked, capture: Capture, *, provider: str) -> PatientAccount:
    """Take in what was captured for an order or a link of ours."""
    incoming = Incoming(
        provider=provider,
        reference=capture.id,
        amount_minor=capture.amount_minor,
        currency=capture.currency,
        method=method_of(capture.method),
    )
    account, _ = await receive(tx, payment_id=asked.payment_id, incoming=incoming, by=None)
    return account


async def close_order(tx: Tx, order_id: int) -> None:
    """It is known how an order ended (`order_id`: ours)."""
    await tx.execute(
        update(PaymentOrder)
        .where(PaymentOrder.id == order_id, PaymentOrder.closed_at.is_(None))
        .values(closed_at=tx.now)
    )


async def close_link(tx: Tx, link_id: int) -> None:
    """It is known how a link ended (`link_id`: ours)."""
    await tx.execute(
        update(PaymentLink).where(PaymentLink.id == link_id, PaymentLink.closed_at.is_(None)).values(closed_at=tx.now)
    )
