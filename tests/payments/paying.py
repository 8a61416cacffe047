"""What the tests of money ask for again and again: somebody who pays, and a gateway that reports."""

import json
from itertools import count as numbers
from typing import Any

import httpx2
from sqlalchemy import func, select

from outpatient.adapters.payments.signatures import sign_checkout, sign_webhook
from outpatient.app import Outpatient
from outpatient.models import Appointment, LedgerEntry, Payment, PaymentOrder, Receipt, Refund, WebhookEvent
from tests.appointments.wishes import one, payment_of
from tests.makers import Persona

_numbers = numbers(1)
PRICE = 150_000  # of the clinician that `make` makes


def new_id(kind: str) -> str:
    """An id as the gateway gives them."""
    return f"{kind}_{next(_numbers):014d}"


async def ordered(persona: Persona, appointment_id: int, **more: Any) -> str:
    """The id of an order for what is due."""
    answer = await persona.post("/payments/create-order", {"appointmentId": appointment_id, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["orderId"]


def checkout(outpatient: Outpatient, appointment_id: int, order_id: str, payment_id: str | None = None) -> dict:
    """What a finished checkout brings back."""
    payment_id = payment_id or new_id("pay")
    return {
        "razorpayOrderId": order_id,
        "razorpayPaymentId": payment_id,
        "razorpaySignature": sign_checkout(outpatient.settings.checkout_secret, order_id, payment_id),
        "appointmentId": appointment_id,
    }


async def paid(persona: Persona, outpatient: Outpatient, appointment_id: int) -> str:
    """Pay all that is due by a checkout; answers the gateway's payment id."""
    body = checkout(outpatient, appointment_id, await ordered(persona, appointment_id))
    answer = await persona.post("/payments/verify", body)
    assert answer.status_code == 200, answer.text
    return body["razorpayPaymentId"]


def report(event: str, **entities: dict[str, Any]) -> bytes:
    """The body of a webhook, as the gateway writes it."""
    payload = {name: {"entity": {"entity": name, **entity}} for name, entity in entities.items()}
    content = {"entity": "event", "event": event, "contains": list(payload), "payload": payload, "created_at": 1}
    return json.dumps(content).encode()


def payment_entity(order_id: str, payment_id: str | None = None, **more: Any) -> dict[str, Any]:
    """A payment as a webhook shows it."""
    return {
        "id": payment_id or new_id("pay"),
        "order_id": order_id,
        "amount": PRICE,
        "currency": "INR",
        "status": "captured",
        "method": "upi",
        "notes": [],
        **more,
    }


async def post_webhook(
    http: httpx2.AsyncClient,
    outpatient: Outpatient,
    body: bytes,
    *,
    event_id: str | None = None,
    signature: str | None = None,
) -> httpx2.Response:
    """What the gateway does: post a body and sign it."""
    headers = {
        "Content-Type": "application/json",
        "X-Razorpay-Signature": signature or sign_webhook(outpatient.settings.webhook_secret, body),
    }
    if event_id:
        headers["X-Razorpay-Event-Id"] = event_id
    return await http.post("/api/payments/webhook", content=body, headers=headers)


async def captured(http: httpx2.AsyncClient, outpatient: Outpatient, order_id: str, **more: Any) -> str:
    """The gateway reports that an order was paid; answers what became of the report."""
    body = report("payment.captured", payment=payment_entity(order_id, **more))
    answer = await post_webhook(http, outpatient, body)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["outcome"]


async def rows(outpatient: Outpatient, model: Any, **where: Any) -> list[Any]:
    """Rows of a table in the order in which they were made."""
    async with outpatient.database.reading() as tx:
        terms = [getattr(model, name) == value for name, value in where.items()]
        return list(await tx.all(select(model).where(*terms).order_by(model.id)))


async def status_of(outpatient: Outpatient, appointment_id: int) -> str:
    return (await one(outpatient, Appointment, id=appointment_id)).status


async def check_books(outpatient: Outpatient, appointment_id: int) -> Payment:
    """The ledger sums to zero and says what the payment's sums say, and so do receipts and refunds."""
    payment = await payment_of(outpatient, appointment_id)
    entries = await rows(outpatient, LedgerEntry, payment_id=payment.id)
    assert sum(entry.amount_minor for entry in entries) == 0

    def on(kinds: set[str], accounts: set[str]) -> int:
        return sum(entry.amount_minor for entry in entries if entry.kind in kinds and entry.account in accounts)

    money = {"DESK", "GATEWAY"}
    assert on({"RECEIPT"}, money) == payment.paid_minor
    assert -on({"REFUND", "REFUND_FAILED"}, money) == payment.refunded_minor
    assert on({"DISCOUNT"}, {"DISCOUNTS"}) == payment.discount_minor
    receipts = await rows(outpatient, Receipt, payment_id=payment.id)
    refunds = await rows(outpatient, Refund, payment_id=payment.id)
    assert sum(receipt.amount_minor for receipt in receipts) == payment.paid_minor
    assert sum(receipt.returned_minor for receipt in receipts) == payment.refunded_minor
    assert sum(refund.amount_minor for refund in refunds if refund.status != "FAILED") == payment.refunded_minor
    return payment


async def count_events(outpatient: Outpatient) -> int:
    """How many messages of the gateway are kept."""
    async with outpatient.database.reading() as tx:
        return await tx.one_or_none(select(func.count()).select_from(WebhookEvent))


async def orders_of(outpatient: Outpatient, appointment_id: int) -> list[PaymentOrder]:
    payment = await payment_of(outpatient, appointment_id)
    return await rows(outpatient, PaymentOrder, payment_id=payment.id)
