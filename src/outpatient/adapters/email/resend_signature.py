"""How Resend signs what it posts to us (the scheme of Svix): an HMAC over the id, the time and the body."""

import base64
import binascii
import hmac
from datetime import datetime, timedelta

ID_HEADER, TIME_HEADER, HEADER = "svix-id", "svix-timestamp", "svix-signature"
SECRET_PREFIX = "whsec_"  # noqa: S105 (what every secret begins with)
VERSION = "v1"
FRESH = timedelta(minutes=5)
"""How far a call's time may be from ours, either way: an old one may be a replay."""


def sign(secret: str, call_id: str, timestamp: str, body: bytes) -> str:
    """`v1,<base64>`. Raises ValueError for a secret that is none."""
    signed = f"{call_id}.{timestamp}.".encode() + body
    digest = hmac.digest(_key_of(secret), signed, "sha256")
    return f"{VERSION},{base64.b64encode(digest).decode()}"


def is_genuine(
    secret: str, *, call_id: str | None, timestamp: str | None, signature: str | None, body: bytes, now: datetime
) -> bool:
    """Whether Resend made this call, and lately. One good signature in the list is enough: secrets are exchanged."""
    if not (call_id and timestamp and signature and _is_fresh(timestamp, now)):
        return False
    try:
        expected = sign(secret, call_id, timestamp, body).encode()
    except ValueError:
        return False
    return any([hmac.compare_digest(expected, one.encode()) for one in signature.split(" ")])  # noqa: C419 (all are tried)


def _key_of(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as problem:
        raise ValueError("no base64") from problem
    if not key:
        raise ValueError("no key at all")
    return key


def _is_fresh(timestamp: str, now: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(now.timestamp() - int(timestamp)) <= FRESH.total_seconds()
