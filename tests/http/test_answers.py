"""Answers kept in memory: never past a change that is known, never for longer than a second."""

from datetime import timedelta

from outpatient.core.clock import SetClock
from outpatient.http.answers import Answers
from tests.conftest import NOW


def kept(clock: SetClock, most: int = 10) -> Answers:
    return Answers(clock, lambda: timedelta(seconds=1), most=most)


class Reader:
    """Reads anew each time, and counts."""

    def __init__(self) -> None:
        self.reads = 0

    async def __call__(self) -> bytes:
        self.reads += 1
        return b"%d" % self.reads


async def test_one_read_serves_a_second():
    clock, read = SetClock(NOW), Reader()
    answers = kept(clock)
    assert [await answers.get("a", read), await answers.get("a", read)] == [b"1", b"1"]

    clock.advance(seconds=1)

    assert await answers.get("a", read) == b"2"


async def test_a_clock_put_back_makes_nothing_fresh():
    clock, read = SetClock(NOW), Reader()
    answers = kept(clock)
    await answers.get("a", read)
    clock.advance(seconds=-1)

    assert await answers.get("a", read) == b"2"


async def test_a_change_forgets_everything():
    answers, read = kept(SetClock(NOW)), Reader()
    await answers.get("a", read)
    answers.forget()

    assert await answers.get("a", read) == b"2"


async def test_what_was_read_while_something_changed_is_not_kept():
    answers, read = kept(SetClock(NOW)), Reader()

    async def read_slowly() -> bytes:
        answer = await read()
        answers.forget()
        return answer

    assert await answers.get("a", read_slowly) == b"1"
    assert await answers.get("a", read) == b"2"


async def test_when_there_are_too_many_the_oldest_goes():
    answers, read = kept(SetClock(NOW), most=2), Reader()
    for key in ("a", "b", "c"):
        await answers.get(key, read)

    assert len(answers) == 2
    assert await answers.get("c", read) == b"3"
    assert await answers.get("a", read) == b"4"
