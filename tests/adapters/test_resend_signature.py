"""Resend's signatures: the example that Svix publishes, and everything that is not it."""

from datetime import UTC, datetime, timedelta

import pytest

from outpatient.adapters.email.resend_signature import is_genuine, sign

# docs.svix.com/receiving/verifying-payloads/how
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CALL = {
    "call_id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "timestamp": "1614265330",
    "signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    "body": b'{"test": 2432232314}',
}
AT = datetime.fromtimestamp(1614265330, UTC)


def judged(secret: str = SECRET, now: datetime = AT, **other) -> bool:
    return is_genuine(secret, **CALL | other, now=now)


def flipped(raw: bytes):
    """The bytes with each of their bits turned, one at a time."""
    for place in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[place // 8] ^= 1 << place % 8
        yield bytes(changed)


def test_the_published_example():
    assert sign(SECRET, CALL["call_id"], CALL["timestamp"], CALL["body"]) == CALL["signature"]
    assert judged()


def test_one_good_signature_among_others_is_enough():
    others = "v1,aGVsbG8= v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert judged(signature=f"{others} {CALL['signature']}")
    assert not judged(signature=others)


@pytest.mark.parametrize("part", ["call_id", "timestamp", "signature"])
def test_every_flipped_bit_of_a_header_is_refused(part):
    for other in flipped(CALL[part].encode()):
        assert not judged(**{part: other.decode("latin-1")})


def test_every_flipped_bit_of_the_body_is_refused():
    assert not any(judged(body=other) for other in flipped(CALL["body"]))
    assert not judged(body=CALL["body"] + b"\n")


@pytest.mark.parametrize("part", ["call_id", "timestamp", "signature"])
@pytest.mark.parametrize("nothing", [None, ""])
def test_a_missing_header_is_refused(part, nothing):
    assert not judged(**{part: nothing})


def test_a_call_is_good_for_five_minutes_either_way():
    for minutes in (-5, 5):
        assert judged(now=AT + timedelta(minutes=minutes))
        assert not judged(now=AT + timedelta(minutes=minutes) + timedelta(seconds=minutes / 5))


@pytest.mark.parametrize("timestamp", ["-1", "soon", "1614265330.0", "1" * 400, "१६१४२६५३३०", " 1614265330"])
def test_a_time_that_is_none_is_refused_even_when_signed(timestamp):
    assert not judged(timestamp=timestamp, signature=sign(SECRET, CALL["call_id"], timestamp, CALL["body"]))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!", "whsec_abc"])
def test_a_secret_that_is_none_trusts_nobody(secret):
    assert not judged(secret)


def test_another_secret_is_refused():
    assert not judged("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
