"""What a caller shows us: access tokens (JWT), opaque secrets, one-time codes and signed links."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import jwt

from outpatient.core.terms import Role, SessionKind

AUDIENCE = "outpatient-api"
REMEMBERED_TOKENS = 10_000


class InvalidToken(Exception):
    """The token is not ours, was changed, or is meant for something else."""


class TokenExpired(InvalidToken):
    """The token was good until its time was over."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says; `version` is the user's revocation version, `expires_at` is in epoch seconds."""

    user_id: int
    session_id: int
    kind: SessionKind
    hospital_id: int
    version: int
    expires_at: int


class AccessTokens:
    """Issues and reads the short-lived tokens that every request carries (HS256 and nothing else)."""

    def __init__(self, secret: str, lifetime: timedelta, *, issuer: str = "outpatient") -> None:
        self._secret = secret
        self._lifetime = int(lifetime.total_seconds())
        self._issuer = issuer
        # Only good tokens are remembered, since lru_cache keeps no exceptions: nobody can flood it with bad ones.
        self._verified = lru_cache(maxsize=REMEMBERED_TOKENS)(self._verify)

    def issue(
        self,
        *,
        user_id: int,
        session_id: int,
        kind: SessionKind,
        hospital_id: int,
        version: int,
        now: datetime,
        role: Role | None = None,
    ) -> str:
        """A new token for a session, good from `now` for the lifetime.

        `role` is told to clients that look into their token (seed 003); nobody here believes it.
        """
        issued_at = int(now.timestamp())
        body: dict[str, str | int] = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "typ": "access",
            "sub": str(user_id),
            "sid": session_id,
            "kind": kind.value,
            "hid": hospital_id,
            "ver": version,
            "iat": issued_at,
            "exp": issued_at + self._lifetime,
            "jti": secrets.token_urlsafe(16),
        }
        if role is not None:
            body["role"] = role.word
        return jwt.encode(body, self._secret, algorithm="HS256")

    def read(self, token: str, now: datetime) -> Claims:
        """The claims of a token that is good at `now`; raises TokenExpired or InvalidToken."""
        claims, not_before = self._verified(token)
        instant = now.timestamp()
        if instant >= claims.expires_at:
            raise TokenExpired
        if instant < not_before:
            raise InvalidToken
        return claims

    def _verify(self, token: str) -> tuple[Claims, int]:
        """Everything about a token that no clock can change, and its `nbf`."""
        try:
            if "=" in token:  # PyJWT takes a padded signature, and one token would have two spellings
                raise InvalidToken
            body = jwt.decode(
                token,
                self._secret,
                algorithms=["HS256"],
                audience=AUDIENCE,
                issuer=self._issuer,
                options={
                    "require": ["exp", "iat", "iss", "aud", "sub", "jti", "typ"],
                    "strict_aud": True,
                    "verify_exp": False,  # the clock is the caller's
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
            session_id, hospital_id, version = body["sid"], body["hid"], body["ver"]
            issued_at, expires_at, not_before = body["iat"], body["exp"], body.get("nbf", 0)
            numbers = (session_id, hospital_id, version, issued_at, expires_at, not_before)
            if body["typ"] != "access" or any(type(number) is not int for number in numbers):
                raise InvalidToken
            kind = SessionKind(body["kind"])
            return Claims(int(body["sub"]), session_id, kind, hospital_id, version, expires_at), not_before
        except (jwt.InvalidTokenError, KeyError, ValueError, RecursionError) as problem:
            raise InvalidToken from problem


def new_secret() -> str:
    """A secret of 256 bits for a URL, cookie or refresh token; store only its `digest`."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """SHA-256 in hex, to look up a secret that is too random to need a slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_challenge_id() -> str:
    """The public, random name of one sign-in by code (128 bits)."""
    return secrets.token_urlsafe(16)


def otp_code(pepper: str, challenge_id: str) -> str:
    """The six digits of a challenge, which only a holder of the pepper can work out again; nothing is stored."""
    return f"{int.from_bytes(_mac(pepper.encode(), f'otp:{challenge_id}')[:8]) % 10**6:06d}"


def sign_value(secret: str, purpose: str, value: str) -> str:
    """A link-safe token that carries `value` readably, good for one purpose only and without an end in time."""
    purpose_key = _mac(secret.encode(), f"link:{purpose}")
    return f"{_base64(value.encode())}.{_base64(_mac(purpose_key, value)[:16])}"  # 128 bits keep a link in an SMS short


def read_signed(secret: str, purpose: str, token: str) -> str:
    """The value in a token of `sign_value`; raises InvalidToken."""
    try:
        given = token.encode("ascii")
        value = urlsafe_b64decode(given.partition(b".")[0] + b"==").decode()
    except ValueError:
        raise InvalidToken from None
    # Signing again and comparing whole tokens leaves no second spelling of a good one.
    if not hmac.compare_digest(sign_value(secret, purpose, value).encode(), given):
        raise InvalidToken
    return value


def _mac(key: bytes, message: str) -> bytes:
    return hmac.digest(key, message.encode(), "sha256")


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
