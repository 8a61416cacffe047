"""The documents 001, 002 and 004, replayed: each call of theirs is answered as they say."""

import json

import pytest

from outpatient.models import Appointment
from tests.appointments.wishes import one
from tests.contract import examples_001, examples_001_money, examples_002, examples_004
from tests.contract.clinic import Clinic
from tests.contract.shapes import differences
from tests.realtime.streams import opened
from tests.replies.twilio import Phone

pytestmark = pytest.mark.anyio

EXAMPLES = [*examples_001.EXAMPLES, *examples_001_money.EXAMPLES, *examples_002.EXAMPLES, *examples_004.EXAMPLES]
REFUSED = [*examples_001_money.REFUSED, *examples_002.REFUSED, *examples_004.REFUSED]
STREAMS, TEXTS = examples_002.STREAMS, examples_004.TEXTS
DONE = ("CONFIRMED", "CANCELLED")


@pytest.fixture
async def clinic(outpatient, http) -> Clinic:
    clinic = Clinic(outpatient, http)
    await clinic.open()
    return clinic


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
async def test_a_documented_call_is_answered_as_documented(clinic, example):
    answer = await clinic.replay(example)

    assert answer.status_code == example.status, answer.text
    assert answer.json()["success"] is True
    assert differences(example.answer, answer.json()) == []


@pytest.mark.parametrize("example", REFUSED, ids=str)
async def test_a_documented_refusal_is_one(clinic, example):
    answer = await clinic.replay(example)

    assert answer.status_code == example.status, answer.text
    assert answer.json()["success"] is False
    assert answer.json()["error"]["code"] == example.answer["error"]["code"]
    assert differences(example.answer, answer.json()) == []


@pytest.mark.parametrize("example", STREAMS, ids=str)
async def test_a_documented_stream_opens(clinic, outpatient, example):
    path = (await clinic.fill(example.url)).removeprefix("/api/v1")
    async with opened(outpatient, clinic.people[example.who], path) as stream:
        first, second = await stream.next(), await stream.next()

    assert stream.status == example.status
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert differences(example.answer, {"type": first.type, "data": first.data}) == []
    assert (first.type, second.type) == ("connected", "queue.updated")


@pytest.mark.parametrize(("example", "status"), list(zip(TEXTS, DONE, strict=True)), ids=str)
async def test_a_documented_text_is_done(clinic, outpatient, http, example, status):
    body = await clinic.fill(example.body)
    answer = await Phone(outpatient, http, clinic.patient.phone).posts(body["Body"])

    assert answer.status_code == example.status
    assert answer.headers["content-type"].startswith("text/xml")
    assert (await one(outpatient, Appointment, id=clinic.known["appointment"])).status == status


def test_what_a_client_would_stumble_over_is_found():
    shown = json.loads('{"id": 1, "day": "2024-03-15", "of": [{"is": true, "status": "PAID"}], "fee": 1.5, "no": null}')
    bad = {"id": "1", "day": "15.3.2024", "of": [{"is": 1, "status": "paid"}], "fee": True, "no": 3}

    assert differences(shown, {**shown, "more": 1}) == []
    assert differences(shown, {}) == [f"answer.{key} is missing" for key in shown]
    assert len(differences(shown, bad)) == 6
    assert differences(shown, {**shown, "of": []}) == ["answer.of is empty, which shows nothing"]
    assert differences(shown, {**shown, "of": {}}) == ["answer.of is no list: {}"]
    assert differences("=PAID", "PAID") == []
    assert differences("=PAID", "PENDING") == ["answer is not PAID: 'PENDING'"]
    assert differences(shown, []) == ["answer is no object: []"]
