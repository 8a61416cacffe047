"""Twilio's signatures: its own SDK judges ours, and we judge its."""

import hashlib
import json
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from outpatient.adapters.messages.twilio_signature import is_genuine, sign, with_and_without_port

TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
PUBLISHED = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
"""The example of Twilio's page on webhook security, with its token, address and form."""

SHA256 = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
SDK = RequestValidator(TOKEN)


class Pairs(dict):
    """A form with repeated names, in the way in which the SDK takes one from Django."""

    def __init__(self, pairs):
        super().__init__(pairs)
        self.pairs = list(pairs)

    def getlist(self, name):
        return [value for key, value in self.pairs if key == name]


def flipped(text: str):
    """The text with each of its bits turned, one at a time."""
    raw = text.encode("latin-1")
    for place in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[place // 8] ^= 1 << place % 8
        yield bytes(changed).decode("latin-1")


def test_the_published_example():
    assert sign(TOKEN, URL, FORM) == PUBLISHED
    assert is_genuine(TOKEN, URL, FORM, PUBLISHED)


names = st.text("abcdefgABCDEFG_0", min_size=1, max_size=6)
forms = st.lists(st.tuples(names, st.text(max_size=8)), max_size=8)
urls = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["clinic.example", "api.clinic.example"]),
    st.sampled_from(["", ":80", ":443", ":8443"]),
    st.sampled_from(["/api/v1/twilio/status", "/hook?a=1&b=2", "/"]),
)


@settings(max_examples=200)
@given(urls, forms, st.sampled_from([None, "HMAC_SHA1", "HMAC_SHA256"]))
def test_the_sdk_accepts_ours_and_we_its(url, form, algorithm):
    header = f"key=webhooks_sharedkey_1,algorithm={algorithm}" if algorithm else None
    ours = sign(TOKEN, url, form, algorithm=algorithm or "HMAC_SHA1")
    assert SDK.validate(url, Pairs(form), ours, algorithm)
    for address in with_and_without_port(url):
        theirs = SDK.compute_signature(address, Pairs(form), algorithm)
        assert is_genuine(TOKEN, url, form, theirs, settings=header)
    assert not is_genuine("another token", url, form, ours, settings=header)


def test_a_form_as_it_came_over_the_wire():
    body = urlencode([("Body", "नमस्ते & 1+1"), ("MessageSid", "SM1"), ("Empty", "")])
    form = parse_qsl(body, keep_blank_values=True)
    assert is_genuine(TOKEN, URL, form, SDK.compute_signature(URL, dict(form)))


def test_every_flipped_bit_of_a_signature_is_refused():
    assert not any(is_genuine(TOKEN, URL, FORM, other) for other in flipped(PUBLISHED))


def test_every_flipped_bit_of_a_parameter_is_refused():
    for name, value in FORM.items():
        rest = {key: it for key, it in FORM.items() if key != name}
        assert not any(is_genuine(TOKEN, URL, rest | {name: other}, PUBLISHED) for other in flipped(value))
        assert not any(is_genuine(TOKEN, URL, rest | {other: value}, PUBLISHED) for other in flipped(name))


def test_what_is_missing_more_or_elsewhere_is_refused():
    assert not is_genuine(TOKEN, URL, FORM | {"More": "1"}, PUBLISHED)
    assert not is_genuine(TOKEN, URL, dict(list(FORM.items())[1:]), PUBLISHED)
    assert not is_genuine(TOKEN, URL + "3", FORM, PUBLISHED)
    assert not is_genuine(TOKEN, URL.replace("https", "http"), FORM, PUBLISHED)


@pytest.mark.parametrize("signature", [None, "", " ", "नमस्ते", PUBLISHED + " ", PUBLISHED.lower(), PUBLISHED[:-1]])
def test_no_signature_and_half_a_signature_are_refused(signature):
    assert not is_genuine(TOKEN, URL, FORM, signature)


def test_an_empty_token_trusts_nobody():
    assert not is_genuine("", URL, FORM, sign("", URL, FORM))


@pytest.mark.parametrize("header", ["algorithm=HMAC_MD5", "key=1,algorithm=none", "algorithm=HMAC_SHA512"])
def test_an_algorithm_that_we_do_not_know_is_refused(header):
    assert not is_genuine(TOKEN, URL, FORM, PUBLISHED, settings=header)


def test_one_algorithm_is_not_taken_for_another():
    stronger = sign(TOKEN, URL, FORM, algorithm="HMAC_SHA256")
    assert is_genuine(TOKEN, URL, FORM, stronger, settings=SHA256)
    assert not is_genuine(TOKEN, URL, FORM, stronger)
    assert not is_genuine(TOKEN, URL, FORM, PUBLISHED, settings=SHA256)
    assert is_genuine(TOKEN, URL, FORM, PUBLISHED, settings="key=1")  # no algorithm named: the old one


def test_a_json_body_is_signed_by_its_hash_in_the_address():
    body = json.dumps({"text": "नमस्ते"}, ensure_ascii=False)
    url = f"https://clinic.example/hook?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    signature = sign(TOKEN, url)
    assert SDK.validate(url, body, signature)
    assert is_genuine(TOKEN, url, (), signature, body=body.encode())
    assert not is_genuine(TOKEN, url, (), signature, body=body.encode() + b" ")
    assert not is_genuine(TOKEN, URL, (), sign(TOKEN, URL), body=body.encode())  # nothing vouches for this body
