"""News between processes: one contract for every carrier, and what happens when the carrier goes away and returns."""

import asyncio
import contextlib
import secrets

import pytest

from outpatient.adapters.pubsub import news as news_module
from outpatient.adapters.pubsub.local import LocalPubsub
from outpatient.adapters.pubsub.news import FAILURES, News
from outpatient.adapters.pubsub.postgresql import PostgresPubsub
from outpatient.adapters.pubsub.redis import RedisPubsub
from tests.outside import Wire, redis_server, until

pytestmark = pytest.mark.anyio

BEAT = 1.0
"""Slow enough that a busy machine is not taken for a deaf listener."""


class Woken:
    """Counts how often it was woken."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


@pytest.fixture
async def carrier(request, postgresql):
    """Makes carriers that reach one another; `wire` is what lies between them and their server, if there is one."""
    kind, channel = request.param, f"test_{secrets.token_hex(6)}"
    if kind == "local":
        only = LocalPubsub()
        yield lambda: only, None
        return
    if kind == "postgresql" and postgresql is None:
        pytest.skip("needs PostgreSQL: --store postgresql")
    async with contextlib.AsyncExitStack() as servers:
        url = await servers.enter_async_context(redis_server()) if kind == "redis" else postgresql
        wire = await servers.enter_async_context(Wire(url))
        made = RedisPubsub if kind == "redis" else PostgresPubsub
        yield lambda: made(wire.url, channel), wire


every_carrier = pytest.mark.parametrize("carrier", ["local", "postgresql", "redis"], indirect=True)
every_server = pytest.mark.parametrize("carrier", ["postgresql", "redis"], indirect=True)


@contextlib.asynccontextmanager
async def process(make, beat: float = BEAT):
    """The news of one process, listening; its `woken` counts from there on."""
    one = News(make(), beat=beat)
    one.start()
    try:
        await until(lambda: one.is_connected, "it listens")
        woken = Woken()
        one.subscribe(woken)
        yield one, woken
    finally:
        await one.stop()


@every_carrier
async def test_what_one_process_tells_wakes_every_process(carrier):
    make, _ = carrier
    async with process(make) as (here, woken_here), process(make) as (_, woken_there), process(make) as (_, third):
        here.tell()
        assert woken_here.times == 1  # at once, and not through the carrier
        await until(lambda: woken_there.times and third.times, "the others were woken")
        await until(lambda: woken_there.times == 1, "once")
        assert woken_here.times == 1


@every_carrier
async def test_many_news_at_once_are_few_words(carrier):
    make, _ = carrier
    async with process(make) as (here, woken_here), process(make) as (_, woken_there):
        for _ in range(1000):
            here.tell()
        assert woken_here.times == 1000
        await until(lambda: woken_there.times, "the other was woken")
        here.tell()
        await until(lambda: woken_there.times >= 2, "and woken again")
        assert woken_there.times < 10


@every_carrier
async def test_the_heartbeat_wakes_nobody(carrier, monkeypatch):
    make, _ = carrier
    monkeypatch.setattr(news_module, "DEAF", 1000)
    async with process(make, beat=0.02) as (_, woken_here), process(make, beat=0.02) as (_, woken_there):
        words, ear = [], make()
        listening = asyncio.create_task(ear.listen(lambda: None, words.append))
        await until(lambda: len(words) >= 6, "six words were heard")
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening
        if ear.name != "local":  # there it is the one that all share
            await ear.close()
        assert {word.partition(" ")[0] for word in words} == {"beat"}
        assert (woken_here.times, woken_there.times) == (0, 0)


@every_carrier
async def test_who_has_ended_his_subscription_is_left_alone(carrier):
    make, _ = carrier
    async with process(make) as (here, woken), process(make) as (there, _):
        gone = Woken()
        end = here.subscribe(gone)
        end()
        end()  # twice is once
        there.tell()
        await until(lambda: woken.times, "the one who stayed was woken")
        assert gone.times == 0


async def test_one_who_cannot_be_woken_keeps_nobody_asleep():
    news, woken = News(LocalPubsub()), Woken()
    news.subscribe(lambda: 1 / 0)
    news.subscribe(woken)

    news.tell()  # without `start`, too

    assert woken.times == 1


@every_server
async def test_a_server_that_goes_away_hurts_nobody_and_is_found_again(carrier, monkeypatch):
    make, wire = carrier
    monkeypatch.setattr(news_module, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(news_module, "LONGEST_PAUSE", 0.1)
    async with process(make) as (here, woken_here), process(make) as (there, woken_there):
        await wire.cut()
        await until(lambda: not here.is_connected and not there.is_connected, "both noticed")
        refused = FAILURES.labels(here.pubsub.name)._value.get()
        here.tell()
        assert woken_here.times == 1  # this process never depends on the carrier
        await until(lambda: FAILURES.labels(here.pubsub.name)._value.get() > refused, "the refusal was counted")
        assert woken_there.times == 0

        await wire.mend()
        await until(lambda: here.is_connected and there.is_connected, "both listen again")
        assert woken_there.times >= 1  # to look what was said while it could not hear
        before = woken_there.times
        here.tell()
        await until(lambda: woken_there.times > before, "words travel again")


@every_server
async def test_the_first_word_after_its_return_arrives(carrier, monkeypatch):
    make, wire = carrier
    monkeypatch.setattr(news_module, "FIRST_PAUSE", 0.02)
    async with process(make, beat=60) as (here, _), process(make, beat=60) as (there, woken_there):
        here.tell()  # so that there is a connection which will be stale
        await until(lambda: woken_there.times, "words travel")
        await wire.cut()
        await until(lambda: not here.is_connected and not there.is_connected, "both noticed")
        await wire.mend()
        await until(lambda: here.is_connected and there.is_connected, "both listen again")
        before = woken_there.times
        here.tell()
        await until(lambda: woken_there.times > before, "the first word arrived")


@every_server
async def test_a_listener_that_went_deaf_is_made_anew(carrier, monkeypatch):
    make, wire = carrier
    monkeypatch.setattr(news_module, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(news_module, "PATIENCE", 0.1)
    async with process(make, beat=0.2) as (here, woken):
        wire.go_dead()  # nothing says that the connection is lost: only silence tells
        await until(lambda: not here.is_connected, "it noticed")
        await until(lambda: here.is_connected, "it listens again")
        assert woken.times >= 1
        async with process(make) as (there, _):
            before = woken.times
            there.tell()
            await until(lambda: woken.times > before, "words reach it again")


@every_server
async def test_a_server_that_is_away_at_the_start_is_found_when_it_comes(carrier, monkeypatch):
    make, wire = carrier
    monkeypatch.setattr(news_module, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(news_module, "LONGEST_PAUSE", 0.1)
    await wire.cut()
    news, woken = News(make(), beat=BEAT), Woken()
    news.subscribe(woken)
    news.start()
    try:
        news.tell()
        assert woken.times == 1
        await wire.mend()
        await until(lambda: news.is_connected, "it listens")
        assert woken.times >= 2
    finally:
        await news.stop()


@every_carrier
async def test_nothing_is_left_running_when_it_was_stopped(carrier):
    make, _ = carrier
    before = asyncio.all_tasks()
    async with process(make) as (news, woken):
        pass
    assert not news.is_connected
    assert {task for task in asyncio.all_tasks() - before if task.get_name().startswith("news-")} == set()
    news.tell()
    assert woken.times == 1  # this process is told even so


@every_carrier
async def test_it_stops_whatever_it_is_doing(carrier):
    """A word that is asked for in the very moment of the end must not swallow the end (`wait_for` would)."""
    make, _ = carrier
    for turns in range(6):
        async with process(make) as (news, _):
            for _ in range(turns):
                await asyncio.sleep(0)
            news.tell()
            async with asyncio.timeout(60):
                await news.stop()
