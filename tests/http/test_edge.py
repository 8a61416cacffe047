"""What every request passes first and last: bad requests, unknown paths, failures, ids, origins, sizes."""

import json
import re

import asyncpg
import httpx2
import pytest
import structlog
from fastapi import FastAPI

from outpatient.http.edge import MAX_BODY, Edge
from outpatient.http.errors import ENVELOPED
from outpatient.http.limits import CallLimits
from tests.signing import client_of
from tests.told import told_requests

pytestmark = pytest.mark.anyio

LOGIN = "/api/v1/auth/login/username-password"
JSON = {"Content-Type": "application/json"}


def is_refusal(answer, status: int, code: str) -> bool:
    body = answer.json()
    return (answer.status_code, body["success"], body["error"]["code"]) == (status, False, code) and set(
        body["error"]
    ) >= {"code", "message", "details"}


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/nothing", "/api", "/api/v1/", "/api/v1/auth/%00", "/api/v1/%ff"]
)
async def test_an_unknown_path_is_404_in_the_envelope(http, path):
    assert is_refusal(await http.get(path), 404, "NOT_FOUND")


async def test_an_unknown_method_is_405_in_the_envelope(http):
    answer = await http.delete("/api/v1/auth/me")
    assert is_refusal(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET"
    assert is_refusal(await http.request("BREW", "/api/v1/auth/me"), 405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nothing",
        b"\xff\xfe",
        b"[]",
        b"5",
        b"null",
        b'"text"',
        b'{"username": NaN, "password": "x"}',
        b"[" * 100_000,
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b'{"username": "\\ud800", "password": "password1234"}',
        b'{"username": "a\\u0000b", "password": "password1234"}',
        b'{"username": ' + b"9" * 5000 + b', "password": "password1234"}',
        b'{"username": ["a"], "password": {"b": 1}}',
        b'{"\\ud800": 1}',
    ],
    ids=lambda body: repr(body[:24]),
)
async def test_a_body_that_cannot_be_read_is_400(http, body):
    answer = await http.post(LOGIN, content=body, headers=JSON)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["code"] in {"VALIDATION_ERROR", "BAD_REQUEST"}
    assert all(key in {"body", "username", "password"} for key in answer.json()["error"]["details"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"clinicianId": "\\ud800", "notes": "\\u0000"}',
        b'{"clinicianId": 1, "appointmentDate": "2026-03-03", "appointmentTime": "10:00", "notes": "a\\u0000b"}',
        b'{"clinicianId": 1, "appointmentDate": "2026-03-03", "appointmentTime": "10:00", "notes": "\\ud800"}',
        b'{"clinicianId": ' + b"9" * 400 + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)
async def test_a_hot_route_refuses_bad_bodies_too(as_patient, body):
    answer = await as_patient.http.post("/api/v1/appointments", content=body, headers={**as_patient.headers, **JSON})
    assert is_refusal(answer, 400, "VALIDATION_ERROR"), answer.text


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
async def test_a_wrong_content_type_is_400(http, as_patient, kind):
    body = json.dumps({"username": "somebody", "password": "password1234"}).encode()
    assert (await http.post(LOGIN, content=body, headers={"Content-Type": kind})).status_code == 400
    headers = {**as_patient.headers, "Content-Type": kind}
    assert (await http.post("/api/v1/appointments", content=body, headers=headers)).status_code == 400


@pytest.mark.parametrize("path", ["/auth/refresh", "/patient-auth/logout", "/auth/login/phone-password"])
@pytest.mark.parametrize("text", ["\ud800", "a\ud800b", "\x00"])
async def test_half_a_letter_or_nul_anywhere_is_never_our_failure(http, path, text):
    body = json.dumps({"refreshToken": text, "phone": text, "password": text}).encode()
    answer = await http.post(f"/api/v1{path}", content=body, headers=JSON)
    assert answer.status_code in {200, 400, 401}


async def test_a_body_that_is_too_large_is_413_whether_it_says_so_or_not(http):
    said = await http.post(LOGIN, content=b"x" * (MAX_BODY + 1), headers=JSON)
    assert is_refusal(said, 413, "PAYLOAD_TOO_LARGE")

    async def endless():
        for _ in range(MAX_BODY // 65536 + 2):
            yield b" " * 65536

    assert is_refusal(await http.post(LOGIN, content=endless(), headers=JSON), 413, "PAYLOAD_TOO_LARGE")


async def test_a_hot_route_refuses_too_large_a_body_too(as_patient):
    async def endless():
        for _ in range(MAX_BODY // 65536 + 2):
            yield b" " * 65536

    headers = {**as_patient.headers, **JSON}
    answer = await as_patient.http.post("/api/v1/appointments", content=endless(), headers=headers)
    assert is_refusal(answer, 413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("length", ["abc", "-1", "1.5", "²", "", " "])
async def test_a_length_that_is_no_number_is_400(http, length):
    headers = {**JSON, "Content-Length": length.encode("latin-1")}
    assert is_refusal(await http.post(LOGIN, content=b"{}", headers=headers), 400, "BAD_REQUEST")


async def test_an_absurd_length_is_413(http):
    headers = {**JSON, "Content-Length": "9" * 5000}
    assert is_refusal(await http.post(LOGIN, content=b"{}", headers=headers), 413, "PAYLOAD_TOO_LARGE")


async def test_a_request_id_is_ours_unless_the_client_brings_a_decent_one(http):
    assert re.fullmatch(r"[0-9a-f]{32}", (await http.get("/api/v1/nothing")).headers["x-request-id"])
    for given, kept in (
        ("trace-1234.a_b", True),
        ("short", False),
        ("x" * 65, False),
        ("a b c d e f", False),
        ("<script>", False),
    ):
        answer = await http.get("/api/v1/nothing", headers={"X-Request-Id": given})
        assert (answer.headers["x-request-id"] == given) is kept
    latin = await http.get("/api/v1/nothing", headers={"X-Request-Id": "ééééééééé".encode("latin-1")})
    assert re.fullmatch(r"[0-9a-f]{32}", latin.headers["x-request-id"])


async def test_nothing_is_cached_or_sniffed(http):
    answer = await http.get("/api/v1/auth/me")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


# -- origins -----------------------------------------------------------------------------------------------------------

OURS, FOREIGN = "http://localhost:3000", "https://evil.example"


async def test_a_page_of_ours_may_call_and_read_refusals_and_limits(http):
    asked = {
        "Origin": OURS,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,x-hospital-id",
    }
    preflight = await http.options("/api/v1/auth/me", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == OURS
    assert "PUT" in preflight.headers["access-control-allow-methods"]
    assert preflight.headers["access-control-allow-headers"] == "authorization,x-hospital-id"
    for answer in (
        await http.get("/api/v1/auth/me", headers={"Origin": OURS}),
        await http.get("/api/v1/nothing", headers={"Origin": OURS}),
        await http.post(LOGIN, content=b"x" * (MAX_BODY + 1), headers={**JSON, "Origin": OURS}),
    ):
        assert answer.headers["access-control-allow-origin"] == OURS
        assert "X-RateLimit-Remaining" in answer.headers["access-control-expose-headers"]
        assert "Origin" in answer.headers["vary"]


async def test_a_foreign_page_gets_nothing(http):
    asked = {"Origin": FOREIGN, "Access-Control-Request-Method": "GET"}
    assert (await http.options("/api/v1/auth/me", headers=asked)).status_code == 400
    answer = await http.get("/api/v1/auth/me", headers={"Origin": FOREIGN})
    assert "access-control-allow-origin" not in answer.headers


# -- failures of our own -----------------------------------------------------------------------------------------------


@pytest.fixture
def broken(outpatient) -> httpx2.AsyncClient:
    """An app whose routes fail in every way, behind the real edge."""
    app = FastAPI()
    ENVELOPED.install(app)

    @app.get("/fails")
    async def fails() -> None:
        raise RuntimeError("secret of +919812345678")

    @app.get("/answers-wrongly", response_model=int)
    async def answers_wrongly() -> str:
        return "secret"

    @app.get("/things/{thing_id}")
    async def read_thing(thing_id: int) -> int:
        return thing_id

    return client_of(
        Edge(app, CallLimits(outpatient.settings, outpatient.callers, outpatient.database.clock), ENVELOPED)
    )


@pytest.mark.parametrize("path", ["/fails", "/answers-wrongly"])
async def test_a_failure_of_ours_tells_its_id_and_nothing_else(broken, path):
    with structlog.testing.capture_logs() as lines:
        answer = await broken.get(path)
    assert is_refusal(answer, 500, "INTERNAL_ERROR")
    assert answer.json()["error"] == {
        "code": "INTERNAL_ERROR",
        "message": "Something went wrong",
        "details": {"requestId": answer.headers["x-request-id"]},
    }
    assert "secret" not in answer.text
    assert answer.headers["x-ratelimit-limit"]
    assert [line["id"] for line in lines if line["event"] == "unhandled"] == [answer.headers["x-request-id"]]


async def test_what_fails_outside_the_app_is_answered_the_same(outpatient):
    async def fails(scope, receive, send):
        raise RuntimeError("secret")

    client = client_of(
        Edge(fails, CallLimits(outpatient.settings, outpatient.callers, outpatient.database.clock), ENVELOPED)
    )
    answer = await client.get("/")
    assert is_refusal(answer, 500, "INTERNAL_ERROR")
    assert "secret" not in answer.text


async def test_half_an_answer_breaks_the_connection(outpatient):
    async def stops_halfway(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError

    edge = Edge(
        stops_halfway, CallLimits(outpatient.settings, outpatient.callers, outpatient.database.clock), ENVELOPED
    )
    transport = httpx2.ASGITransport(app=edge)
    async with httpx2.AsyncClient(transport=transport, base_url="http://clinic.test") as client:
        with pytest.raises(RuntimeError):
            await client.get("/")


async def test_the_log_line_names_the_route_and_never_the_path(broken):
    with told_requests() as told:
        await broken.get("/things/42?token=secret")
        await broken.get("/nothing/secret")
        await broken.request("BREW", "/things/42")
    lines = [json.loads(line) for line in told]
    found = [(line["method"], line["route"], line["status"]) for line in lines if line["event"] == "request"]
    assert found == [
        ("GET", "/things/{thing_id}", 200),
        ("GET", "unmatched", 404),
        ("OTHER", "/things/{thing_id}", 405),
    ]
    assert "secret" not in str(lines)


async def test_a_database_that_takes_nobody_says_when_to_come_again(as_admin, outpatient, monkeypatch):
    def refuse():
        raise asyncpg.TooManyConnectionsError("sorry, too many clients already")

    assert (await as_admin.get("/centres")).status_code == 200
    monkeypatch.setattr(outpatient.database, "reading", refuse)

    answer = await as_admin.get("/centres")

    assert is_refusal(answer, 503, "UNAVAILABLE")
    assert answer.headers["Retry-After"] == "2"
