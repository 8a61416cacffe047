"""`/invoice/{token}`: the PDF behind a link in a message."""

import pytest

from outpatient.access.tokens import sign_value
from tests.appointments.wishes import booked

pytestmark = pytest.mark.anyio


@pytest.fixture
async def invoice(as_patient, as_clinician, as_front_desk) -> dict:
    made = await booked(as_patient, as_clinician)
    visit = (await as_patient.get(f"/appointments/{made['id']}")).json()["data"]["visitId"]
    return (await as_front_desk.get(f"/invoices/{visit}")).json()["data"]


async def test_whoever_holds_the_link_gets_the_pdf(http, outpatient, invoice):
    token = sign_value(outpatient.settings.secret_key, "invoice", str(invoice["id"]))

    answer = await http.get(f"/invoice/{token}")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"%PDF-")
    assert (await http.post(f"/invoice/{token}")).status_code == 405


@pytest.mark.parametrize("purpose", ["pay", "reply"])
async def test_a_link_for_something_else_opens_no_invoice(http, outpatient, invoice, purpose):
    token = sign_value(outpatient.settings.secret_key, purpose, str(invoice["id"]))
    assert (await http.get(f"/invoice/{token}")).status_code == 404


@pytest.mark.parametrize("token", ["", "1", "1.abc", "../1"])
async def test_what_is_not_signed_opens_nothing(http, token):
    assert (await http.get(f"/invoice/{token}")).status_code == 404


async def test_an_invoice_that_is_not_there_is_not_found(http, outpatient):
    token = sign_value(outpatient.settings.secret_key, "invoice", "999999999")
    assert (await http.get(f"/invoice/{token}")).status_code == 404
