"""A member of staff asks for a code: `POST /auth/send-otp`."""

import pytest
from sqlalchemy import func, select

from outpatient.models import Membership, User
from tests.makers import new_phone
from tests.signing import DOCUMENTED, change, everything_stored, messages_to, program_like, sent_code

pytestmark = pytest.mark.anyio


async def test_a_code_comes_by_sms_and_its_digits_are_nowhere_in_the_store(as_front_desk, as_nobody, outpatient):
    answer = await as_nobody.post("/auth/send-otp", {"phone": as_front_desk.phone})

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["success"] is True
    assert body["message"] == "OTP sent successfully"
    assert body["data"] == {"phone": as_front_desk.phone, "expiresIn": 300}
    (text,) = await messages_to(outpatient, as_front_desk.phone)
    assert text["channel"] == "sms"
    code = text["body"][:6]
    assert code.isdigit()
    assert code not in answer.text
    stored = await everything_stored(outpatient)
    assert as_front_desk.phone in stored
    assert code not in stored


async def test_a_phone_may_be_written_as_people_write_it(as_front_desk, as_nobody, outpatient):
    written = f"0{as_front_desk.phone[3:8]} {as_front_desk.phone[8:]}"
    answer = await as_nobody.post("/auth/send-otp", {"phone": written})
    assert answer.json()["data"]["phone"] == as_front_desk.phone
    assert await sent_code(outpatient, as_front_desk.phone)


async def test_an_unknown_phone_gets_the_same_answer_and_no_message(as_front_desk, as_nobody, outpatient):
    unknown = new_phone()
    known_answer = await as_nobody.post("/auth/send-otp", {"phone": as_front_desk.phone})
    unknown_answer = await as_nobody.post("/auth/send-otp", {"phone": unknown})

    assert unknown_answer.status_code == known_answer.status_code == 200
    assert unknown_answer.text == known_answer.text.replace(as_front_desk.phone, unknown)
    assert await messages_to(outpatient, unknown) == []


async def test_guessing_at_an_unknown_phone_looks_like_guessing_at_a_known_one(as_front_desk, as_nobody, outpatient):
    unknown = new_phone()
    for phone in (as_front_desk.phone, unknown):
        await as_nobody.post("/auth/send-otp", {"phone": phone})
    code = int(await sent_code(outpatient, as_front_desk.phone))
    answers = {
        phone: [
            (await as_nobody.post("/auth/login/phone-otp", {"phone": phone, "otp": f"{(code + n) % 10**6:06d}"})).text
            for n in range(1, 8)
        ]
        for phone in (as_front_desk.phone, unknown)
    }
    assert answers[unknown] == answers[as_front_desk.phone]


async def test_a_patient_a_disabled_user_and_a_deleted_member_get_no_staff_code(
    as_patient, as_manager, as_front_desk, as_nobody, outpatient
):
    await change(outpatient, User, User.id == as_manager.user_id, is_active=False)
    await change(outpatient, Membership, Membership.user_id == as_front_desk.user_id, is_active=False)
    for persona in (as_patient, as_manager, as_front_desk):
        answer = await as_nobody.post("/auth/send-otp", {"phone": persona.phone})
        assert answer.status_code == 200
        assert await messages_to(outpatient, persona.phone) == []


async def test_a_phone_that_staff_typed_in_and_never_proved_gets_no_code(as_manager, as_nobody, outpatient):
    await change(outpatient, User, User.id == as_manager.user_id, phone_proven_at=None)
    assert (await as_nobody.post("/auth/send-otp", {"phone": as_manager.phone})).status_code == 200
    assert await messages_to(outpatient, as_manager.phone) == []


async def test_the_fourth_code_within_fifteen_minutes_is_refused(as_front_desk, outpatient, clock):
    async with program_like(outpatient, **DOCUMENTED) as (_, client):
        left = []
        for _ in range(3):
            sent = await client.post("/api/v1/auth/send-otp", json={"phone": as_front_desk.phone})
            assert sent.status_code == 200
            assert sent.headers["x-ratelimit-limit"] == "3"
            left.append(sent.headers["x-ratelimit-remaining"])
        assert left == ["2", "1", "0"]
        assert len(await messages_to(outpatient, as_front_desk.phone)) == 3
        clock.advance(minutes=5)

        refused = await client.post("/api/v1/auth/send-otp", json={"phone": as_front_desk.phone})

        assert refused.status_code == 429
        error = refused.json()["error"]
        assert error["code"] == "RATE_LIMIT_EXCEEDED"
        assert error["retryAfter"] == 600
        assert refused.headers["retry-after"] == "600"
        assert refused.headers["x-ratelimit-limit"] == "3"
        assert refused.headers["x-ratelimit-remaining"] == "0"
        assert int(refused.headers["x-ratelimit-reset"]) == int(clock.now().timestamp()) + 600
        assert len(await messages_to(outpatient, as_front_desk.phone)) == 3
        other = await client.post("/api/v1/auth/send-otp", json={"phone": new_phone()})
        assert other.status_code == 200
        clock.advance(minutes=10)
        again = await client.post("/api/v1/auth/send-otp", json={"phone": as_front_desk.phone})
        assert again.status_code == 200


async def test_one_address_cannot_ask_for_many_phones(outpatient, clock):
    async with program_like(outpatient, address="198.51.100.20", **DOCUMENTED) as (_, client):
        answers = [await client.post("/api/v1/auth/send-otp", json={"phone": new_phone()}) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert answers[-1].headers["x-ratelimit-limit"] == "20"


async def test_the_limit_holds_across_processes(as_front_desk, outpatient, clock):
    statuses = []
    for _ in range(4):
        async with program_like(outpatient, **DOCUMENTED) as (_, client):
            sent = await client.post("/api/v1/auth/send-otp", json={"phone": as_front_desk.phone})
            statuses.append(sent.status_code)
    assert statuses == [200, 200, 200, 429]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"phone": ""},
        {"phone": "hello"},
        {"phone": None},
        {"phone": "12\x0034567890"},
        {"phone": 5},
        {"phone": "1" * 40},
    ],
)
async def test_what_is_no_phone_is_refused_by_name(as_nobody, body):
    answer = await as_nobody.post("/auth/send-otp", body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"
    assert list(answer.json()["error"]["details"]) == ["phone"]


async def test_asking_makes_no_user(as_nobody, outpatient):
    phone = new_phone()
    await as_nobody.post("/auth/send-otp", {"phone": phone})
    async with outpatient.database.reading() as tx:
        assert await tx.one_or_none(select(func.count()).select_from(User).where(User.phone == phone)) == 0
