"""What the local gateway tells: the answer of a finished checkout, and webhooks in the documented shape.

https://razorpay.com/docs/webhooks/payments and /refunds; `x-razorpay-event-id` is the same for every delivery.
"""

import json
from dataclasses import dataclass
from typing import Any

from outpatient.adapters.payments.ids import named_id
from outpatient.adapters.payments.ledger import Record
from outpatient.adapters.payments.port import Capture
from outpatient.adapters.payments.signatures import sign_webhook


@dataclass(frozen=True, slots=True)
class Checkout:
    """What the payer's browser brings back: `razorpay_order_id`, `razorpay_payment_id`, `razorpay_signature`."""

    order_id: str
    payment_id: str
    signature: str


@dataclass(frozen=True, slots=True)
class Webhook:
    """A POST of the gateway: its raw body, `X-Razorpay-Event-Id` and `X-Razorpay-Signature`."""

    body: bytes
    event_id: str
    signature: str


@dataclass(frozen=True, slots=True)
class Paid:
    """What comes of a try to pay; `checkout` only where an order was paid in a checkout that worked."""

    capture: Capture
    checkout: Checkout | None
    webhook: Webhook


def payment_report(secret: str, payment: Record) -> Webhook:
    """`payment.captured` or `payment.failed`."""
    return _report(secret, f"payment.{payment['status']}", payment["created_at"], {"payment": _plain(payment)})


def refund_report(secret: str, payment: Record, refund: Record) -> Webhook:
    """`refund.processed`, with the payment as this refund left it."""
    earlier = payment["refunds"][: payment["refunds"].index(refund) + 1]
    refunded = sum(one["amount"] for one in earlier)
    is_full = refunded == payment["amount"]
    then = _plain(payment) | {
        "amount_refunded": refunded,
        "status": "refunded" if is_full else "captured",
        "refund_status": "full" if is_full else "partial",
    }
    return _report(secret, "refund.processed", refund["created_at"], {"refund": refund, "payment": then})


def _report(secret: str, event: str, created_at: int, entities: dict[str, Record]) -> Webhook:
    content: dict[str, Any] = {
        "entity": "event",
        "account_id": "acc_sandbox0000000",
        "event": event,
        "contains": list(entities),
        "payload": {name: {"entity": entity} for name, entity in entities.items()},
        "created_at": created_at,
    }
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    first = next(iter(entities.values()))
    return Webhook(body, named_id("order", f"{event} {first['id']}").removeprefix("order_"), sign_webhook(secret, body))


def _plain(payment: Record) -> Record:
    return {name: value for name, value in payment.items() if name != "refunds"}
