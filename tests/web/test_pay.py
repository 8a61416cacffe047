"""`/pay/{token}`: what a payment link shows to whoever holds it."""

import base64
import hashlib
import re

import pytest
from sqlalchemy import select, update

from outpatient.access.tokens import sign_value
from outpatient.core.terms import PaymentStatus
from outpatient.models import Centre, Payment
from outpatient.notifications.texts import LANGUAGES
from outpatient.web.bill import OVER, WORDS

pytestmark = pytest.mark.anyio


@pytest.fixture
async def booked(as_patient, as_clinician) -> dict:
    """An appointment at ten o'clock on Tuesday, with its payment link."""
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "10:00:00"}
    return (await as_patient.post("/appointments", wish)).json()["data"]


@pytest.fixture
def change_payment(outpatient):
    """Sets columns of an appointment's payment, as taking money at the desk will."""

    async def change(appointment: dict, **values) -> None:
        async with outpatient.database.transaction() as tx:
            await tx.execute(update(Payment).where(Payment.appointment_id == appointment["id"]).values(**values))

    return change


async def words(http, link: str) -> str:
    """What the page says, without its markup."""
    answer = await http.get(link)
    assert answer.status_code == 200, answer.text
    body = re.sub(r"<style>.*?</style>", "", answer.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


async def test_the_page_says_what_is_asked_for_and_how_to_pay(http, booked):
    said = await words(http, booked["paymentLink"])

    assert "₹1,500" in said
    assert "Clinician" in said
    assert "Main centre, Bengaluru" in said
    assert "Tuesday 3 March 2026" in said
    assert "10:00 (Asia/Kolkata)" in said
    assert "To pay" in said
    assert "Pay ₹" in said


async def test_a_patient_reads_it_in_his_language(http, booked, as_patient):
    assert (await as_patient.put("/patient/profile", {"language": "hi"})).status_code == 200

    said = await words(http, booked["paymentLink"])

    assert "₹1,500 का भुगतान करें" in said
    assert "मंगलवार, 3 मार्च 2026" in said
    assert 'lang="hi"' in (await http.get(booked["paymentLink"])).text


def test_every_language_has_every_word():
    assert {frozenset(words) for words in WORDS.values()} == {frozenset(WORDS["en"])}
    assert set(WORDS) == set(LANGUAGES)
    states = {*OVER, "free", "online", "desk"}
    assert {*states, *(f"{state}.says" for state in states), "online.held", "desk.held"} <= set(WORDS["en"])


async def test_the_page_never_says_who_the_patient_is(http, booked, as_patient):
    page = (await http.get(booked["paymentLink"])).text

    assert "Asha" not in page
    assert as_patient.phone[3:] not in page
    assert as_patient.email not in page


async def test_the_time_is_the_centres(http, make):
    new_york = await make.hospital(zone="America/New_York")
    patient, clinician = await make.patient(new_york), await make.clinician(new_york)
    wish = {"clinicianId": clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "16:30:00"}
    booked = (await patient.post("/appointments", wish)).json()["data"]

    said = await words(http, booked["paymentLink"])

    assert "Tuesday 3 March 2026" in said
    assert "16:30 (America/New_York)" in said


async def test_names_are_text_and_no_markup(http, booked, outpatient):
    async with outpatient.database.transaction() as tx:
        await tx.execute(
            update(Centre).where(Centre.id == booked["centreId"]).values(name="<script>alert(1)</script> & Sons")
        )

    page = (await http.get(booked["paymentLink"])).text

    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Sons" in page


async def test_a_cancelled_appointment_asks_for_nothing(http, booked, as_patient):
    await as_patient.patch(f"/appointments/{booked['id']}/cancel")

    said = await words(http, booked["paymentLink"])

    assert "Cancelled" in said
    assert "at the desk" not in said


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (PaymentStatus.PAID, "Paid"),
        (PaymentStatus.REFUNDED, "Refunded"),
        (PaymentStatus.PARTIALLY_REFUNDED, "Paid, partly refunded"),
        (PaymentStatus.EXPIRED, "Expired"),
    ],
)
async def test_what_is_settled_is_not_asked_for_again(http, booked, change_payment, status, state):
    await change_payment(booked, status=status, paid_minor=150_000)

    said = await words(http, booked["paymentLink"])

    assert state in said
    assert "at the desk" not in said


async def test_what_is_partly_paid_asks_for_the_rest(http, booked, change_payment):
    await change_payment(booked, status=PaymentStatus.PARTIALLY_PAID, paid_minor=50_050)

    said = await words(http, booked["paymentLink"])

    assert "₹999.50" in said
    assert "Already paid ₹500.50" in said
    assert "To pay" in said
    assert "Pay ₹" in said


async def test_what_costs_nothing_says_so(http, booked, change_payment):
    await change_payment(booked, amount_minor=0)

    assert "Nothing to pay" in await words(http, booked["paymentLink"])


async def test_a_hold_shows_the_time_left_and_then_its_end(http, as_patient, as_clinician, outpatient, clock):
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "11:00:00"}
    hold = (await as_patient.post("/booking/create", wish)).json()["data"]
    async with outpatient.database.reading() as tx:
        payment = await tx.one_or_none(select(Payment.id).where(Payment.appointment_id == hold["appointmentId"]))
    link = f"/pay/{sign_value(outpatient.settings.secret_key, 'pay', str(payment))}"

    clock.advance(minutes=3)
    assert "until 09:15 (12 minutes left)" in await words(http, link)
    clock.advance(minutes=11, seconds=30)
    assert "(1 minute left)" in await words(http, link)
    clock.advance(seconds=30)
    unswept = await words(http, link)
    assert "Expired" in unswept and "at the desk" not in unswept
    await outpatient.worker.run_once()
    assert "Expired" in await words(http, link)


async def test_a_link_that_we_did_not_sign_is_not_found(http, booked, outpatient):
    secret = outpatient.settings.secret_key
    token = booked["paymentLink"].rpartition("/")[2]
    others = [
        "",
        "x",
        token[:-1],
        token + "=",
        token.swapcase(),
        sign_value(secret, "confirm", "1"),
        sign_value("another-secret", "pay", "1"),
        sign_value(secret, "pay", str(2**53)),
        "%00",
        "é",
        "x" * 4000,
    ]
    for other in others:
        answer = await http.get(f"/pay/{other}")
        assert answer.status_code == 404, other
        assert "does not exist" in answer.text
        assert "₹" not in answer.text


async def test_the_page_runs_and_loads_nothing(http, booked):
    answer = await http.get(booked["paymentLink"])

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert 'name="viewport"' in answer.text
    assert "<script" not in answer.text
