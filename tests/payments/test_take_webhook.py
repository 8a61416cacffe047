"""`POST /payments/webhook`: genuine or nothing, each once, in any order, and only if it fits what we asked for."""

import asyncio
import json
from itertools import permutations

import pytest

from outpatient.adapters.payments.signatures import sign_webhook
from outpatient.models import Receipt, Refund, StoredEvent, WebhookEvent
from tests.appointments.wishes import booked, code_of, held, later, one, payment_of
from tests.payments.paying import (
    PRICE,
    captured,
    check_books,
    count_events,
    new_id,
    ordered,
    paid,
    payment_entity,
    post_webhook,
    report,
    rows,
    status_of,
)
from tests.signing import DOCUMENTED, program_like

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hold(as_patient, as_clinician) -> int:
    return await held(as_patient, as_clinician)


@pytest.fixture
async def order(hold, as_patient) -> str:
    return await ordered(as_patient, hold)


async def test_a_captured_payment_makes_the_hold_firm(http, outpatient, hold, order):
    body = report("payment.captured", payment=payment_entity(order, notes={"appointmentId": str(hold)}))

    answer = await post_webhook(http, outpatient, body, event_id="evt_1" + order)

    assert answer.status_code == 200
    assert answer.json() == {"success": True, "data": {"outcome": "received"}}
    payment = await check_books(outpatient, hold)
    assert (payment.status, payment.method, payment.paid_minor) == ("PAID", "UPI", PRICE)
    assert await status_of(outpatient, hold) == "CONFIRMED"
    kept = await one(outpatient, WebhookEvent, event_id="evt_1" + order)
    assert (kept.name, kept.outcome) == ("payment.captured", "received")


async def test_the_seeds_example_is_taken_as_it_is_written(http, outpatient, hold, order):
    entity = {"id": "pay_abc" + order[-6:], "order_id": order, "status": "captured"}
    body = json.dumps({"event": "payment.captured", "payload": {"payment": {"entity": entity}}}).encode()
    assert (await post_webhook(http, outpatient, body)).json()["data"]["outcome"] == "received"
    assert (await check_books(outpatient, hold)).paid_minor == PRICE


async def test_nobody_needs_to_be_signed_in_and_nobody_is_locked_out(outpatient, hold, order):
    async with program_like(outpatient, **DOCUMENTED) as (_, client):
        for _ in range(110):
            body = report("payment.authorized", payment=payment_entity(order))
            answer = await post_webhook(client, outpatient, body)
        assert answer.status_code == 200
        assert "x-ratelimit-limit" not in answer.headers


async def test_a_forged_message_is_refused_and_not_kept(http, outpatient, hold, order):
    body, before = report("payment.captured", payment=payment_entity(order)), await count_events(outpatient)
    for signature in ("x", "0" * 64, sign_webhook("another secret", body), sign_webhook("x", b"")[:63]):
        refused = await post_webhook(http, outpatient, body, signature=signature)
        assert (refused.status_code, code_of(refused)) == (400, "INVALID_SIGNATURE")
    unsigned = await http.post("/api/payments/webhook", content=body)
    assert (unsigned.status_code, code_of(unsigned)) == (400, "INVALID_SIGNATURE")
    assert await count_events(outpatient) == before
    assert (await check_books(outpatient, hold)).paid_minor == 0


async def test_every_flipped_bit_of_body_or_signature_is_refused(http, outpatient, hold, order):
    body, before = report("payment.captured", payment=payment_entity(order)), await count_events(outpatient)
    signature = sign_webhook(outpatient.settings.webhook_secret, body)
    answers = set()
    for bit in range(0, len(body) * 8, 7):  # every byte, and every place in one
        flipped = bytearray(body)
        flipped[bit // 8] ^= 1 << bit % 8
        answers.add((await post_webhook(http, outpatient, bytes(flipped), signature=signature)).status_code)
    for bit in range(len(signature) * 7):
        letters = bytearray(signature.encode())
        letters[bit // 7] ^= 1 << bit % 7
        if any(letter < 33 or letter > 126 for letter in letters):
            continue  # no header may hold that
        answers.add((await post_webhook(http, outpatient, body, signature=letters.decode())).status_code)
    assert answers == {400}
    assert await count_events(outpatient) == before
    assert (await check_books(outpatient, hold)).paid_minor == 0


async def test_a_giant_message_is_not_read(http, outpatient):
    body = b" " * (256 * 1024 + 1)
    assert (await post_webhook(http, outpatient, body)).status_code == 413


@pytest.mark.parametrize("event_id", ["evt_parallel", None])
async def test_one_message_a_hundred_times_at_once_has_one_effect(http, outpatient, hold, order, event_id):
    body = report("payment.captured", payment=payment_entity(order))
    event_id = event_id and event_id + order

    answers = await asyncio.gather(*(post_webhook(http, outpatient, body, event_id=event_id) for _ in range(100)))

    assert {answer.status_code for answer in answers} == {200}
    outcomes = [answer.json()["data"]["outcome"] for answer in answers]
    assert (outcomes.count("received"), outcomes.count("duplicate")) == (1, 99)
    payment = await check_books(outpatient, hold)
    assert (payment.paid_minor, payment.refunded_minor) == (PRICE, 0)
    assert len(await rows(outpatient, StoredEvent, name="payment.received", subject_id=payment.id)) == 1


async def test_under_a_hundred_names_one_payment_is_received_once(http, outpatient, hold, order):
    body = report("payment.captured", payment=payment_entity(order))
    posts = (post_webhook(http, outpatient, body, event_id=f"{order}-{number}") for number in range(100))
    assert {answer.status_code for answer in await asyncio.gather(*posts)} == {200}
    payment = await check_books(outpatient, hold)
    assert (payment.paid_minor, payment.refunded_minor) == (PRICE, 0)


@pytest.mark.parametrize("sequence", list(permutations(range(4))), ids=str)
async def test_every_order_of_four_messages_ends_the_same(http, outpatient, hold, order, sequence):
    worked = payment_entity(order)
    entity = {"id": order, "amount": PRICE, "currency": "INR", "status": "paid"}
    messages = [
        report("payment.failed", payment=payment_entity(order, status="failed")),
        report("payment.authorized", payment={**worked, "status": "authorized"}),
        report("payment.captured", payment=worked),
        report("order.paid", order=entity, payment=worked),
    ]
    for number in sequence:
        assert (await post_webhook(http, outpatient, messages[number])).status_code == 200
    payment = await check_books(outpatient, hold)
    assert (payment.status, payment.paid_minor, payment.refunded_minor) == ("PAID", PRICE, 0)
    assert payment.transaction_id == worked["id"]
    assert await status_of(outpatient, hold) == "CONFIRMED"


async def test_a_try_that_failed_can_be_made_again(http, outpatient, hold, order, as_patient):
    failed = report("payment.failed", payment=payment_entity(order, status="failed"))
    assert (await post_webhook(http, outpatient, failed)).json()["data"]["outcome"] == "failed"
    assert (await payment_of(outpatient, hold)).status == "FAILED"
    assert await status_of(outpatient, hold) == "PENDING"
    assert await ordered(as_patient, hold) == order
    assert await captured(http, outpatient, order) == "received"
    assert (await check_books(outpatient, hold)).status == "PAID"


async def test_a_second_payment_of_one_order_goes_back(http, outpatient, hold, order):
    first = new_id("pay")
    await captured(http, outpatient, order, payment_id=first)
    await captured(http, outpatient, order)
    payment = await check_books(outpatient, hold)
    assert (payment.status, payment.paid_minor, payment.refunded_minor) == ("PAID", 2 * PRICE, PRICE)
    kept, returned = await rows(outpatient, Receipt, payment_id=payment.id)
    assert (kept.reference, kept.returned_minor, returned.returned_minor) == (first, 0, PRICE)
    (refund,) = await rows(outpatient, Refund, payment_id=payment.id)
    assert (refund.receipt_id, refund.reason) == (returned.id, "Nothing was to be paid any more")
    assert await status_of(outpatient, hold) == "CONFIRMED"


async def test_what_is_paid_after_the_cancellation_goes_back_and_revives_nothing(
    http, outpatient, hold, order, as_patient
):
    await as_patient.patch(f"/appointments/{hold}/cancel")
    await captured(http, outpatient, order)
    payment = await check_books(outpatient, hold)
    assert (payment.status, payment.refunded_minor) == ("REFUNDED", PRICE)
    assert await status_of(outpatient, hold) == "CANCELLED"
    await outpatient.worker.run_once()
    (refund,) = await rows(outpatient, Refund, payment_id=payment.id)
    assert refund.status == "FAILED"  # the sandbox knows no such payment, and says so
    assert (await check_books(outpatient, hold)).refunded_minor == 0


@pytest.mark.parametrize("is_swept", [False, True])
async def test_what_is_paid_after_the_hold_goes_back_and_leaves_the_slot_free(
    http, outpatient, hold, order, clock, is_swept, make, hospital, as_clinician
):
    await later(clock, minutes=16)
    if is_swept:
        await outpatient.worker.run_once()
        assert (await payment_of(outpatient, hold)).status == "EXPIRED"
    await captured(http, outpatient, order)
    payment = await check_books(outpatient, hold)
    assert (payment.status, payment.refunded_minor) == ("REFUNDED", PRICE)
    assert await status_of(outpatient, hold) == "CANCELLED"
    await booked(await make.patient(hospital, "Other"), as_clinician)


@pytest.mark.parametrize(
    "lie",
    [
        {"amount": PRICE - 1},
        {"amount": str(PRICE)},
        {"currency": "USD"},
        {"notes": {"appointmentId": "1"}},
        {"status": "failed"},
        {"status": "authorized"},
    ],
    ids=str,
)
async def test_what_does_not_fit_changes_nothing_and_is_kept(http, outpatient, hold, order, lie):
    assert await captured(http, outpatient, order, **lie) == "mismatch"
    assert (await check_books(outpatient, hold)).paid_minor == 0
    assert await status_of(outpatient, hold) == "PENDING"


async def test_what_we_do_not_know_changes_nothing(http, outpatient, hold, order):
    assert await captured(http, outpatient, new_id("order")) == "unknown"
    for name in ("payment.dispute.created", "subscription.charged"):
        answer = await post_webhook(http, outpatient, report(name, payment=payment_entity(order)))
        assert answer.json()["data"]["outcome"] == "irrelevant"
    refund = {
        "id": new_id("rfnd"),
        "payment_id": new_id("pay"),
        "amount": 1,
        "currency": "INR",
        "receipt": "refund-1-1",
    }
    answer = await post_webhook(http, outpatient, report("refund.processed", refund=refund))
    assert answer.json()["data"]["outcome"] == "unknown"
    assert (await check_books(outpatient, hold)).paid_minor == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"event":1}',
        b'{"event":"a\\u0000"}',
        b'{"event":"payment.captured","payload":[]}',
        b"\xff\xfe",
        b"[" * 9999,
    ],
    ids=str,
)
async def test_what_cannot_be_read_is_kept_as_such(http, outpatient, body):
    answer = await post_webhook(http, outpatient, body, event_id=new_id("evt"))
    assert answer.status_code == 200
    assert answer.json()["data"]["outcome"] == "unreadable"


@pytest.mark.parametrize("part", ["payment", "payment_link", "refund"])
@pytest.mark.parametrize("entity", [{}, {"id": 1}, {"id": "x" * 65}, {"id": ["x"]}, {"id": "é"}], ids=str)
async def test_what_names_nothing_changes_nothing(http, outpatient, part, entity):
    for name in ("payment.captured", "payment.failed", "payment_link.paid", "payment_link.expired", "refund.failed"):
        answer = await post_webhook(http, outpatient, report(name, **{part: {**entity, "x": new_id("x")}}))
        assert answer.json()["data"]["outcome"] in {"unreadable", "unknown"}


async def test_a_refunds_end_is_reported(http, outpatient, as_patient, as_admin, hold):
    reference = await paid(as_patient, outpatient, hold)
    for name, amount in (("refund.processed", 500), ("refund.failed", 300)):
        made = (await as_admin.post("/refunds", {"appointmentId": hold, "amount": amount, "reason": "Sorry"})).json()
        (refund,) = made["data"]["refunded"]
        row = await one(outpatient, Refund, id=refund["id"])
        key = f"refund-{row.id}-{int(row.requested_at.timestamp())}"
        entity = {"id": new_id("rfnd"), "payment_id": reference, "currency": "INR", "receipt": key}
        wrong = await post_webhook(http, outpatient, report(name, refund={**entity, "amount": 1}))
        assert wrong.json()["data"]["outcome"] == "mismatch"
        body = report(name, refund={**entity, "amount": amount * 100})
        assert (await post_webhook(http, outpatient, body)).json()["data"]["outcome"] == "settled"
        again = await post_webhook(http, outpatient, body, event_id=new_id("evt"))
        assert again.json()["data"]["outcome"] == "irrelevant"
        row = await one(outpatient, Refund, id=refund["id"])
        assert (row.status, row.provider_refund_id) == (name.partition(".")[2].upper(), entity["id"])
        await check_books(outpatient, hold)
    assert (await payment_of(outpatient, hold)).refunded_minor == 50_000


async def test_a_link_is_paid_expires_or_is_cancelled(http, outpatient, as_patient, as_front_desk, as_clinician):
    for time, name, outcome, status in (
        ("10:00", "payment_link.paid", "received", "PAID"),
        ("11:00", "payment_link.expired", "closed", "PENDING"),
        ("12:00", "payment_link.cancelled", "closed", "PENDING"),
    ):
        made = (await booked(as_patient, as_clinician, time))["id"]
        data = (await as_front_desk.post("/payments/create-link", {"appointmentId": made})).json()["data"]
        link = {"id": data["paymentLinkId"], "amount": PRICE, "amount_paid": PRICE, "currency": "INR"}
        entities = {"payment_link": link}
        if status == "PAID":
            entities["payment"] = payment_entity(new_id("order"))
            short = report(name, payment_link={**link, "amount_paid": 1}, payment=entities["payment"])
            assert (await post_webhook(http, outpatient, short)).json()["data"]["outcome"] == "mismatch"
        answer = await post_webhook(http, outpatient, report(name, **entities))
        assert answer.json()["data"]["outcome"] == outcome
        assert (await check_books(outpatient, made)).status == status
