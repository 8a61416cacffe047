"""Payments through Razorpay (https://razorpay.com/docs/api): orders, payment links and refunds, in minor units.

It captures by itself what was authorised, unless the account's settings say otherwise.
"""

from collections.abc import Mapping
from datetime import datetime

import httpx2

from outpatient.adapters.payments.ids import check_asked, check_key, checked_id
from outpatient.adapters.payments.port import Capture, Customer, Link, Order, ProviderRefund
from outpatient.adapters.payments.wire import WireLink, WireOrder, WirePayment, WireRefund, read, read_list
from outpatient.adapters.vendor import Vendor, VendorRefused
from outpatient.core.errors import AdapterFailure

MOST = 100  # how many items of a list Razorpay shows at once
LONGEST_DESCRIPTION = 2048


class RazorpayPayments:
    """Asks before it makes: Razorpay takes a receipt twice, so what has our name already is looked up first."""

    provider = "razorpay"

    def __init__(
        self, key_id: str, key_secret: str, base_url: str, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self.key_id = key_id
        self._vendor = Vendor("Razorpay", base_url, transport=transport, auth=(key_id, key_secret))

    async def close(self) -> None:
        await self._vendor.close()

    async def create_order(self, *, amount_minor: int, currency: str, receipt: str, notes: Mapping[str, str]) -> Order:
        """Of several orders that were made at once under one receipt, the oldest is it, whoever asks."""
        check_asked(amount_minor=amount_minor, name=receipt)
        found = await self._find_order(receipt)
        if found is None:
            asked = {"amount": amount_minor, "currency": currency, "receipt": receipt, "notes": dict(notes)}
            made = read(WireOrder, await self._vendor.call("POST", "/v1/orders", json=asked))
            found = await self._find_order(receipt) or made
        _check_same(found, amount_minor, currency, f"Receipt {receipt}")
        return found.order()

    async def list_captures(self, order_id: str) -> list[Capture]:
        answer = await self._vendor.call("GET", f"/v1/orders/{checked_id('order', order_id)}/payments")
        return [payment.capture() for payment in read_list(WirePayment, answer)]

    async def get_capture(self, payment_id: str) -> Capture:
        payment = read(WirePayment, await self._vendor.call("GET", f"/v1/payments/{checked_id('pay', payment_id)}"))
        _check_asked_for(payment.id, payment_id)
        return payment.capture()

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
        """Razorpay refuses a reference that it knows, so a lost race ends with the link of whoever won it."""
        check_asked(amount_minor=amount_minor, name=reference)
        found = await self._find_link(reference)
        if found is None:
            asked = {
                "amount": amount_minor,
                "currency": currency,
                "accept_partial": False,
                "reference_id": reference,
                "description": description[:LONGEST_DESCRIPTION],
                "customer": _described(customer),
                "expire_by": int(expires_at.timestamp()),
                "notify": {"sms": False, "email": False},
                "reminder_enable": False,
                "notes": dict(notes),
            }
            try:
                found = read(WireLink, await self._vendor.call("POST", "/v1/payment_links", json=asked))
            except VendorRefused as refusal:
                found = await self._find_link(reference) if refusal.permanent else None
                if found is None:
                    raise
        _check_same(found, amount_minor, currency, f"Reference {reference}")
        return found.link()

    async def get_link(self, link_id: str) -> Link:
        link = read(WireLink, await self._vendor.call("GET", f"/v1/payment_links/{checked_id('plink', link_id)}"))
        _check_asked_for(link.id, link_id)
        return link.link()

    async def cancel_link(self, link_id: str) -> None:
        try:
            await self._vendor.call("POST", f"/v1/payment_links/{checked_id('plink', link_id)}/cancel")
        except VendorRefused as refusal:
            if not refusal.permanent or (await self.get_link(link_id)).status not in {"paid", "expired", "cancelled"}:
                raise

    async def refund(self, *, payment_id: str, amount_minor: int, key: str, notes: Mapping[str, str]) -> ProviderRefund:
        """The key goes along twice: Razorpay refuses to repeat it, and as the receipt it can be found again."""
        check_asked(amount_minor=amount_minor, name=key)
        check_key(key)
        path = f"/v1/payments/{checked_id('pay', payment_id)}"
        made = read_list(WireRefund, await self._vendor.call("GET", f"{path}/refunds", params={"count": MOST}))
        refund = next((one for one in made if one.receipt == key), None)
        if refund is None:
            asked = {"amount": amount_minor, "speed": "normal", "receipt": key, "notes": dict(notes)}
            headers = {"X-Refund-Idempotency": key}
            refund = read(WireRefund, await self._vendor.call("POST", f"{path}/refund", json=asked, headers=headers))
        _check_asked_for(refund.payment_id, payment_id)
        if refund.amount != amount_minor:
            raise AdapterFailure(f"Refund {key} already stands for another amount.", permanent=True)
        return refund.refund()

    async def get_refund(self, refund_id: str) -> ProviderRefund:
        refund = read(WireRefund, await self._vendor.call("GET", f"/v1/refunds/{checked_id('rfnd', refund_id)}"))
        _check_asked_for(refund.id, refund_id)
        return refund.refund()

    async def _find_order(self, receipt: str) -> WireOrder | None:
        answer = await self._vendor.call("GET", "/v1/orders", params={"receipt": receipt, "count": MOST})
        return next((order for order in read_list(WireOrder, answer) if order.receipt == receipt), None)

    async def _find_link(self, reference: str) -> WireLink | None:
        answer = await self._vendor.call("GET", "/v1/payment_links", params={"reference_id": reference})
        links = read_list(WireLink, answer, "payment_links")
        return next((link for link in links if link.reference_id == reference), None)


def _described(customer: Customer) -> dict[str, str]:
    given = {"name": customer.name, "contact": customer.phone, "email": customer.email}
    return {name: value for name, value in given.items() if value}


def _check_same(found: WireOrder | WireLink, amount_minor: int, currency: str, name: str) -> None:
    if (found.amount, found.currency) != (amount_minor, currency):
        raise AdapterFailure(f"{name} already stands for another amount.", permanent=True)


def _check_asked_for(answered: str, asked: str) -> None:
    if answered != asked:
        raise AdapterFailure("Razorpay answered about something else than it was asked for.")
