"""Random histories through the doors of the program: the books stay right, whatever is done in whatever order."""

import asyncio
import random

import pytest

from outpatient.models import Refund
from tests.appointments.wishes import booked
from tests.payments.paying import (
    PRICE,
    check_books,
    new_id,
    ordered,
    payment_entity,
    post_webhook,
    report,
    rows,
    status_of,
)

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("seed", range(12))
async def test_a_random_history_keeps_the_books(seed, http, outpatient, as_patient, as_admin, as_clinician):
    chance = random.Random(seed)
    made = (await booked(as_patient, as_clinician))["id"]
    order = await ordered(as_patient, made)
    which, known = {"appointmentId": made}, [new_id("pay")]
    cancelled = False

    async def capture():
        if chance.random() < 0.5:
            known.append(new_id("pay"))
        entity = payment_entity(order, chance.choice(known))
        name = chance.choice(("payment.captured", "payment.captured", "order.paid", "payment.failed"))
        return await post_webhook(http, outpatient, report(name, payment=entity), event_id=new_id("evt"))

    async def cash():
        return await as_admin.post("/receipts", {**which, "amount": chance.randint(1, 800), "method": "cash"})

    async def discount():
        return await as_admin.post("/discounts", {**which, "amount": chance.randint(1, 300), "reason": "Kind"})

    async def refund():
        return await as_admin.post("/refunds", {**which, "amount": chance.randint(1, 900), "reason": "Sorry"})

    async def deliver():
        await outpatient.worker.run_once()  # the sandbox knows none of these payments, so their refunds fail

    async def cancel():
        nonlocal cancelled
        if chance.random() < 0.2:
            cancelled = True
            await as_admin.patch(f"/appointments/{made}/cancel")

    for _ in range(12):
        does = chance.choices((capture, cash, discount, refund, deliver, cancel), k=chance.choice((1, 1, 2, 3)))
        answers = await asyncio.gather(*(one() for one in does if one is not deliver))
        assert all(answer is None or answer.status_code < 500 for answer in answers)
        if deliver in does:
            await deliver()
        payment = await check_books(outpatient, made)
        if cancelled:
            assert await status_of(outpatient, made) == "CANCELLED"
        elif payment.status == "PAID":
            assert await status_of(outpatient, made) == "CONFIRMED"
            assert payment.paid_minor - payment.refunded_minor >= PRICE - payment.discount_minor
    refunds = await rows(outpatient, Refund, payment_id=payment.id)
    assert all(refund.amount_minor > 0 for refund in refunds)
