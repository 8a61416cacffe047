"""A member of staff signs in with a code: `POST /auth/login/phone-otp`; and what holds for every code."""

import asyncio

import pytest
from sqlalchemy import select

from outpatient.models import Membership, OtpChallenge, User
from tests.makers import new_phone
from tests.signing import change, client_of, program_like, sent_code, wrong

pytestmark = pytest.mark.anyio

LOGIN = "/auth/login/phone-otp"


@pytest.fixture
async def code(as_front_desk, as_nobody, outpatient) -> str:
    """The code just sent to the front desk's phone."""
    await as_nobody.post("/auth/send-otp", {"phone": as_front_desk.phone})
    return await sent_code(outpatient, as_front_desk.phone)


async def tries_of(outpatient, phone) -> int:
    async with outpatient.database.reading() as tx:
        query = select(OtpChallenge.tries).where(OtpChallenge.phone == phone).order_by(OtpChallenge.id.desc()).limit(1)
        return await tx.one_or_none(query)


async def test_the_right_code_opens_a_session(as_clinician, as_nobody, outpatient, hospital):
    await as_nobody.post("/auth/send-otp", {"phone": as_clinician.phone})
    otp = await sent_code(outpatient, as_clinician.phone)

    answer = await as_nobody.post(LOGIN, {"phone": as_clinician.phone, "otp": otp})

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["message"] == "Login successful"
    user = body["data"]["user"]
    assert user["id"] == as_clinician.user_id
    assert user["fullName"] == "Clinician"
    assert user["phone"] == as_clinician.phone
    assert user["email"] == as_clinician.email
    assert (user["roleId"], user["roleName"]) == (3, "CLINICIAN")
    assert user["clinicianId"] == as_clinician.clinician_id
    assert user["hospitalId"] == hospital.id
    as_nobody.headers["Authorization"] = f"Bearer {body['data']['accessToken']}"
    assert (await as_nobody.get("/auth/me")).json()["data"]["id"] == as_clinician.user_id
    renewed = await as_nobody.post("/auth/refresh", {"refreshToken": body["data"]["refreshToken"]})
    assert renewed.status_code == 200


async def test_a_wrong_code_is_refused_and_the_right_one_still_works(as_front_desk, as_nobody, code):
    refused = await as_nobody.post(LOGIN, {"phone": as_front_desk.phone, "otp": wrong(code)})
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "INVALID_OTP"
    assert (await as_nobody.post(LOGIN, {"phone": as_front_desk.phone, "otp": code})).status_code == 200


async def test_five_wrong_tries_end_a_code(as_front_desk, as_nobody, code, clock, outpatient):
    for _ in range(5):
        refused = await as_nobody.post(LOGIN, {"phone": as_front_desk.phone, "otp": wrong(code)})
        assert refused.status_code == 401
    clock.advance(minutes=1)
    late = await as_nobody.post(LOGIN, {"phone": as_front_desk.phone, "otp": code})
    assert late.status_code == 429
    assert late.json()["error"]["retryAfter"] == 240
    assert await tries_of(outpatient, as_front_desk.phone) == 5
    await as_nobody.post("/auth/send-otp", {"phone": as_front_desk.phone})
    fresh = await sent_code(outpatient, as_front_desk.phone)
    assert (await as_nobody.post(LOGIN, {"phone": as_front_desk.phone, "otp": fresh})).status_code == 200


async def test_of_fifty_parallel_guesses_exactly_five_are_looked_at(as_front_desk, as_nobody, code, outpatient):
    guess = {"phone": as_front_desk.phone, "otp": wrong(code)}
    answers = await asyncio.gather(*(as_nobody.post(LOGIN, guess) for _ in range(50)))
    found = sorted((answer.status_code, answer.json()["error"]["code"]) for answer in answers)
    assert found == [(401, "INVALID_OTP")] * 5 + [(429, "RATE_LIMIT_EXCEEDED")] * 45
    assert await tries_of(outpatient, as_front_desk.phone) == 5


async def test_parallel_guesses_at_two_processes_share_the_five_tries(as_front_desk, as_nobody, code, outpatient):
    guess = {"phone": as_front_desk.phone, "otp": wrong(code)}
    async with program_like(outpatient) as (_, one), program_like(outpatient) as (_, two):
        answers = await asyncio.gather(
            *(client.post(f"/api/v1{LOGIN}", json=guess) for client in (one, two) for _ in range(12))
        )
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 19
    assert await tries_of(outpatient, as_front_desk.phone) == 5


async def test_a_right_code_works_once_however_many_hold_it(as_front_desk, as_nobody, code):
    right = {"phone": as_front_desk.phone, "otp": code}
    answers = await asyncio.gather(*(as_nobody.post(LOGIN, right) for _ in range(20)))
    assert [answer.status_code for answer in answers].count(200) == 1
    assert {answer.status_code for answer in answers} <= {200, 401, 429}
    again = await as_nobody.post(LOGIN, right)
    assert again.status_code == 401
    assert again.json()["error"]["code"] == "OTP_EXPIRED"


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (300, 401), (301, 401)])
async def test_a_code_lives_five_minutes(as_front_desk, as_nobody, code, clock, seconds, status):
    clock.advance(seconds=seconds)
    answer = await as_nobody.post(LOGIN, {"phone": as_front_desk.phone, "otp": code})
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["error"]["code"] == "OTP_EXPIRED"


async def test_a_new_code_kills_the_old_one(as_front_desk, as_nobody, code, outpatient):
    await as_nobody.post("/auth/send-otp", {"phone": as_front_desk.phone})
    newer = await sent_code(outpatient, as_front_desk.phone)
    assert newer != code
    old = await as_nobody.post(LOGIN, {"phone": as_front_desk.phone, "otp": code})
    assert old.status_code == 401
    assert (await as_nobody.post(LOGIN, {"phone": as_front_desk.phone, "otp": newer})).status_code == 200


async def test_a_code_is_good_for_its_own_phone_only(as_front_desk, as_manager, as_nobody, code, outpatient):
    assert (await as_nobody.post(LOGIN, {"phone": new_phone(), "otp": code})).status_code == 401
    await as_nobody.post("/auth/send-otp", {"phone": as_manager.phone})
    if await sent_code(outpatient, as_manager.phone) != code:
        assert (await as_nobody.post(LOGIN, {"phone": as_manager.phone, "otp": code})).status_code == 401


async def test_a_staff_code_does_not_open_the_patient_door_nor_the_other_way(
    as_front_desk, as_nobody, code, outpatient
):
    phone = as_front_desk.phone
    patient_door = await as_nobody.post("/patient-auth/verify-otp", {"phone": phone, "otp": code})
    assert patient_door.status_code == 401
    await as_nobody.post("/patient-auth/send-otp", {"phone": phone})
    patient_code = await sent_code(outpatient, phone)
    if patient_code != code:
        assert (await as_nobody.post(LOGIN, {"phone": phone, "otp": patient_code})).status_code == 401


async def test_somebody_disabled_or_gone_since_the_code_was_sent_is_refused(as_front_desk, as_nobody, code, outpatient):
    await change(
        outpatient, Membership, Membership.user_id == as_front_desk.user_id, deleted_at=outpatient.database.clock.now()
    )
    refused = await as_nobody.post(LOGIN, {"phone": as_front_desk.phone, "otp": code})
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "INVALID_CREDENTIALS"
    await change(outpatient, Membership, Membership.user_id == as_front_desk.user_id, deleted_at=None)
    await change(outpatient, User, User.id == as_front_desk.user_id, is_active=False)
    assert (await as_nobody.post(LOGIN, {"phone": as_front_desk.phone, "otp": code})).status_code == 401


@pytest.fixture
def guess_five(as_front_desk, as_nobody, outpatient):
    """Asks for a new code and guesses five times from an address; answers the statuses."""

    async def guess_five(address: str) -> set[int]:
        await as_nobody.post("/auth/send-otp", {"phone": as_front_desk.phone})
        guess = {"phone": as_front_desk.phone, "otp": wrong(await sent_code(outpatient, as_front_desk.phone))}
        async with client_of(outpatient, address) as client:
            return {(await client.post(f"/api/v1{LOGIN}", json=guess)).status_code for _ in range(5)}

    return guess_five


async def test_twenty_looked_at_guesses_end_the_day_of_their_address_and_nobody_elses(
    as_front_desk, as_nobody, outpatient, clock, guess_five
):
    for _ in range(4):
        assert await guess_five("192.0.2.1") == {401}
    assert await guess_five("192.0.2.1") == {429}
    await as_nobody.post("/auth/send-otp", {"phone": as_front_desk.phone})
    right = {"phone": as_front_desk.phone, "otp": await sent_code(outpatient, as_front_desk.phone)}
    assert (await as_nobody.post(LOGIN, right)).status_code == 200
    assert await guess_five("192.0.2.1") == {429}
    clock.advance(days=1)
    assert await guess_five("192.0.2.1") == {401}


async def test_a_hundred_looked_at_guesses_from_anywhere_end_a_phones_day(clock, guess_five):
    for number in range(20):
        assert await guess_five(f"192.0.2.{number % 5}") == {401}
    assert await guess_five("192.0.2.9") == {429}
    clock.advance(days=1)
    assert await guess_five("192.0.2.9") == {401}


async def test_a_right_code_clears_the_wrong_ones_before_it(as_front_desk, as_nobody, outpatient, guess_five):
    own = "203.0.113.7"
    for _ in range(2):
        for number in range(4):
            assert await guess_five(f"192.0.2.{number}") == {401}
        for _ in range(3):
            assert await guess_five(own) == {401}
        await as_nobody.post("/auth/send-otp", {"phone": as_front_desk.phone})
        right = {"phone": as_front_desk.phone, "otp": await sent_code(outpatient, as_front_desk.phone)}
        assert (await as_nobody.post(LOGIN, right)).status_code == 200


async def test_guessing_where_no_code_was_asked_for_locks_nobody_out(as_front_desk, as_nobody, outpatient):
    for _ in range(60):
        refused = await as_nobody.post(LOGIN, {"phone": as_front_desk.phone, "otp": "123456"})
        assert refused.status_code == 401
    await as_nobody.post("/auth/send-otp", {"phone": as_front_desk.phone})
    otp = await sent_code(outpatient, as_front_desk.phone)
    assert (await as_nobody.post(LOGIN, {"phone": as_front_desk.phone, "otp": otp})).status_code == 200


@pytest.mark.parametrize("otp", ["12345", "1234567", "12345a", "", None, 123456, "١٢٣٤٥٦", "123\x0056"])
async def test_what_is_no_code_is_refused_by_name_and_costs_no_try(as_front_desk, as_nobody, code, outpatient, otp):
    refused = await as_nobody.post(LOGIN, {"phone": as_front_desk.phone, "otp": otp})
    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == ["otp"]
    assert await tries_of(outpatient, as_front_desk.phone) == 0
