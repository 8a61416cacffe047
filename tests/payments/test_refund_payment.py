"""`POST /refunds`: what was paid goes back, once, and never more than came in."""

import asyncio
import random
from contextvars import ContextVar

import pytest
from sqlalchemy import update

from outpatient.adapters.payments.port import ProviderRefund
from outpatient.core.errors import AdapterFailure
from outpatient.core.terms import PaymentMethod
from outpatient.models import Payment, Refund, StoredEvent
from outpatient.payments import actions
from outpatient.payments.actions import refund
from tests.appointments.wishes import at_once, booked, code_of, details_of, held, later, one, payment_of
from tests.payments.paying import PRICE, check_books, ordered, paid, rows, status_of

pytestmark = pytest.mark.anyio

WHY = {"reason": "The patient asked for it"}


@pytest.fixture
async def made(as_patient, as_clinician) -> int:
    """A paid appointment, by the sandbox's own payment, so that the sandbox can give it back."""
    return (await booked(as_patient, as_clinician))["id"]


@pytest.fixture
async def reference(made, as_patient, outpatient, http) -> str:
    """Pay it in the sandbox; answers the sandbox's payment id."""
    order = await ordered(as_patient, made)
    paid_there = await outpatient.adapters.payments.pay(order, "upi")
    body = {
        "razorpayOrderId": order,
        "razorpayPaymentId": paid_there.capture.id,
        "razorpaySignature": paid_there.checkout.signature,
        "appointmentId": made,
    }
    assert (await as_patient.post("/payments/verify", body)).json()["data"]["status"] == "PAID"
    return paid_there.capture.id


async def test_all_of_it_goes_back_through_the_provider(made, reference, as_front_desk, outpatient):
    answer = await as_front_desk.post("/refunds", {"appointmentId": made, **WHY})

    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    assert (data["status"], data["amountRefunded"], data["amountDue"]) == ("REFUNDED", 1500, 0)
    (asked,) = data["refunded"]
    assert (asked["amount"], asked["status"], asked["reason"]) == (1500, "PENDING", WHY["reason"])
    await outpatient.worker.run_once()
    row = await one(outpatient, Refund, id=asked["id"])
    assert row.status == "PROCESSED" and row.provider_refund_id.startswith("rfnd_")
    assert (await outpatient.adapters.payments.get_capture(reference)).status == "refunded"
    payment = await check_books(outpatient, made)
    assert payment.status == "REFUNDED"
    names = [event.name for event in await rows(outpatient, StoredEvent, subject="payment", subject_id=payment.id)]
    assert names == ["payment.received", "refund.requested", "refund.processed"]


async def test_cash_is_handed_over_at_once(made, as_front_desk, outpatient):
    which = {"appointmentId": made}
    await as_front_desk.post("/receipts", {**which, "method": "CASH"})
    data = (await as_front_desk.post("/refunds", {**which, "amount": 400.5, **WHY})).json()["data"]
    assert [(one["status"], one["amount"]) for one in data["refunded"]] == [("PROCESSED", 400.5)]
    assert (data["status"], data["amountRefunded"]) == ("PARTIALLY_REFUNDED", 400.5)
    await check_books(outpatient, made)


async def test_the_latest_receipts_go_back_first(made, as_front_desk, outpatient):
    which = {"appointmentId": made}
    for amount in (500, 600, 400):
        await as_front_desk.post("/receipts", {**which, "amount": amount, "method": "card"})
    data = (await as_front_desk.post("/refunds", {**which, "amount": 1100, **WHY})).json()["data"]
    assert [one["amount"] for one in data["refunded"]] == [400, 600, 100]
    assert [receipt["returned"] for receipt in data["receipts"]] == [100, 600, 400]
    await check_books(outpatient, made)


async def test_more_than_is_kept_or_nothing_at_all_is_refused(made, as_front_desk, outpatient):
    which = {"appointmentId": made}
    refused = await as_front_desk.post("/refunds", {**which, **WHY})
    assert (refused.status_code, code_of(refused)) == (409, "NOTHING_TO_REFUND")
    await as_front_desk.post("/receipts", {**which, "method": "upi"})
    for amount in (0, 1500.01, 3000, 1e8):
        refused = await as_front_desk.post("/refunds", {**which, "amount": amount, **WHY})
        assert list(details_of(refused)) == ["amount"]
    for body in ({**which, "amount": 1}, {**which, "reason": " "}, {**which, "reason": "x" * 501}):
        assert list(details_of(await as_front_desk.post("/refunds", body))) == ["reason"]
    assert (await check_books(outpatient, made)).refunded_minor == 0


async def test_who_may(made, as_front_desk, make, hospital, as_patient, as_clinician, as_stranger):
    await as_front_desk.post("/receipts", {"appointmentId": made, "method": "cash"})
    may = await make.who_may(hospital, lambda who: who.post("/refunds", {"appointmentId": made, "amount": 1, **WHY}))
    assert may == {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK"}
    other_desk = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))
    for persona in (as_stranger, other_desk):
        refused = await persona.post("/refunds", {"appointmentId": made, **WHY})
        assert (refused.status_code, code_of(refused)) == (404, "NOT_FOUND")
        assert (await persona.get("/refunds")).json()["data"] == []
    seen = (await as_clinician.get("/refunds", params={"status": "processed"})).json()
    assert (len(seen["data"]), seen["meta"]["total"]) == (5, 5)
    assert (await as_patient.get("/refunds")).status_code == 403


async def test_the_same_key_gives_back_once(made, as_front_desk, outpatient):
    await as_front_desk.post("/receipts", {"appointmentId": made, "method": "cash"})
    body, key = {"appointmentId": made, "amount": 500, **WHY}, {"Idempotency-Key": f"refund-of-{made}"}
    answers = await asyncio.gather(*(as_front_desk.post("/refunds", body, headers=key) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["data"]["refunded"][0]["id"] for answer in answers}) == 1
    other = await as_front_desk.post("/refunds", {**body, "amount": 1}, headers=key)
    assert (other.status_code, code_of(other)) == (422, "IDEMPOTENCY_MISMATCH")
    assert (await check_books(outpatient, made)).refunded_minor == 50_000


@pytest.mark.parametrize("is_cash", [True, False])
async def test_of_a_hundred_full_refunds_at_once_one_succeeds(made, as_admin, as_patient, outpatient, is_cash):
    if is_cash:
        await as_admin.post("/receipts", {"appointmentId": made, "method": "cash"})
    else:
        await paid(as_patient, outpatient, made)
    body = {"appointmentId": made, **WHY}
    assert await at_once(*(as_admin.post("/refunds", body) for _ in range(100))) == {201: 1, 409: 99}
    payment = await check_books(outpatient, made)
    assert (payment.status, payment.refunded_minor) == ("REFUNDED", PRICE)
    assert len(await rows(outpatient, Refund, payment_id=payment.id)) == 1


async def test_without_its_guards_the_same_race_gives_back_many_times(made, as_admin, outpatient, monkeypatch):
    """The negative control: the same action, without lock and without comparing with what was looked at."""
    await as_admin.post("/receipts", {"appointmentId": made, "method": "cash"})
    payment, everybody_has_looked = await payment_of(outpatient, made), asyncio.Barrier(5)
    look, seen = refund.get_account, ContextVar("seen")

    async def as_seen(_tx, _actor, **_which):
        return seen.get()

    async def write_over(tx, payment, *, refunded):
        sums = {"refunded_minor": payment.refunded_minor + refunded, "status": "REFUNDED"}
        await tx.execute(update(Payment).where(Payment.id == payment.id).values(**sums))

    async def let_go(_tx, _receipt, _amount):
        """Nobody asks whether so much is left of the receipt."""

    for guard, instead in (("get_account", as_seen), ("change_sums", write_over), ("_take_from", let_go)):
        monkeypatch.setattr(refund, guard, instead)

    async def give_back():
        async with outpatient.database.reading() as tx:
            seen.set(await look(tx, None, payment_id=payment.id))
        await everybody_has_looked.wait()
        async with outpatient.database.transaction() as tx:
            await refund.refund_payment(tx, actor=None, payment_id=payment.id, amount_minor=None, reason="Sorry")

    await asyncio.gather(*(give_back() for _ in range(5)))
    given = await rows(outpatient, Refund, payment_id=payment.id)
    assert sum(one.amount_minor for one in given) == 5 * PRICE  # so the race is there to be lost


async def test_random_parallel_refunds_never_exceed_what_was_paid(made, as_admin, outpatient):
    chance = random.Random(20260302)
    for amount in (700, 500, 300):
        await as_admin.post("/receipts", {"appointmentId": made, "amount": amount, "method": "cash"})
    amounts = [chance.randint(1, 40_000) / 100 for _ in range(40)]
    calls = (as_admin.post("/refunds", {"appointmentId": made, "amount": amount, **WHY}) for amount in amounts)
    answers = await asyncio.gather(*calls)
    payment = await check_books(outpatient, made)
    given = sum(round(amount * 100) for amount, answer in zip(amounts, answers, strict=True) if answer.is_success)
    assert payment.refunded_minor == given <= PRICE
    assert {answer.status_code for answer in answers} <= {201, 400, 409}


class Gateway:
    """A gateway that gives back, or does not."""

    provider, key_id = "local", "rzp_test_local"

    def __init__(self, says: str) -> None:
        self.says, self.asked = says, []

    async def refund(self, *, payment_id, amount_minor, key, notes):
        self.asked.append(key)
        if self.says == "away":
            raise AdapterFailure("No answer.")
        if self.says == "refuses":
            raise AdapterFailure("Not refundable.", permanent=True)
        if self.says == "lies":
            return ProviderRefund("rfnd_00000000000001", payment_id, amount_minor + 1, "processed")
        return ProviderRefund(f"rfnd_{key[-10:]}{self.says[:4]}", payment_id, amount_minor, self.says)

    async def get_refund(self, refund_id):
        raise AdapterFailure("No answer.")

    async def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    ("says", "status", "refunded"),
    [
        ("processed", "PROCESSED", PRICE),
        ("pending", "PENDING", PRICE),
        ("failed", "FAILED", 0),
        ("refuses", "FAILED", 0),
        ("away", "PENDING", PRICE),
        ("lies", "PENDING", PRICE),
    ],
)
async def test_what_the_gateway_says_decides(made, as_patient, as_admin, outpatient, says, status, refunded):
    await paid(as_patient, outpatient, made)
    (asked,) = (await as_admin.post("/refunds", {"appointmentId": made, **WHY})).json()["data"]["refunded"]
    gateway = Gateway(says)
    for _ in range(2):
        await settle(outpatient, gateway, asked["id"])
    row = await one(outpatient, Refund, id=asked["id"])
    payment = await check_books(outpatient, made)
    assert (row.status, payment.refunded_minor) == (status, refunded)
    assert len(set(gateway.asked)) == 1  # always under one key
    if status == "FAILED":
        assert payment.status == "PAID"
        assert row.last_error
        again = (await as_admin.post("/refunds", {"appointmentId": made, **WHY})).json()["data"]
        assert [one["status"] for one in again["refunds"]] == ["FAILED", "PENDING"]


async def settle(outpatient, gateway, refund_id):
    """What the delivery of `refund.requested` does."""
    try:
        await actions.send_refund(outpatient.database, gateway, refund_id)
    except AdapterFailure:
        return


async def test_a_lost_answer_does_not_give_back_twice(made, reference, as_admin, outpatient):
    """The provider did it, and the answer was lost: asked again under the same key it is the same refund."""
    (asked,) = (await as_admin.post("/refunds", {"appointmentId": made, "amount": 500, **WHY})).json()["data"][
        "refunded"
    ]
    row, sandbox = await one(outpatient, Refund, id=asked["id"]), outpatient.adapters.payments
    key = refund.refund_key(row)
    done = await sandbox.refund(payment_id=reference, amount_minor=50_000, key=key, notes={})
    await outpatient.worker.run_once()
    assert (await one(outpatient, Refund, id=row.id)).provider_refund_id == done.id
    assert (await check_books(outpatient, made)).refunded_minor == 50_000


# ── cancelling what was paid ──


async def test_who_is_cancelled_by_staff_gets_all_of_it(as_patient, as_front_desk, as_clinician, outpatient, make):
    made = await held(as_patient, as_clinician)
    await paid(as_patient, outpatient, made)
    await as_front_desk.patch(f"/appointments/{made}/cancel", {"reason": "The doctor is ill"})
    payment = await check_books(outpatient, made)
    assert (payment.status, payment.refunded_minor) == ("REFUNDED", PRICE)
    (row,) = await rows(outpatient, Refund, payment_id=payment.id)
    assert row.reason == "The doctor is ill"


@pytest.mark.parametrize(
    ("terms", "hours", "back"),
    [
        ({}, 0, PRICE),
        ({"full_refund_notice_minutes": 24 * 60}, 0, PRICE),
        ({"full_refund_notice_minutes": 24 * 60, "late_refund_percent": 50}, 2, PRICE // 2),
        ({"full_refund_notice_minutes": 24 * 60, "late_refund_percent": 33}, 2, 49_500),
        ({"full_refund_notice_minutes": 24 * 60}, 2, 0),
    ],
)
async def test_a_patient_gets_what_the_hospitals_rules_say(make, outpatient, clock, terms, hours, back):
    hospital = await make.hospital(**terms)
    patient, clinician = await make.patient(hospital), await make.clinician(hospital)
    made = await held(patient, clinician)  # tomorrow at ten, and it is nine o'clock
    await paid(patient, outpatient, made)
    if hours:
        await later(clock, patient, hours=hours)
    assert (await patient.post(f"/booking/{made}/cancel")).status_code == 200
    payment = await check_books(outpatient, made)
    assert payment.refunded_minor == back
    answer = (await patient.get(f"/payments/{made}")).json()["data"]
    assert (answer["amountDue"], answer["amountRefunded"]) == (0, back / 100)


async def test_no_show_and_completed_keep_the_money(as_patient, as_admin, as_clinician, outpatient, clock):
    for time, road in (("09:00", "NO_SHOW"), ("09:30", "COMPLETED")):
        made = (await booked(as_patient, as_clinician, time, "2026-03-02"))["id"]
        await paid(as_patient, outpatient, made)
        if road == "NO_SHOW":
            answer = await as_admin.put(f"/appointments/{made}", {"status": "NO_SHOW"})
        else:
            answer = await as_clinician.patch(f"/appointments/{made}/complete")
        assert answer.status_code == 200, answer.text
        payment = await check_books(outpatient, made)
        assert (payment.status, payment.refunded_minor) == ("PAID", 0)


async def test_an_appointment_whose_money_went_back_is_not_reopened(as_patient, as_admin, as_clinician, outpatient):
    made = await booked(as_patient, as_clinician)
    await paid(as_patient, outpatient, made["id"])
    seen = (await as_admin.get(f"/appointments/{made['id']}")).json()["data"]
    await as_admin.patch(f"/appointments/{made['id']}/cancel")
    refused = await as_admin.post(f"/visits/{seen['visitId']}/undo")
    assert (refused.status_code, code_of(refused)) == (409, "MONEY_WENT_BACK")
    assert await status_of(outpatient, made["id"]) == "CANCELLED"


async def test_a_walk_in_who_leaves_unseen_gets_his_money_back(make, hospital, as_front_desk, as_clinician, outpatient):
    body = {"patientId": await make.record(hospital), "doctorId": as_clinician.clinician_id}
    visit = (await as_front_desk.post("/visits", body)).json()["data"]
    taken = await as_front_desk.post("/receipts", {"visitId": visit["id"], "method": PaymentMethod.CASH})
    assert taken.json()["data"]["status"] == "PAID"
    assert (await as_front_desk.post(f"/visits/{visit['id']}/cancel", {"reason": "Had to go"})).status_code == 200
    (paid_back,) = (await as_front_desk.get("/payments", params={"patientId": body["patientId"]})).json()["data"]
    assert (paid_back["status"], paid_back["amountRefunded"]) == ("REFUNDED", 1500)
