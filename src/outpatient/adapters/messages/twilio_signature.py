"""How Twilio signs what it posts to us: an HMAC over the address that it called and the form, or a hash of the JSON.

There is no time in the signature, so a genuine call stays genuine for ever: who acts on one keeps its MessageSid.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import SplitResult, parse_qs, urlsplit

HEADER = "X-Twilio-Signature"
SETTINGS_HEADER = "X-Twilio-Webhooks-Signature-Settings"

SHA1 = "HMAC_SHA1"  # with the account's token; what is meant when nothing is said
DIGESTS = {SHA1: "sha1", "HMAC_SHA256": "sha256"}
PORTS = {"https": 443, "http": 80}

Form = Mapping[str, str] | Sequence[tuple[str, str]]


def sign(token: str, url: str, params: Form = (), *, algorithm: str = SHA1) -> str:
    """The signature of a call to exactly this address; a parameter given twice with one value counts once."""
    text = url + "".join(name + value for name, value in sorted(set(_pairs(params))))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), DIGESTS[algorithm])).decode()


def is_genuine(
    token: str, url: str, params: Form, signature: str | None, *, settings: str | None = None, body: bytes | None = None
) -> bool:
    """Whether Twilio made this call: a form with `params`, or a JSON `body`, whose hash must stand in the address.

    Twilio signs now with, now without the port, so both are tried. `settings` is the header that names the algorithm;
    one that we do not know is refused.
    """
    algorithm = named_algorithm(settings)
    if not token or not signature or algorithm not in DIGESTS:
        return False
    if body is not None:
        if not _is_of(body, url):
            return False
        params = ()
    expected = [sign(token, address, params, algorithm=algorithm) for address in with_and_without_port(url)]
    return any([hmac.compare_digest(one.encode(), signature.encode()) for one in expected])  # noqa: C419 (all are tried)


def named_algorithm(settings: str | None) -> str:
    """`key=…,algorithm=HMAC_SHA256` → HMAC_SHA256."""
    for part in (settings or "").split(","):
        name, _, value = part.partition("=")
        if name.strip() == "algorithm" and value.strip():
            return value.strip().upper()
    return SHA1


def with_and_without_port(url: str) -> tuple[str, str]:
    """An address with its port, also when it is the usual one, and without."""
    parts = urlsplit(url)
    host = parts.netloc.removesuffix(f":{parts.port}") if parts.port else parts.netloc
    port = parts.port or PORTS.get(parts.scheme, 80)
    return _at(parts, f"{host}:{port}"), _at(parts, host)


def _at(parts: SplitResult, netloc: str) -> str:
    return parts._replace(netloc=netloc).geturl()


def _is_of(body: bytes, url: str) -> bool:
    given = parse_qs(urlsplit(url).query).get("bodySHA256", [""])[0]
    return hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), given.encode())


def _pairs(params: Form) -> Iterable[tuple[str, str]]:
    return params.items() if isinstance(params, Mapping) else params
