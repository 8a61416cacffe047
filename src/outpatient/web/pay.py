"""`/pay/{token}`: what a payment link asks for, on one small page that works on any phone; and there it can be paid.

With a payment gateway its button leads to the gateway's page. The local ledger takes nobody's money, so only in
development there is a button, which plays the payer and posts the very webhook that a gateway would.
"""

from collections.abc import Mapping
from datetime import datetime
from html import escape
from math import ceil
from typing import Any, cast
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from outpatient.access.tokens import InvalidToken, read_signed
from outpatient.adapters.payments.local import LocalPayments
from outpatient.adapters.payments.port import Payments
from outpatient.core.database import Database
from outpatient.core.errors import AdapterFailure, Problem
from outpatient.core.money import show_money
from outpatient.core.terms import AppointmentStatus, PaymentStatus
from outpatient.payments.actions import check_link, create_link, create_order, take_webhook
from outpatient.payments.errors import NothingDue, PaymentClosed
from outpatient.payments.queries import find_asked_by_link, find_bill
from outpatient.payments.rules import ASKED
from outpatient.settings import Settings
from outpatient.web.page import HERE, NOWHERE, headers_of, page

PREFIX = "/pay/"
LINK = "link/"
LOCAL, SANDBOX_METHOD = "local", "upi"
BUTTON = '<form method="post"><button class="yes">{}</button></form>'
AT_THE_DESK = "Please pay at the clinic's desk"
GATEWAY = "'self' https:"
"""Browsers hold redirects to where a form may lead, too, and the gateway has several hosts."""
OVER = {
    PaymentStatus.CANCELLED: ("Cancelled", "Nothing is to be paid for this appointment any more."),
    PaymentStatus.EXPIRED: ("Expired", "The time to pay is over and the slot was given back. Please book again."),
    PaymentStatus.REFUNDED: ("Refunded", "Your payment was given back."),
    PaymentStatus.PARTIALLY_REFUNDED: ("Paid, partly refunded", "Part of your payment was given back."),
    PaymentStatus.PAID: ("Paid", "Thank you. There is nothing left to pay."),
}
"""What is said of a payment that asks for nothing any more."""


class PayPages:
    """An ASGI app that answers with the page of a signed payment or of a local link, or 404."""

    def __init__(self, database: Database, settings: Settings, gateway: Payments) -> None:
        self._database, self._settings, self._gateway = database, settings, gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self._answer(Request(scope)))(scope, receive, send)

    @property
    def _sandbox(self) -> LocalPayments | None:
        """The local ledger, where it may play the gateway."""
        is_played = isinstance(self._gateway, LocalPayments) and not self._settings.in_production
        return cast("LocalPayments", self._gateway) if is_played else None

    @property
    def _takes_money(self) -> bool:
        return self._sandbox is not None or not isinstance(self._gateway, LocalPayments)

    async def _answer(self, request: Request) -> Response:
        methods = ("GET", "HEAD", "POST") if self._takes_money else ("GET", "HEAD")
        if request.method not in methods:
            allowed = {"Allow": ", ".join(methods)}
            return page("Method not allowed", "<h1>This page can only be read</h1>", 405, allowed)
        asked = await self._find(request.scope["path"].removeprefix(PREFIX))
        if asked is None:
            return _not_found()
        payment_id, link_id = asked
        trouble = ""
        if request.method == "POST":
            try:
                if (url := await self._pay(payment_id, link_id)) is not None:
                    return RedirectResponse(url, 303, headers_of(NOWHERE))
            except (NothingDue, PaymentClosed):
                pass  # the page says how things stand
            except (Problem, AdapterFailure):
                trouble = "The payment did not go through. Please try again in a moment, or pay at the clinic's desk."
        async with self._database.reading() as tx:
            bill = await find_bill(tx, payment_id)
        return _not_found() if bill is None else self._show(bill, trouble)

    async def _find(self, token: str) -> tuple[int, str | None] | None:
        """The payment that a token of ours, or a link of the local ledger, is for."""
        if token.startswith(LINK):
            async with self._database.reading() as tx:
                asked = await find_asked_by_link(tx, LOCAL, token.removeprefix(LINK))
            return (asked.payment_id, asked.provider_id) if asked else None
        try:
            return int(read_signed(self._settings.secret_key, "pay", token)), None
        except InvalidToken:
            return None

    async def _pay(self, payment_id: int, link_id: str | None) -> str | None:
        """Where the payer goes on to; None: he has paid, in the sandbox."""
        sandbox = self._sandbox
        if sandbox is None:
            link = await create_link(self._database, self._gateway, actor=None, payment_id=payment_id)
            return link.url
        if link_id is not None:
            await sandbox.pay(link_id, SANDBOX_METHOD)
            await check_link(self._database, sandbox, actor=None, link_id=link_id)
            return None
        order = await create_order(self._database, sandbox, actor=None, payment_id=payment_id)
        paid = await sandbox.pay(order.provider_order_id, SANDBOX_METHOD)
        await take_webhook(
            self._database,
            provider=sandbox.provider,
            secret=self._settings.webhook_secret,
            body=paid.webhook.body,
            event_id=paid.webhook.event_id,
            signature=paid.webhook.signature,
        )
        return None

    def _show(self, bill: Mapping[str, Any], trouble: str) -> Response:
        now = self._database.clock.now()
        button = ""
        if self._takes_money and is_payable(bill, now):
            amount = escape(show_money(due_of_bill(bill), bill["currency"]))
            button = BUTTON.format(f"Pay {amount}" + (" (sandbox)" if self._sandbox else ""))
        may_lead = (HERE if self._sandbox else GATEWAY) if button else NOWHERE
        body = _show(bill, now, button=button, trouble=trouble)
        return page("Payment", body, form_action=may_lead)


def is_payable(bill: Mapping[str, Any], now: datetime) -> bool:
    """Whether something can be paid of it now."""
    kept_until = bill["expires_at"]
    is_over = bill["status"] in OVER or bill["appointment_status"] is AppointmentStatus.CANCELLED
    return not is_over and due_of_bill(bill) > 0 and (kept_until is None or kept_until > now)


def due_of_bill(bill: Mapping[str, Any]) -> int:
    """What is left to pay, in minor units."""
    return max(0, int(bill["amount_minor"] - bill["discount_minor"] - bill["paid_minor"]))


def state_of(bill: Mapping[str, Any], now: datetime, *, is_online: bool = False) -> tuple[str, str]:
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
    if not due_of_bill(bill):
        return "Nothing to pay", "This appointment costs nothing."
    if is_hold and kept_until is not None:
        minutes = ceil((kept_until - now).total_seconds() / 60)
        left = f"{minutes} minute{'s' if minutes != 1 else ''} left"
        until = f"The slot is kept for you until {kept_until.astimezone(zone):%H:%M} ({left})."
        how = "Please pay here, or at the clinic's desk, before then." if is_online else AT_THE_DESK + " before then."
        return "To pay" if is_online else "To pay at the desk", f"{until} {how}"
    if is_online:
        return "To pay", "Please pay here now, or at the clinic's desk when you come."
    return "To pay at the desk", f"{AT_THE_DESK} when you come."


def _show(bill: Mapping[str, Any], now: datetime, *, button: str, trouble: str) -> str:
    state, sentence = state_of(bill, now, is_online=bool(button))
    is_asked = bill["status"] in ASKED
    shown = due_of_bill(bill) if is_asked else bill["amount_minor"]
    starts_at = bill["starts_at"]
    place = ", ".join(part for part in (bill["centre_name"], bill["address"], bill["city"]) if part)
    facts = {
        "Clinician": bill["clinician_name"],
        "Date": f"{bill['service_on']:%A}, {bill['service_on'].day} {bill['service_on']:%B %Y}",
        "Time": starts_at and f"{starts_at.astimezone(ZoneInfo(bill['time_zone'])):%H:%M} ({bill['time_zone']})",
        "Where": place,
        "Discount": is_asked and bill["discount_minor"] and show_money(bill["discount_minor"], bill["currency"]),
        "Already paid": is_asked and bill["paid_minor"] and show_money(bill["paid_minor"], bill["currency"]),
    }
    rows = "".join(f"<div><dt>{name}</dt><dd>{escape(fact)}</dd></div>" for name, fact in facts.items() if fact)
    return (
        f"<h1>{escape(bill['hospital_name'])}</h1>"
        f'<p class="amount">{escape(show_money(shown, bill["currency"]))}</p>'
        f'<p class="state">{state}</p><dl>{rows}</dl>{button}<p class="how">{escape(trouble or sentence)}</p>'
    )


def _not_found() -> Response:
    return page(
        "Not found", "<h1>This payment link does not exist</h1><p>Please ask the clinic for a new one.</p>", 404
    )
