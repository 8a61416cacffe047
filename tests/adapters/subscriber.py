"""Somebody who listens to RabbitMQ."""

import json

import aio_pika

from outpatient.adapters.bus.rabbitmq import EXCHANGE


class Subscriber:
    """Another system: hears everything from now on, and keeps what says `run` (everything, if that is empty)."""

    def __init__(self, rabbitmq: str, run: str = "") -> None:
        self._address, self._run = rabbitmq, run
        self.messages: list[aio_pika.abc.AbstractIncomingMessage] = []

    async def __aenter__(self) -> "Subscriber":  # noqa: PYI034 (never subclassed)
        self._connection = await aio_pika.connect(self._address)
        channel = await self._connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        await channel.declare_exchange(EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)
        await queue.bind(EXCHANGE, "#")
        await queue.consume(self._keep, no_ack=True)
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self._connection.close()

    async def _keep(self, message: aio_pika.abc.AbstractIncomingMessage) -> None:
        if self._run in message.body.decode():
            self.messages.append(message)

    @property
    def bodies(self) -> list[dict]:
        return [json.loads(message.body) for message in self.messages]

    @property
    def numbers(self) -> list[int]:
        return [body["payload"]["number"] for body in self.bodies]
