"""Whatever is sent, by whomever: no failure of ours, no undocumented answer, nothing lost, nothing of another hospital.

`FUZZ_EXAMPLES=500 pytest tests/fuzz` sends more, `make soak` 20,000 to each surface; the run is the same every time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import Phase, given, seed, settings
from sqlalchemy import text

from tests.fuzz.calls import Caller, guesses_of, schemas_of
from tests.fuzz.surfaces import API, ROOT, SOAK, Surface
from tests.fuzz.tally import Tally
from tests.invariants import INVARIANTS

LEAST_SHARE = 0.3
MOST_SHARES = 6


def fuzz_everything(fuzz: Any, surface: Surface) -> Tally:
    """Every operation of the document, none left out."""
    allowed, tally = surface.allowed(), Tally()
    for found in surface.schema.get_all_operations():
        operation = found.ok()
        caller = Caller(fuzz.world, surface, operation, allowed[operation.label])
        if operation.path.startswith("/sse/"):
            with leaving(fuzz):
                fuzz_operation(fuzz, caller, tally)
        else:
            fuzz_operation(fuzz, caller, tally)
    return tally


@contextmanager
def leaving(fuzz: Any) -> Iterator[None]:
    """A program that is about to stop, and so ends every stream as soon as it has begun."""

    async def leave(is_leaving: bool) -> None:
        (fuzz.program.stopping.set if is_leaving else fuzz.program.stopping.clear)()

    fuzz.run(leave, True)
    yield
    fuzz.run(leave, False)


def fuzz_operation(fuzz: Any, caller: Caller, tally: Tally) -> None:
    """Send one operation its share of calls, in a hospital of its own; and again, if by bad luck none was good."""
    fuzz.run(fuzz.world.renew)
    for number in range(MOST_SHARES):

        @seed(number)
        @settings(max_examples=caller.surface.calls_each(), phases=[Phase.generate])
        @given(guess=guesses_of(caller.operation))
        def send(guess: Any) -> None:
            tally.look_at(guess, lambda: fuzz.run(caller.send, guess))

        send()
        if caller.operation.label not in tally.never_good():
            break


@pytest.mark.parametrize("surface", [API, ROOT], ids=str)
def test_whatever_is_sent_by_whomever(fuzz, surface):
    """One test a surface, because all of it is one run, which several workers would make several times."""
    tally = fuzz_everything(fuzz, surface)
    print(tally.table())  # `pytest -rP` shows it
    assert not tally.offenders, "\n" + tally.report()
    assert set(tally.never_good()) == surface.only_signed
    assert tally.share >= LEAST_SHARE
    assert not SOAK or tally.total >= 20_000
    assert fuzz.run(fuzz.world.canary_rows) == fuzz.world.before
    found = {wrong: fuzz.run(count_rows, fuzz.program, query) for wrong, query in INVARIANTS.items()}
    assert found == dict.fromkeys(INVARIANTS, 0)


async def count_rows(program: Any, query: str) -> int:
    async with program.database.reading() as tx:
        return int(await tx.one_or_none(text(query)))


@pytest.mark.parametrize("surface", [API, ROOT], ids=str)
def test_every_documented_body_shows_an_example(surface):
    """A reader copies something that works; the calls above start from the same examples."""
    operations = [found.ok() for found in surface.schema.get_all_operations()]
    bare = {one.label for one in operations if one.body and any("examples" not in it for it in schemas_of(one))}
    assert bare <= {"POST /users/me/photo"}
