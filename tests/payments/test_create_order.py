"""`POST /payments/create-order`: an order for exactly what is due."""

import asyncio

import pytest

from outpatient.adapters.payments.port import Order
from outpatient.core.errors import AdapterFailure
from tests.appointments.wishes import Elsewhere, booked, code_of, details_of, held
from tests.payments.paying import orders_of, paid, status_of

pytestmark = pytest.mark.anyio


async def test_the_seeds_request_gets_the_seeds_answer(as_patient, as_clinician, outpatient):
    made = (await booked(as_patient, as_clinician))["id"]

    answer = await as_patient.post("/payments/create-order", {"appointmentId": made, "amount": 1500})

    assert answer.status_code == 200, answer.text
    (order,) = await orders_of(outpatient, made)
    assert answer.json() == {
        "success": True,
        "data": {
            "orderId": order.provider_order_id,
            "amount": 1500,
            "currency": "INR",
            "razorpayKeyId": "rzp_test_local",
        },
    }
    assert (order.amount_minor, order.currency, order.closed_at) == (150_000, "INR", None)


async def test_the_same_order_is_given_again(as_patient, as_clinician, outpatient):
    made = (await booked(as_patient, as_clinician))["id"]
    answers = [await as_patient.post("/payments/create-order", {"appointmentId": made}) for _ in range(3)]
    assert len({answer.json()["data"]["orderId"] for answer in answers}) == 1
    assert len(await orders_of(outpatient, made)) == 1


async def test_asked_for_twenty_times_at_once_there_is_one_order(as_patient, as_clinician, outpatient):
    made = (await booked(as_patient, as_clinician))["id"]
    body = {"appointmentId": made}
    answers = await asyncio.gather(*(as_patient.post("/payments/create-order", body) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["data"]["orderId"] for answer in answers}) == 1
    assert len(await orders_of(outpatient, made)) == 1


async def test_a_holds_own_order_is_the_order(as_patient, as_clinician, outpatient):
    hold = await held(as_patient, as_clinician)
    answer = await as_patient.post("/payments/create-order", {"appointmentId": hold, "amount": 1500})
    (order,) = await orders_of(outpatient, hold)
    assert answer.json()["data"]["orderId"] == order.provider_order_id


@pytest.mark.parametrize("amount", [0, 1, 1499.99, 1500.01, 3000])
async def test_the_client_does_not_choose_the_amount(as_patient, as_clinician, outpatient, amount):
    made = (await booked(as_patient, as_clinician))["id"]
    refused = await as_patient.post("/payments/create-order", {"appointmentId": made, "amount": amount})
    assert details_of(refused) == {"amount": "The amount due is 1500"}
    assert await orders_of(outpatient, made) == []


@pytest.mark.parametrize("amount", [-1, 1e12, 1500.001, "1500", True, None, [1]])
async def test_what_is_no_amount_is_refused(as_patient, as_clinician, outpatient, amount):
    made = (await booked(as_patient, as_clinician))["id"]
    refused = await as_patient.post("/payments/create-order", {"appointmentId": made, "amount": amount})
    if amount is None:  # it was not named
        assert refused.status_code == 200
    else:
        assert list(details_of(refused)) == ["amount"]
        assert await orders_of(outpatient, made) == []


async def test_only_who_may_see_the_appointment_gets_an_order(
    as_patient, as_clinician, as_front_desk, make, hospital, as_stranger, as_nobody
):
    made = (await booked(as_patient, as_clinician))["id"]
    other_clinician, other_patient = await make.clinician(hospital), await make.patient(hospital, "Other")
    other_desk = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))
    body = {"appointmentId": made}
    for persona in (other_clinician, other_patient, other_desk, as_stranger):
        refused = await persona.post("/payments/create-order", body)
        assert (refused.status_code, code_of(refused)) == (404, "NOT_FOUND")
    for persona in (as_patient, as_clinician, as_front_desk):
        assert (await persona.post("/payments/create-order", body)).status_code == 200
    assert (await as_nobody.post("/payments/create-order", body)).status_code == 401


async def test_what_is_paid_cancelled_or_free_needs_no_order(as_patient, as_clinician, make, hospital, outpatient):
    settled = (await booked(as_patient, as_clinician))["id"]
    await paid(as_patient, outpatient, settled)
    gone = (await booked(as_patient, as_clinician, "11:00"))["id"]
    await as_patient.patch(f"/appointments/{gone}/cancel")
    free = (await booked(as_patient, await make.clinician(hospital, fee_minor=0)))["id"]
    for appointment_id, code in ((settled, "NOTHING_DUE"), (gone, "PAYMENT_CLOSED"), (free, "NOTHING_DUE")):
        refused = await as_patient.post("/payments/create-order", {"appointmentId": appointment_id})
        assert (refused.status_code, code_of(refused)) == (409, code)


class Gateway:
    """A payment gateway in some kind of trouble."""

    provider, key_id = "local", "rzp_test_local"

    def __init__(self, trouble: str) -> None:
        self.trouble = trouble

    async def create_order(self, **_asked):
        if self.trouble == "down":
            raise AdapterFailure("The gateway is away.")
        if self.trouble == "slow":
            await asyncio.Event().wait()
        return Order("order_00000000000000", 1, "INR", "created")

    async def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("trouble", ["down", "slow", "lying"])
async def test_without_the_gateway_nothing_is_kept(as_patient, as_clinician, outpatient, trouble, monkeypatch):
    monkeypatch.setattr("outpatient.payments.actions.order.PROVIDER_SECONDS", 0.05)
    made = (await booked(as_patient, as_clinician))["id"]
    async with Elsewhere(outpatient, payments=Gateway(trouble)) as elsewhere:
        refused = await elsewhere.seen_by(as_patient).post("/payments/create-order", {"appointmentId": made})
    assert (refused.status_code, code_of(refused)) == (502, "PAYMENT_FAILED")
    assert await orders_of(outpatient, made) == []
    assert await status_of(outpatient, made) == "PENDING"
