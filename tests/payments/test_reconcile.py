"""What the provider did not tell us is asked of it, ever more seldom, for three days."""

import pytest
from sqlalchemy import update

from outpatient.adapters.payments.port import ProviderRefund
from outpatient.core.errors import AdapterFailure
from outpatient.models import PaymentLink, PaymentOrder, Receipt, Refund
from outpatient.payments import actions
from tests.appointments.wishes import booked, held, later, one, payment_of
from tests.payments.paying import PRICE, check_books, ordered, paid, rows, status_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def made(as_patient, as_clinician) -> int:
    return (await booked(as_patient, as_clinician))["id"]


async def test_a_capture_whose_webhook_was_lost_is_found(made, as_patient, outpatient, clock):
    order = await ordered(as_patient, made)
    await outpatient.adapters.payments.pay(order, "upi")
    await outpatient.worker.run_once()
    assert (await payment_of(outpatient, made)).status == "PENDING"  # the webhook may still come
    await later(clock, minutes=2)
    await outpatient.worker.run_once()
    payment = await check_books(outpatient, made)
    assert (payment.status, payment.method) == ("PAID", "UPI")
    assert await status_of(outpatient, made) == "CONFIRMED"
    assert (await one(outpatient, PaymentOrder, provider_order_id=order)).closed_at is not None


async def test_one_that_comes_too_late_for_its_hold_goes_back(as_patient, as_clinician, outpatient, clock):
    hold = await held(as_patient, as_clinician)
    await outpatient.adapters.payments.pay(await ordered(as_patient, hold), "upi")
    await later(clock, minutes=16)
    await outpatient.worker.run_once()
    payment = await check_books(outpatient, hold)
    assert (payment.status, payment.refunded_minor) == ("REFUNDED", PRICE)
    assert await status_of(outpatient, hold) == "CANCELLED"
    (refund,) = await rows(outpatient, Refund, payment_id=payment.id)
    assert refund.status == "PROCESSED"


async def test_a_paid_link_whose_webhook_was_lost_is_found(made, as_front_desk, outpatient, clock):
    link = (await as_front_desk.post("/payments/create-link", {"appointmentId": made})).json()["data"]["paymentLinkId"]
    await outpatient.adapters.payments.pay(link, "card")
    await later(clock, minutes=2)
    await outpatient.worker.run_once()
    assert (await check_books(outpatient, made)).status == "PAID"
    assert (await one(outpatient, PaymentLink, provider_link_id=link)).closed_at is not None


async def test_a_link_that_expired_is_closed(made, as_front_desk, outpatient, clock):
    link = (await as_front_desk.post("/payments/create-link", {"appointmentId": made})).json()["data"]["paymentLinkId"]
    await later(clock, hours=25)
    await outpatient.worker.run_once()
    assert (await one(outpatient, PaymentLink, provider_link_id=link)).closed_at is not None
    assert (await payment_of(outpatient, made)).status == "PENDING"


class Gateway:
    """A gateway that counts what it is asked."""

    provider, key_id = "counting", "rzp_test_local"

    def __init__(self) -> None:
        self.asked, self.refunds, self.is_away = [], [], True

    async def list_captures(self, order_id):
        self.asked.append(order_id)
        if self.is_away:
            raise AdapterFailure("No answer.")
        return []

    async def refund(self, *, payment_id, amount_minor, key, notes):
        return ProviderRefund("rfnd_x", payment_id, amount_minor, "pending")

    async def get_refund(self, refund_id):
        self.refunds.append(refund_id)
        raise AdapterFailure("No answer.")


@pytest.mark.parametrize("is_away", [True, False])
async def test_it_is_asked_ever_more_seldom_and_given_up_after_three_days(made, outpatient, clock, is_away):
    payment, gateway = await payment_of(outpatient, made), Gateway()
    gateway.is_away = is_away
    name = f"order_{payment.id}_{is_away}"
    async with outpatient.database.transaction() as tx:
        order = PaymentOrder(hospital_id=payment.hospital_id, payment_id=payment.id, created_at=tx.now)
        order.provider, order.provider_order_id, order.amount_minor, order.currency = "counting", name, PRICE, "INR"
        tx.session.add(order)
    hours = []
    for hour in range(80):
        before = len(gateway.asked)
        for minutes in [2] * 30 if hour < 3 else [60]:  # later on, a look an hour is enough to see it
            clock.advance(minutes=minutes)
            await actions.ask_about_orders(outpatient.database, gateway)
        hours.append(len(gateway.asked) - before)
    assert hours[:3] == [11, 6, 1]
    assert 3 <= sum(hours[24:48]) <= 5
    assert (sum(hours[72:]), sum(hours[79:])) == (1, 0)
    assert (await one(outpatient, PaymentOrder, provider_order_id=name)).closed_at is not None


async def test_what_the_provider_never_heard_of_is_given_up_at_once(made, outpatient, clock, as_patient):
    payment = await payment_of(outpatient, made)
    async with outpatient.database.transaction() as tx:
        order = PaymentOrder(hospital_id=payment.hospital_id, payment_id=payment.id, created_at=tx.now)
        order.provider, order.provider_order_id = "local", f"order_{payment.id:014d}"
        order.amount_minor, order.currency = PRICE, "INR"
        tx.session.add(order)
    await later(clock, minutes=2)
    await outpatient.worker.run_once()
    assert (await one(outpatient, PaymentOrder, id=order.id)).closed_at is not None


async def test_a_pending_refund_is_asked_about_until_it_is_known(made, as_patient, as_front_desk, outpatient, clock):
    order = await ordered(as_patient, made)
    done = await outpatient.adapters.payments.pay(order, "upi")
    body = {
        "razorpayOrderId": order,
        "razorpayPaymentId": done.capture.id,
        "razorpaySignature": done.checkout.signature,
        "appointmentId": made,
    }
    await as_patient.post("/payments/verify", body)
    data = (await as_front_desk.post("/refunds", {"appointmentId": made, "reason": "Sorry"})).json()["data"]
    refund_id = data["refunded"][0]["id"]
    await later(clock, minutes=3)  # the delivery was lost, say
    await actions.ask_about_refunds(outpatient.database, outpatient.adapters.payments)
    assert (await one(outpatient, Refund, id=refund_id)).status == "PROCESSED"
    await check_books(outpatient, made)


async def test_many_refunds_that_stay_pending_all_have_their_turn(made, as_admin, outpatient, clock):
    """Whoever has waited longest for a look is next; an old one that never ends does not keep the newer from theirs."""
    amounts = [1 + number for number in range(25)]
    for amount in amounts:
        body = {"appointmentId": made, "amount": amount, "method": "CASH"}
        assert (await as_admin.post("/receipts", body)).status_code == 201
    assert (await as_admin.post("/refunds", {"appointmentId": made, "reason": "Sorry"})).status_code == 201
    async with outpatient.database.transaction() as tx:  # as if they had come through this gateway
        payment = await payment_of(outpatient, made)
        await tx.execute(update(Receipt).where(Receipt.payment_id == payment.id).values(provider="counting"))
        pending = {"status": "PENDING", "settled_at": None, "provider_refund_id": "rfnd_x"}
        await tx.execute(update(Refund).where(Refund.payment_id == payment.id).values(**pending))
    gateway = Gateway()
    for _ in range(2):
        clock.advance(minutes=3)
        await actions.ask_about_refunds(outpatient.database, gateway)
    looks = [refund.checked_at for refund in await rows(outpatient, Refund, payment_id=payment.id)]
    assert len(looks) == 25 and None not in looks
    assert len(gateway.refunds) == 40


async def test_another_providers_refund_is_left_alone(made, as_patient, as_front_desk, outpatient, clock):
    await paid(as_patient, outpatient, made)
    data = (await as_front_desk.post("/refunds", {"appointmentId": made, "reason": "Sorry"})).json()["data"]
    await later(clock, minutes=3)
    gateway = Gateway()
    await actions.ask_about_refunds(outpatient.database, gateway)
    await actions.send_refund(outpatient.database, gateway, data["refunded"][0]["id"])
    assert gateway.refunds == []
    assert (await one(outpatient, Refund, id=data["refunded"][0]["id"])).status == "PENDING"
