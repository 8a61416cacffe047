import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from outpatient.access import passwords
from outpatient.access.passwords import hash_password, password_problem, verify_password

pytestmark = pytest.mark.anyio


async def test_a_right_password_is_right_and_a_wrong_one_wrong() -> None:
    stored = await hash_password("Doctor1Pass")
    assert await verify_password("Doctor1Pass", stored) == (True, None)
    assert await verify_password("doctor1pass", stored) == (False, None)
    assert await verify_password("", stored) == (False, None)


async def test_hashes_are_argon2id_with_the_agreed_cost_and_a_salt_each() -> None:
    one, two = await hash_password("Doctor1Pass"), await hash_password("Doctor1Pass")
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != two


async def test_an_aged_hash_comes_back_renewed() -> None:
    aged = Argon2Hasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("Doctor1Pass")
    right, renewed = await verify_password("Doctor1Pass", aged)
    assert right
    assert renewed is not None
    assert await verify_password("Doctor1Pass", renewed) == (True, None)
    assert await verify_password("wrong", aged) == (False, None)


@pytest.mark.parametrize(
    "stored", [None, "", "plain", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=19456,t=2,p=1$broken"]
)
async def test_without_a_usable_hash_nobody_enters(stored: str | None) -> None:
    assert await verify_password("Doctor1Pass", stored) == (False, None)


async def test_an_unknown_user_costs_one_hash_like_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[str] = []
    hasher = passwords._passwords.current_hasher

    def counted(name: str) -> Callable[..., Any]:
        real = getattr(hasher, name)

        def count(*args: Any, **options: Any) -> Any:
            computed.append(name)
            return real(*args, **options)

        return count

    for name in ("hash", "verify"):
        monkeypatch.setattr(hasher, name, counted(name))
    stored = await hash_password("Doctor1Pass")
    computed.clear()
    await verify_password("wrong", stored)
    await verify_password("wrong", None)
    assert computed == ["verify", "hash"]


async def test_composed_and_decomposed_letters_are_the_same_password() -> None:
    assert (await verify_password("cafe\u0301 1234", await hash_password("caf\u00e9 1234")))[0]


async def test_any_text_can_be_hashed() -> None:
    for text in ("\0", "\ud800", "🩺" * 128):
        assert (await verify_password(text, await hash_password(text)))[0]


async def test_at_most_four_are_computed_at_once_and_off_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, threads = 0, 0, set[int]()
    guard, four_together = threading.Lock(), threading.Barrier(passwords.AT_ONCE)

    def slow(password: bytes, stored: str | None) -> tuple[bool, str | None]:
        nonlocal running, most
        with guard:
            running += 1
            most = max(most, running)
            threads.add(threading.get_ident())
        four_together.wait(timeout=60)  # opens only if four really run side by side
        with guard:
            running -= 1
        return False, None

    monkeypatch.setattr(passwords, "_verify", slow)
    await asyncio.gather(*(verify_password("x", None) for _ in range(5 * passwords.AT_ONCE)))
    assert most == passwords.AT_ONCE
    assert threading.get_ident() not in threads


@pytest.mark.parametrize(
    "text", ["Doctor1Pass", "SecurePassword123", "password123", "correct horse", "पासवर्ड-१२३", "x" * 127 + "y"]
)
def test_passwords_of_the_seeds_and_of_people_are_accepted(text: str) -> None:
    assert password_problem(text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "at least 8"),
        ("1234567", "at least 8"),
        ("x" * 129, "at most 128"),
        ("abc\0defgh", "NUL"),
        ("12345678", "guess"),
        ("PassWord", "guess"),
    ],
)
def test_bad_passwords_are_refused_with_a_sentence(text: str, why: str) -> None:
    problem = password_problem(text)
    assert problem is not None
    assert why in problem
    assert problem.endswith(".")
