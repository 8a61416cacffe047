"""The contract of the payments port, for every adapter alike; `paying.PAYING` lists them."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from outpatient.adapters.payments.port import Capture, Customer, Link, Order, Payments, ProviderRefund
from outpatient.core.errors import AdapterFailure
from tests.adapters.paying import AT, PAYING, Paying

pytestmark = pytest.mark.anyio

ASHA = Customer("Asha Rao", "+919876543210", "asha@example.com")


@pytest.fixture(params=PAYING)
async def paying(request: pytest.FixtureRequest, tmp_path):
    made = PAYING[request.param](tmp_path / "payments")
    yield made
    await made.payments.close()


@pytest.fixture
def payments(paying: Paying) -> Payments:
    return paying.payments


async def order(
    payments: Payments, receipt: str = "appointment-7", amount: int = 150_000, currency: str = "INR"
) -> Order:
    return await payments.create_order(amount_minor=amount, currency=currency, receipt=receipt, notes={"hospital": "1"})


async def link(payments: Payments, reference: str = "payment-7", amount: int = 50_000, currency: str = "INR") -> Link:
    return await payments.create_link(
        amount_minor=amount,
        currency=currency,
        reference=reference,
        description="Your visit to Dr. Menon",
        customer=ASHA,
        expires_at=AT + timedelta(days=1),
        notes={"hospital": "1"},
    )


async def captured(paying: Paying) -> str:
    return await paying.pay((await order(paying.payments)).id)


async def refund(payments: Payments, payment_id: str, amount: int, key: str = "refund-0001") -> ProviderRefund:
    return await payments.refund(payment_id=payment_id, amount_minor=amount, key=key, notes={"why": "cancelled"})


async def refused(call) -> AdapterFailure:
    with pytest.raises(AdapterFailure) as failure:
        await call
    assert failure.value.permanent
    return failure.value


async def test_it_says_who_it_is(payments: Payments) -> None:
    assert payments.provider in {"local", "razorpay"}
    assert payments.key_id.startswith("rzp_")


async def test_an_order_says_what_was_asked(payments: Payments) -> None:
    made = await order(payments)
    assert re.fullmatch(r"order_[0-9A-Za-z]{14}", made.id)
    assert made == Order(made.id, 150_000, "INR", "created")


async def test_the_same_receipt_is_the_same_order(payments: Payments) -> None:
    made = await asyncio.gather(*(order(payments) for _ in range(20)))
    assert {one.id for one in [*made, await order(payments)]} == {made[0].id}


async def test_other_receipts_are_other_orders(payments: Payments) -> None:
    made = [await order(payments, f"appointment-{number}") for number in range(200)]
    assert len({one.id for one in made}) == 200


@pytest.mark.parametrize("change", [{"amount": 1_000}, {"currency": "USD"}])
async def test_a_receipt_cannot_stand_for_another_amount(payments: Payments, change: dict[str, int | str]) -> None:
    first = await order(payments)
    await refused(order(payments, **change))
    assert await order(payments) == first


@pytest.mark.parametrize("bad", [{"amount": 0}, {"amount": -1}, {"receipt": ""}, {"receipt": "x" * 41}])
async def test_what_the_gateway_would_refuse_is_refused_for_good(payments: Payments, bad: dict[str, int | str]) -> None:
    await refused(order(payments, **bad))


async def test_a_restart_forgets_nothing(paying: Paying) -> None:
    asked, by_link = await order(paying.payments), await link(paying.payments)
    payment_id = await paying.pay(asked.id)
    given = await refund(paying.payments, payment_id, 50_000)
    again = paying.reopened()
    try:
        assert await order(again) == replace(asked, status="paid")
        assert await again.list_captures(asked.id) == [await paying.payments.get_capture(payment_id)]
        assert await again.get_link(by_link.id) == by_link
        assert await again.get_refund(given.id) == given
    finally:
        await again.close()


async def test_every_try_to_pay_is_listed_the_oldest_first(paying: Paying) -> None:
    made = await order(paying.payments)
    assert await paying.payments.list_captures(made.id) == []
    first = await paying.pay(made.id, "card", "failed")
    second = await paying.pay(made.id, "upi", "failed")
    third = await paying.pay(made.id, "upi")
    tries = await paying.payments.list_captures(made.id)
    assert tries == [
        Capture(first, made.id, 150_000, "INR", "failed", "card", "Payment failed"),
        Capture(second, made.id, 150_000, "INR", "failed", "upi", "Payment failed"),
        Capture(third, made.id, 150_000, "INR", "captured", "upi"),
    ]
    assert await paying.payments.get_capture(second) == tries[1]
    assert (await order(paying.payments)).status == "paid"


async def test_a_link_says_what_was_asked(payments: Payments) -> None:
    made = await link(payments)
    assert re.fullmatch(r"plink_[0-9A-Za-z]{14}", made.id)
    assert made.url.startswith("http")
    assert made == Link(made.id, made.url, 50_000, 0, "INR", "created", AT + timedelta(days=1))
    assert await payments.get_link(made.id) == made


async def test_the_same_reference_is_the_same_link(payments: Payments) -> None:
    made = await asyncio.gather(*(link(payments) for _ in range(20)))
    assert {one.id for one in [*made, await link(payments)]} == {made[0].id}
    assert (await link(payments, "payment-8")).id != made[0].id


@pytest.mark.parametrize("bad", [{"amount": 0}, {"reference": ""}, {"reference": "x" * 41}])
async def test_a_link_needs_an_amount_and_a_reference(payments: Payments, bad: dict[str, int | str]) -> None:
    await refused(link(payments, **bad))


@pytest.mark.parametrize("change", [{"amount": 1_000}, {"currency": "USD"}])
async def test_a_reference_cannot_stand_for_another_amount(payments: Payments, change: dict[str, int | str]) -> None:
    first = await link(payments)
    await refused(link(payments, **change))
    assert await link(payments) == first


async def test_a_paid_link_shows_its_payments(paying: Paying) -> None:
    made = await link(paying.payments)
    failed = await paying.pay(made.id, "card", "failed")
    tried = await paying.payments.get_link(made.id)
    assert (tried.status, tried.paid_minor, [one.id for one in tried.payments]) == ("created", 0, [failed])
    worked = await paying.pay(made.id, "upi")
    paid = await paying.payments.get_link(made.id)
    assert (paid.status, paid.paid_minor) == ("paid", 50_000)
    assert {one.id: (one.status, one.amount_minor, one.currency) for one in paid.payments} == {
        failed: ("failed", 50_000, "INR"),
        worked: ("captured", 50_000, "INR"),
    }
    order_id = paid.payments[0].order_id
    assert order_id is not None
    assert (await paying.payments.get_capture(worked)).order_id == order_id


async def test_a_cancelled_link_stays_cancelled(payments: Payments) -> None:
    made = await link(payments)
    for _ in range(2):
        await payments.cancel_link(made.id)
        assert (await payments.get_link(made.id)).status == "cancelled"
    assert (await link(payments)).status == "cancelled"


async def test_a_paid_link_stays_paid(paying: Paying) -> None:
    made = await link(paying.payments)
    await paying.pay(made.id)
    await paying.payments.cancel_link(made.id)
    assert (await paying.payments.get_link(made.id)).status == "paid"


async def test_a_refund_gives_back_a_part_then_the_rest(paying: Paying) -> None:
    payment_id = await captured(paying)
    part = await refund(paying.payments, payment_id, 50_000, "refund-0001")
    assert re.fullmatch(r"rfnd_[0-9A-Za-z]{14}", part.id)
    assert (part.payment_id, part.amount_minor) == (payment_id, 50_000)
    assert part.status in {"pending", "processed"}
    assert await paying.payments.get_refund(part.id) == part
    assert (await paying.payments.get_capture(payment_id)).status == "captured"
    rest = await refund(paying.payments, payment_id, 100_000, "refund-0002")
    assert rest.id != part.id
    assert (await paying.payments.get_capture(payment_id)).status == "refunded"
    assert (await paying.payments.get_capture(payment_id)).amount_minor == 150_000


async def test_the_same_key_is_the_same_refund(paying: Paying) -> None:
    payment_id = await captured(paying)
    first = await refund(paying.payments, payment_id, 100_000)
    again = await asyncio.gather(*(refund(paying.payments, payment_id, 100_000) for _ in range(20)))
    assert {one.id for one in again} == {first.id}
    await refused(refund(paying.payments, payment_id, 50_001, "refund-0002"))
    await refund(paying.payments, payment_id, 50_000, "refund-0003")


async def test_the_same_key_at_once_is_the_same_refund(paying: Paying) -> None:
    payment_id = await captured(paying)
    at_once = await asyncio.gather(*(refund(paying.payments, payment_id, 100_000) for _ in range(20)))
    assert len({one.id for one in at_once}) == 1


async def test_a_key_cannot_stand_for_another_refund(paying: Paying) -> None:
    payment_id = await captured(paying)
    first = await refund(paying.payments, payment_id, 50_000)
    await refused(refund(paying.payments, payment_id, 60_000))
    other = await paying.pay((await order(paying.payments, "appointment-8")).id)
    await refused(refund(paying.payments, other, 50_000))
    assert await refund(paying.payments, payment_id, 50_000) == first


async def test_refunds_at_once_never_give_back_more_than_was_paid(paying: Paying) -> None:
    payment_id = await captured(paying)
    asked = [refund(paying.payments, payment_id, 40_000, f"refund-{number:04}") for number in range(20)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    given = [one for one in results if isinstance(one, ProviderRefund)]
    assert (len(given), sum(one.amount_minor for one in given)) == (3, 120_000)
    assert all(one.permanent for one in results if isinstance(one, AdapterFailure))
    await refused(refund(paying.payments, payment_id, 30_001, "refund-last"))
    await refund(paying.payments, payment_id, 30_000, "refund-last")


async def test_only_what_was_captured_is_given_back(paying: Paying) -> None:
    made = await order(paying.payments)
    failed = await paying.pay(made.id, "upi", "failed")
    await refused(refund(paying.payments, failed, 1_000))


@pytest.mark.parametrize(
    "bad", [{"amount": 0}, {"amount": -5}, {"key": "short"}, {"key": "x" * 41}, {"key": "a key here"}]
)
async def test_a_refund_needs_an_amount_and_a_key(paying: Paying, bad: dict[str, int | str]) -> None:
    payment_id = await captured(paying)
    await refused(refund(paying.payments, payment_id, **({"amount": 1_000} | bad)))


@pytest.mark.parametrize(
    "body", ["00000000000000", "", "../../etc/passwd", "0000000000000/", "00000000000000\n", "é" * 14]
)
async def test_what_is_not_there_is_refused_for_good(payments: Payments, body: str) -> None:
    for call in (
        payments.list_captures(f"order_{body}"),
        payments.get_capture(f"pay_{body}"),
        payments.get_link(f"plink_{body}"),
        payments.cancel_link(f"plink_{body}"),
        payments.get_refund(f"rfnd_{body}"),
        refund(payments, f"pay_{body}", 1_000),
        payments.get_capture(f"order_{body}"),
    ):
        await refused(call)
