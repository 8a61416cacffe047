"""What the provider posts to us: genuine or nothing, each once, in any order, and only if it fits what we asked for."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from outpatient.adapters.payments.port import Capture
from outpatient.adapters.payments.signatures import is_webhook_genuine
from outpatient.core.database import Database, Tx
from outpatient.core.terms import PaymentStatus, RefundStatus
from outpatient.models import Payment, Refund, WebhookEvent
from outpatient.payments.actions.proof import MONEY_IS_IN, close_link, close_order, receive_capture
from outpatient.payments.actions.refund import refund_key, settle_refund
from outpatient.payments.errors import InvalidSignature
from outpatient.payments.events import PaymentFailed
from outpatient.payments.queries import (
    Asked,
    find_asked_by_link,
    find_asked_by_order,
    find_refund_by_key,
    find_refund_by_provider,
    get_account,
)
from outpatient.payments.rules import is_provider_id

log = structlog.get_logger()

LONGEST_EVENT_ID = 80

DUPLICATE, IRRELEVANT, UNREADABLE = "duplicate", "irrelevant", "unreadable"
UNKNOWN, MISMATCH = "unknown", "mismatch"
RECEIVED, FAILED, CLOSED, SETTLED = "received", "failed", "closed", "settled"

Entity = dict[str, Any]
Entities = dict[str, Entity]
Take = Callable[[Tx, str, Entities], Awaitable[str]]


async def take_webhook(
    database: Database, *, provider: str, secret: str, body: bytes, event_id: str | None, signature: str
) -> str:
    """Take in one message of the provider's; answers what became of it, which is kept beside its id.

    InvalidSignature, and nothing is stored. A repeat (by `event_id`, else by its bytes) is a duplicate and does
    nothing; what is irrelevant, unknown or does not fit what we asked for is kept and changes nothing.
    """
    if not is_webhook_genuine(secret, body, signature):
        raise InvalidSignature
    name, entities = _read(body)
    async with database.transaction() as tx:
        stored = await _store(tx, provider, _id_of(event_id, body), name)
        if stored is None:
            return DUPLICATE
        outcome = UNREADABLE if name is None else await TAKES.get(name, _ignore)(tx, provider, entities)
        await tx.execute(update(WebhookEvent).where(WebhookEvent.id == stored).values(outcome=outcome))
    if outcome in {UNREADABLE, UNKNOWN, MISMATCH}:
        log.warning("webhook_without_effect", outcome=outcome, id=stored)
    return outcome


def _id_of(event_id: str | None, body: bytes) -> str:
    if event_id and len(event_id) <= LONGEST_EVENT_ID and event_id.isascii() and event_id.isprintable():
        return event_id
    return hashlib.sha256(body).hexdigest()


def _read(body: bytes) -> tuple[str | None, Entities]:
    """The message's name and the entities in it; no name: it is none of the provider's messages."""
    try:
        content = json.loads(body)
        name, payload = content["event"], content.get("payload") or {}
        entities = {kind: dict(part["entity"]) for kind, part in payload.items() if "entity" in part}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None, {}
    return (name, entities) if is_provider_id(name) else (None, {})


async def _store(tx: Tx, provider: str, event_id: str, name: str | None) -> int | None:
    new = postgresql.insert if tx.store.dialect == "postgresql" else sqlite.insert
    stored: int | None = await tx.one_or_none(
        new(WebhookEvent)
        .values(provider=provider, event_id=event_id, name=name or "?", outcome=IRRELEVANT, received_at=tx.now)
        .on_conflict_do_nothing()
        .returning(WebhookEvent.id)
    )
    return stored


async def _ignore(_tx: Tx, _provider: str, _entities: Entities) -> str:
    return IRRELEVANT


async def _take_order_payment(tx: Tx, provider: str, entities: Entities) -> str:
    """`payment.captured`, `order.paid`."""
    found = await _find_asked(tx, provider, entities)
    if not isinstance(found, tuple):
        return found
    asked, entity = found
    if entity.get("status", "captured") not in MONEY_IS_IN:
        return MISMATCH
    await receive_capture(tx, asked, _capture(asked, entity), provider=provider)
    await close_order(tx, asked.id)
    return RECEIVED


async def _take_failure(tx: Tx, provider: str, entities: Entities) -> str:
    """`payment.failed`: it matters only while nothing was paid, whenever it arrives."""
    found = await _find_asked(tx, provider, entities)
    if not isinstance(found, tuple):
        return found
    account = await get_account(tx, None, payment_id=found[0].payment_id, lock=True)
    failed = await tx.all(
        update(Payment)
        .where(Payment.id == account.payment.id, Payment.status == PaymentStatus.PENDING, Payment.paid_minor == 0)
        .values(status=PaymentStatus.FAILED)
        .returning(Payment.id)
    )
    if not failed:
        return IRRELEVANT
    await tx.record(PaymentFailed.of(account.payment, account.visit), by=None)
    return FAILED


async def _find_asked(tx: Tx, provider: str, entities: Entities) -> tuple[Asked, Entity] | str:
    """The order behind a payment and the payment, if all of it fits; else what is to be said of it."""
    entity = entities.get("payment", {})
    order_id, payment_id = entity.get("order_id"), entity.get("id")
    if not is_provider_id(payment_id):
        return UNREADABLE
    asked = await find_asked_by_order(tx, provider, order_id) if is_provider_id(order_id) else None
    if asked is None:
        return UNKNOWN
    return (asked, entity) if _fits(asked, entity) else MISMATCH


def _fits(asked: Asked, entity: Entity) -> bool:
    """Amount, currency and appointment are those that we asked for; what a message leaves out contradicts nothing."""
    notes = entity.get("notes")
    appointment = notes.get("appointmentId", asked.appointment_id) if isinstance(notes, dict) else asked.appointment_id
    return (
        entity.get("amount", asked.amount_minor) == asked.amount_minor
        and entity.get("currency", asked.currency) == asked.currency
        and str(appointment) == str(asked.appointment_id)
    )


def _capture(asked: Asked, entity: Entity) -> Capture:
    method = entity.get("method")
    return Capture(
        id=entity["id"],
        order_id=entity.get("order_id"),
        amount_minor=asked.amount_minor,
        currency=asked.currency,
        status="captured",
        method=method if isinstance(method, str) else None,
    )


async def _take_link_payment(tx: Tx, provider: str, entities: Entities) -> str:
    """`payment_link.paid`."""
    link, payment = entities.get("payment_link", {}), entities.get("payment", {})
    if not is_provider_id(link.get("id")) or not is_provider_id(payment.get("id")):
        return UNREADABLE
    asked = await find_asked_by_link(tx, provider, link["id"])
    if asked is None:
        return UNKNOWN
    is_paid = link.get("amount_paid", asked.amount_minor) == asked.amount_minor
    is_in = payment.get("status", "captured") in MONEY_IS_IN
    if not (is_paid and is_in and _fits(asked, link) and _fits(asked, payment)):
        return MISMATCH
    await receive_capture(tx, asked, _capture(asked, payment), provider=provider)
    await close_link(tx, asked.id)
    return RECEIVED


async def _take_link_end(tx: Tx, provider: str, entities: Entities) -> str:
    """`payment_link.expired`, `payment_link.cancelled`."""
    link_id = entities.get("payment_link", {}).get("id")
    asked = await find_asked_by_link(tx, provider, link_id) if is_provider_id(link_id) else None
    if asked is None:
        return UNKNOWN
    await close_link(tx, asked.id)
    return CLOSED


def _takes_refund(status: RefundStatus) -> Take:
    async def take(tx: Tx, provider: str, entities: Entities) -> str:
        """`refund.processed`, `refund.failed`."""
        entity = entities.get("refund", {})
        if not is_provider_id(entity.get("id")):
            return UNREADABLE
        refund = await _find_refund(tx, provider, entity)
        if refund is None:
            return UNKNOWN
        amount, currency = entity.get("amount", refund.amount_minor), entity.get("currency", refund.currency)
        if (amount, currency) != (refund.amount_minor, refund.currency):
            return MISMATCH
        error = "The payment provider could not give it back" if status is RefundStatus.FAILED else None
        is_new = await settle_refund(
            tx, refund_id=refund.id, status=status, provider_refund_id=entity["id"], error=error
        )
        return SETTLED if is_new else IRRELEVANT

    return take


async def _find_refund(tx: Tx, provider: str, entity: Entity) -> Refund | None:
    """The refund by the provider's name for it, else by ours, which we sent along."""
    refund = await find_refund_by_provider(tx, provider, entity["id"])
    key, payment_id = entity.get("receipt"), entity.get("payment_id")
    if refund is not None or not is_provider_id(key) or not is_provider_id(payment_id):
        return refund
    number = key.split("-")[1] if key.count("-") == 2 else ""
    if not number.isdigit() or len(number) > 15:
        return None
    refund = await find_refund_by_key(tx, provider, int(number), payment_id)
    return refund if refund is not None and refund_key(refund) == key else None


TAKES: dict[str, Take] = {
    "payment.captured": _take_order_payment,
    "order.paid": _take_order_payment,
    "payment.failed": _take_failure,
    "payment_link.paid": _take_link_payment,
    "payment_link.expired": _take_link_end,
    "payment_link.cancelled": _take_link_end,
    "refund.processed": _takes_refund(RefundStatus.PROCESSED),
    "refund.failed": _takes_refund(RefundStatus.FAILED),
}
"""What each of the provider's messages does; any other is irrelevant."""
