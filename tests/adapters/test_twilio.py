"""Twilio: what is its own, beside the contract of every messages adapter."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from outpatient.adapters.messages.port import StatusReport, TextMessage, Unsubscribed
from outpatient.adapters.messages.twilio import status_report
from outpatient.core.errors import AdapterFailure
from outpatient.core.terms import Channel
from tests.adapters.vendors.accounts import by_twilio
from tests.adapters.vendors.twilio import Twilio

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 16, 3, 30, 0, 900_000, tzinfo=UTC)  # Twilio's dates have no parts of a second
HELLO = TextMessage(Channel.SMS, "+919876543210", "See you at 9", key="7:send_booking")


@pytest.fixture
def vendor() -> Twilio:
    return Twilio(AT)


@pytest.fixture
async def sms(vendor: Twilio):
    adapter = by_twilio(vendor, public_url="https://clinic.example/")
    yield adapter
    await adapter.close()


async def test_twilio_is_told_where_to_report(vendor, sms):
    await sms.send(message=HELLO, at=AT)
    assert vendor.forms[0]["StatusCallback"] == "https://clinic.example/api/v1/twilio/status"


async def test_twilio_is_told_nothing_where_it_could_not_reach_us(vendor):
    sms = by_twilio(vendor)
    await sms.send(message=HELLO, at=AT)
    assert set(vendor.forms[0]) == {"From", "To", "Body"}
    await sms.close()


async def test_a_doubtful_text_that_twilio_has_is_not_sent_again_even_if_its_clock_is_behind(vendor, sms):
    vendor.now = AT - timedelta(seconds=30)
    sid = await sms.send(message=HELLO, at=AT)
    assert await sms.send(message=HELLO, at=AT + timedelta(hours=1), doubtful_since=AT) == sid
    assert len(vendor.messages) == 1


async def test_a_doubtful_text_that_twilio_has_not_is_sent(vendor, sms):
    """The same words an hour ago, other words now and the same words to another are other messages."""
    vendor.now = AT - timedelta(hours=1)
    await sms.send(message=HELLO, at=AT)
    vendor.now = AT
    await sms.send(message=replace(HELLO, body="Your code is 1"), at=AT)
    await sms.send(message=replace(HELLO, to="+919876543211"), at=AT)
    known = {message["sid"] for message in vendor.messages}
    assert await sms.send(message=HELLO, at=AT, doubtful_since=AT) not in known


async def test_without_doubt_nobody_is_asked(vendor, sms):
    await sms.send(message=HELLO, at=AT)
    assert [call.method for call in vendor.wire.calls] == ["POST"]


async def test_a_doubtful_text_is_not_sent_when_twilio_cannot_say(vendor, sms):
    for fault in ("down", "html", "lying", "broken"):
        vendor.wire.fail(fault)
        with pytest.raises(AdapterFailure) as failure:
            await sms.send(message=HELLO, at=AT, doubtful_since=AT)
        assert not failure.value.permanent
    assert {call.method for call in vendor.wire.calls} == {"GET"}


@pytest.mark.parametrize("fault", ["html", "lying"])
async def test_an_answer_without_a_sid_is_no_answer(vendor, sms, fault):
    vendor.wire.fail(fault)
    with pytest.raises(AdapterFailure) as failure:
        await sms.send(message=HELLO, at=AT)
    assert not failure.value.permanent


async def test_who_unsubscribed_is_told_apart(vendor, sms):
    vendor.unsubscribed.add(HELLO.to)
    with pytest.raises(Unsubscribed) as failure:
        await sms.send(message=HELLO, at=AT)
    assert failure.value.permanent
    assert HELLO.to not in str(failure.value)


async def test_a_number_that_is_none_is_final_and_a_full_queue_is_not(vendor, sms):
    with pytest.raises(AdapterFailure, match=r"400 \(code 21211\)") as failure:
        await sms.send(message=replace(HELLO, to="+0"), at=AT)
    assert failure.value.permanent and not isinstance(failure.value, Unsubscribed)
    vendor.queue_is_full = True
    with pytest.raises(AdapterFailure, match=r"400 \(code 21611\)") as failure:
        await sms.send(message=HELLO, at=AT)
    assert not failure.value.permanent


async def test_a_wrong_token_is_refused(vendor):
    sms = by_twilio(vendor, auth_token="wrong")
    with pytest.raises(AdapterFailure, match=r"401 \(code 20003\)"):
        await sms.send(message=HELLO, at=AT)
    await sms.close()


@pytest.mark.parametrize(
    ("form", "report"),
    [
        ({"MessageSid": "SM1", "MessageStatus": "sent"}, StatusReport("SM1", "SENT")),
        ({"MessageSid": "SM1", "MessageStatus": "delivered", "ErrorCode": ""}, StatusReport("SM1", "DELIVERED")),
        ({"MessageSid": "SM1", "MessageStatus": "read"}, StatusReport("SM1", "READ")),
        (
            {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003"},
            StatusReport("SM1", "FAILED", "30003"),
        ),
        ({"MessageSid": "SM1", "MessageStatus": "failed"}, StatusReport("SM1", "FAILED")),
        ({"MessageSid": "SM1", "MessageStatus": "queued"}, None),
        ({"MessageSid": "SM1", "MessageStatus": "something new"}, None),
        ({"MessageSid": "", "MessageStatus": "sent"}, None),
        ({"MessageSid": "SM1"}, None),
        ({}, None),
    ],
)
def test_status_callbacks_are_read(form, report):
    assert status_report(form) == report
