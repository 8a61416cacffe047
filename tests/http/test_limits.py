"""How many calls one may make, and what every answer says about it."""

import pytest

from outpatient.http.limits import Windows, client_address
from tests.signing import DOCUMENTED, client_of, program_like

pytestmark = pytest.mark.anyio

HEADERS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")


async def test_an_anonymous_address_may_call_a_hundred_times_in_fifteen_minutes(outpatient, clock):
    async with program_like(outpatient, **DOCUMENTED) as (program, client), client_of(program, "192.0.2.9") as other:
        for left in range(99, -1, -1):
            answer = await client.get("/api/v1/nothing-here")
            assert answer.status_code == 404
            assert answer.headers["x-ratelimit-remaining"] == str(left)
        clock.advance(minutes=1)
        refused = await client.get("/api/v1/nothing-here")
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "840"
        assert refused.headers["x-ratelimit-remaining"] == "0"
        assert int(refused.headers["x-ratelimit-reset"]) == int(clock.now().timestamp()) + 840
        assert refused.json() == {
            "success": False,
            "error": {
                "code": "RATE_LIMIT_EXCEEDED",
                "message": "Too many requests. Please try again later.",
                "details": {},
                "retryAfter": 840,
            },
        }
        assert (await other.get("/api/v1/nothing-here")).status_code == 404
        clock.advance(minutes=14)
        assert (await client.get("/api/v1/nothing-here")).status_code == 404


async def test_displays_that_come_back_together_are_counted_by_themselves(outpatient, hospital):
    limits = {**DOCUMENTED, "rate_limit_displays": "150/15 minutes"}
    async with program_like(outpatient, **limits) as (_, client):
        for _ in range(101):
            await client.get("/api/v1/nothing-here")
        for _ in range(150):
            assert (await client.get("/api/v1/sse/waiting-room/999999")).status_code == 404
        assert (await client.get("/api/v1/sse/waiting-room/999999")).status_code == 429


async def test_twenty_staff_behind_one_address_are_not_locked_out(outpatient, make, hospital):
    staff = [await make.staff(hospital, "FRONT_DESK") for _ in range(20)]
    async with program_like(outpatient, **DOCUMENTED) as (_, client):
        for _ in range(101):
            await client.get("/api/v1/nothing-here")
        for persona in staff:
            for _ in range(10):
                answer = await client.get("/api/v1/auth/me", headers=persona.headers)
                assert answer.status_code == 200
            assert answer.headers["x-ratelimit-limit"] == "3000"
            assert answer.headers["x-ratelimit-remaining"] == "2990"


async def test_a_signed_in_user_is_limited_wherever_he_calls_from(outpatient, as_manager, as_front_desk):
    limits = {**DOCUMENTED, "rate_limit_user": "30/15 minutes"}
    async with program_like(outpatient, **limits) as (program, client), client_of(program, "192.0.2.9") as other:
        for number in range(30):
            caller = (client, other)[number % 2]
            assert (await caller.get("/api/v1/auth/me", headers=as_manager.headers)).status_code == 200
        for caller in (client, other):
            assert (await caller.get("/api/v1/auth/me", headers=as_manager.headers)).status_code == 429
        assert (await client.get("/api/v1/auth/me", headers=as_front_desk.headers)).status_code == 200


async def test_a_forged_or_expired_token_buys_no_bigger_limit(outpatient, as_manager, clock):
    async with program_like(outpatient, **DOCUMENTED) as (_, client):
        forged = await client.get("/api/v1/auth/me", headers={"Authorization": "Bearer a.b.c"})
        assert forged.headers["x-ratelimit-limit"] == "100"
        clock.advance(minutes=15)
        expired = await client.get("/api/v1/auth/me", headers=as_manager.headers)
        assert expired.status_code == 401
        assert expired.headers["x-ratelimit-limit"] == "100"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing-here", 404),
        ("GET", "/api/nothing-here", 404),
        ("PATCH", "/api/v1/auth/me", 405),
        ("GET", "/api/v1/auth/me", 401),
        ("POST", "/api/v1/auth/refresh", 400),
    ],
)
async def test_every_answer_says_what_is_left(as_nobody, method, path, status):
    answer = await as_nobody.call(method, path)
    assert answer.status_code == status
    for name in HEADERS:
        assert answer.headers[name].isdigit()


@pytest.mark.parametrize("path", ["/api/health", "/api/v1/ready", "/api/v1/health"])
async def test_health_and_readiness_are_not_counted(outpatient, path):
    async with program_like(outpatient, **{**DOCUMENTED, "rate_limit_general": "1/15 minutes"}) as (_, client):
        for _ in range(3):
            answer = await client.get(path)
            assert answer.status_code != 429
            assert "x-ratelimit-limit" not in answer.headers


async def test_a_path_that_merely_ends_like_one_is_counted(outpatient):
    async with program_like(outpatient, **{**DOCUMENTED, "rate_limit_general": "1/15 minutes"}) as (_, client):
        answers = [await client.get("/api/v1/patients/health") for _ in range(2)]
    assert [answer.status_code for answer in answers][1] == 429


async def test_a_browsers_preflight_is_not_counted(outpatient):
    asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    async with program_like(outpatient, **{**DOCUMENTED, "rate_limit_general": "1/15 minutes"}) as (_, client):
        for _ in range(3):
            assert (await client.options("/api/v1/auth/refresh", headers=asked)).status_code == 200
        assert (await client.get("/api/v1/nothing-here")).status_code == 404


async def test_a_thousand_made_up_forwarding_headers_are_one_address(outpatient):
    async with program_like(outpatient, **DOCUMENTED) as (_, client):
        statuses = []
        for number in range(110):
            made_up = dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "Forwarded"), f"198.51.100.{number}")
            statuses.append((await client.get("/api/v1/nothing-here", headers=made_up)).status_code)
    assert statuses == [404] * 100 + [429] * 10


async def test_behind_a_trusted_proxy_the_last_hop_that_is_no_proxy_counts(outpatient):
    behind = {**DOCUMENTED, "rate_limit_general": "2/15 minutes", "trusted_proxies": "203.0.113.7, 203.0.113.8"}
    async with program_like(outpatient, **behind) as (_, client):

        async def status(hops: str) -> int:
            return (await client.get("/api/v1/nothing-here", headers={"X-Forwarded-For": hops})).status_code

        assert await status("198.51.100.1") == 404
        assert await status("1.2.3.4, 198.51.100.1") == 404
        assert await status("9.9.9.9, 198.51.100.1, 203.0.113.8") == 429
        assert await status("198.51.100.2") == 404
        assert await status("") == 404


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.1"),
        ("10.0.0.1", " , ", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", None, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", None, "203.0.113.7"),
        ("fe80::1%eth0", None, "fe80::%eth0/64"),
    ],
)
def test_who_is_really_calling(peer, forwarded, address):
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded is not None else []
    scope = {"type": "http", "client": (peer, 1), "headers": headers}
    found = client_address(scope, frozenset({"10.0.0.1", "10.0.0.2"}))
    assert found == address or "%" in peer


def test_a_window_forgets_everything_at_its_end_and_a_clock_set_back_begins_anew():
    windows = Windows("2/1 minute")
    assert [windows.hit("a", 30).remaining for _ in range(3)] == [1, 0, 0]
    assert windows.hit("a", 59.9).is_spent
    assert windows.hit("a", 59.9).wait == 1
    fresh = windows.hit("a", 60)
    assert (fresh.remaining, fresh.reset, fresh.wait) == (1, 120, 60)
    assert windows.hit("a", 10).remaining == 1
