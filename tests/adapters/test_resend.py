"""Resend: what is its own, beside the contract of every e-mail adapter."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from outpatient.adapters.email.port import Email
from outpatient.adapters.email.resend import status_report
from outpatient.adapters.messages.port import StatusReport
from outpatient.core.errors import AdapterFailure
from tests.adapters.vendors.accounts import by_resend
from tests.adapters.vendors.resend import Resend

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 16, 3, 30, tzinfo=UTC)
LETTER = Email("asha@example.com", "Your visit", "See you at 9.\n", key="BookingMade:7:asha@example.com")


@pytest.fixture
def vendor() -> Resend:
    return Resend()


@pytest.fixture
async def emails(vendor: Resend):
    adapter = by_resend(vendor)
    yield adapter
    await adapter.close()


async def test_the_key_tells_nothing_about_the_person(vendor, emails):
    await emails.send(email=LETTER, at=AT)
    [key] = vendor.by_key
    assert len(key) == 32 and "asha" not in key


async def test_a_repeat_is_the_same_call_whenever_it_is_made(vendor, emails):
    first = await emails.send(email=LETTER, at=AT)
    assert await emails.send(email=LETTER, at=AT + timedelta(hours=1), doubtful_since=AT) == first


async def test_another_email_by_the_same_key_is_final(vendor, emails):
    await emails.send(email=LETTER, at=AT)
    with pytest.raises(AdapterFailure) as failure:
        await emails.send(email=replace(LETTER, text="See you at 10.\n"), at=AT)
    assert failure.value.permanent
    assert len(vendor.wishes) == 1


async def test_an_impossible_email_is_not_even_tried(vendor, emails):
    with pytest.raises(AdapterFailure):
        await emails.send(email=replace(LETTER, to="asha"), at=AT)
    assert vendor.wire.calls == []


async def test_a_wrong_key_is_refused(vendor):
    adapter = by_resend(vendor, "re_wrong")
    with pytest.raises(AdapterFailure, match="401"):
        await adapter.send(email=LETTER, at=AT)
    await adapter.close()


@pytest.mark.parametrize("fault", ["html", "lying"])
async def test_an_answer_without_an_id_is_no_answer(vendor, emails, fault):
    vendor.wire.fail(fault)
    with pytest.raises(AdapterFailure) as failure:
        await emails.send(email=LETTER, at=AT)
    assert not failure.value.permanent


BOUNCE = {"type": "Permanent", "subType": "Suppressed", "message": "asha@example.com is on the list"}


@pytest.mark.parametrize(
    ("payload", "report"),
    [
        ({"type": "email.sent", "data": {"email_id": "e1"}}, StatusReport("e1", "SENT")),
        ({"type": "email.delivered", "data": {"email_id": "e1"}}, StatusReport("e1", "DELIVERED")),
        ({"type": "email.opened", "data": {"email_id": "e1"}}, StatusReport("e1", "READ")),
        (
            {"type": "email.bounced", "data": {"email_id": "e1", "bounce": BOUNCE}},
            StatusReport("e1", "FAILED", "bounced (Permanent)"),
        ),
        ({"type": "email.bounced", "data": {"email_id": "e1"}}, StatusReport("e1", "FAILED", "bounced")),
        ({"type": "email.complained", "data": {"email_id": "e1"}}, StatusReport("e1", "FAILED", "complained")),
        ({"type": "email.delivery_delayed", "data": {"email_id": "e1"}}, None),
        ({"type": "email.delivered", "data": {}}, None),
        ({"type": "email.delivered", "data": []}, None),
        ({"type": ["email.delivered"], "data": {"email_id": "e1"}}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_webhooks_are_read(payload, report):
    assert status_report(payload) == report
