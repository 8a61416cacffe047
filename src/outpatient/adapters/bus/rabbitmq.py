"""RabbitMQ: the durable topic exchange `clinic_events`, with the event's name as routing key."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from aio_pika.connection import make_url

from outpatient.core.errors import AdapterFailure
from outpatient.models.outbox import StoredEvent

EXCHANGE = "clinic_events"
CONNECT = 5.0  # seconds
ANSWER = 10.0  # seconds in which the broker must have confirmed a whole batch
HEARTBEAT = 15  # seconds; a broker that is silent for three of them is away


class RabbitBus:
    """Publishes with confirms, a whole batch under way at once, on one connection that is made when it is needed."""

    name = "rabbitmq"

    def __init__(self, url: str) -> None:
        self._url = url
        self._opening = asyncio.Lock()
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None
        self._exchange: AbstractExchange | None = None

    async def publish(self, events: Sequence[StoredEvent]) -> None:
        try:
            exchange = await self._open()
            async with asyncio.timeout(ANSWER):  # they leave in this order: each takes the channel's lock in its turn
                await asyncio.gather(
                    *(exchange.publish(message_of(event), routing_key=event.name, mandatory=False) for event in events)
                )
        except BaseException as failure:
            await self.close()  # an unanswered message would answer for the next batch's
            if not isinstance(failure, Exception):
                raise
            raise AdapterFailure(f"RabbitMQ did not take the events: {type(failure).__name__}") from failure

    async def is_up(self) -> bool:
        try:
            await self._open()
        except Exception:  # noqa: BLE001 (whatever it is, the broker is away)
            return False
        return True

    async def close(self) -> None:
        connection, self._connection, self._exchange = self._connection, None, None
        if connection is not None:
            with contextlib.suppress(Exception):  # it may be lost already
                async with asyncio.timeout(1):
                    await connection.close()

    async def _open(self) -> AbstractExchange:
        async with self._opening:
            if self._exchange is None or self._channel is None or self._channel.is_closed:
                await self.close()
                try:
                    async with asyncio.timeout(CONNECT):
                        self._exchange = await self._connect()
                except BaseException:
                    await self.close()  # left to the garbage collector, it would look for a loop that may be gone
                    raise
            return self._exchange

    async def _connect(self) -> AbstractExchange:
        connection = self._connection = aio_pika.Connection(make_url(self._url, heartbeat=HEARTBEAT))
        await connection.connect()
        self._channel = await connection.channel(publisher_confirms=True)
        return await self._channel.declare_exchange(EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)


def message_of(event: StoredEvent) -> aio_pika.Message:
    """An event as it travels: the message's id is the event's, so that a reader can tell a repeat."""
    return aio_pika.Message(
        json.dumps(body_of(event), ensure_ascii=False, separators=(",", ":")).encode(),
        message_id=str(event.id),
        type=event.name,
        timestamp=event.at,
        content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )


def body_of(event: StoredEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "name": event.name,
        "subject": event.subject,
        "subjectId": event.subject_id,
        "hospitalId": event.hospital_id,
        "actorId": event.actor_id,
        "at": event.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "payload": event.payload,
        "position": event.position,
    }
