"""`POST /payments/create-link`, `GET /payments/verify/{plink}`: pages of the provider's where a patient pays."""

import asyncio

import pytest

from outpatient.adapters.payments.port import Capture, Link
from outpatient.core.errors import AdapterFailure
from outpatient.models import PaymentLink, StoredEvent
from outpatient.payments.actions import create_link
from tests.appointments.wishes import Elsewhere, booked, code_of, count, details_of, later, payment_of
from tests.notifications.carriers import texts_to
from tests.payments.paying import PRICE, check_books, rows, status_of

pytestmark = pytest.mark.anyio

CUSTOMER = {"customerName": "Jane Smith", "customerPhone": "+919876543210", "customerEmail": "jane@example.com"}


@pytest.fixture
async def made(as_patient, as_clinician) -> int:
    return (await booked(as_patient, as_clinician))["id"]


async def links_of(outpatient, appointment_id):
    return await rows(outpatient, PaymentLink, payment_id=(await payment_of(outpatient, appointment_id)).id)


async def test_the_seeds_request_gets_the_seeds_answer(made, as_front_desk, outpatient):
    answer = await as_front_desk.post("/payments/create-link", {"appointmentId": made, "amount": 1500, **CUSTOMER})

    assert answer.status_code == 200, answer.text
    (link,) = await links_of(outpatient, made)
    assert answer.json() == {
        "success": True,
        "message": "Payment link created and sent via WhatsApp",
        "data": {
            "paymentLinkId": link.provider_link_id,
            "shortUrl": link.url,
            "expiresAt": "2026-03-03T03:30:00Z",
        },
    }
    (told,) = await rows(outpatient, StoredEvent, name="payment.link_created", subject_id=link.payment_id)
    assert (told.payload["link_id"], told.payload["is_to_send"]) == (link.id, True)
    assert not any(secret in str(told.payload) for secret in (*CUSTOMER.values(), link.url))


async def test_an_open_link_is_given_again_and_an_expired_one_is_not(made, as_front_desk, outpatient, clock):
    body = {"appointmentId": made}
    answers = await asyncio.gather(*(as_front_desk.post("/payments/create-link", body) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["data"]["paymentLinkId"] for answer in answers}) == 1
    await later(clock, as_front_desk, hours=23)
    again = await as_front_desk.post("/payments/create-link", body)
    assert again.json()["data"]["paymentLinkId"] == answers[0].json()["data"]["paymentLinkId"]
    await later(clock, as_front_desk, hours=2)
    fresh = await as_front_desk.post("/payments/create-link", body)
    assert fresh.json()["data"]["paymentLinkId"] != again.json()["data"]["paymentLinkId"]
    assert len(await links_of(outpatient, made)) == 2


async def test_a_link_that_the_payer_made_is_sent_once_when_staff_want_it(made, as_front_desk, as_patient, outpatient):
    payment = await payment_of(outpatient, made)
    gateway = outpatient.adapters.payments
    own = await create_link(outpatient.database, gateway, actor=None, payment_id=payment.id)
    assert await count(outpatient, StoredEvent, name="payment.link_created", subject_id=payment.id) == 1
    answers = [await as_front_desk.post("/payments/create-link", {"appointmentId": made}) for _ in range(2)]
    assert {answer.json()["data"]["paymentLinkId"] for answer in answers} == {own.provider_link_id}
    await outpatient.worker.run_once()
    sent = [text for text in texts_to(outpatient, as_patient.phone) if text["template"] == "PAYMENT_LINK"]
    assert len(sent) == 1 and own.url in sent[0]["body"]


async def test_what_is_wrong_is_refused(made, as_front_desk, as_patient, outpatient):
    for field, value in (("amount", 1), ("customerPhone", "x"), ("customerEmail", "x"), ("customerName", "")):
        refused = await as_front_desk.post("/payments/create-link", {"appointmentId": made, field: value})
        assert list(details_of(refused)) == [field]
    await as_patient.patch(f"/appointments/{made}/cancel")
    refused = await as_front_desk.post("/payments/create-link", {"appointmentId": made})
    assert code_of(refused) == "PAYMENT_CLOSED"
    assert await links_of(outpatient, made) == []


async def test_who_may(made, make, hospital, as_stranger):
    body = {"appointmentId": made}
    may = await make.who_may(hospital, lambda who: who.post("/payments/create-link", body))
    assert may == {"ADMIN", "MANAGER", "CARE_COORDINATOR", "FRONT_DESK"}
    other_desk = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))
    for persona in (as_stranger, other_desk):
        assert code_of(await persona.post("/payments/create-link", body)) == "NOT_FOUND"


async def test_a_link_tells_how_it_stands_and_is_paid_once(made, as_front_desk, as_patient, outpatient):
    link = (await as_front_desk.post("/payments/create-link", {"appointmentId": made})).json()["data"]["paymentLinkId"]
    assert (await as_patient.get(f"/payments/verify/{link}")).json() == {
        "success": True,
        "data": {"paymentLinkId": link, "status": "created", "amountPaid": 0},
    }
    await outpatient.adapters.payments.pay(link, "card")

    for _ in range(2):
        answer = await as_patient.get(f"/payments/verify/{link}")
        assert answer.json()["data"] == {"paymentLinkId": link, "status": "paid", "amountPaid": 1500}

    payment = await check_books(outpatient, made)
    assert (payment.status, payment.method, payment.paid_minor) == ("PAID", "CARD", PRICE)
    assert await status_of(outpatient, made) == "CONFIRMED"
    assert (await links_of(outpatient, made))[0].closed_at is not None


async def test_only_who_may_see_the_payment_sees_its_link(made, as_front_desk, make, hospital, as_stranger):
    link = (await as_front_desk.post("/payments/create-link", {"appointmentId": made})).json()["data"]["paymentLinkId"]
    for persona in (as_stranger, await make.patient(hospital, "Other"), await make.clinician(hospital)):
        assert code_of(await persona.get(f"/payments/verify/{link}")) == "NOT_FOUND"
    for unknown in ("plink_00000000000000", "x", "%00", "é"):
        assert (await as_front_desk.get(f"/payments/verify/{unknown}")).status_code == 404


class Gateway:
    """A gateway in some kind of trouble with links."""

    provider, key_id = "local", "rzp_test_local"

    def __init__(self, trouble: str, url: str = "https://rzp.io/i/x") -> None:
        self.trouble, self.url = trouble, url

    async def create_link(self, **asked):
        await self._answer()
        return Link("plink_x", self.url, 1, 0, "INR", "created", asked["expires_at"])

    async def get_link(self, link_id):
        await self._answer()
        if self.trouble == "lying":
            return Link(link_id, self.url, 1, 1, "INR", "paid", None)
        payments = (Capture("pay_x", None, 1, "INR", "captured"),)
        return Link(link_id, self.url, PRICE, PRICE, "INR", "paid", None, payments)

    async def _answer(self):
        if self.trouble == "down":
            raise AdapterFailure("The gateway is away.")
        if self.trouble == "slow":
            await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("trouble", ["down", "slow", "lying"])
async def test_without_the_gateway_there_is_no_link(made, as_front_desk, outpatient, trouble, monkeypatch):
    monkeypatch.setattr("outpatient.payments.actions.link.PROVIDER_SECONDS", 0.05)
    async with Elsewhere(outpatient, payments=Gateway(trouble)) as elsewhere:
        refused = await elsewhere.seen_by(as_front_desk).post("/payments/create-link", {"appointmentId": made})
    assert (refused.status_code, code_of(refused)) == (502, "PAYMENT_FAILED")
    assert await links_of(outpatient, made) == []


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        ("down", "PAYMENT_UNCONFIRMED"),
        ("slow", "PAYMENT_UNCONFIRMED"),
        ("lying", "PAYMENT_MISMATCH"),
        ("lying about its payment", "PAYMENT_MISMATCH"),
    ],
)
async def test_without_its_word_nothing_is_received(made, as_front_desk, outpatient, trouble, code, monkeypatch):
    monkeypatch.setattr("outpatient.payments.actions.link.PROVIDER_SECONDS", 0.05)
    async with outpatient.database.transaction() as tx:
        payment = await payment_of(outpatient, made)
        row = {"provider": "local", "provider_link_id": f"plink_of_{payment.id}_{trouble[:6]}", "url": "https://x"}
        link = PaymentLink(hospital_id=payment.hospital_id, payment_id=payment.id, created_at=tx.now, **row)
        link.amount_minor, link.currency, link.expires_at = PRICE, "INR", tx.now
        tx.session.add(link)
    async with Elsewhere(outpatient, payments=Gateway(trouble)) as elsewhere:
        refused = await elsewhere.seen_by(as_front_desk).get(f"/payments/verify/{row['provider_link_id']}")
    assert code_of(refused) == code
    assert (await check_books(outpatient, made)).paid_minor == 0
