"""The worker's loops: none waits for another, none gives up, and whoever follows the events is told in time."""

import asyncio
import time
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from outpatient import worker as worker_module
from outpatient.adapters.messages.local import LocalMessages
from outpatient.core.errors import AdapterFailure
from outpatient.core.outbox import place_events
from outpatient.models.outbox import StoredEvent
from outpatient.worker import FAILURES, RELAY_REST, SHORTEST_REST, Loop
from tests.appointments.wishes import Elsewhere, booked
from tests.outside import until

pytestmark = pytest.mark.anyio


class NeverAnswers(LocalMessages):
    """A provider that takes a message and says nothing."""

    async def send(self, *, message, at, doubtful_since=None):
        object.__setattr__(self, "asked", True)
        await asyncio.Event().wait()


class DeadBus:
    """A broker that takes events and says nothing."""

    name = "dead"
    asked = False

    async def publish(self, events):
        self.asked = True
        await asyncio.Event().wait()


async def last_position(outpatient) -> int:
    async with outpatient.database.reading() as tx:
        return await tx.one_or_none(select(func.coalesce(func.max(StoredEvent.position), 0)))


async def test_neither_a_silent_provider_nor_a_silent_broker_delays_the_screens(
    as_patient, as_clinician, outpatient, monkeypatch
):
    monkeypatch.setattr(worker_module, "LAST_WORK", 0.1)
    await outpatient.worker.run_once()
    silent, bus, news = NeverAnswers(outpatient.settings.outbox_dir), DeadBus(), []
    async with Elsewhere(outpatient, messages=silent) as elsewhere:
        program, patient = elsewhere.program, elsewhere.seen_by(as_patient)
        program.worker.bus = bus
        program.news.subscribe(lambda: news.append(time.perf_counter()))
        program.worker.start()
        try:
            await booked(patient, as_clinician, "10:00")
            await until(lambda: getattr(silent, "asked", False), "the provider was asked")
            before, told = await last_position(outpatient), len(news)
            await booked(patient, as_clinician, "11:00")
            await until(lambda: len(news) > told, "the news was told while the provider keeps us waiting")
            assert await last_position(outpatient) > before
            await booked(patient, as_clinician, "12:00")
            await until(lambda: bus.asked, "the broker was asked")
            told = len(news)
            await booked(patient, as_clinician, "13:00")
            await until(lambda: len(news) > told, "and while the broker does")
        finally:
            await program.worker.stop()


async def test_who_is_woken_finds_the_events_in_their_place(as_patient, as_clinician, outpatient):
    await outpatient.worker.run_once()
    async with Elsewhere(outpatient) as elsewhere:
        program, woken = elsewhere.program, asyncio.Event()
        before = await last_position(outpatient)
        program.news.subscribe(woken.set)
        program.worker.start()
        try:
            await booked(elsewhere.seen_by(as_patient), as_clinician)
            await asyncio.wait_for(woken.wait(), 60)
            assert await last_position(outpatient) > before
        finally:
            await program.worker.stop()


async def test_running_once_tells_the_news_too(outpatient):
    told = []
    end = outpatient.news.subscribe(lambda: told.append(1))
    await outpatient.worker.run_once()
    end()
    assert told


async def test_a_worker_that_has_stopped_leaves_nothing_behind(outpatient):
    async with Elsewhere(outpatient) as elsewhere:
        worker, subscribers = elsewhere.program.worker, elsewhere.program.news._subscribers
        before = dict(subscribers)
        worker.start()
        worker.wake()
        await worker.stop()
        assert [task for task in asyncio.all_tasks() if task.get_name().startswith("worker-")] == []
        assert subscribers == before


async def test_two_relays_at_once_leave_nothing_lying_about(as_patient, as_clinician, outpatient):
    """Who comes second waits for the first and looks again: what was committed meanwhile is not left for later."""
    await outpatient.worker.run_once()
    async with Elsewhere(outpatient) as elsewhere:
        databases = (outpatient.database, elsewhere.program.database)
        for start in ("10:00", "10:30", "11:00", "11:30"):
            await booked(as_patient, as_clinician, start)
            await asyncio.gather(*(place_events(database, outpatient.worker.reactions) for database in databases * 3))
            async with outpatient.database.reading() as tx:
                assert await tx.all(select(StoredEvent.id).where(StoredEvent.position.is_(None))) == []


# ── one loop ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def rests_of(loop: Loop, monkeypatch, count: int) -> list[float]:
    """How long the loop would rest after each of its first rounds."""
    rests = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        if len(rests) == count:
            loop.end()

    monkeypatch.setattr(loop, "_rest", rest)
    await asyncio.wait_for(loop.run(), 60)
    return rests


@pytest.mark.parametrize(
    ("share", "worked", "longest", "expected"),
    [
        (0.1, 0.0, 1.0, SHORTEST_REST),
        (0.1, 0.01, 1.0, 0.09),  # nine times as long as it worked
        (0.1, 0.01, RELAY_REST, RELAY_REST),  # screens wait for the relay
        (0.1, 2.0, 1.0, 1.0),  # most of that was waiting for a provider
        (1.0, 0.5, 1.0, SHORTEST_REST),  # on its own
    ],
)
async def test_a_loop_rests_so_that_people_come_first(share, worked, longest, expected, monkeypatch):
    clock = iter((0.0, worked))
    monkeypatch.setattr(worker_module, "time", SimpleNamespace(perf_counter=lambda: next(clock)))

    async def work() -> int:
        return 1

    (rest,) = await rests_of(Loop("test", work, 1, share, longest), monkeypatch, 1)
    assert rest == pytest.approx(expected)


async def test_a_loop_outlives_what_fails_and_counts_it(monkeypatch):
    outcomes = iter((OSError(), OSError(), AdapterFailure("Not now."), 1, OSError(), 1))

    async def work() -> int:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    failures = FAILURES.labels("test-outlives")._value.get()
    rests = await rests_of(Loop("test-outlives", work, 1, 1.0, longest_backoff=4), monkeypatch, 6)

    assert FAILURES.labels("test-outlives")._value.get() - failures == 4
    for rest, longest in zip(rests, (1, 2, 4, SHORTEST_REST, 1, SHORTEST_REST), strict=True):
        assert 0.7 * longest <= rest <= longest  # and it begins anew after what went well


async def test_a_loop_that_is_woken_at_work_works_again():
    rounds = []

    async def work() -> int:
        rounds.append(1)
        if len(rounds) == 1:
            loop.wake()
        else:
            loop.end()
        return 0

    loop = Loop("test", work, poll=3600, share=1.0)
    await asyncio.wait_for(loop.run(), 60)
    assert len(rounds) == 2


async def test_a_loop_that_nobody_wakes_looks_around():
    rounds = []

    async def work() -> int:
        rounds.append(1)
        if len(rounds) == 3:
            loop.end()
        return 0

    loop = Loop("test", work, poll=0.001, share=1.0)
    await asyncio.wait_for(loop.run(), 60)
    assert len(rounds) == 3
