"""The sandbox gateway: what it signs and reports, and that several processes cannot make it pay twice."""

import asyncio
import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from outpatient.adapters.choice import choose_payments
from outpatient.adapters.payments.ledger import Ledger
from outpatient.adapters.payments.local import LocalPayments
from outpatient.adapters.payments.port import Customer
from outpatient.adapters.payments.razorpay import RazorpayPayments
from outpatient.adapters.payments.signatures import is_checkout_genuine, is_webhook_genuine
from outpatient.app import create_app
from outpatient.core.clock import SetClock
from outpatient.core.errors import AdapterFailure
from outpatient.settings import Settings
from tests.adapters.paying import AT, CHECKOUT_SECRET, WEBHOOK_SECRET, local

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock() -> SetClock:
    return SetClock(AT)


@pytest.fixture
def payments(tmp_path: Path, clock: SetClock) -> LocalPayments:
    return local(tmp_path / "payments", clock)


async def ordered(payments: LocalPayments, receipt: str = "appointment-7") -> str:
    order = await payments.create_order(
        amount_minor=150_000, currency="INR", receipt=receipt, notes={"appointmentId": "7"}
    )
    return order.id


async def linked(payments: LocalPayments) -> str:
    link = await payments.create_link(
        amount_minor=50_000,
        currency="INR",
        reference="payment-7",
        description="A visit",
        customer=Customer("Asha Rao"),
        expires_at=AT + timedelta(hours=1),
        notes={"paymentId": "7"},
    )
    assert link.url == f"http://clinic.test/pay/link/{link.id}"
    return link.id


async def refused(call) -> None:
    with pytest.raises(AdapterFailure) as failure:
        await call
    assert failure.value.permanent


async def test_a_checkout_that_worked_is_signed_and_reported(payments):
    order_id = await ordered(payments)
    paid = await payments.pay(order_id, "upi")
    assert (paid.checkout.order_id, paid.checkout.payment_id) == (order_id, paid.capture.id)
    assert is_checkout_genuine(CHECKOUT_SECRET, order_id, paid.capture.id, paid.checkout.signature)
    assert is_webhook_genuine(WEBHOOK_SECRET, paid.webhook.body, paid.webhook.signature)
    told = json.loads(paid.webhook.body)
    assert (told["entity"], told["event"], told["contains"]) == ("event", "payment.captured", ["payment"])
    assert told["created_at"] == int(AT.timestamp())
    entity = told["payload"]["payment"]["entity"]
    assert "refunds" not in entity
    expected = {
        "id": paid.capture.id,
        "entity": "payment",
        "amount": 150_000,
        "currency": "INR",
        "status": "captured",
        "captured": True,
        "order_id": order_id,
        "method": "upi",
        "amount_refunded": 0,
        "notes": {"appointmentId": "7"},
        "error_description": None,
    }
    assert {name: entity[name] for name in expected} == expected


async def test_a_checkout_that_failed_is_reported_and_signs_nothing(payments):
    order_id = await ordered(payments)
    failed = await payments.pay(order_id, "card", "failed")
    assert (failed.checkout, failed.capture.status, failed.capture.error) == (None, "failed", "Payment failed")
    told = json.loads(failed.webhook.body)
    assert told["event"] == "payment.failed"
    assert told["payload"]["payment"]["entity"]["error_code"] == "BAD_REQUEST_ERROR"
    worked = await payments.pay(order_id, "card")
    assert worked.webhook.event_id != failed.webhook.event_id


async def test_a_refund_is_reported_the_same_each_time(payments):
    payment_id = (await payments.pay(await ordered(payments), "upi")).capture.id
    part = await payments.refund(payment_id=payment_id, amount_minor=50_000, key="refund-0001", notes={"why": "late"})
    first = await payments.refund_webhook(part.id)
    rest = await payments.refund(payment_id=payment_id, amount_minor=100_000, key="refund-0002", notes={})
    assert await payments.refund_webhook(part.id) == first
    assert is_webhook_genuine(WEBHOOK_SECRET, first.body, first.signature)
    told = json.loads(first.body)
    assert (told["event"], told["contains"]) == ("refund.processed", ["refund", "payment"])
    refund, payment = (told["payload"][name]["entity"] for name in ("refund", "payment"))
    assert (refund["id"], refund["amount"], refund["payment_id"]) == (part.id, 50_000, payment_id)
    assert (refund["status"], refund["receipt"], refund["currency"]) == ("processed", "refund-0001", "INR")
    assert (payment["status"], payment["amount_refunded"], payment["refund_status"]) == ("captured", 50_000, "partial")
    last = await payments.refund_webhook(rest.id)
    payment = json.loads(last.body)["payload"]["payment"]["entity"]
    assert (payment["status"], payment["amount_refunded"], payment["refund_status"]) == ("refunded", 150_000, "full")
    assert last.event_id != first.event_id


async def test_nobody_pays_twice(payments):
    order_id = await ordered(payments)
    results = await asyncio.gather(*(payments.pay(order_id, "upi") for _ in range(20)), return_exceptions=True)
    assert len([one for one in results if not isinstance(one, AdapterFailure)]) == 1
    assert len(await payments.list_captures(order_id)) == 1
    await refused(payments.pay("order_00000000000000", "upi"))
    await refused(payments.pay("../orders", "upi"))


async def test_a_link_is_paid_in_its_time_and_once(payments, clock):
    link_id = await linked(payments)
    clock.advance(hours=1)
    assert (await payments.get_link(link_id)).status == "expired"
    await refused(payments.pay(link_id, "upi"))
    await payments.cancel_link(link_id)
    assert (await payments.get_link(link_id)).status == "expired"
    clock.set(AT)
    paid = await payments.pay(link_id, "upi")
    assert paid.checkout is None
    assert json.loads(paid.webhook.body)["payload"]["payment"]["entity"]["notes"] == {"paymentId": "7"}
    await refused(payments.pay(link_id, "upi"))
    clock.advance(hours=2)
    assert (await payments.get_link(link_id)).status == "paid"


async def test_a_cancelled_link_takes_no_money_by_any_way(payments):
    link_id = await linked(payments)
    order_id = (await payments.pay(link_id, "card", "failed")).capture.order_id
    await payments.cancel_link(link_id)
    await refused(payments.pay(link_id, "upi"))
    await refused(payments.pay(order_id, "upi"))


def _race(job: tuple[Path, str, int]) -> str:
    """One of several processes: pays, refunds and orders at once with the others."""
    folder, order_id, number = job

    async def race() -> str:
        payments, done = local(folder), []
        assert await ordered(payments) == order_id
        with suppress(AdapterFailure):
            await payments.pay(order_id, "upi")
            done.append("paid")
        payment_id = (await payments.list_captures(order_id))[0].id
        for turn in range(5):
            with suppress(AdapterFailure):
                key = f"refund-{number:02}-{turn:02}"
                await payments.refund(payment_id=payment_id, amount_minor=40_000, key=key, notes={})
                done.append("refunded")
        return " ".join(done)

    return asyncio.run(race())


async def test_processes_that_share_the_folder_do_not_overdo_it(payments, tmp_path):
    order_id = await ordered(payments)
    jobs = [(tmp_path / "payments", order_id, number) for number in range(4)]
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as processes:
        done = " ".join(processes.map(_race, jobs)).split()
    assert (done.count("paid"), done.count("refunded")) == (1, 3)
    assert len(await payments.list_captures(order_id)) == 1


async def test_two_writers_without_the_lock_would_take_the_money_twice(payments):
    """The negative control: what the lock is for."""
    order_id = await ordered(payments)
    seen_at_once = [payments._known("order", order_id) for _ in range(2)]
    taken = {payments._take(order, None, "upi", "captured").capture.id for order in seen_at_once}
    assert len(taken) == 2
    assert len(await payments.list_captures(order_id)) == 1  # and one of them is forgotten


@pytest.mark.parametrize("moment", ["also_in", "change"])
async def test_a_writer_that_is_killed_half_way_did_nothing(payments, monkeypatch, moment):
    order_id = await ordered(payments)
    payment_id = (await payments.pay(order_id, "upi")).capture.id

    def refund():
        return payments.refund(payment_id=payment_id, amount_minor=150_000, key="refund-0001", notes={})

    with monkeypatch.context() as killed:
        killed.setattr(Ledger, moment, lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await refund()
    assert (await payments.get_capture(payment_id)).status == "captured"
    given = await refund()
    assert await refund() == given == await payments.get_refund(given.id)


async def test_a_refund_that_was_named_but_not_made_is_unknown(payments, monkeypatch):
    payment_id = (await payments.pay(await ordered(payments), "upi")).capture.id
    with monkeypatch.context() as killed:
        killed.setattr(Ledger, "change", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await payments.refund(payment_id=payment_id, amount_minor=1_000, key="refund-0001", notes={})
    other = (await payments.pay(await ordered(payments, "appointment-8"), "upi")).capture.id
    given = await payments.refund(payment_id=other, amount_minor=1_000, key="refund-0001", notes={})
    assert await payments.get_refund(given.id) == given


async def test_a_disk_that_will_not_is_worth_another_try(tmp_path):
    (tmp_path / "payments").write_text("a file where the folder should be")
    with pytest.raises(AdapterFailure) as failure:
        await ordered(local(tmp_path / "payments"))
    assert not failure.value.permanent


async def test_the_settings_choose(tmp_path):
    settings = Settings(_env_file=None, outbox_dir=tmp_path, public_url="https://clinic.example")
    chosen = choose_payments(settings, SetClock(AT))
    assert isinstance(chosen, LocalPayments)
    paid = await chosen.pay(await ordered(chosen), "upi")
    assert is_webhook_genuine(settings.webhook_secret, paid.webhook.body, paid.webhook.signature)
    assert is_checkout_genuine(
        settings.checkout_secret, paid.checkout.order_id, paid.checkout.payment_id, paid.checkout.signature
    )
    assert list((tmp_path / "payments").iterdir())
    keys = {"razorpay_key_id": "rzp_live_1", "razorpay_key_secret": "s", "razorpay_webhook_secret": "w"}
    vendor = choose_payments(Settings(_env_file=None, payments_adapter="razorpay", **keys), SetClock(AT))
    assert isinstance(vendor, RazorpayPayments)
    assert vendor.key_id == "rzp_live_1"
    await vendor.close()


async def test_the_program_lets_go_of_the_gateway(tmp_path):
    keys = {"razorpay_key_secret": "s", "razorpay_webhook_secret": "w", "payments_adapter": "razorpay"}
    database = f"sqlite:///{tmp_path}/outpatient.db"
    program = create_app(Settings(_env_file=None, database_url=database, outbox_dir=tmp_path, **keys), SetClock(AT))
    async with program.open(run_worker=False):
        assert not program.adapters.payments._vendor._client.is_closed
    assert program.adapters.payments._vendor._client.is_closed
