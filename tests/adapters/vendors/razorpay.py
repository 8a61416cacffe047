"""Razorpay, played: the wire format of its published examples and nothing kinder.

Sources: https://razorpay.com/docs/api/orders (create, fetch-all, fetch-payments), /docs/api/payments/fetch-with-id,
/docs/api/payments/payment-links (create-standard, fetch-all-standard, fetch-id-standard, cancel-standard),
/docs/api/refunds (normal-refunds-idempotent, fetch-multiple-refund-payment, fetch-with-id), /docs/errors.
"""

import asyncio
import base64
import json
import string
from itertools import count
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

KEY_ID, KEY_SECRET = "rzp_test_F4keF4keF4keF4", "fake-secret-of-the-key"
LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase


class FakeRazorpay:
    """An ASGI app; `trouble` makes it answer everything with that, `lies` puts other values into what it answers."""

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.payments: dict[str, dict[str, Any]] = {}
        self.links: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.refund_requests: dict[str, tuple[str, str]] = {}  # idempotency key → what was asked, refund id
        self.asked: list[tuple[str, str]] = []
        self.trouble: Response | None = None
        self.lies: dict[str, Any] = {}
        self.forgets_answer_of: str | None = None  # a method: it does the work, and the answer is lost
        self.honours_filters = True
        self._numbers = count(1)
        self._app = Starlette(
            routes=[
                Route("/v1/orders", self.create_order, methods=["POST"]),
                Route("/v1/orders", self.list_orders),
                Route("/v1/orders/{id}/payments", self.list_payments),
                Route("/v1/payments/{id}", self.show_payment),
                Route("/v1/payments/{id}/refund", self.refund, methods=["POST"]),
                Route("/v1/payments/{id}/refunds", self.list_refunds),
                Route("/v1/refunds/{id}", self.show_refund),
                Route("/v1/payment_links", self.create_link, methods=["POST"]),
                Route("/v1/payment_links", self.list_links),
                Route("/v1/payment_links/{id}", self.show_link),
                Route("/v1/payment_links/{id}/cancel", self.cancel_link, methods=["POST"]),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append((scope["method"], scope["path"]))
        await asyncio.sleep(0)  # others come in between, as on a network
        login = base64.b64encode(f"{KEY_ID}:{KEY_SECRET}".encode()).decode()
        if dict(scope["headers"]).get(b"authorization") != f"Basic {login}".encode():
            await refusal("Authentication failed", status=401)(scope, receive, send)
        elif self.trouble is not None:
            await self.trouble(scope, receive, send)
        elif self.forgets_answer_of == scope["method"]:
            await self._app(scope, receive, _drop)
            await PlainTextResponse("Bad Gateway", 502)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def count(self, method: str, path: str) -> int:
        return self.asked.count((method, path))

    # ── what a payer does at Razorpay's own pages ──

    def pay(self, order_id: str, method: str = "upi", *, outcome: str = "captured") -> str:
        order = self.orders[order_id]
        assert order["status"] != "paid"
        failed = outcome == "failed"
        payment = {
            "id": self._id("pay"),
            "entity": "payment",
            "amount": order["amount"],
            "currency": order["currency"],
            "status": outcome,
            "order_id": order_id,
            "method": method,
            "amount_refunded": 0,
            "refund_status": None,
            "captured": outcome == "captured",
            "notes": [],
            "fee": None,
            "error_code": "BAD_REQUEST_ERROR" if failed else None,
            "error_description": "Payment failed" if failed else None,
            "created_at": 1_772_422_200,
        }
        self.payments[payment["id"]] = payment
        order["status"] = "attempted" if failed else "paid"
        return payment["id"]

    def pay_link(self, link_id: str, method: str = "upi", *, outcome: str = "captured") -> str:
        link = self.links[link_id]
        assert link["status"] == "created"
        if not link["order_id"]:
            order = {
                "id": self._id("order"),
                "amount": link["amount"],
                "currency": link["currency"],
                "status": "created",
            }
            self.orders[order["id"]] = order
            link["order_id"] = order["id"]
        payment = self.payments[self.pay(link["order_id"], method, outcome=outcome)]
        shown = {name: payment[name] for name in ("amount", "created_at", "method", "status")}
        link["payments"] = [shown | {"payment_id": payment["id"]}, *(link["payments"] or [])]
        if outcome == "captured":
            link |= {"amount_paid": link["amount"], "status": "paid"}
            self.links[link_id] = link
        return payment["id"]

    # ── the API ──

    async def create_order(self, request: Request) -> Response:
        asked = await request.json()
        assert set(asked) == {"amount", "currency", "receipt", "notes"}
        if type(asked["amount"]) is not int or asked["amount"] < 100:
            return refusal("Order amount less than minimum amount allowed")
        if not all(isinstance(note, str) for note in asked["notes"].values()):
            return refusal("The notes must be strings.")
        order = {
            "id": self._id("order"),
            "entity": "order",
            "amount_paid": 0,
            "amount_due": asked["amount"],
            "offer_id": None,
            "status": "created",
            "attempts": 0,
            "created_at": 1_772_422_200,
        } | asked
        self.orders[order["id"]] = order
        return self._shown(order)

    async def list_orders(self, request: Request) -> Response:
        receipt = request.query_params["receipt"]
        found = [order for order in self.orders.values() if order.get("receipt") == receipt or not self.honours_filters]
        return self._collection(found)

    async def list_payments(self, request: Request) -> Response:
        order_id = request.path_params["id"]
        if order_id not in self.orders:
            return UNKNOWN
        return self._collection([one for one in self.payments.values() if one["order_id"] == order_id])

    async def show_payment(self, request: Request) -> Response:
        return self._one(self.payments, request)

    async def create_link(self, request: Request) -> Response:
        asked = await request.json()
        assert asked["notify"] == {"sms": False, "email": False}
        assert asked["accept_partial"] is False
        if type(asked["amount"]) is not int or asked["amount"] < 100:
            return refusal("amount: must be no less than 100.")
        if any(link["reference_id"] == asked["reference_id"] for link in self.links.values()):
            return refusal(f"payment link with given reference_id: {asked['reference_id']} already exists.")
        link_id = self._id("plink")
        link = {
            "id": link_id,
            "amount_paid": 0,
            "cancelled_at": 0,
            "expired_at": 0,
            "order_id": "",
            "payments": None,
            "short_url": f"https://rzp.io/i/{link_id[-7:]}",
            "status": "created",
            "created_at": 1_772_422_200,
        } | asked
        self.links[link_id] = link
        return self._shown(link)

    async def list_links(self, request: Request) -> Response:
        reference = request.query_params["reference_id"]
        found = [one for one in self.links.values() if one["reference_id"] == reference or not self.honours_filters]
        return JSONResponse({"payment_links": [one | {"payments": []} | self.lies for one in reversed(found)]})

    async def show_link(self, request: Request) -> Response:
        return self._one(self.links, request)

    async def cancel_link(self, request: Request) -> Response:
        link = self.links.get(request.path_params["id"])
        if link is None:
            return UNKNOWN
        if link["status"] != "created":
            return refusal(f"Payment Link cannot be cancelled in {link['status']} state.")
        link["status"] = "cancelled"
        return self._shown(link)

    async def refund(self, request: Request) -> Response:
        payment = self.payments.get(request.path_params["id"])
        if payment is None:
            return UNKNOWN
        asked, key = await request.json(), request.headers["X-Refund-Idempotency"]
        if len(key) < 10:
            return refusal("The idempotency key must be at least 10 characters.")
        content = json.dumps([payment["id"], asked], sort_keys=True)
        if key in self.refund_requests:
            known, refund_id = self.refund_requests[key]
            if known != content:
                return refusal("Different request with the same idempotency key has already been processed.")
            return self._shown(self.refunds[refund_id])
        if not payment["captured"]:
            return refusal("The payment status should be captured for action to be taken")
        if asked["amount"] > payment["amount"] - payment["amount_refunded"]:
            return refusal("The total refund amount is greater than the refund payment amount")
        refund = {
            "id": self._id("rfnd"),
            "entity": "refund",
            "amount": asked["amount"],
            "currency": payment["currency"],
            "payment_id": payment["id"],
            "receipt": asked["receipt"],
            "notes": asked["notes"] or [],
            "acquirer_data": {"arn": None},
            "status": "pending",
            "speed_processed": "normal",
            "created_at": 1_772_422_200,
        }
        self.refunds[refund["id"]] = refund
        self.refund_requests[key] = content, refund["id"]
        payment["amount_refunded"] += asked["amount"]
        if payment["amount_refunded"] == payment["amount"]:
            payment["status"] = "refunded"
        return self._shown(refund)

    async def list_refunds(self, request: Request) -> Response:
        payment_id = request.path_params["id"]
        if payment_id not in self.payments:
            return UNKNOWN
        return self._collection([one for one in self.refunds.values() if one["payment_id"] == payment_id])

    async def show_refund(self, request: Request) -> Response:
        return self._one(self.refunds, request)

    def _id(self, prefix: str) -> str:
        number, letters = next(self._numbers), ""
        for _ in range(14):
            number, index = divmod(number, len(LETTERS))
            letters = LETTERS[index] + letters
        return f"{prefix}_{letters}"

    def _one(self, kept: dict[str, dict[str, Any]], request: Request) -> Response:
        found = kept.get(request.path_params["id"])
        return UNKNOWN if found is None else self._shown(found)

    def _collection(self, items: list[dict[str, Any]]) -> Response:
        newest_first = [item | self.lies for item in reversed(items)]
        return JSONResponse({"entity": "collection", "count": len(items), "items": newest_first})

    def _shown(self, entity: dict[str, Any]) -> Response:
        return JSONResponse(entity | self.lies)


def refusal(description: str, status: int = 400) -> Response:
    error = {"code": "BAD_REQUEST_ERROR", "description": description, "source": "business", "step": "NA"}
    return JSONResponse({"error": error | {"reason": "input_validation_failed", "metadata": {}}}, status)


UNKNOWN = refusal("The id provided does not exist")


async def _drop(_message: Any) -> None:
    """The answer is lost on its way."""
