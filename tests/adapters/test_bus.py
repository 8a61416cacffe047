"""Every event reaches RabbitMQ, in order, whoever dies and however long the broker is away."""

import asyncio
import contextlib
import gc
import secrets

import aio_pika
import pytest

from outpatient.adapters.bus import rabbitmq as rabbitmq_module
from outpatient.adapters.bus.rabbitmq import RabbitBus
from outpatient.app import create_app
from outpatient.core.errors import AdapterFailure
from outpatient.core.followers import find_backlog, tell_follower
from outpatient.core.outbox import place_events
from outpatient.models.outbox import StoredEvent
from outpatient.settings import Settings
from outpatient.worker import FAILURES, Loop
from tests.adapters.subscriber import Subscriber
from tests.conftest import NOW
from tests.outside import Wire, rabbitmq_server, until

pytestmark = pytest.mark.anyio


@pytest.fixture
async def rabbitmq():
    """The address of a broker."""
    async with rabbitmq_server() as address:
        yield address


@pytest.fixture
def run() -> str:
    """Tells this test's events from those of all others on the same broker."""
    return secrets.token_hex(8)


def event_of(run: str, number: int, subject_id: int = 1, position: int | None = None) -> StoredEvent:
    return StoredEvent(
        id=None if position is None else position + 1000,
        hospital_id=7,
        name="test.happened",
        subject="test",
        subject_id=subject_id,
        actor_id=None,
        payload={"run": run, "number": number, "note": "₹ और"},
        at=NOW,
        position=position,
    )


@contextlib.asynccontextmanager
async def bus_at(url: str):
    bus = RabbitBus(url)
    try:
        yield bus
    finally:
        await bus.close()


async def test_an_event_travels_as_a_durable_message_under_its_name(rabbitmq, run):
    async with bus_at(rabbitmq) as bus:
        assert await bus.is_up()  # the exchange is there now, whoever comes first
        async with Subscriber(rabbitmq, run) as subscriber:
            await bus.publish([event_of(run, 1, subject_id=5, position=42)])
            await until(lambda: subscriber.messages, "it arrived")

    (message,) = subscriber.messages
    assert (message.exchange, message.routing_key) == ("clinic_events", "test.happened")
    assert message.message_id == "1042"
    assert message.content_type == "application/json"
    assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
    assert subscriber.bodies == [
        {
            "id": 1042,
            "name": "test.happened",
            "subject": "test",
            "subjectId": 5,
            "hospitalId": 7,
            "actorId": None,
            "at": "2026-03-02T03:30:00Z",
            "payload": {"run": run, "number": 1, "note": "₹ और"},
            "position": 42,
        }
    ]


async def test_a_batch_arrives_in_its_order_and_nobody_need_listen(rabbitmq, run):
    async with bus_at(rabbitmq) as bus:
        await bus.publish([event_of(run, 0, position=1)])  # nobody asked for it: that is no failure
        async with Subscriber(rabbitmq, run) as subscriber:
            await bus.publish([event_of(run, number, position=number) for number in range(1, 201)])
            await until(lambda: len(subscriber.messages) == 200, "all arrived")
    assert subscriber.numbers == list(range(1, 201))


async def test_a_broker_that_is_away_is_said_at_once_and_found_again(rabbitmq, run, monkeypatch):
    monkeypatch.setattr(rabbitmq_module, "ANSWER", 3600.0)  # whoever waited for an answer would wait for ever
    async with Wire(rabbitmq) as wire, bus_at(wire.url) as bus, Subscriber(rabbitmq, run) as subscriber:
        await bus.publish([event_of(run, 1, position=1)])
        await wire.cut()
        for number in (2, 3):
            with pytest.raises(AdapterFailure):
                async with asyncio.timeout(60):
                    await bus.publish([event_of(run, number, position=number)])
        assert not await bus.is_up()

        await wire.mend()
        assert await bus.is_up()
        await bus.publish([event_of(run, 4, position=4)])
        await until(lambda: subscriber.numbers[-1:] == [4], "it arrived")
    assert subscriber.numbers == [1, 4]


async def test_a_connection_that_was_never_made_is_closed_all_the_same():
    """One left to the garbage collector would try to close itself on whatever loop runs then, or on none."""
    async with bus_at("amqp://127.0.0.1:1/never-made") as bus:
        assert not await bus.is_up()
        with pytest.raises(AdapterFailure):
            await bus.publish([event_of("", 1, position=1)])

    made = [it for it in gc.get_objects() if isinstance(it, aio_pika.Connection) and "never-made" in str(it)]
    assert all(connection.is_closed for connection in made)
    assert bus._connection is None


async def test_a_broker_that_answers_no_more_is_given_up(rabbitmq, run, monkeypatch):
    monkeypatch.setattr(rabbitmq_module, "ANSWER", 0.2)
    async with Wire(rabbitmq) as wire, bus_at(wire.url) as bus, Subscriber(rabbitmq, run) as subscriber:
        await bus.publish([event_of(run, 1, position=1)])
        wire.go_dead()
        with pytest.raises(AdapterFailure):
            await bus.publish([event_of(run, 2, position=2)])
        await bus.publish([event_of(run, 2, position=2)])  # on a connection of its own, which is alive
        await until(lambda: subscriber.numbers[-1:] == [2], "it arrived")


async def test_many_who_publish_at_once_share_one_connection(rabbitmq, run):
    async with bus_at(rabbitmq) as bus, Subscriber(rabbitmq, run) as subscriber:
        await asyncio.gather(*(bus.publish([event_of(run, n, position=n)]) for n in range(20)), bus.is_up())
        await until(lambda: len(subscriber.messages) == 20, "all arrived")


# ── through the worker ───────────────────────────────────────────────────────────────────────────────────────────────


class Clinic:
    """Programs on one database, each with a worker that publishes to RabbitMQ."""

    def __init__(self, database_url: str, folders) -> None:
        self._folders = folders
        self._database_url = database_url
        self.programs = []

    def program(self, rabbitmq_url: str):
        settings = Settings(
            _env_file=None,
            database_url=self._database_url,
            outbox_dir=self._folders / "outbox",
            upload_dir=self._folders / "uploads",
            redis_url="",
            rabbitmq_url=rabbitmq_url,
        )
        program = create_app(settings, with_worker=False)
        self.programs.append(program)
        return program

    async def start(self, rabbitmq_url: str):
        program = self.program(rabbitmq_url)
        program.news.start()
        program.worker.start()
        database, name = program.database, program.adapters.bus.name
        async with asyncio.timeout(60):
            while await find_backlog(database, name) is None:
                await asyncio.sleep(0.01)
        return program

    async def close(self) -> None:
        for program in self.programs:
            await program.worker.stop()
            await program.adapters.close()
            await program.database.close()


@pytest.fixture
def own_database(new_database) -> str:
    return new_database("bus")


@pytest.fixture
async def clinic(own_database, folders):
    clinic = Clinic(own_database, folders)
    yield clinic
    await clinic.close()


async def happen(program, run: str, numbers, subjects: int = 5) -> None:
    """One transaction per event, as at the desks."""
    for number in numbers:
        async with program.database.transaction() as tx:
            await tx.add(event_of(run, number, subject_id=number % subjects))


async def test_two_workers_publish_each_event_once_and_in_order(clinic, rabbitmq, run):
    async with Subscriber(rabbitmq, run) as subscriber:
        one, two = [await clinic.start(rabbitmq) for _ in range(2)]
        await asyncio.gather(happen(one, run, range(100)), happen(two, run, range(100, 200)))
        await until(lambda: len(subscriber.messages) >= 200, "all arrived", 30)
    assert sorted(subscriber.numbers) == list(range(200))
    positions = [body["position"] for body in subscriber.bodies]
    assert positions == sorted(positions)


async def test_a_backlog_waits_for_the_broker_and_drains_in_order(clinic, rabbitmq, run, monkeypatch):
    monkeypatch.setattr("outpatient.worker.FIRST_BACKOFF", 0.05)
    monkeypatch.setattr("outpatient.worker.BUS_BACKOFF", 0.2)
    async with Wire(rabbitmq) as wire, Subscriber(rabbitmq, run) as subscriber:
        program = await clinic.start(wire.url)
        await happen(program, run, range(20))
        await until(lambda: len(subscriber.messages) >= 20, "the first arrived")

        await wire.cut()
        failures = FAILURES.labels("rabbitmq")._value.get()
        await happen(program, run, range(20, 60))
        await until(lambda: FAILURES.labels("rabbitmq")._value.get() > failures, "it tried")
        async with program.database.transaction() as tx:  # the desk goes on
            await tx.add(event_of(run, 60))
        await wire.mend()
        await until(lambda: set(subscriber.numbers) >= set(range(61)), "everything arrived", 30)

    assert list(dict.fromkeys(subscriber.numbers)) == list(range(61))


async def test_what_dies_between_publishing_and_noting_it_is_published_again(clinic, rabbitmq, run):
    program = clinic.program(rabbitmq)
    bus = program.adapters.bus
    await tell_follower(program.database, bus.name, "first", bus.publish)
    await happen(program, run, range(3))
    await place_events(program.database, program.worker.reactions)

    async def dies(events) -> None:
        await bus.publish(events)
        raise asyncio.CancelledError

    async with Subscriber(rabbitmq, run) as subscriber:
        with pytest.raises(asyncio.CancelledError):
            await tell_follower(program.database, bus.name, "first", dies)
        assert await tell_follower(program.database, bus.name, "first", bus.publish) == 3
        await until(lambda: len(subscriber.messages) == 6, "twice")
    assert subscriber.numbers == [0, 1, 2, 0, 1, 2]
    assert [message.message_id for message in subscriber.messages[:3]] == [
        message.message_id for message in subscriber.messages[3:]
    ]


async def test_who_stops_hands_the_bus_over_at_once(clinic, rabbitmq, run):
    async with Subscriber(rabbitmq, run) as subscriber:
        one = await clinic.start(rabbitmq)
        await happen(one, run, range(3))
        await until(lambda: len(subscriber.messages) == 3, "the first told it")
        await one.worker.stop()
        two = await clinic.start(rabbitmq)
        await happen(two, run, range(3, 6))
        await until(lambda: len(subscriber.messages) == 6, "the second told it", 15)  # well before the lease's end
    assert subscriber.numbers == list(range(6))


async def test_without_an_address_there_is_no_bus(outpatient):
    assert outpatient.adapters.bus is None
    assert await outpatient.worker._feed_bus() == 0


async def test_the_pauses_between_tries_grow_to_their_limit(monkeypatch):
    rests = []

    async def fails() -> int:
        raise AdapterFailure("Not now.")

    loop = Loop("test", fails, poll=1, share=1, longest_backoff=15)

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        if len(rests) == 7:
            loop.end()

    monkeypatch.setattr(loop, "_rest", rest)
    await loop.run()

    for rest, longest in zip(rests, (1, 2, 4, 8, 15, 15, 15), strict=True):
        assert 0.7 * longest <= rest <= longest
