"""`POST /payments/verify`: a checkout is believed when it is signed, for this order, and captured."""

import asyncio

import pytest

from outpatient.adapters.payments.port import Capture
from outpatient.core.errors import AdapterFailure
from outpatient.models import AuditEntry, PaymentOrder, Receipt
from tests.appointments.wishes import Elsewhere, booked, code_of, count, held, later, payment_of, shown
from tests.payments.paying import check_books, checkout, new_id, ordered, rows, status_of

pytestmark = pytest.mark.anyio


async def test_a_paid_checkout_makes_the_hold_firm(as_patient, as_clinician, outpatient):
    hold = await held(as_patient, as_clinician)
    body = checkout(outpatient, hold, await ordered(as_patient, hold))

    answer = await as_patient.post("/payments/verify", body)

    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "success": True,
        "message": "Payment verified successfully",
        "data": {"paymentId": body["razorpayPaymentId"], "status": "PAID", "amountRefunded": 0},
    }
    seen = await shown(as_patient, hold)
    assert (seen["status"], seen["expiresAt"], seen["paymentStatus"]) == ("CONFIRMED", None, "PAID")
    payment = await check_books(outpatient, hold)
    assert (payment.paid_minor, payment.transaction_id) == (150_000, body["razorpayPaymentId"])
    history = (await as_patient.get(f"/appointments/{hold}/history")).json()["data"]
    assert [entry["event"] for entry in history] == ["appointment.created", "appointment.confirmed"]


async def test_who_asked_for_the_order_and_who_showed_the_checkout_is_in_the_audit(
    as_front_desk, as_patient, as_clinician, outpatient
):
    made = (await booked(as_patient, as_clinician))["id"]
    order = await ordered(as_front_desk, made)
    await as_patient.post("/payments/verify", checkout(outpatient, made, order))

    payment = await payment_of(outpatient, made)
    noted = await rows(outpatient, AuditEntry, subject="payment", subject_id=payment.id)
    found = {(entry.action, entry.actor_id) for entry in noted}
    assert {("payment.order_created", as_front_desk.user_id), ("payment.verified", as_patient.user_id)} <= found


async def test_a_booking_of_the_staffs_is_firm_once_it_is_paid(as_front_desk, as_patient, as_clinician, outpatient):
    made = (await booked(as_front_desk, as_clinician, patientId=as_patient.patient_id))["id"]
    answer = await as_patient.post("/payments/verify", checkout(outpatient, made, await ordered(as_patient, made)))
    assert answer.json()["data"]["status"] == "PAID"
    assert await status_of(outpatient, made) == "CONFIRMED"


async def test_the_same_checkout_many_times_at_once_is_received_once(as_patient, as_clinician, outpatient):
    hold = await held(as_patient, as_clinician)
    body = checkout(outpatient, hold, await ordered(as_patient, hold))

    answers = await asyncio.gather(*(as_patient.post("/payments/verify", body) for _ in range(20)))

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["data"]["status"] for answer in answers} == {"PAID"}
    payment = await check_books(outpatient, hold)
    assert (payment.paid_minor, payment.refunded_minor) == (150_000, 0)


@pytest.mark.parametrize("name", ["razorpayOrderId", "razorpayPaymentId", "razorpaySignature"])
async def test_one_changed_letter_is_refused(as_patient, as_clinician, outpatient, name):
    hold = await held(as_patient, as_clinician)
    body = checkout(outpatient, hold, await ordered(as_patient, hold))
    body[name] = body[name][:-1] + ("0" if body[name][-1] != "0" else "1")
    refused = await as_patient.post("/payments/verify", body)
    assert (refused.status_code, code_of(refused)) == (400, "INVALID_SIGNATURE")
    assert await count(outpatient, Receipt, payment_id=(await payment_of(outpatient, hold)).id) == 0
    assert await status_of(outpatient, hold) == "PENDING"


async def test_an_order_pays_for_its_own_appointment_only(as_patient, as_clinician, make, outpatient):
    cheap, dear = await held(as_patient, as_clinician), await held(as_patient, as_clinician, "11:00")
    order = await ordered(as_patient, cheap)
    refused = await as_patient.post("/payments/verify", checkout(outpatient, dear, order))
    assert (refused.status_code, code_of(refused)) == (409, "PAYMENT_MISMATCH")

    elsewhere = await make.hospital()
    stranger, clinician = await make.patient(elsewhere), await make.clinician(elsewhere)
    theirs = await held(stranger, clinician)
    refused = await stranger.post("/payments/verify", checkout(outpatient, theirs, order))
    assert (refused.status_code, code_of(refused)) == (404, "NOT_FOUND")
    refused = await stranger.post("/payments/verify", checkout(outpatient, cheap, order))
    assert (refused.status_code, code_of(refused)) == (404, "NOT_FOUND")
    refused = await as_patient.post("/payments/verify", checkout(outpatient, cheap, new_id("order")))
    assert (refused.status_code, code_of(refused)) == (404, "NOT_FOUND")
    for appointment_id in (cheap, dear, theirs):
        assert await status_of(outpatient, appointment_id) == "PENDING"
        assert (await check_books(outpatient, appointment_id)).paid_minor == 0


async def test_a_late_checkout_revives_no_hold_and_goes_back(as_patient, as_clinician, outpatient, clock):
    hold = await held(as_patient, as_clinician)
    order = await ordered(as_patient, hold)
    await later(clock, as_patient, minutes=16)

    answer = await as_patient.post("/payments/verify", checkout(outpatient, hold, order))

    assert answer.json()["data"]["status"] == "REFUNDED"
    assert answer.json()["data"]["amountRefunded"] == 1500
    assert await status_of(outpatient, hold) == "CANCELLED"
    payment = await check_books(outpatient, hold)
    assert (payment.paid_minor, payment.refunded_minor) == (150_000, 150_000)


class Gateway:
    """A gateway that is no local ledger, and what it says of a payment."""

    provider, key_id = "razorpay", "rzp_test_x"

    def __init__(self, capture: Capture | None = None, *, permanent: bool = False) -> None:
        self.capture, self.permanent = capture, permanent

    async def get_capture(self, _payment_id):
        if self.capture is None:
            raise AdapterFailure("No answer.", permanent=self.permanent)
        if self.capture.status == "created":
            await asyncio.Event().wait()
        return self.capture

    async def close(self) -> None:
        """Nothing is open."""


SAID = {
    "lying about the order": ({"order_id": "order_of_somebody0"}, 409, "PAYMENT_MISMATCH"),
    "lying about the amount": ({"amount_minor": 100}, 409, "PAYMENT_MISMATCH"),
    "lying about the currency": ({"currency": "USD"}, 409, "PAYMENT_MISMATCH"),
    "failed": ({"status": "failed"}, 409, "PAYMENT_NOT_CAPTURED"),
    "only authorised": ({"status": "authorized"}, 502, "PAYMENT_UNCONFIRMED"),
    "slow": ({"status": "created"}, 502, "PAYMENT_UNCONFIRMED"),
    "captured": ({}, 200, None),
    "given back already": ({"status": "refunded"}, 200, None),
}


@pytest.mark.parametrize("said", SAID)
async def test_the_gateway_has_the_last_word(as_patient, as_clinician, outpatient, said, monkeypatch):
    monkeypatch.setattr("outpatient.payments.actions.proof.PROVIDER_SECONDS", 0.05)
    values, status, code = SAID[said]
    hold = await held(as_patient, as_clinician)
    order, payment = new_id("order"), await payment_of(outpatient, hold)
    async with outpatient.database.transaction() as tx:
        row = {"provider": "razorpay", "provider_order_id": order, "amount_minor": 150_000, "currency": "INR"}
        tx.session.add(PaymentOrder(hospital_id=payment.hospital_id, payment_id=payment.id, created_at=tx.now, **row))
    body = checkout(outpatient, hold, order)
    about = {"order_id": order, "amount_minor": 150_000, "currency": "INR", "status": "captured", **values}

    async with Elsewhere(outpatient, payments=Gateway(Capture(body["razorpayPaymentId"], **about))) as elsewhere:
        answer = await elsewhere.seen_by(as_patient).post("/payments/verify", body)

    assert answer.status_code == status, answer.text
    if code is None:
        assert await status_of(outpatient, hold) == "CONFIRMED"
    else:
        assert code_of(answer) == code
        assert await rows(outpatient, Receipt, payment_id=payment.id) == []
        assert await status_of(outpatient, hold) == "PENDING"


@pytest.mark.parametrize(("permanent", "status"), [(False, 502), (True, 409)])
async def test_without_its_word_nothing_is_received(as_patient, as_clinician, outpatient, permanent, status):
    hold = await held(as_patient, as_clinician)
    order, payment = new_id("order"), await payment_of(outpatient, hold)
    async with outpatient.database.transaction() as tx:
        row = {"provider": "razorpay", "provider_order_id": order, "amount_minor": 150_000, "currency": "INR"}
        tx.session.add(PaymentOrder(hospital_id=payment.hospital_id, payment_id=payment.id, created_at=tx.now, **row))
    async with Elsewhere(outpatient, payments=Gateway(permanent=permanent)) as elsewhere:
        answer = await elsewhere.seen_by(as_patient).post("/payments/verify", checkout(outpatient, hold, order))
    assert answer.status_code == status
    assert (await check_books(outpatient, hold)).paid_minor == 0
