"""Payments on one machine: a sandbox gateway that remembers, refuses, signs and reports as Razorpay does.

Nobody's money moves: `pay` is what our own pay page calls when a person plays the payer.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

from outpatient.adapters.payments.ids import ALPHANUMERICS, LENGTH, Kind, check_asked, check_key, checked_id, named_id
from outpatient.adapters.payments.ledger import Ledger, Record
from outpatient.adapters.payments.port import Capture, Customer, Link, Order, ProviderRefund
from outpatient.adapters.payments.reports import Checkout, Paid, Webhook, payment_report, refund_report
from outpatient.adapters.payments.signatures import sign_checkout
from outpatient.adapters.payments.wire import WireLink, WireOrder, WirePayment, WireRefund, read
from outpatient.core.clock import Clock
from outpatient.core.errors import AdapterFailure

Answer = TypeVar("Answer")
Outcome = Literal["captured", "failed"]


class LocalPayments:
    """A ledger in a folder, as several processes of one machine may share it; it forgets nothing on a restart.

    An order's file holds its payments and theirs their refunds, all as the gateway would show them, so that nothing is
    ever half done.
    """

    provider = "local"

    def __init__(
        self,
        folder: Path,
        *,
        key_id: str,
        checkout_secret: str,
        webhook_secret: str,
        base_url: str,
        clock: Clock,
    ) -> None:
        self.key_id = key_id
        self._ledger = Ledger(folder)
        self._checkout_secret, self._webhook_secret = checkout_secret, webhook_secret
        self._base_url, self._clock = base_url, clock

    async def close(self) -> None:
        """There is nothing to let go of."""

    async def create_order(self, *, amount_minor: int, currency: str, receipt: str, notes: Mapping[str, str]) -> Order:
        check_asked(amount_minor=amount_minor, name=receipt)
        order = self._new("order", receipt, amount_minor, currency, notes)
        order |= {"receipt": receipt, "status": "created", "payments": []}
        return await _in_thread(lambda: read(WireOrder, self._add(order)).order())

    async def list_captures(self, order_id: str) -> list[Capture]:
        order = await self._find("order", order_id)
        return [read(WirePayment, payment).capture() for payment in order["payments"]]

    async def get_capture(self, payment_id: str) -> Capture:
        return read(WirePayment, _payment_in(await self._find("pay", payment_id), payment_id)).capture()

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
        check_asked(amount_minor=amount_minor, name=reference)
        order = self._new("order", f"link {reference}", amount_minor, currency, notes)
        order |= {"receipt": None, "status": "created", "payments": []}
        link = self._new("plink", reference, amount_minor, currency, notes)
        link |= {
            "reference_id": reference,
            "description": description,
            "customer": {"name": customer.name, "contact": customer.phone, "email": customer.email},
            "short_url": f"{self._base_url}/pay/link/{link['id']}",
            "expire_by": int(expires_at.timestamp()),
            "order_id": order["id"],
            "status": "created",
        }

        def add() -> Link:
            order["link_id"] = link["id"]
            self._add(order)
            return self._shown(self._add(link))

        return await _in_thread(add)

    async def get_link(self, link_id: str) -> Link:
        link = await self._find("plink", link_id)
        return await _in_thread(lambda: self._shown(link))

    async def cancel_link(self, link_id: str) -> None:
        def cancel() -> None:
            link = self._known("plink", link_id)
            if self._shown(link).status == "created":
                self._ledger.change(link | {"status": "cancelled"})

        await self._locked(cancel)

    async def refund(self, *, payment_id: str, amount_minor: int, key: str, notes: Mapping[str, str]) -> ProviderRefund:
        check_asked(amount_minor=amount_minor, name=key)
        check_key(key)
        refund = self._new("rfnd", key, amount_minor, "", notes)
        refund |= {"payment_id": payment_id, "receipt": key, "status": "processed", "speed_processed": "normal"}
        return await self._locked(lambda: read(WireRefund, self._give_back(payment_id, refund)).refund())

    async def get_refund(self, refund_id: str) -> ProviderRefund:
        _, refund = _refund_in(await self._find("rfnd", refund_id), refund_id)
        return read(WireRefund, refund).refund()

    # ── the other side: who pays, and what the gateway reports ──

    async def pay(self, asked: str, method: str, outcome: Outcome = "captured") -> Paid:
        """Somebody pays this order or link, or tries to. Refused for good when it is paid, cancelled or expired."""
        kind: Kind = "plink" if asked.startswith("plink_") else "order"

        def pay() -> Paid:
            found = self._known(kind, asked)
            link = found if kind == "plink" else None
            order = found if link is None else self._known("order", link["order_id"])
            return self._take(order, link, method, outcome)

        return await self._locked(pay)

    async def refund_webhook(self, refund_id: str) -> Webhook:
        """What the gateway posts once the refund is through: `refund.processed`, always the same bytes."""
        payment, refund = _refund_in(await self._find("rfnd", refund_id), refund_id)
        return refund_report(self._webhook_secret, payment, refund)

    def _take(self, order: Record, link: Record | None, method: str, outcome: Outcome) -> Paid:
        if order["status"] == "paid" or (link is not None and self._shown(link).status != "created"):
            raise AdapterFailure("This can be paid no more.", permanent=True)
        if link is None and "link_id" in order:
            raise AdapterFailure("This order is paid by its link.", permanent=True)
        has_worked = outcome == "captured"
        payment = self._new("pay", "", order["amount"], order["currency"], order["notes"]) | {
            "order_id": order["id"],
            "status": outcome,
            "captured": has_worked,
            "method": method,
            "amount_refunded": 0,
            "refund_status": None,
            "error_code": None if has_worked else "BAD_REQUEST_ERROR",
            "error_description": None if has_worked else "Payment failed",
            "refunds": [],
        }
        order["payments"].append(payment)
        order["status"] = "paid" if has_worked else "attempted"
        self._ledger.also_in(payment["id"], order)
        self._ledger.change(order)
        signature = sign_checkout(self._checkout_secret, order["id"], payment["id"])
        return Paid(
            capture=read(WirePayment, payment).capture(),
            checkout=Checkout(order["id"], payment["id"], signature) if has_worked and link is None else None,
            webhook=payment_report(self._webhook_secret, payment),
        )

    def _give_back(self, payment_id: str, refund: Record) -> Record:
        order = self._known("pay", payment_id)
        payment = _payment_in(order, payment_id)
        elsewhere = self._ledger.find(refund["id"])
        if elsewhere is not None and (made := _refund_of(elsewhere, refund["id"])) is not None:
            if (made[1]["payment_id"], made[1]["amount"]) != (payment_id, refund["amount"]):
                raise AdapterFailure(f"Refund {refund['receipt']} already stands for another amount.", permanent=True)
            return made[1]
        if not payment["captured"] or refund["amount"] > payment["amount"] - payment["amount_refunded"]:
            raise AdapterFailure("So much was not paid, or was given back already.", permanent=True)
        refund["currency"] = payment["currency"]
        payment["refunds"].append(refund)
        payment["amount_refunded"] += refund["amount"]
        is_full = payment["amount_refunded"] == payment["amount"]
        payment["refund_status"], payment["status"] = ("full", "refunded") if is_full else ("partial", "captured")
        self._ledger.also_in(refund["id"], order)
        self._ledger.change(order)
        return refund

    def _new(self, kind: Kind, name: str, amount_minor: int, currency: str, notes: Mapping[str, str]) -> Record:
        """What every entity has; one without a name of ours gets an id that nobody can guess."""
        letters = "".join(secrets.choice(ALPHANUMERICS) for _ in range(LENGTH))
        return {
            "id": named_id(kind, name) if name else f"{kind}_{letters}",
            "entity": ENTITIES[kind],
            "amount": amount_minor,
            "currency": currency,
            "notes": dict(notes),
            "created_at": int(self._clock.now().timestamp()),
        }

    def _add(self, record: Record) -> Record:
        kept = self._ledger.add(record)
        if (kept["amount"], kept["currency"]) != (record["amount"], record["currency"]):
            raise AdapterFailure("This receipt or reference already stands for another amount.", permanent=True)
        return kept

    def _shown(self, link: Record) -> Link:
        """The link with what came of it: paid, cancelled and, once its time is over, expired."""
        order = self._known("order", link["order_id"])
        status = link["status"]
        if order["status"] == "paid":
            status = "paid"
        elif status == "created" and link["expire_by"] <= self._clock.now().timestamp():
            status = "expired"
        payments = [payment | {"payment_id": payment["id"]} for payment in order["payments"]]
        paid = sum(payment["amount"] for payment in payments if payment["captured"])
        return read(WireLink, link | {"status": status, "amount_paid": paid, "payments": payments}).link()

    async def _find(self, kind: Kind, wanted: str) -> Record:
        return await _in_thread(lambda: self._known(kind, wanted))

    def _known(self, kind: Kind, wanted: str) -> Record:
        found = self._ledger.find(checked_id(kind, wanted))
        if found is None:
            raise _unknown(wanted)
        return found

    async def _locked(self, work: Callable[[], Answer]) -> Answer:
        def alone() -> Answer:
            with self._ledger.locked():
                return work()

        return await _in_thread(alone)


ENTITIES = {"order": "order", "pay": "payment", "plink": "payment_link", "rfnd": "refund"}


async def _in_thread(work: Callable[[], Answer]) -> Answer:
    try:
        return await asyncio.to_thread(work)
    except OSError as problem:
        raise AdapterFailure(f"The payment ledger cannot be used: {problem.strerror}.") from problem


def _payment_in(order: Record, payment_id: str) -> Record:
    found: Record | None = next((payment for payment in order["payments"] if payment["id"] == payment_id), None)
    if found is None:  # its writer was killed between naming it and keeping it
        raise _unknown(payment_id)
    return found


def _refund_in(order: Record, refund_id: str) -> tuple[Record, Record]:
    found = _refund_of(order, refund_id)
    if found is None:
        raise _unknown(refund_id)
    return found


def _refund_of(order: Record, refund_id: str) -> tuple[Record, Record] | None:
    """The refund and the payment that it gives back."""
    every = ((payment, refund) for payment in order["payments"] for refund in payment["refunds"])
    return next((one for one in every if one[1]["id"] == refund_id), None)


def _unknown(wanted: str) -> AdapterFailure:
    return AdapterFailure(f"The payment gateway does not know {wanted}.", permanent=True)
