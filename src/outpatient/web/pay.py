"""`/pay/{token}`: what a payment link asks for, on one small page that works on any phone; and there it can be paid.

With a payment gateway its button leads to the gateway's page. The local ledger takes nobody's money, so only in
development there is a button, which plays the payer and posts the very webhook that a gateway would.
"""

from collections.abc import Mapping
from html import escape
from typing import Any, cast

from starlette.responses import RedirectResponse, Response

from outpatient.access.tokens import InvalidToken, read_signed
from outpatient.adapters.payments.local import LocalPayments
from outpatient.adapters.payments.port import Payments
from outpatient.core.database import Database
from outpatient.core.errors import AdapterFailure, Problem
from outpatient.core.money import show_money
from outpatient.payments.actions import check_link, create_link, create_order, take_webhook
from outpatient.payments.errors import NothingDue, PaymentClosed
from outpatient.payments.queries import find_asked_by_link, find_bill
from outpatient.settings import Settings
from outpatient.web.bill import WORDS, due_of_bill, is_payable, language_of_bill, show_bill
from outpatient.web.link import LinkPage
from outpatient.web.page import HERE, NOWHERE, headers_of, page

LINK = "link/"
LOCAL, SANDBOX_METHOD = "local", "upi"
BUTTON = '<form method="post"><button class="yes">{}</button></form>'
GATEWAY = "'self' https:"
"""Browsers hold redirects to where a form may lead, too, and the gateway has several hosts."""


class PayPages(LinkPage):
    """The page of a signed payment or of a link of the local ledger; it only has a button where money is taken."""

    prefix = "/pay/"

    def __init__(self, database: Database, settings: Settings, gateway: Payments) -> None:
        super().__init__(database, settings.secret_key)
        self._settings, self._gateway = settings, gateway
        if not self._takes_money:
            self.methods = ("GET", "HEAD")

    @property
    def _sandbox(self) -> LocalPayments | None:
        """The local ledger, where it may play the gateway."""
        is_played = isinstance(self._gateway, LocalPayments) and not self._settings.in_production
        return cast("LocalPayments", self._gateway) if is_played else None

    @property
    def _takes_money(self) -> bool:
        return self._sandbox is not None or not isinstance(self._gateway, LocalPayments)

    async def answer(self, token: str, form: dict[str, str] | None) -> Response:
        payment_id, link_id = await self._find(token)
        in_trouble = False
        if form is not None:
            try:
                if (url := await self._pay(payment_id, link_id)) is not None:
                    return RedirectResponse(url, 303, headers_of(NOWHERE))
            except (NothingDue, PaymentClosed):
                pass  # the page says how things stand
            except (Problem, AdapterFailure):
                in_trouble = True
        async with self._database.reading() as tx:
            bill = await find_bill(tx, payment_id)
        if bill is None:
            raise InvalidToken
        return self._show(bill, in_trouble=in_trouble)

    async def _find(self, token: str) -> tuple[int, str | None]:
        """The payment that a token of ours, or a link of the local ledger, is for (InvalidToken)."""
        if not token.startswith(LINK):
            return int(read_signed(self._secret, "pay", token)), None
        async with self._database.reading() as tx:
            asked = await find_asked_by_link(tx, LOCAL, token.removeprefix(LINK))
        if asked is None:
            raise InvalidToken
        return asked.payment_id, asked.provider_id

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

    def _show(self, bill: Mapping[str, Any], *, in_trouble: bool) -> Response:
        now, language = self._database.clock.now(), language_of_bill(bill)
        words, button = WORDS[language], ""
        if self._takes_money and is_payable(bill, now):
            amount = show_money(due_of_bill(bill), bill["currency"])
            button = BUTTON.format(escape(words["pay"].format(amount=amount) + words["sandbox"] * bool(self._sandbox)))
        may_lead = (HERE if self._sandbox else GATEWAY) if button else NOWHERE
        body = show_bill(bill, now, button=button, in_trouble=in_trouble)
        return page(words["title"], body, language=language, form_action=may_lead)
