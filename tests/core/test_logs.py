"""Logs never speak of people: canaries go in by every way, and none comes out."""

import io
import json
import logging

import pytest
import structlog

from outpatient.core.logs import configure_logs

CANARIES = (
    "Zubeida Canary",
    "9876501234",
    "canary@clinic.test",
    "482913",
    "eyJcanary.eyJpayload.signature",
    "Canary1Pass",
)
NAME, PHONE, EMAIL, CODE, TOKEN, PASSWORD = CANARIES


@pytest.fixture(params=[True, False], ids=["production", "development"])
def written(request):
    """What the process has logged so far."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    steps = structlog.get_config()
    configure_logs(in_production=request.param, stream=stream)
    yield stream.getvalue
    root.handlers[:], _ = before
    root.setLevel(before[1])
    structlog.configure(**steps)


def test_no_field_can_carry_a_person_out(written):
    log = structlog.get_logger()
    log.info("x", phone=PHONE, name=NAME, full_name=NAME, email=EMAIL, code=CODE, otp=int(CODE), token=TOKEN)
    log.info(
        "x", patient={"fullName": NAME, "phone": PHONE}, people=[NAME], recipient=PHONE, password=PASSWORD, body=NAME
    )

    assert written().count("x") >= 2
    assert not [canary for canary in CANARIES if canary in written()]


def test_messages_lose_their_phones_codes_tokens_and_addresses(written):
    structlog.get_logger().info(f"sent {CODE} to +91{PHONE} or {EMAIL}", error=f"refused +91 98765 01234 with {TOKEN}")
    logging.getLogger("some.library").warning("cannot reach %s (%s)", EMAIL, PHONE)

    assert "sent" in written() and "cannot reach" in written()
    assert not [canary for canary in (*CANARIES, "98765 01234") if canary in written()]


def fail():
    try:
        int(NAME)
    except ValueError as cause:
        raise RuntimeError(f"could not save {NAME}") from cause


@pytest.mark.parametrize("written", [True], indirect=True, ids=["production"])
def test_production_logs_where_an_exception_came_from_but_not_what_it_quotes(written):
    try:
        fail()
    except RuntimeError as failure:
        structlog.get_logger().error("unhandled", error=type(failure).__name__, exc_info=failure)
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application", exc_info=failure)

    assert NAME not in written()
    for line in map(json.loads, written().splitlines()):
        assert "RuntimeError" in line["exception"] and "ValueError" in line["exception"]
        assert "test_logs.py" in line["exception"]


def test_a_traceback_shows_no_local_values(written):
    def fail_holding(one):
        kept = one * 2
        raise RuntimeError(len(kept))

    try:
        fail_holding("held")
    except RuntimeError as failure:
        structlog.get_logger().error("unhandled", exc_info=failure)
        structlog.get_logger().exception("unhandled")
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application", exc_info=failure)

    assert written().count("fail_holding") >= 3
    assert "heldheld" not in written()


@pytest.mark.parametrize("written", [True], indirect=True, ids=["production"])
def test_production_writes_one_json_object_per_line(written):
    structlog.get_logger().info("request", id="abc", method="GET", route="/health", status=200, ms=1.5)

    (line,) = written().splitlines()
    logged = json.loads(line)
    assert logged["event"] == "request" and logged["level"] == "info" and logged["timestamp"].endswith("Z")
    assert (logged["method"], logged["route"], logged["status"], logged["ms"]) == ("GET", "/health", 200, 1.5)
