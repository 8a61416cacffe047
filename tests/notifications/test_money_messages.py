"""What patients are told of their money: amounts as they are now, and nothing that has ceased to be so."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from outpatient.models import Payment, PaymentLink, Receipt, StoredEvent
from outpatient.notifications.handlers import send_payment_link, send_payment_received
from tests.appointments.wishes import booked, payment_of, visit_of
from tests.notifications.carriers import texts_to

pytestmark = pytest.mark.anyio


@pytest.fixture
async def payment(as_patient, as_clinician, outpatient) -> Payment:
    """₹1,500 are asked for an appointment of which its patient has been told."""
    made = await booked(as_patient, as_clinician)
    await outpatient.worker.run_once()
    return await payment_of(outpatient, made["id"])


@pytest.fixture
def told(outpatient, payment, as_patient):
    """Lets a handler follow an event about the payment; what the patient heard of it."""

    async def tell(handler, name: str, **payload) -> list[str]:
        async with outpatient.database.transaction() as tx:
            event = await tx.add(
                StoredEvent(
                    hospital_id=payment.hospital_id,
                    name=name,
                    subject="payment",
                    subject_id=payment.id,
                    payload=payload,
                    at=tx.now,
                )
            )
        for _ in range(2):
            await handler(outpatient.worker.outside, event)
        return [message["body"] for message in texts_to(outpatient, as_patient.phone)[1:]]

    return tell


async def link_of(outpatient, payment: Payment, **given) -> PaymentLink:
    async with outpatient.database.transaction() as tx:
        values = {
            "provider": "local",
            "provider_link_id": f"plink_{payment.id}",
            "url": f"https://pay.example/{payment.id}",
            "amount_minor": 150_000,
            "currency": "INR",
            "expires_at": tx.now + timedelta(hours=24),
            "created_at": tx.now,
            **given,
        }
        return await tx.add(PaymentLink(hospital_id=payment.hospital_id, payment_id=payment.id, **values))


async def test_a_link_says_how_much_and_until_when(told, payment, outpatient):
    link = await link_of(outpatient, payment)
    (said,) = await told(send_payment_link, "payment.link_created", link_id=link.id, is_to_send=True)
    assert "please pay ₹1,500 for your appointment with Clinician" in said
    assert said.endswith(f"good until Tuesday 3 March 2026 at 9:00 am: {link.url}")


async def test_a_link_that_nobody_asked_to_send_is_not_sent(told, payment, outpatient):
    link = await link_of(outpatient, payment)
    assert await told(send_payment_link, "payment.link_created", link_id=link.id, is_to_send=False) == []


@pytest.mark.parametrize("why", ["closed", "expired"])
async def test_nor_is_one_that_is_no_good(told, payment, outpatient, clock, why):
    given = {"closed_at": clock.now()} if why == "closed" else {"expires_at": clock.now()}
    link = await link_of(outpatient, payment, **given)
    assert await told(send_payment_link, "payment.link_created", link_id=link.id) == []


@pytest.mark.parametrize(
    ("paid", "left"), [(150_000, "Nothing is left to pay."), (50_000, "₹1,000 remains to be paid.")]
)
async def test_a_receipt_says_what_is_left(told, payment, outpatient, paid, left):
    async with outpatient.database.transaction() as tx:
        await tx.execute(update(Payment).where(Payment.id == payment.id).values(paid_minor=paid))
        receipt = await tx.add(
            Receipt(
                hospital_id=payment.hospital_id,
                payment_id=payment.id,
                provider="desk",
                reference=f"D-{payment.id}-{paid}",
                amount_minor=paid,
                currency="INR",
                method="CASH",
                received_at=tx.now,
            )
        )
    (said,) = await told(send_payment_received, "payment.received", receipt_id=receipt.id)
    assert f"(receipt D-{payment.id}-{paid}). {left}" in said


async def test_an_invoice_is_sent_as_a_link_to_its_pdf(as_admin, as_patient, as_clinician, outpatient, http):
    made = await booked(as_patient, as_clinician)
    visit = await visit_of(outpatient, made["id"])
    answer = await as_admin.post(f"/invoices/{visit.id}/send")
    assert answer.status_code == 200, answer.text
    await outpatient.worker.run_once()
    said = texts_to(outpatient, as_patient.phone)[-1]["body"]
    assert f"invoice {answer.json()['data']['invoiceNumber']}, ₹1,500, for your visit" in said
    link = said.rpartition(" ")[2].removeprefix(outpatient.settings.base_url)
    assert (await http.get(link)).content.startswith(b"%PDF")
