"""Our signatures are the vendor's: its own SDK accepts what we sign, and refuses what we refuse."""

import json
import random
import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the SDK asks for setuptools' old ways as it is imported
    import razorpay
    from razorpay.errors import SignatureVerificationError

from outpatient.adapters.payments.signatures import (
    is_checkout_genuine,
    is_link_genuine,
    is_webhook_genuine,
    sign_checkout,
    sign_link,
    sign_webhook,
)

SECRET = "EnLs21M47BllR3X8PSFtjtbd"
ORDER, PAYMENT, LINK = "order_IEIaMR65cu6nz3", "pay_IH4NVgf4Dreq1l", "plink_IH3cNucfVEgV68"
REFERENCE = "outpatient-7-260302033000"
BODY = json.dumps({"event": "payment.captured", "note": "नमस्ते ₹", "amount": 150_000}, ensure_ascii=False).encode()


@pytest.fixture(scope="module")
def sdk():
    with razorpay.Client(auth=("rzp_test_key", SECRET)).session as session:
        yield razorpay.Client(session=session, auth=("rzp_test_key", SECRET)).utility


def checkout_of(order_id: str, payment_id: str, signature: str) -> dict[str, str]:
    return {"razorpay_order_id": order_id, "razorpay_payment_id": payment_id, "razorpay_signature": signature}


def link_of(status: str, signature: str) -> dict[str, str]:
    return {
        "payment_link_id": LINK,
        "payment_link_reference_id": REFERENCE,
        "payment_link_status": status,
        "razorpay_payment_id": PAYMENT,
        "razorpay_signature": signature,
    }


# Made with OpenSSL: printf %s MESSAGE | openssl dgst -sha256 -hmac SECRET
CHECKOUT_VECTOR = "0d4e745a1838664ad6c9c9902212a32d627d68e917290b0ad5f08ff4561bc50f"
LINK_VECTOR = "fb39e14d918d4301bf4ee8935bd9148cfa4133633300aa8dc4b06f86d351f523"
WEBHOOK_VECTOR = "4038157921f6c185d4991201090b9d5d9ef0e69cd180d83f7ac40bda7d397fd9"


def test_the_vectors():
    assert sign_checkout(SECRET, ORDER, PAYMENT) == CHECKOUT_VECTOR
    assert sign_link(SECRET, LINK, REFERENCE, "paid", PAYMENT) == LINK_VECTOR
    assert sign_webhook(SECRET, b'{"event":"payment.captured"}') == WEBHOOK_VECTOR


def test_the_sdk_accepts_what_we_sign(sdk):
    assert sdk.verify_payment_signature(checkout_of(ORDER, PAYMENT, sign_checkout(SECRET, ORDER, PAYMENT)))
    assert sdk.verify_payment_link_signature(link_of("paid", sign_link(SECRET, LINK, REFERENCE, "paid", PAYMENT)))
    assert sdk.verify_webhook_signature(BODY.decode(), sign_webhook(SECRET, BODY), SECRET)


def test_we_accept_what_we_sign():
    assert is_checkout_genuine(SECRET, ORDER, PAYMENT, CHECKOUT_VECTOR)
    assert is_link_genuine(SECRET, LINK, REFERENCE, "paid", PAYMENT, signature=LINK_VECTOR)
    assert is_webhook_genuine(SECRET, BODY, sign_webhook(SECRET, BODY))
    assert is_webhook_genuine(SECRET, b"", sign_webhook(SECRET, b""))


def test_we_and_the_sdk_refuse_the_same_tampering(sdk):
    signature = sign_checkout(SECRET, ORDER, PAYMENT)
    for order_id, payment_id, signed in [
        (ORDER, "pay_IH4NVgf4Dreq1m", signature),
        ("order_IEIaMR65cu6nz4", PAYMENT, signature),
        (PAYMENT, ORDER, signature),
        (ORDER, PAYMENT, sign_checkout("another secret", ORDER, PAYMENT)),
        (ORDER, PAYMENT, signature.upper()),
        (ORDER, PAYMENT, signature[:-1]),
        (ORDER, PAYMENT, signature + "0"),
        (ORDER, PAYMENT, ""),
        (ORDER, PAYMENT, sign_webhook(SECRET, BODY)),
    ]:
        assert not is_checkout_genuine(SECRET, order_id, payment_id, signed)
        with pytest.raises(SignatureVerificationError):
            sdk.verify_payment_signature(checkout_of(order_id, payment_id, signed))
    for status in ("cancelled", "paid "):
        assert not is_link_genuine(SECRET, LINK, REFERENCE, status, PAYMENT, signature=LINK_VECTOR)
        with pytest.raises(SignatureVerificationError):
            sdk.verify_payment_link_signature(link_of(status, LINK_VECTOR))
    for body, signed, secret in [
        (BODY + b" ", sign_webhook(SECRET, BODY), SECRET),
        (json.dumps(json.loads(BODY)).encode(), sign_webhook(SECRET, BODY), SECRET),
        (BODY, sign_webhook(SECRET, BODY), "another secret"),
    ]:
        assert not is_webhook_genuine(secret, body, signed)
        with pytest.raises(SignatureVerificationError):
            sdk.verify_webhook_signature(body.decode(), signed, secret)


def test_every_flipped_bit_is_refused():
    signature = sign_webhook(SECRET, BODY)
    for flipped in one_bit_flips(BODY):
        assert not is_webhook_genuine(SECRET, flipped, signature)
    for flipped in one_bit_flips(signature.encode()):
        assert not is_webhook_genuine(SECRET, BODY, flipped.decode("latin-1"))
    for flipped in one_bit_flips(CHECKOUT_VECTOR.encode()):
        assert not is_checkout_genuine(SECRET, ORDER, PAYMENT, flipped.decode("latin-1"))
    for flipped in one_bit_flips(PAYMENT.encode()):
        assert not is_checkout_genuine(SECRET, ORDER, flipped.decode("latin-1"), CHECKOUT_VECTOR)


def test_a_thousand_bodies_and_no_wrong_answer(sdk):
    chance = random.Random(7)
    for _ in range(1_000):
        body = json.dumps({"n": chance.random(), "text": chr(chance.randrange(0x20, 0xD000)) * 3}).encode()
        secret = str(chance.random())
        assert sdk.verify_webhook_signature(body.decode(), sign_webhook(secret, body), secret)
        place = chance.randrange(len(body))
        tampered = body[:place] + bytes([body[place] ^ (1 << chance.randrange(8))]) + body[place + 1 :]
        assert not is_webhook_genuine(secret, tampered, sign_webhook(secret, body))


@pytest.mark.parametrize(
    "signature",
    ["", " ", "0" * 63, "0" * 65, "g" * 64, "é" * 64, "０" * 64, WEBHOOK_VECTOR + "\n", " " + WEBHOOK_VECTOR],
)
def test_what_is_no_signature_is_refused(signature):
    body = b'{"event":"payment.captured"}'
    assert not is_webhook_genuine(SECRET, body, signature)
    assert not is_checkout_genuine(SECRET, ORDER, PAYMENT, signature)
    assert not is_link_genuine(SECRET, LINK, REFERENCE, "paid", PAYMENT, signature=signature)


def test_parts_cannot_be_shifted():
    assert sign_link(SECRET, LINK, "a|b", "paid", PAYMENT) == sign_link(SECRET, LINK, "a", "b|paid", PAYMENT)
    signature = sign_link(SECRET, LINK, "a|b", "paid", PAYMENT)
    assert not is_link_genuine(SECRET, LINK, "a", "b|paid", PAYMENT, signature=signature)
    assert not is_checkout_genuine(SECRET, "order_1|pay_2", "x", sign_checkout(SECRET, "order_1", "pay_2|x"))


def test_nothing_is_signed_without_a_secret():
    for sign in (lambda: sign_webhook("", BODY), lambda: is_checkout_genuine("", ORDER, PAYMENT, "0" * 64)):
        with pytest.raises(ValueError, match="empty secret"):
            sign()


def one_bit_flips(original: bytes):
    for place in range(len(original) * 8):
        changed = bytearray(original)
        changed[place // 8] ^= 1 << place % 8
        yield bytes(changed)
