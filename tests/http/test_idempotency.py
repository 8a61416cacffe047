"""`Idempotency-Key`: what may be one."""

import pytest
from starlette.requests import Request

from outpatient.core.errors import Invalid
from outpatient.http.idempotency import idempotency_of

pytestmark = pytest.mark.anyio


def request_with(key: bytes | None, body: bytes = b"{}") -> Request:
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [] if key is None else [(b"idempotency-key", key)]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


async def test_a_request_without_a_key_has_none():
    assert await idempotency_of(request_with(None)) is None


async def test_the_same_request_has_the_same_digest_and_another_one_another():
    one, again = (
        await idempotency_of(request_with(b"key-1", b"{}")),
        await idempotency_of(request_with(b"key-1", b"{}")),
    )
    other = await idempotency_of(request_with(b"key-1", b"{ }"))
    assert one == again
    assert one is not None and other is not None
    assert (one.key, other.key) == ("key-1", "key-1")
    assert one.digest != other.digest


@pytest.mark.parametrize("key", [b"k", b"x" * 255, b"8e03978e-40d5-43e8-bc93-6894a57f9324", b'"quoted, with blanks"'])
async def test_printable_ascii_of_up_to_255_letters_is_a_key(key):
    found = await idempotency_of(request_with(key))
    assert found is not None and found.key == key.decode()


@pytest.mark.parametrize("key", [b"", b"x" * 256, "é".encode("latin-1"), b"a\x00b", b"a\tb", b"\x7f"])
async def test_anything_else_is_refused_by_name(key):
    with pytest.raises(Invalid) as refused:
        await idempotency_of(request_with(key))
    assert list(refused.value.details) == ["Idempotency-Key"]
