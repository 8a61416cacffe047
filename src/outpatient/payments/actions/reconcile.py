"""What we have no answer about: the provider is asked again, outside of any transaction, until it is known.

A webhook may be lost, an answer may be lost, and we may have been away: nothing of that may lose money.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

import structlog
from sqlalchemy import update

from outpatient.adapters.payments.port import Payments, ProviderRefund
from outpatient.core.database import Database
from outpatient.core.errors import AdapterFailure, Problem
from outpatient.core.terms import RefundStatus
from outpatient.models import PaymentLink, PaymentOrder, Receipt, Refund
from outpatient.payments.actions.link import take_link
from outpatient.payments.actions.proof import (
    MONEY_IS_IN,
    PROVIDER_SECONDS,
    check_capture,
    close_link,
    close_order,
    receive_capture,
)
from outpatient.payments.actions.refund import note_refund, refund_key, settle_refund
from outpatient.payments.queries import (
    find_asked_by_link,
    find_asked_by_order,
    get_refund_and_receipt,
    list_open_links,
    list_open_orders,
    list_pending_refunds,
)
from outpatient.payments.rules import GIVEN_UP

log = structlog.get_logger()


class Counter(Protocol):
    """What asking a provider works with: the outside world as reactions and sweeps are given it."""

    @property
    def database(self) -> Database:
        """The store."""
        ...

    @property
    def payments(self) -> Payments:
        """The payment provider."""
        ...


async def ask_about_orders(database: Database, gateway: Payments) -> None:
    """Find out what became of orders and links that are still open; those older than three days are given up."""
    async with database.reading() as tx:
        orders, links = await list_open_orders(tx, gateway.provider), await list_open_links(tx, gateway.provider)
    for order in orders:
        with _alone("order", order.id):
            is_final = await _ask_about_order(database, gateway, order.provider_order_id)
            await _note_look(database, PaymentOrder, order, is_final=is_final)
    for link in links:
        with _alone("link", link.id):
            is_final = await _ask_about_link(database, gateway, link.provider_link_id)
            await _note_look(database, PaymentLink, link, is_final=is_final)


@contextmanager
def _alone(what: str, row_id: int) -> Iterator[None]:
    """One row that makes no sense must not keep the others from being asked about; it is said, and tried again."""
    try:
        yield
    except Exception as failure:
        log.exception("reconcile_failed", what=what, id=row_id, error=type(failure).__name__)


async def _ask_about_order(database: Database, gateway: Payments, order_id: str) -> bool:
    try:
        async with asyncio.timeout(PROVIDER_SECONDS):
            captures = await gateway.list_captures(order_id)
    except AdapterFailure as failure:
        return failure.permanent
    except TimeoutError:
        return False
    for capture in (one for one in captures if one.status in MONEY_IS_IN):
        async with database.transaction() as tx:
            asked = await find_asked_by_order(tx, gateway.provider, order_id)
            if asked is None:
                return True
            try:
                check_capture(asked, capture, order_id=order_id)
            except Problem:
                log.warning("capture_does_not_fit", id=asked.id)
                continue
            await receive_capture(tx, asked, capture, provider=gateway.provider)
            await close_order(tx, asked.id)
    return False


async def _ask_about_link(database: Database, gateway: Payments, link_id: str) -> bool:
    async with database.reading() as tx:
        asked = await find_asked_by_link(tx, gateway.provider, link_id)
    if asked is None:
        return True
    try:
        async with asyncio.timeout(PROVIDER_SECONDS):
            link = await gateway.get_link(link_id)
        await take_link(database, asked, link, provider=gateway.provider)
    except AdapterFailure as failure:
        return failure.permanent
    except TimeoutError:
        return False
    except Problem:
        log.warning("link_does_not_fit", id=asked.id)
    return False


async def _note_look(
    database: Database, table: type[PaymentOrder | PaymentLink], row: PaymentOrder | PaymentLink, *, is_final: bool
) -> None:
    async with database.transaction() as tx:
        await tx.execute(update(table).where(table.id == row.id).values(checked_at=tx.now))
        if is_final or row.created_at <= tx.now - GIVEN_UP:
            await (close_order if table is PaymentOrder else close_link)(tx, row.id)


async def ask_about_refunds(database: Database, gateway: Payments) -> None:
    """Find out what became of promised refunds, the older the more seldom, and for as long as it takes."""
    async with database.reading() as tx:
        pending = await list_pending_refunds(tx, gateway.provider)
    for refund in pending:
        with _alone("refund", refund.id), suppress(AdapterFailure, TimeoutError):
            await send_refund(database, gateway, refund.id)
        async with database.transaction() as tx:
            await tx.execute(update(Refund).where(Refund.id == refund.id).values(checked_at=tx.now))


async def send_refund(database: Database, gateway: Payments, refund_id: int) -> None:
    """Ask the provider to give a promised refund back, or what became of it; repeatable, under one key.

    A final refusal ends it as FAILED; AdapterFailure: the provider did not answer, so try again.
    """
    async with database.reading() as tx:
        refund, receipt = await get_refund_and_receipt(tx, refund_id)
    if refund.status is not RefundStatus.PENDING or receipt.provider != gateway.provider:
        return
    try:
        answer = await _ask_for_refund(gateway, refund, receipt)
    except AdapterFailure as failure:
        if not failure.permanent or refund.provider_refund_id is not None:
            raise
        async with database.transaction() as tx:
            await settle_refund(tx, refund_id=refund.id, status=RefundStatus.FAILED, error=str(failure))
        return
    if (answer.payment_id, answer.amount_minor) != (receipt.reference, refund.amount_minor):
        raise AdapterFailure("The payment provider answered about another refund than it was asked for")
    async with database.transaction() as tx:
        if answer.status == "pending":
            await note_refund(tx, refund_id=refund.id, provider_refund_id=answer.id)
            return
        is_through = answer.status == "processed"
        await settle_refund(
            tx,
            refund_id=refund.id,
            status=RefundStatus.PROCESSED if is_through else RefundStatus.FAILED,
            provider_refund_id=answer.id,
            error=None if is_through else "The payment provider could not give it back",
        )


async def _ask_for_refund(gateway: Payments, refund: Refund, receipt: Receipt) -> ProviderRefund:
    async with asyncio.timeout(PROVIDER_SECONDS):
        if refund.provider_refund_id is not None:
            return await gateway.get_refund(refund.provider_refund_id)
        return await gateway.refund(
            payment_id=receipt.reference,
            amount_minor=refund.amount_minor,
            key=refund_key(refund),
            notes={"refundId": str(refund.id)},
        )
