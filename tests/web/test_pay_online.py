"""`POST /pay/{token}`: the sandbox plays the payer in development; a gateway's own page takes over otherwise."""

from datetime import timedelta

import pytest

from outpatient.access.tokens import sign_value
from outpatient.adapters.payments.port import Link
from outpatient.core.errors import AdapterFailure
from outpatient.models import PaymentLink, StoredEvent
from outpatient.web.pay import PayPages
from tests.appointments.wishes import booked, count, held, later, payment_of
from tests.payments.paying import check_books, rows, status_of
from tests.signing import client_of, program_like
from tests.web.test_pay import words

pytestmark = pytest.mark.anyio


@pytest.fixture
async def made(as_patient, as_clinician) -> dict:
    return await booked(as_patient, as_clinician)


async def test_in_the_sandbox_one_press_pays_and_makes_the_appointment_firm(http, made, outpatient):
    answer = await http.post(made["paymentLink"])

    assert answer.status_code == 200
    assert "Paid" in answer.text and "<form" not in answer.text
    assert "form-action 'none'" in answer.headers["content-security-policy"]
    payment = await check_books(outpatient, made["id"])
    assert (payment.status, payment.method, payment.paid_minor) == ("PAID", "UPI", 150_000)
    assert await status_of(outpatient, made["id"]) == "CONFIRMED"
    assert "Paid" in await words(http, made["paymentLink"])


async def test_the_form_may_lead_nowhere_else(http, made):
    answer = await http.get(made["paymentLink"])
    assert "Pay ₹1,500 (sandbox)" in answer.text
    assert "form-action 'self';" in answer.headers["content-security-policy"]


async def test_pressed_twice_it_is_paid_once(http, made, outpatient):
    for _ in range(3):
        assert "Paid" in (await http.post(made["paymentLink"])).text
    assert (await check_books(outpatient, made["id"])).paid_minor == 150_000


async def test_what_was_discounted_or_paid_is_not_asked_for(http, made, as_front_desk, outpatient):
    which = {"appointmentId": made["id"]}
    await as_front_desk.post("/discounts", {**which, "amount": 200, "reason": "Waited long"})
    await as_front_desk.post("/receipts", {**which, "amount": 300, "method": "cash"})
    said = await words(http, made["paymentLink"])
    assert "Pay ₹1,000 (sandbox)" in said and "Discount ₹200" in said and "Already paid ₹300" in said
    await http.post(made["paymentLink"])
    assert (await check_books(outpatient, made["id"])).paid_minor == 130_000


async def test_a_cancelled_appointment_cannot_be_paid(http, made, as_patient, outpatient):
    await as_patient.patch(f"/appointments/{made['id']}/cancel")
    answer = await http.post(made["paymentLink"])
    assert "Cancelled" in answer.text and "<form" not in answer.text
    assert (await check_books(outpatient, made["id"])).paid_minor == 0


async def test_the_sandboxs_own_link_can_be_paid(http, made, as_front_desk, outpatient, clock):
    link = (await as_front_desk.post("/payments/create-link", {"appointmentId": made["id"]})).json()["data"]
    path = "/pay/" + link["shortUrl"].partition("/pay/")[2]
    assert "Pay ₹1,500 (sandbox)" in await words(http, path)
    assert "Paid" in (await http.post(path)).text
    assert await status_of(outpatient, made["id"]) == "CONFIRMED"
    assert (await http.get("/pay/link/plink_00000000000000")).status_code == 404


async def test_in_production_the_local_ledger_takes_nobodys_money(made, outpatient):
    async with program_like(outpatient, environment="production") as (_, client):
        read = await client.get(made["paymentLink"])
        assert "To pay at the desk" in read.text and "<form" not in read.text
        assert (await client.head(made["paymentLink"])).status_code == 200
        refused = await client.post(made["paymentLink"])
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
    assert (await check_books(outpatient, made["id"])).paid_minor == 0


class Gateway:
    """A gateway with pages of its own."""

    provider, key_id = "razorpay", "rzp_live_x"
    is_away = False

    async def create_link(self, *, amount_minor, currency, expires_at, **_asked):
        if self.is_away:
            raise AdapterFailure("No answer.")
        url = "https://rzp.io/i/abc123"
        return Link(f"plink_{amount_minor:014d}{id(self)}", url, amount_minor, 0, currency, "created", expires_at)


async def test_a_gateways_own_page_takes_over(made, outpatient):
    gateway = Gateway()
    async with client_of(PayPages(outpatient.database, outpatient.settings, gateway)) as client:
        path = "/pay/" + made["paymentLink"].partition("/pay/")[2]
        read = await client.get(path)
        assert "Pay ₹1,500" in read.text and "sandbox" not in read.text
        assert "form-action 'self' https:;" in read.headers["content-security-policy"]
        for _ in range(2):
            leads = await client.post(path)
            assert (leads.status_code, leads.headers["location"]) == (303, "https://rzp.io/i/abc123")
    payment = await payment_of(outpatient, made["id"])
    (link,) = await rows(outpatient, PaymentLink, payment_id=payment.id)
    assert link.expires_at - link.created_at == timedelta(hours=24)
    (told,) = await rows(outpatient, StoredEvent, name="payment.link_created", subject_id=payment.id)
    assert told.payload["is_to_send"] is False


async def test_while_the_gateway_is_away_the_page_says_so(made, outpatient):
    gateway = Gateway()
    gateway.is_away = True
    async with client_of(PayPages(outpatient.database, outpatient.settings, gateway)) as client:
        answer = await client.post("/pay/" + made["paymentLink"].partition("/pay/")[2])
    assert answer.status_code == 200
    assert "did not go through" in answer.text
    assert await count(outpatient, PaymentLink, payment_id=(await payment_of(outpatient, made["id"])).id) == 0


async def test_an_expired_hold_is_not_paid(http, as_patient, as_clinician, outpatient, clock):
    hold = await held(as_patient, as_clinician)
    payment = await payment_of(outpatient, hold)
    await later(clock, minutes=16)
    path = f"/pay/{sign_value(outpatient.settings.secret_key, 'pay', str(payment.id))}"
    assert "<form" not in (await http.get(path)).text
