"""`/pay/{token}`: what a payment link asks for, on one small page that works on any phone."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from html import escape
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from outpatient.access.tokens import InvalidToken, read_signed
from outpatient.core.database import Database
from outpatient.core.money import show_money
from outpatient.core.terms import AppointmentStatus, PaymentStatus
from outpatient.payments.queries import find_bill

PREFIX = "/pay/"
STYLE = """
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
body { margin: 0; padding: 1rem; display: grid; place-items: center; min-height: calc(100vh - 2rem); }
main { width: min(100%, 26rem); }
h1 { font-size: 1rem; font-weight: 600; margin: 0; }
.amount { font-size: 2.5rem; font-weight: 650; line-height: 1.2; margin: 1.5rem 0 .25rem; }
.state { margin: 0 0 1.5rem; font-weight: 600; }
dl { margin: 0; border-top: 1px solid #8886; }
dl div { display: flex; justify-content: space-between; gap: 1rem; padding: .625rem 0; border-bottom: 1px solid #8886; }
dt { opacity: .75; } dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
.how { margin: 1.5rem 0 0; }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
OVER = {
    PaymentStatus.CANCELLED: ("Cancelled", "Nothing is to be paid for this appointment any more."),
    PaymentStatus.EXPIRED: ("Expired", "The time to pay is over and the slot was given back. Please book again."),
    PaymentStatus.REFUNDED: ("Refunded", "Your payment was given back."),
    PaymentStatus.PARTIALLY_REFUNDED: ("Paid, partly refunded", "Part of your payment was given back."),
    PaymentStatus.PAID: ("Paid", "Thank you. There is nothing left to pay."),
}
"""What is said of a payment that asks for nothing any more."""


class PayPages:
    """An ASGI app that answers with the page of a signed payment, or 404."""

    def __init__(self, database: Database, secret: str) -> None:
        self._database, self._secret = database, secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self._answer(Request(scope)))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return _page("Method not allowed", "<h1>This page can only be read</h1>", 405, {"Allow": "GET, HEAD"})
        try:
            payment_id = int(read_signed(self._secret, "pay", request.scope["path"].removeprefix(PREFIX)))
        except InvalidToken:
            return _not_found()
        async with self._database.reading() as tx:
            bill = await find_bill(tx, payment_id)
        return _not_found() if bill is None else _page("Payment", _show(bill, self._database.clock.now()))


def state_of(bill: Mapping[str, Any], now: datetime) -> tuple[str, str]:
    """In one word or two, and in a sentence, how things stand; a hold whose time is over has expired, swept or not."""
    zone = ZoneInfo(bill["time_zone"])
    kept_until: datetime | None = bill["expires_at"]
    is_hold = bill["appointment_status"] is AppointmentStatus.PENDING and kept_until is not None
    if is_hold and kept_until is not None and kept_until <= now:
        return OVER[PaymentStatus.EXPIRED]
    if bill["status"] in OVER:
        return OVER[bill["status"]]
    if bill["appointment_status"] is AppointmentStatus.CANCELLED:
        return OVER[PaymentStatus.CANCELLED]
    if bill["amount_minor"] <= bill["paid_minor"]:
        return "Nothing to pay", "This appointment costs nothing."
    if is_hold and kept_until is not None:
        minutes = ceil((kept_until - now).total_seconds() / 60)
        left = f"{minutes} minute{'s' if minutes != 1 else ''} left"
        until = f"The slot is kept for you until {kept_until.astimezone(zone):%H:%M} ({left})."
        return "To pay at the desk", f"{until} Please pay at the clinic's desk before then."
    return "To pay at the desk", "Please pay at the clinic's desk when you come."


def _show(bill: Mapping[str, Any], now: datetime) -> str:
    state, sentence = state_of(bill, now)
    is_partly_paid = bill["status"] is PaymentStatus.PARTIALLY_PAID
    shown = bill["amount_minor"] - bill["paid_minor"] if is_partly_paid else bill["amount_minor"]
    starts_at = bill["starts_at"]
    place = ", ".join(part for part in (bill["centre_name"], bill["address"], bill["city"]) if part)
    facts = {
        "Clinician": bill["clinician_name"],
        "Date": f"{bill['service_on']:%A}, {bill['service_on'].day} {bill['service_on']:%B %Y}",
        "Time": starts_at and f"{starts_at.astimezone(ZoneInfo(bill['time_zone'])):%H:%M} ({bill['time_zone']})",
        "Where": place,
        "Already paid": is_partly_paid and show_money(bill["paid_minor"], bill["currency"]),
    }
    rows = "".join(f"<div><dt>{name}</dt><dd>{escape(fact)}</dd></div>" for name, fact in facts.items() if fact)
    return (
        f"<h1>{escape(bill['hospital_name'])}</h1>"
        f'<p class="amount">{escape(show_money(shown, bill["currency"]))}</p>'
        f'<p class="state">{state}</p><dl>{rows}</dl><p class="how">{escape(sentence)}</p>'
    )


def _not_found() -> Response:
    return _page(
        "Not found", "<h1>This payment link does not exist</h1><p>Please ask the clinic for a new one.</p>", 404
    )


def _page(title: str, body: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style>"
    )
    page = f'<!doctype html><html lang="en"><head>{head}</head><body><main>{body}</main></body></html>'
    return HTMLResponse(page, status, {**HEADERS, **(headers or {})})
