"""Who really speaks: the gateway signs what a checkout answers, where a link leads back to, and what it posts to us.

All are HMAC-SHA256 in lower-case hex: checkouts and links with the key's secret, webhooks with one of their own.
"""

import hashlib
import hmac
import re


def sign_checkout(secret: str, order_id: str, payment_id: str) -> str:
    """`razorpay_signature` of a finished checkout."""
    return _sign(secret, f"{order_id}|{payment_id}".encode())


def is_checkout_genuine(secret: str, order_id: str, payment_id: str, signature: str) -> bool:
    """Whether the gateway says that this payment was made for this order."""
    return _are_plain(order_id, payment_id) and _is_same(sign_checkout(secret, order_id, payment_id), signature)


def sign_link(secret: str, link_id: str, reference: str, status: str, payment_id: str) -> str:
    """`razorpay_signature` of the address to which a paid link leads back."""
    return _sign(secret, f"{link_id}|{reference}|{status}|{payment_id}".encode())


def is_link_genuine(secret: str, link_id: str, reference: str, status: str, payment_id: str, *, signature: str) -> bool:
    """Whether the gateway says that this payment brought the link into this status."""
    expected = sign_link(secret, link_id, reference, status, payment_id)
    return _are_plain(link_id, reference, status, payment_id) and _is_same(expected, signature)


def sign_webhook(secret: str, body: bytes) -> str:
    """`X-Razorpay-Signature` of what is posted to us, over its very bytes."""
    return _sign(secret, body)


def is_webhook_genuine(secret: str, body: bytes, signature: str) -> bool:
    """Whether the gateway posted exactly these bytes: check before they are parsed."""
    return _is_same(sign_webhook(secret, body), signature)


def _sign(secret: str, message: bytes) -> str:
    if not secret:
        raise ValueError("Nothing is signed with an empty secret.")  # a missing setting must not make forging easy
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def _is_same(expected: str, signature: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{64}", signature) is not None and hmac.compare_digest(expected, signature)


def _are_plain(*parts: str) -> bool:
    """A part with the separator in it could stand for other parts with the same signature."""
    return not any("|" in part for part in parts)
