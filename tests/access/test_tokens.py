import base64
import json
import string
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import jwt
import pytest

from outpatient.access.tokens import (
    AccessTokens,
    Claims,
    InvalidToken,
    TokenExpired,
    digest,
    new_challenge_id,
    new_secret,
    otp_code,
    read_signed,
    sign_value,
)
from outpatient.core.terms import SessionKind

SECRET = "a secret of more than thirty-two bytes, for the tests"
OTHER = "another secret of more than thirty-two bytes, not ours"
NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
LIFETIME = timedelta(minutes=15)
URL_SAFE = set(string.ascii_letters + string.digits + "-_")


@pytest.fixture
def tokens() -> AccessTokens:
    return AccessTokens(SECRET, LIFETIME)


def issue(tokens: AccessTokens, *, user_id: int = 7, now: datetime = NOW) -> str:
    return tokens.issue(user_id=user_id, session_id=70, kind=SessionKind.STAFF, hospital_id=1, version=3, now=now)


# --- access tokens ---


def test_a_token_says_what_it_was_given(tokens: AccessTokens) -> None:
    expected = Claims(7, 70, SessionKind.STAFF, hospital_id=1, version=3, expires_at=EPOCH + 900)
    token = issue(tokens)
    assert [tokens.read(token, NOW), tokens.read(token, NOW)] == [expected, expected]


def test_a_token_carries_the_agreed_claims_and_nothing_about_the_person(tokens: AccessTokens) -> None:
    token = issue(tokens)
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    body = jwt.decode(token, options={"verify_signature": False})
    assert len(body.pop("jti")) == 22
    assert body == {
        "iss": "outpatient",
        "aud": "outpatient-api",
        "typ": "access",
        "sub": "7",
        "sid": 70,
        "kind": "STAFF",
        "hid": 1,
        "ver": 3,
        "iat": EPOCH,
        "exp": EPOCH + 900,
    }


def test_two_tokens_are_never_the_same(tokens: AccessTokens) -> None:
    assert issue(tokens) != issue(tokens)


def test_another_process_with_the_secret_reads_it(tokens: AccessTokens) -> None:
    assert AccessTokens(SECRET, LIFETIME).read(issue(tokens), NOW).user_id == 7


def test_time_is_the_callers_also_for_a_remembered_token(tokens: AccessTokens) -> None:
    token = issue(tokens)
    last = NOW + LIFETIME - timedelta(microseconds=1)
    assert tokens.read(token, last).user_id == 7
    for late in (NOW + LIFETIME, NOW + LIFETIME + timedelta(seconds=1), NOW + timedelta(days=3650)):
        with pytest.raises(TokenExpired):
            tokens.read(token, late)
    assert tokens.read(token, last).user_id == 7


def test_memory_is_bounded_and_keeps_only_good_tokens(tokens: AccessTokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outpatient.access.tokens.REMEMBERED_TOKENS", 2)
    small = AccessTokens(SECRET, LIFETIME)
    for user_id in (1, 2, 3, 3):
        assert small.read(issue(tokens, user_id=user_id), NOW).user_id == user_id
    for junk in range(10):
        with pytest.raises(InvalidToken):
            small.read(f"junk{junk}", NOW)
    assert small._verified.cache_info().currsize == 2


def body(**changes: Any) -> dict[str, Any]:
    """The claims of a good token; a change to None leaves the claim out."""
    good = {"iss": "outpatient", "aud": "outpatient-api", "typ": "access", "sub": "7", "sid": 70, "kind": "STAFF"}
    good |= {"hid": 1, "ver": 3, "iat": EPOCH, "exp": EPOCH + 900, "jti": "x"}
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(key: str = SECRET, algorithm: str = "HS256", headers: dict[str, Any] | None = None, **changes: Any) -> str:
    return jwt.encode(body(**changes), key, algorithm=algorithm, headers=headers)


def without(name: str) -> str:
    return jwt.encode(body(**{name: None}), SECRET, algorithm="HS256")


def raw(header: object, payload: object, signature: str = "") -> str:
    return ".".join([*(encoded(part) for part in (header, payload)), signature])


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def test_the_mutations_start_from_a_good_token(tokens: AccessTokens) -> None:
    """The control: without it, all refusals below could have one silly reason."""
    assert tokens.read(signed(), NOW).user_id == 7
    assert tokens.read(signed(nbf=EPOCH), NOW).user_id == 7


MUTATIONS: dict[str, Callable[[], str]] = {
    "alg none": lambda: jwt.encode(body(), None, algorithm="none"),
    "alg None, spelled otherwise": lambda: raw({"alg": "nOnE", "typ": "JWT"}, body()),
    "alg none with our signature": lambda: raw({"alg": "none"}, body(), signed().split(".")[2]),
    "no alg": lambda: raw({"typ": "JWT"}, body(), signed().split(".")[2]),
    "alg is a list": lambda: raw({"alg": ["HS256"]}, body(), signed().split(".")[2]),
    "alg HS384": lambda: signed(algorithm="HS384"),
    "alg HS512": lambda: signed(algorithm="HS512"),
    "header says RS256": lambda: raw({"alg": "RS256", "typ": "JWT"}, body(), signed().split(".")[2]),
    "other key": lambda: signed(OTHER),
    "empty-ish key": lambda: signed("0"),
    "other key named by kid": lambda: signed(OTHER, headers={"kid": "../../dev/null"}),
    "other key offered as jwk": lambda: signed(OTHER, headers={"jwk": {"kty": "oct", "k": encoded(OTHER)}}),
    "other key offered by jku": lambda: signed(OTHER, headers={"jku": "https://evil.example/jwks"}),
    "unknown crit header": lambda: signed(headers={"crit": ["exp2"], "exp2": 1}),
    "detached payload": lambda: signed(headers={"b64": False, "crit": ["b64"]}),
    "payload of another token": lambda: swapped(1),
    "header of another token": lambda: swapped(0),
    "signature of another token": lambda: swapped(2),
    "parts in another order": lambda: ".".join(reversed(signed().split("."))),
    "no signature": lambda: signed().rpartition(".")[0] + ".",
    "two parts": lambda: signed().rpartition(".")[0],
    "four parts": lambda: signed() + ".e30",
    "five parts, as if encrypted": lambda: signed() + ".e30.e30",
    "padded signature": lambda: signed() + "=",
    "line break at the end": lambda: signed() + "\n",
    "space in front": lambda: " " + signed(),
    "Bearer in front": lambda: "Bearer " + signed(),
    "cut by a letter": lambda: signed()[:-1],
    "empty": lambda: "",
    "dots": lambda: "..",
    "not ASCII": lambda: "é" + signed(),
    "half a surrogate": lambda: "\ud800" + signed(),
    "NUL": lambda: signed() + "\0",
    "header nested deep": lambda: base64.urlsafe_b64encode(b"[" * 60_000).decode() + ".e30.e30",
    "payload no object": lambda: jwt.api_jws.encode(b"[1]", SECRET, algorithm="HS256"),
    "payload no JSON": lambda: jwt.api_jws.encode(b"{", SECRET, algorithm="HS256"),
    "payload no UTF-8": lambda: jwt.api_jws.encode(b"\xff\xfe", SECRET, algorithm="HS256"),
    **{f"without {name}": partial(without, name) for name in body()},
    "wrong audience": lambda: signed(aud="outpatient-web"),
    "several audiences": lambda: signed(aud=["outpatient-api", "outpatient-web"]),
    "audience as another case": lambda: signed(aud="Outpatient-API"),
    "wrong issuer": lambda: signed(iss="somebody"),
    "issuer within ours": lambda: signed(iss="out"),
    "refresh used as access": lambda: signed(typ="refresh"),
    "typ as a list": lambda: signed(typ=["access"]),
    "opaque refresh secret used as access": new_secret,
    "signed link used as access": lambda: sign_value(SECRET, "confirm", "7"),
    "good later": lambda: signed(nbf=EPOCH + 1),
    "nbf as text": lambda: signed(nbf=str(EPOCH)),
    "nbf no number": lambda: raw_signed('"nbf": NaN'),
    "exp as text": lambda: signed(exp=str(EPOCH + 900)),
    "exp true": lambda: signed(exp=True),
    "exp infinite": lambda: raw_signed('"exp": Infinity'),
    "exp with a fraction": lambda: signed(exp=EPOCH + 900.5),
    "iat as text": lambda: signed(iat=str(EPOCH)),
    "user no number": lambda: signed(sub="admin"),
    "user as number": lambda: raw_signed('"sub": 7'),
    "session as text": lambda: signed(sid="70"),
    "hospital as text": lambda: signed(hid="1"),
    "hospital as list": lambda: signed(hid=[1, 2]),
    "version true": lambda: signed(ver=True),
    "unknown kind": lambda: signed(kind="SUPERADMIN"),
    "kind as list": lambda: signed(kind=["STAFF"]),
}


def swapped(part: int) -> str:
    """A good token with one part of another token, whose user and header differ."""
    ours, theirs = signed().split("."), signed(OTHER, headers={"kid": "2"}, sub="1").split(".")
    ours[part] = theirs[part]
    return ".".join(ours)


def raw_signed(member: str) -> str:
    """A token with our signature over a claim that no JWT library would write."""
    text = json.dumps(body())[:-1] + f", {member}}}"  # of two members with one name, readers take the last
    return jwt.api_jws.encode(text.encode(), SECRET, algorithm="HS256")


@pytest.mark.parametrize("mutation", MUTATIONS)
@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
def test_a_mutated_token_is_refused(tokens: AccessTokens, mutation: str) -> None:
    assert len(MUTATIONS) >= 40
    for _ in range(2):  # the second time past whatever the first may have left in memory
        with pytest.raises(InvalidToken) as refusal:
            tokens.read(MUTATIONS[mutation](), NOW)
        assert type(refusal.value) is InvalidToken


@pytest.mark.parametrize("expires_at", [EPOCH, EPOCH - 1, 0, -1])
def test_an_expired_token_says_so(tokens: AccessTokens, expires_at: int) -> None:
    with pytest.raises(TokenExpired):
        tokens.read(signed(exp=expires_at), NOW)


def flips(token: str) -> Iterator[str]:
    """Every token that differs in one letter by one bit."""
    for place, letter in enumerate(token):
        for bit in range(7):
            yield token[:place] + chr(ord(letter) ^ 1 << bit) + token[place + 1 :]


def test_no_bit_of_any_part_can_be_flipped(tokens: AccessTokens) -> None:
    for changed in flips(signed()):
        with pytest.raises(InvalidToken):
            tokens.read(changed, NOW)


def test_no_last_letter_of_the_signature_has_a_twin(tokens: AccessTokens) -> None:
    token = signed()
    for letter in URL_SAFE - {token[-1]}:
        with pytest.raises(InvalidToken):
            tokens.read(token[:-1] + letter, NOW)


# --- opaque secrets and one-time codes ---


def test_secrets_are_long_url_safe_and_never_the_same() -> None:
    some = [new_secret() for _ in range(100)]
    assert len(set(some)) == 100
    assert all(len(secret) == 43 and set(secret) <= URL_SAFE for secret in some)


def test_the_digest_is_sha256_in_hex() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_code_hangs_on_pepper_and_challenge_alone() -> None:
    codes = {otp_code(pepper, challenge) for pepper in ("p1", "p2") for challenge in ("c1", "c2")}
    assert len(codes) == 4
    assert otp_code("p1", "c1") == otp_code("p1", "c1")


def test_codes_have_six_digits_and_spread_evenly() -> None:
    codes = [otp_code("pepper", f"challenge {number}") for number in range(10_000)]
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes)
    for place in range(6):
        for digit in string.digits:
            assert 850 < sum(code[place] == digit for code in codes) < 1150  # five sigmas around 1,000


def test_challenge_ids_are_random() -> None:
    assert len({new_challenge_id() for _ in range(100)}) == 100
    assert len(new_challenge_id()) == 22


# --- signed links ---


@pytest.mark.parametrize("value", ["123", "", "appointment:12:cancel", "नमस्ते", "a.b.c", "x" * 500])
def test_a_signed_value_comes_back(value: str) -> None:
    token = sign_value(SECRET, "confirm", value)
    assert set(token) <= URL_SAFE | {"."}
    assert read_signed(SECRET, "confirm", token) == value


def test_a_link_is_short_enough_for_an_sms() -> None:
    assert len(sign_value(SECRET, "confirm", "1234567")) <= 35


def test_another_purpose_key_or_value_is_refused() -> None:
    token = sign_value(SECRET, "confirm", "123")
    value, _, mac = token.partition(".")
    other_value = sign_value(SECRET, "confirm", "124").partition(".")[0]
    for secret, purpose, changed in [
        (SECRET, "cancel", token),
        (SECRET, "confirm ", token),
        (SECRET, "", token),
        (OTHER, "confirm", token),
        (SECRET, "confirm", f"{other_value}.{mac}"),
        (SECRET, "confirm", f"{value}="),
        (SECRET, "confirm", f"{value}=.{mac}"),
        (SECRET, "confirm", value),
        (SECRET, "confirm", f"{value}."),
        (SECRET, "confirm", f".{mac}"),
        (SECRET, "confirm", f"{token}.{mac}"),
        (SECRET, "confirm", f"{token}\n"),
        (SECRET, "confirm", ""),
        (SECRET, "confirm", "é.é"),
        (SECRET, "confirm", "\ud800.x"),
        (SECRET, "confirm", f"_w.{mac}"),
        (SECRET, "confirm", f"{value}.\ud800"),
        (SECRET, "confirm", signed()),
    ]:
        with pytest.raises(InvalidToken):
            read_signed(secret, purpose, changed)


def test_purpose_and_value_cannot_be_shifted_into_each_other() -> None:
    assert sign_value(SECRET, "ab", "c").partition(".")[2] != sign_value(SECRET, "a", "bc").partition(".")[2]


def test_no_bit_of_a_link_can_be_flipped() -> None:
    for changed in flips(sign_value(SECRET, "confirm", "123")):
        with pytest.raises(InvalidToken):
            read_signed(SECRET, "confirm", changed)
