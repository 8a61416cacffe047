"""Redis or RabbitMQ goes away in the middle of the day: the desks go on, and nothing is lost."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from tests.adapters.subscriber import Subscriber
from tests.outside import Wire, rabbitmq_server, redis_server, until
from tests.races.screens import PATIENCE, Happened, Room, what_happened
from tests.races.shift import Shift, screens_of, shift_at, sockets_of

pytestmark = pytest.mark.anyio

TRIES = 3  # that must have failed before the broker is back
SLOW = 10.0  # seconds that no call may take; what is away may take longer to be given up


@pytest.fixture
def away_url(new_database) -> str:
    return new_database("away")


async def counted(shift: Shift, figure: str) -> float:
    """A figure of /metrics, all servers together."""
    total = 0.0
    for client in shift.clinic.clients:
        for line in (await client.get("/metrics")).text.splitlines():
            if line.startswith(f"{figure} "):
                total += float(line.rpartition(" ")[2])
    return total


async def reaches(shift: Shift, figure: str, least: float) -> None:
    """Wait until a figure is at least so much."""
    async with asyncio.timeout(PATIENCE):
        while await counted(shift, figure) < least:
            await asyncio.sleep(0.1)


async def test_screens_follow_while_redis_is_away(away_url, folders):
    if away_url.startswith("sqlite"):
        pytest.skip("one process on SQLite has nobody to send news to")
    async with (
        redis_server() as redis,
        Wire(redis) as wire,
        shift_at(away_url, folders, {"REDIS_URL": wire.url}) as shift,
        Room(shift.clinic) as room,
    ):
        for number in shift.alive:
            await room.open(*screens_of(shift, f"server {number}"), servers=[number])
            await room.connect(*sockets_of(shift, f"server {number}"), server=number)
        await shift.work(30)
        await room.judge()

        await wire.cut()
        await reaches(shift, 'outpatient_pubsub_losses_total{pubsub="redis"}', len(shift.alive))
        await shift.work(60)
        await shift.ring()
        await room.judge()  # while it is away

        await wire.mend()
        await shift.work(30)
        await shift.ring()
        await room.judge()
        assert shift.slowest < SLOW


async def test_every_event_reaches_rabbitmq_after_it_was_away(away_url, folders):
    async with (
        rabbitmq_server() as rabbitmq,
        Wire(rabbitmq) as wire,
        shift_at(away_url, folders, {"RABBITMQ_URL": wire.url}) as shift,
        Subscriber(rabbitmq) as subscriber,
    ):
        after = await followed_from(shift)
        await shift.work(30)
        await all_arrived(shift, subscriber, after)

        await wire.cut()
        failures = 'outpatient_worker_failures_total{loop="rabbitmq"}'
        before = await counted(shift, failures)
        await shift.work(60)
        await reaches(shift, failures, before + TRIES)
        await shift.ring()
        happened = await what_happened(shift.clinic, after)
        assert len(ours(happened, subscriber)) <= len(happened) - 60, "they wait for it"

        await wire.mend()
        await shift.work(10)
        await all_arrived(shift, subscriber, after)
        assert shift.slowest < SLOW


async def followed_from(shift: Shift) -> int:
    """The position after which RabbitMQ is told."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await shift.clinic.rows("SELECT position FROM followers WHERE name = 'rabbitmq'")):
            await asyncio.sleep(0.05)
    return found[0][0]


def ours(happened: Sequence[Happened], subscriber: Subscriber) -> list[Happened]:
    """The events that arrived, as often as they did; others may use the same broker."""
    rows = {one.id: one for one in happened}
    return [
        rows[body["id"]]
        for message, body in zip(list(subscriber.messages), subscriber.bodies, strict=False)
        if body["id"] in rows and is_true(rows[body["id"]], message, body)
    ]


def is_true(one: Happened, message: Any, body: dict[str, Any]) -> bool:
    """A message says what stands in the event's row, under its name."""
    at = datetime.fromisoformat(body["at"])
    said = (message.message_id, message.routing_key, body["position"], body["subjectId"], body["payload"], at)
    return said == (str(one.id), one.name, one.position, one.subject_id, one.payload, one.at)


async def all_arrived(shift: Shift, subscriber: Subscriber, after: int) -> None:
    """Everything that happened arrived, at least once, and what is of one subject in its order."""
    happened = await what_happened(shift.clinic, after)
    last = happened[-1]
    await until(lambda: last in ours(happened, subscriber), "the last one arrived", PATIENCE)
    arrived = list(dict.fromkeys(one.id for one in ours(happened, subscriber)))
    assert set(arrived) == {one.id for one in happened}
    of = {one.id: (one.name.partition(".")[0], one.subject_id) for one in happened}
    lines: dict[tuple[str, int], list[int]] = defaultdict(list)
    for event in arrived:
        lines[of[event]].append(event)
    assert all(line == sorted(line) for line in lines.values())
