"""Passwords: Argon2id, never on the event loop, never more than four at once."""

import unicodedata

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

# OWASP's lightest Argon2id: 19 MiB and about 30 ms. A sign-in must not cost a small server more than that.
_passwords = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))

AT_ONCE = 4
"""Hashes computed at the same time per event loop; a flood of sign-ins waits here, and the clinic goes on."""

SHORTEST, LONGEST = 8, 128

# Seed 003 registers with "password123", so that one stays allowed.
COMMONEST = """
    12345678 123456789 1234567890 0123456789 87654321 11111111 00000000 12341234 password password1 passw0rd p@ssw0rd
    qwertyui qwertyuiop qwerty123 1q2w3e4r 1qaz2wsx asdfghjkl abcd1234 abc12345 abcdefgh iloveyou sunshine princess
    football baseball superman welcome1 welcome123 admin123 administrator letmein1 india123 doctor123 clinic123
    hospital outpatient
"""


async def hash_password(text: str) -> str:
    """The Argon2id hash to store, about 30 ms away."""
    return await to_thread.run_sync(_passwords.hash, _bytes(text), limiter=_limiter())


async def verify_password(text: str, stored: str | None) -> tuple[bool, str | None]:
    """Whether the password is right, and a new hash to store when the old one's parameters have aged.

    Without a stored hash (nobody by that name) the answer is False after the same time, so that it tells nothing.
    """
    return await to_thread.run_sync(_verify, _bytes(text), stored, limiter=_limiter())


def password_problem(text: str) -> str | None:
    """What is wrong with a new password, as a sentence for the person, or None: length and guessability, no recipes."""
    if len(text) < SHORTEST:
        return f"Use at least {SHORTEST} characters."
    if len(text) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if "\0" in text:
        return "A password cannot contain a NUL character."
    if text.casefold() in COMMONEST.split():
        return "This is one of the first passwords that anyone would guess. Choose another."
    return None


def _verify(password: bytes, stored: str | None) -> tuple[bool, str | None]:
    try:
        if stored is not None:
            return _passwords.verify_and_update(password, stored)
    except UnknownHashError:
        pass
    _passwords.hash(password)  # costs what verifying costs
    return False, None


def _bytes(text: str) -> bytes:
    """One form for letters that keyboards compose differently (é, हिंदी); no text can fail to encode."""
    return unicodedata.normalize("NFKC", text).encode("utf-8", "surrogatepass")


_limiters: RunVar[CapacityLimiter] = RunVar("password_limiter")


def _limiter() -> CapacityLimiter:
    """This event loop's limiter, which a cancelled request gives back only when its thread is done."""
    try:
        return _limiters.get()
    except LookupError:
        limiter = CapacityLimiter(AT_ONCE)
        _limiters.set(limiter)
        return limiter
