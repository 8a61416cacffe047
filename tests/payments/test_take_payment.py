"""`POST /receipts` and `POST /discounts`: money at the desk, and what is asked less."""

import asyncio

import pytest
from sqlalchemy import delete, update

from outpatient.core.errors import Invalid
from outpatient.models import LedgerEntry, Receipt, StoredEvent
from tests.appointments.wishes import booked, code_of, details_of, held, later, payment_of
from tests.payments.paying import (
    PRICE,
    check_books,
    ordered,
    paid,
    payment_entity,
    post_webhook,
    report,
    rows,
    status_of,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def made(as_front_desk, as_patient, as_clinician) -> int:
    return (await booked(as_front_desk, as_clinician, patientId=as_patient.patient_id))["id"]


async def test_cash_for_all_that_is_due_makes_the_booking_firm(made, as_front_desk, outpatient):
    answer = await as_front_desk.post("/receipts", {"appointmentId": made, "method": "CASH", "reference": "slip 17"})

    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    assert (data["status"], data["amountPaid"], data["amountDue"], data["transactionId"]) == (
        "PAID",
        1500,
        0,
        "slip 17",
    )
    assert (data["receipt"]["amount"], data["receipt"]["paymentMethod"]) == (1500, "CASH")
    assert await status_of(outpatient, made) == "CONFIRMED"
    payment = await check_books(outpatient, made)
    entries = await rows(outpatient, LedgerEntry, payment_id=payment.id)
    assert [(entry.account, entry.amount_minor) for entry in entries] == [
        ("DESK", PRICE),
        ("PATIENT", -PRICE),
    ]
    assert {entry.entered_by for entry in entries} == {as_front_desk.user_id}
    assert {entry.entered_on.isoformat() for entry in entries} == {"2026-03-02"}


async def test_each_receipt_keeps_what_its_slip_says(made, as_front_desk):
    for amount, slip in ((500, "slip 17"), (400, None), (600, "slip 17")):
        body = {"appointmentId": made, "amount": amount, "method": "CASH", **({"reference": slip} if slip else {})}
        assert (await as_front_desk.post("/receipts", body)).status_code == 201
    payment = (await as_front_desk.get(f"/payments/{made}")).json()["data"]
    first, second, third = (receipt["transactionId"] for receipt in payment["receipts"])
    assert (first, third) == ("slip 17", "slip 17") and second.startswith("desk-")
    invoice = (await as_front_desk.get(f"/invoices/{payment['visitId']}")).json()["data"]
    assert [receipt["reference"] for receipt in invoice["receipts"]] == [first, second, third]


@pytest.mark.parametrize(
    ("said", "method"),
    [
        ("cash", "CASH"),
        ("Card", "CARD"),
        ("visa", "CARD"),
        ("MasterCard", "CARD"),
        ("UPI", "UPI"),
        ("bank transfer", "BANK_TRANSFER"),
        ("BANK_TRANSFER", "BANK_TRANSFER"),
    ],
)
async def test_methods_are_taken_in_any_case(made, as_front_desk, said, method):
    answer = await as_front_desk.post("/receipts", {"appointmentId": made, "method": said})
    assert answer.json()["data"]["paymentMethod"] == method


@pytest.mark.parametrize("method", ["cheque", "NETBANKING", "", 7, None])
async def test_other_methods_are_refused(made, as_front_desk, outpatient, method):
    refused = await as_front_desk.post("/receipts", {"appointmentId": made, "method": method})
    assert list(details_of(refused)) == ["method"]
    assert (await check_books(outpatient, made)).paid_minor == 0


async def test_parts_add_up_to_the_whole(made, as_front_desk, outpatient):
    which = {"visitId": (await payment_of(outpatient, made)).visit_id, "method": "card"}
    states = []
    for amount in (500, 999.5, None):
        body = which | ({"amount": amount} if amount else {})
        data = (await as_front_desk.post("/receipts", body)).json()["data"]
        states.append((data["status"], data["amountDue"], await status_of(outpatient, made)))
    assert states == [("PARTIALLY_PAID", 1000, "PENDING"), ("PARTIALLY_PAID", 0.5, "PENDING"), ("PAID", 0, "CONFIRMED")]
    await check_books(outpatient, made)


@pytest.mark.parametrize("amount", [0, -1, 1500.01, 3000, 1e12, "5", True])
async def test_more_than_is_due_or_no_amount_is_refused(made, as_front_desk, outpatient, amount):
    for path, more in (("/receipts", {"method": "cash"}), ("/discounts", {"reason": "Kind"})):
        refused = await as_front_desk.post(path, {"appointmentId": made, "amount": amount, **more})
        assert list(details_of(refused)) == ["amount"]
    payment = await check_books(outpatient, made)
    assert (payment.paid_minor, payment.discount_minor) == (0, 0)


async def test_one_payment_is_named(made, as_front_desk, outpatient):
    payment = await payment_of(outpatient, made)
    for which in ({}, {"paymentId": payment.id, "appointmentId": made}):
        assert (await as_front_desk.post("/receipts", {**which, "method": "cash"})).status_code == 400
    assert (await as_front_desk.post("/receipts", {"paymentId": payment.id, "method": "cash"})).status_code == 201


async def test_what_is_over_or_paid_takes_no_money(made, as_front_desk, as_patient, as_clinician, outpatient):
    await as_front_desk.patch(f"/appointments/{made}/cancel")
    settled = (await booked(as_patient, as_clinician))["id"]
    await paid(as_patient, outpatient, settled)
    for appointment_id, code in ((made, "PAYMENT_CLOSED"), (settled, "NOTHING_DUE")):
        for path, more in (("/receipts", {"method": "cash"}), ("/discounts", {"amount": 1, "reason": "Kind"})):
            refused = await as_front_desk.post(path, {"appointmentId": appointment_id, **more})
            assert (refused.status_code, code_of(refused)) == (409, code)


async def test_an_expired_hold_that_is_paid_at_the_desk_is_not_revived(
    as_patient, as_clinician, as_front_desk, outpatient, clock
):
    hold = await held(as_patient, as_clinician)
    await later(clock, as_front_desk, minutes=16)
    data = (await as_front_desk.post("/receipts", {"appointmentId": hold, "method": "cash"})).json()["data"]
    assert (data["status"], data["amountRefunded"]) == ("REFUNDED", 1500)
    assert [refund["status"] for refund in data["refunds"]] == ["PROCESSED"]
    assert await status_of(outpatient, hold) == "CANCELLED"
    await check_books(outpatient, hold)


async def test_who_may(make, hospital, as_clinician, as_patient, as_stranger, made):
    times = iter(["11:00", "11:30", "12:00", "12:30", "13:00", "13:30", "14:00", "14:30"])
    desk = await make.staff(hospital, "FRONT_DESK")

    async def take(who):
        one = (await booked(desk, as_clinician, next(times), patientId=as_patient.patient_id))["id"]
        return await who.post("/receipts", {"appointmentId": one, "method": "cash"})

    staff = {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK"}
    assert await make.who_may(hospital, take) == staff
    body = {"appointmentId": made, "amount": 1, "reason": "Kind"}
    assert await make.who_may(hospital, lambda who: who.post("/discounts", body)) == staff
    other_desk = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))
    for persona in (as_stranger, other_desk):
        for path, more in (("/receipts", {"method": "cash"}), ("/discounts", {"amount": 1, "reason": "Kind"})):
            refused = await persona.post(path, {"appointmentId": made, **more})
            assert (refused.status_code, code_of(refused)) == (404, "NOT_FOUND")


@pytest.mark.parametrize("amount", [None, 500])
async def test_the_same_key_takes_the_money_once(made, as_front_desk, outpatient, amount):
    body = {"appointmentId": made, "method": "cash", "amount": amount}
    key = {"Idempotency-Key": f"receipt-of-{made}"}
    answers = await asyncio.gather(*(as_front_desk.post("/receipts", body, headers=key) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    payment = await check_books(outpatient, made)
    assert payment.paid_minor == (PRICE if amount is None else 50_000)
    assert len(await rows(outpatient, Receipt, payment_id=payment.id)) == 1
    other = await as_front_desk.post("/receipts", {**body, "method": "upi"}, headers=key)
    assert (other.status_code, code_of(other)) == (422, "IDEMPOTENCY_MISMATCH")


async def test_of_fifty_desks_at_once_one_takes_all_of_it(made, as_front_desk, as_admin, outpatient):
    body = {"appointmentId": made, "method": "cash"}
    desks = (as_front_desk, as_admin)
    answers = await asyncio.gather(*(desks[number % 2].post("/receipts", body) for number in range(50)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
    assert (await check_books(outpatient, made)).paid_minor == PRICE


async def test_the_desk_and_the_gateway_at_once_keep_one_price(
    http, outpatient, as_front_desk, as_patient, as_clinician
):
    for round_number, time in enumerate(("10:00", "10:30", "11:00", "11:30", "12:00", "12:30")):
        made = (await booked(as_front_desk, as_clinician, time, patientId=as_patient.patient_id))["id"]
        order = await ordered(as_patient, made)
        webhook = post_webhook(http, outpatient, report("payment.captured", payment=payment_entity(order)))
        desk = as_front_desk.post("/receipts", {"appointmentId": made, "method": "cash"})
        calls = (webhook, desk) if round_number % 2 else (desk, webhook)
        answers = await asyncio.gather(*calls)
        assert {answer.status_code for answer in answers} <= {200, 201, 409}
        payment = await check_books(outpatient, made)
        assert (payment.status, payment.paid_minor - payment.refunded_minor) == ("PAID", PRICE)
        assert await status_of(outpatient, made) == "CONFIRMED"


async def test_a_discount_is_asked_no_more(made, as_front_desk, outpatient):
    body = {"appointmentId": made, "amount": 200.5, "reason": "Waited long"}
    answer = await as_front_desk.post("/discounts", body)
    assert answer.status_code == 201
    data = answer.json()["data"]
    assert (data["status"], data["discount"], data["amountDue"], data["amount"]) == ("PENDING", 200.5, 1299.5, 1500)
    data = (await as_front_desk.post("/receipts", {"appointmentId": made, "method": "upi"})).json()["data"]
    assert (data["status"], data["amountPaid"]) == ("PAID", 1299.5)
    payment = await check_books(outpatient, made)
    told = await rows(outpatient, StoredEvent, subject="payment", subject_id=payment.id)
    assert [event.name for event in told] == ["payment.discounted", "payment.received"]
    assert not any("Asha" in str(event.payload) for event in told)


async def test_a_discount_of_everything_pays_it(as_patient, as_clinician, as_front_desk, outpatient):
    hold = await held(as_patient, as_clinician)
    body, key = {"appointmentId": hold, "amount": 1500, "reason": "Staff family"}, {"Idempotency-Key": f"free-{hold}"}
    for _ in range(2):
        answer = await as_front_desk.post("/discounts", body, headers=key)
        assert (answer.status_code, answer.json()["data"]["status"]) == (201, "PAID")
    assert await status_of(outpatient, hold) == "CONFIRMED"
    await as_front_desk.patch(f"/appointments/{hold}/cancel")
    payment = await check_books(outpatient, hold)
    assert (payment.status, payment.paid_minor, payment.refunded_minor) == ("CANCELLED", 0, 0)


async def test_what_an_order_asked_for_is_too_much_after_a_discount(
    http, as_patient, as_clinician, as_front_desk, outpatient
):
    made = (await booked(as_patient, as_clinician))["id"]
    order = await ordered(as_patient, made)
    await as_front_desk.post("/discounts", {"appointmentId": made, "amount": 500, "reason": "Kind"})
    assert await ordered(as_patient, made, amount=1000) != order
    await post_webhook(http, outpatient, report("payment.captured", payment=payment_entity(order)))
    payment = await check_books(outpatient, made)
    assert (payment.status, payment.paid_minor, payment.refunded_minor) == ("PAID", PRICE, 50_000)


async def test_a_reason_is_asked_for(made, as_front_desk):
    for reason in (None, "", " ", "x" * 501):
        refused = await as_front_desk.post("/discounts", {"appointmentId": made, "amount": 1, "reason": reason})
        assert list(details_of(refused)) == ["reason"]


async def test_nobody_changes_the_books(made, as_front_desk, outpatient):
    await as_front_desk.post("/receipts", {"appointmentId": made, "method": "cash"})
    for change in (update(LedgerEntry).values(amount_minor=1), delete(LedgerEntry)):
        with pytest.raises(Invalid):
            async with outpatient.database.transaction() as tx:
                await tx.execute(change)
    await check_books(outpatient, made)
