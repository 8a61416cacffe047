"""`GET /invoices/{visitId}`, its PDF, and `POST /invoices/{visitId}/send`."""

import asyncio
import re

import pytest
from sqlalchemy import select, update

from outpatient.core.terms import PaymentMethod, PaymentStatus, RefundStatus
from outpatient.models import Invoice, Patient, Payment, Receipt, Refund, StoredEvent
from tests.appointments.wishes import booked, count, details_of
from tests.makers import new_phone

pytestmark = pytest.mark.anyio

DEVANAGARI = "आशा राव"


@pytest.fixture
async def visit(as_patient, as_clinician):
    """The visit of a booked appointment for ₹1,500."""
    made = await booked(as_patient, as_clinician)
    return (await as_patient.get(f"/appointments/{made['id']}")).json()["data"]["visitId"]


@pytest.fixture
async def walk_in(make, hospital, as_clinician, as_front_desk):
    """`await walk_in()`: the visit of somebody who came without an appointment."""

    async def come(name: str = "Ravi Kumar", **patient: str) -> int:
        given = {"fullName": name, "phone": new_phone(), **patient}
        answer = await as_front_desk.post("/visits", {"patient": given, "doctorId": as_clinician.clinician_id})
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]["id"]

    return come


async def pay(outpatient, visit_id: int, amount: int, *, back: int = 0) -> None:
    """Money as other features write it: a receipt, and a refund of some of it."""
    async with outpatient.database.transaction() as tx:
        payment = await tx.one_or_none(select(Payment).where(Payment.visit_id == visit_id))
        given = {"hospital_id": payment.hospital_id, "payment_id": payment.id, "currency": "INR"}
        receipt = await tx.add(
            Receipt(
                **given,
                provider="desk",
                reference=f"desk-{visit_id}",
                amount_minor=amount,
                method=PaymentMethod.UPI,
                received_at=tx.now,
            )
        )
        if back:
            await tx.add(
                Refund(
                    **given,
                    receipt_id=receipt.id,
                    amount_minor=back,
                    reason="Came too late",
                    status=RefundStatus.PROCESSED,
                    requested_at=tx.now,
                )
            )


async def test_an_invoice_says_who_what_and_how_much(as_front_desk, visit, hospital, as_patient, outpatient):
    answer = await as_front_desk.get(f"/invoices/{visit}")

    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    assert (data["number"], data["invoiceNumber"]) == (1, "INV-000001")
    assert data["issuedOn"] == "2026-03-02"
    assert data["patient"] == {"id": as_patient.patient_id, "name": "Asha Rao"}
    assert data["lines"] == [{"description": "Consultation", "amount": 1500}]
    assert (data["total"], data["discount"], data["received"], data["due"]) == (1500, 0, 0, 1500)
    assert data["centre"]["name"] == "Main centre"
    async with outpatient.database.reading() as tx:
        told = await tx.all(select(StoredEvent.name).where(StoredEvent.hospital_id == hospital.id))
    assert told.count("invoice.issued") == 1


async def test_it_stays_as_it_was_and_shows_the_money_of_now(as_front_desk, as_admin, visit, outpatient, hospital):
    first = (await as_front_desk.get(f"/invoices/{visit}")).json()["data"]
    async with outpatient.database.transaction() as tx:
        await tx.execute(update(Patient).where(Patient.hospital_id == hospital.id).values(full_name="Somebody Else"))
    await pay(outpatient, visit, 150_000, back=50_000)
    await as_admin.patch(f"/hospitals/{hospital.id}/config", {"invoicePrefix": "NEW/"})

    now = (await as_front_desk.get(f"/invoices/{visit}")).json()["data"]

    assert {key: now[key] for key in ("id", "invoiceNumber", "patient", "total", "issuedAt")} == {
        key: first[key] for key in ("id", "invoiceNumber", "patient", "total", "issuedAt")
    }
    assert (now["received"], now["returned"], now["due"]) == (1500, 500, 0)
    assert [(one["amount"], one["method"]) for one in now["receipts"]] == [(1500, "UPI")]
    assert [(one["amount"], one["reason"]) for one in now["refunds"]] == [(500, "Came too late")]


async def test_a_discount_after_the_issue_is_shown_and_not_due(as_front_desk, visit):
    await as_front_desk.get(f"/invoices/{visit}")
    await as_front_desk.post("/discounts", {"visitId": visit, "amount": 300, "reason": "Waited long"})
    await as_front_desk.post("/receipts", {"visitId": visit, "method": "CASH"})

    data = (await as_front_desk.get(f"/invoices/{visit}")).json()["data"]

    assert {key: data[key] for key in ("total", "discount", "laterDiscount", "received", "due")} == {
        "total": 1500,
        "discount": 0,
        "laterDiscount": 300,
        "received": 1200,
        "due": 0,
    }


async def test_for_what_was_cancelled_since_nothing_is_due(as_front_desk, as_patient, visit):
    assert (await as_front_desk.get(f"/invoices/{visit}")).json()["data"]["due"] == 1500
    appointment = (await as_patient.get("/booking/my-appointments")).json()["data"][0]["id"]
    await as_patient.post(f"/booking/{appointment}/cancel", {"reason": "Ill"})
    assert (await as_front_desk.get(f"/invoices/{visit}")).json()["data"]["due"] == 0


async def test_an_invoiced_fee_stays_as_it_is(as_admin, visit, as_patient):
    await as_admin.get(f"/invoices/{visit}")
    appointment = (await as_patient.get("/booking/my-appointments")).json()["data"][0]["id"]
    refused = await as_admin.put(f"/appointments/{appointment}", {"consultationFee": 1800})
    assert list(details_of(refused)) == ["consultationFee"]
    assert (await as_admin.get(f"/payments/{appointment}")).json()["data"]["amount"] == 1500


async def test_thirty_at_once_get_thirty_numbers_in_a_row(as_front_desk, walk_in, hospital, outpatient):
    visits = [await walk_in(f"Patient {number}") for number in range(10)]

    answers = await asyncio.gather(*(as_front_desk.get(f"/invoices/{visit}") for visit in visits * 3))

    numbers = {}
    for visit, answer in zip(visits * 3, answers, strict=True):
        assert answer.status_code == 200, answer.text
        assert numbers.setdefault(visit, answer.json()["data"]["number"]) == answer.json()["data"]["number"]
    assert sorted(numbers.values()) == list(range(1, 11))


async def test_a_refusal_takes_no_number(as_front_desk, as_patient, visit, walk_in):
    appointment = (await as_patient.get("/booking/my-appointments")).json()["data"][0]["id"]
    assert (await as_patient.post(f"/booking/{appointment}/cancel", {"reason": "Ill"})).status_code == 200

    refused = await as_front_desk.get(f"/invoices/{visit}")

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "NOTHING_TO_INVOICE")
    assert (await as_front_desk.get(f"/invoices/{await walk_in()}")).json()["data"]["number"] == 1


async def test_each_hospital_counts_for_itself(make, as_front_desk, visit):
    assert (await as_front_desk.get(f"/invoices/{visit}")).json()["data"]["number"] == 1
    elsewhere = await make.hospital()
    patient, clinician = await make.patient(elsewhere), await make.clinician(elsewhere)
    made = await booked(patient, clinician)
    theirs = (await patient.get(f"/appointments/{made['id']}")).json()["data"]["visitId"]
    assert (await patient.get(f"/invoices/{theirs}")).json()["data"]["number"] == 1


async def test_who_may_see_it(
    make, hospital, visit, as_admin, as_manager, as_care_coordinator, as_clinician, as_patient, as_stranger, as_nobody
):
    for persona in (as_admin, as_manager, as_care_coordinator, as_clinician, as_patient):
        assert (await persona.get(f"/invoices/{visit}")).status_code == 200
    another_centre = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))
    for persona in (await make.patient(hospital), await make.clinician(hospital), as_stranger, another_centre):
        for path in (f"/invoices/{visit}", f"/invoices/{visit}.pdf"):
            assert (await persona.get(path)).status_code == 404
    assert (await as_nobody.get(f"/invoices/{visit}")).status_code == 401
    for persona in (as_patient, as_clinician):
        assert (await persona.post(f"/invoices/{visit}/send")).status_code == 403
    assert (await as_stranger.post(f"/invoices/{visit}/send")).status_code == 404


async def test_the_pdf_is_the_same_each_time_and_knows_hindi_and_rupees(as_front_desk, walk_in, outpatient):
    plain = await walk_in()
    hindi = await walk_in(DEVANAGARI)
    async with outpatient.database.transaction() as tx:
        await tx.execute(update(Patient).where(Patient.full_name == DEVANAGARI).values(language="hi-IN"))

    answers = [await as_front_desk.get(f"/invoices/{visit}.pdf") for visit in (plain, plain, hindi)]

    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/pdf"
        assert re.fullmatch(r'inline; filename="INV-00000\d\.pdf"', answer.headers["content-disposition"])
        assert answer.content.startswith(b"%PDF-")
    assert answers[0].content == answers[1].content
    assert answers[0].content != answers[2].content


@pytest.mark.parametrize("name", ["#panic()", '"] #eval("1")', "*bold* $x$ @label", "<b>&amp;</b>", "= Heading\n\n#x"])
async def test_a_name_is_never_markup(as_front_desk, walk_in, name):
    answer = await as_front_desk.get(f"/invoices/{await walk_in(name)}.pdf")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")


async def test_sending_issues_it_and_says_so_once_each_time(as_front_desk, visit, outpatient, hospital):
    answer = await as_front_desk.post(f"/invoices/{visit}/send")

    assert answer.status_code == 200, answer.text
    assert answer.json()["message"] == "The invoice is on its way"
    async with outpatient.database.reading() as tx:
        told = await tx.all(select(StoredEvent.name).where(StoredEvent.hospital_id == hospital.id))
        issued = await tx.all(select(Invoice.visit_id).where(Invoice.hospital_id == hospital.id))
    assert (told.count("invoice.sending_requested"), issued) == (1, [visit])


async def test_the_same_key_sends_it_once(as_front_desk, visit, outpatient, hospital):
    key = {"Idempotency-Key": f"send-{visit}"}
    calls = (as_front_desk.post(f"/invoices/{visit}/send", headers=key) for _ in range(5))
    answers = await asyncio.gather(*calls)
    assert [answer.status_code for answer in answers] == [200] * 5
    assert len({answer.text for answer in answers}) == 1
    assert await count(outpatient, StoredEvent, name="invoice.sending_requested", hospital_id=hospital.id) == 1


async def test_nobody_to_send_it_to_is_said(as_front_desk, visit, outpatient, hospital):
    async with outpatient.database.transaction() as tx:
        await tx.execute(update(Patient).where(Patient.hospital_id == hospital.id).values(phone=None, email=None))
    refused = await as_front_desk.post(f"/invoices/{visit}/send")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "NOBODY_TO_SEND_TO")


async def test_an_expired_hold_has_no_invoice(as_front_desk, visit, outpatient):
    async with outpatient.database.transaction() as tx:
        await tx.execute(update(Payment).where(Payment.visit_id == visit).values(status=PaymentStatus.EXPIRED))
    assert (await as_front_desk.get(f"/invoices/{visit}")).status_code == 409
