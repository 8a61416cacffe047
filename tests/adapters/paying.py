"""The payments adapters as their contract sees them: the adapter, its payer, and its other half after a restart."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from outpatient.adapters.payments.local import LocalPayments
from outpatient.adapters.payments.port import Payments
from outpatient.adapters.payments.razorpay import RazorpayPayments
from outpatient.core.clock import SetClock
from tests.adapters.vendors.razorpay import KEY_ID, KEY_SECRET, FakeRazorpay

AT = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
CHECKOUT_SECRET, WEBHOOK_SECRET = "secret-of-checkouts", "secret-of-webhooks"


@dataclass
class Paying:
    """`pay(order or link, method, outcome)` is what the payer does; it answers the payment's id."""

    payments: Payments
    pay: Callable[..., Awaitable[str]]
    reopened: Callable[[], Payments]


def local(folder: Path, clock: SetClock | None = None) -> LocalPayments:
    return LocalPayments(
        folder,
        key_id="rzp_test_local",
        checkout_secret=CHECKOUT_SECRET,
        webhook_secret=WEBHOOK_SECRET,
        base_url="http://clinic.test",
        clock=clock or SetClock(AT),
    )


def local_paying(folder: Path) -> Paying:
    adapter = local(folder)

    async def pay(asked: str, method: str = "upi", outcome: str = "captured") -> str:
        return (await adapter.pay(asked, method, outcome)).capture.id

    return Paying(adapter, pay, lambda: local(folder))


def razorpay(fake: FakeRazorpay, key_secret: str = KEY_SECRET) -> RazorpayPayments:
    return RazorpayPayments(KEY_ID, key_secret, "https://api.razorpay.test", httpx2.ASGITransport(app=fake))


def razorpay_paying(_folder: Path) -> Paying:
    fake = FakeRazorpay()

    async def pay(asked: str, method: str = "upi", outcome: str = "captured") -> str:
        does = fake.pay_link if asked.startswith("plink_") else fake.pay
        return does(asked, method, outcome=outcome)

    return Paying(razorpay(fake), pay, lambda: razorpay(fake))


PAYING = {"local": local_paying, "razorpay": razorpay_paying}
