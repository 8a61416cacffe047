"""Gallabox: what is its own, beside the contract of every messages adapter."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from outpatient.adapters.messages.gallabox import status_report
from outpatient.adapters.messages.port import StatusReport, TextMessage
from outpatient.core.errors import AdapterFailure
from outpatient.core.terms import Channel
from tests.adapters.vendors.accounts import by_gallabox
from tests.adapters.vendors.gallabox import Gallabox

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 16, 3, 30, tzinfo=UTC)
VALUES = {"name": "आशा Rao", "clinician": "Dr Mehta", "when": "Tuesday 3 March at 10:00 am"}
BOOKED = TextMessage(
    Channel.WHATSAPP,
    "+919876543210",
    "Dear आशा Rao, …",
    key="7:send_booking",
    template="APPOINTMENT_CONFIRMATION",
    values=VALUES,
)


@pytest.fixture
def vendor() -> Gallabox:
    return Gallabox()


@pytest.fixture
async def whatsapp(vendor: Gallabox):
    adapter = by_gallabox(vendor)
    yield adapter
    await adapter.close()


async def test_a_template_goes_out_by_its_name_with_its_gaps_filled(vendor, whatsapp):
    answered = await whatsapp.send(message=BOOKED, at=AT)
    [message] = vendor.messages
    assert message == {
        "id": answered,
        "channelId": "628ce0487721240004000001",
        "channelType": "whatsapp",
        "recipient": {"name": "आशा Rao", "phone": "919876543210"},
        "whatsapp": {
            "type": "template",
            "template": {"templateName": "appointment_confirmation", "bodyValues": VALUES},
        },
    }


async def test_a_template_that_is_unknown_or_has_a_gap_is_refused_for_good(whatsapp):
    for bad in ({"template": "OTHER"}, {"values": {"name": "Asha"}}):
        with pytest.raises(AdapterFailure) as failure:
            await whatsapp.send(message=replace(BOOKED, **bad), at=AT)
        assert failure.value.permanent


@pytest.mark.parametrize("wrong", [{"api_key": "wrong"}, {"api_secret": "wrong"}, {"channel_id": "wrong"}])
async def test_a_wrong_login_is_refused(vendor, wrong):
    adapter = by_gallabox(vendor, **wrong)
    with pytest.raises(AdapterFailure):
        await adapter.send(message=BOOKED, at=AT)
    assert vendor.messages == []
    await adapter.close()


@pytest.mark.parametrize("fault", ["html", "lying"])
async def test_an_answer_without_an_id_is_no_answer(vendor, whatsapp, fault):
    vendor.wire.fail(fault)
    with pytest.raises(AdapterFailure) as failure:
        await whatsapp.send(message=BOOKED, at=AT)
    assert not failure.value.permanent


async def test_a_text_that_may_arrive_twice_is_counted_in_the_log(whatsapp):
    with capture_logs() as log:
        await whatsapp.send(message=BOOKED, at=AT)
        assert log == []
        await whatsapp.send(message=BOOKED, at=AT + timedelta(seconds=65), doubtful_since=AT)
    assert log == [{"event": "whatsapp_message_perhaps_twice", "doubtful_seconds": 65.0, "log_level": "warning"}]


FAILED = StatusReport("m1", "FAILED", "131026")
ERRORS = [{"code": 131026, "title": "Message to +919876543210 undeliverable"}]


@pytest.mark.parametrize(
    ("payload", "report"),
    [
        (
            {"event": "Message.WA.status.received", "data": {"id": "m1", "status": "delivered"}},
            StatusReport("m1", "DELIVERED"),
        ),
        (
            {"event": "Message.WA.status.received", "data": {"messageId": "m1", "status": "READ"}},
            StatusReport("m1", "READ"),
        ),
        (
            {
                "event": "Message.WA.status.received",
                "id": "event-1",
                "payload": {"message": {"id": "m1", "status": "sent"}},
            },
            StatusReport("m1", "SENT"),
        ),
        ({"id": "m1", "status": "delivered", "timestamp": "1773631800"}, StatusReport("m1", "DELIVERED")),
        ({"event": "Message.WA.status.failed", "data": {"id": "m1", "errors": ERRORS}}, FAILED),
        ({"id": "m1", "status": "failed", "errors": ERRORS}, FAILED),
        ({"id": "m1", "status": "failed", "errors": "all sorts"}, StatusReport("m1", "FAILED")),
        ({"event": "Message.received", "data": {"id": "m1", "status": "delivered"}}, None),
        ({"event": "Message.WA.status.received", "data": {"id": "m1", "status": "thought about"}}, None),
        ({"event": "Message.WA.status.received", "data": {"status": "read"}}, None),
        ({"event": 7, "data": [1], "id": 7, "status": {}}, None),
        ({}, None),
        ([], None),
        (None, None),
        ("delivered", None),
    ],
)
def test_status_webhooks_are_read_in_the_forms_that_they_come_in(payload, report):
    assert status_report(payload) == report
