"""The contract of the payments port; a vendor's adapter joins by one more fixture parameter."""

import asyncio
import re

import pytest

from outpatient.adapters.payments.local import LocalPayments
from outpatient.adapters.payments.port import Order, Payments
from outpatient.core.errors import AdapterFailure

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[LocalPayments])
def payments(request: pytest.FixtureRequest) -> Payments:
    adapter: Payments = request.param()
    return adapter


async def order(
    payments: Payments, receipt: str = "appointment-7", amount: int = 150_000, currency: str = "INR"
) -> Order:
    return await payments.create_order(amount_minor=amount, currency=currency, receipt=receipt, notes={"hospital": "1"})


async def test_an_order_says_what_was_asked(payments: Payments) -> None:
    made = await order(payments)
    assert re.fullmatch(r"order_[0-9A-Za-z]{14}", made.id)
    assert made == Order(made.id, 150_000, "INR", "created")


async def test_the_same_receipt_is_the_same_order(payments: Payments) -> None:
    assert len(set(await asyncio.gather(*(order(payments) for _ in range(20))))) == 1


async def test_other_receipts_are_other_orders(payments: Payments) -> None:
    made = [await order(payments, f"appointment-{number}") for number in range(200)]
    assert len({one.id for one in made}) == 200


@pytest.mark.parametrize("change", [{"amount": 1}, {"currency": "USD"}])
async def test_a_receipt_cannot_stand_for_another_amount(payments: Payments, change: dict[str, int | str]) -> None:
    first = await order(payments)
    with pytest.raises(AdapterFailure) as failure:
        await order(payments, **change)  # type: ignore[arg-type]
    assert failure.value.permanent
    assert await order(payments) == first


@pytest.mark.parametrize("bad", [{"amount": 0}, {"amount": -1}, {"receipt": ""}, {"receipt": "x" * 41}])
async def test_what_the_gateway_would_refuse_is_refused_for_good(payments: Payments, bad: dict[str, int | str]) -> None:
    with pytest.raises(AdapterFailure) as failure:
        await order(payments, **bad)  # type: ignore[arg-type]
    assert failure.value.permanent


async def test_a_restart_keeps_the_ids(payments: Payments) -> None:
    assert (await order(LocalPayments())).id == (await order(LocalPayments())).id
