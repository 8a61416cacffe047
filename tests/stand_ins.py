"""Stand-ins for RabbitMQ and Redis on machines that have none: as much of each protocol as our tests speak."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from pamqp import body, commands, exceptions, frame, header
from pamqp.commands import Basic, Channel, Confirm, Connection, Exchange, Queue


@asynccontextmanager
async def listening(answer, scheme: str) -> AsyncIterator[str]:
    """Serves each connection with `answer` for the length of a block; gives the address."""
    links = set()

    async def link(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        links.add(asyncio.current_task())
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await answer(reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(link, "127.0.0.1", 0)
    try:
        yield f"{scheme}127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()
        for one in links:
            one.cancel()
        await asyncio.gather(*links, return_exceptions=True)


# ── RabbitMQ ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class StandInBroker:
    """Exchanges that give everything to every queue bound to them, and confirm what they were given."""

    def __init__(self) -> None:
        self.consumers = {}  # (exchange, queue) → how to hand over a message
        self.exchanges = {}  # name → how it was declared
        self.queue_names = (f"queue-{number}" for number in itertools.count(1))

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Dialogue(self, reader, writer).run()


class Dialogue:
    """One client's connection."""

    ANSWERS = {
        Connection.Open: Connection.OpenOk,
        Connection.Close: Connection.CloseOk,
        Channel.Open: Channel.OpenOk,
        Channel.Close: Channel.CloseOk,
        Confirm.Select: Confirm.SelectOk,
        Queue.Bind: Queue.BindOk,
        Exchange.Declare: Exchange.DeclareOk,
    }

    def __init__(self, broker: StandInBroker, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.broker, self.reader, self.writer = broker, reader, writer
        self.tags, self.confirms, self.bound, self.buffer = itertools.count(1), {}, {}, b""

    def say(self, channel: int, *frames) -> None:
        self.writer.write(b"".join(frame.marshal(one, channel) for one in frames))

    async def next(self):
        while True:
            with suppress(exceptions.UnmarshalingException):
                used, channel, found = frame.unmarshal(self.buffer)
                self.buffer = self.buffer[used:]
                return channel, found
            part = await self.reader.read(65536)
            if not part:
                raise ConnectionResetError
            self.buffer += part

    async def run(self) -> None:
        assert await self.reader.readexactly(8) == header.ProtocolHeader(0, 9, 1).marshal()
        capabilities = {"capabilities": {"publisher_confirms": True, "basic.nack": True}}
        self.say(0, Connection.Start(server_properties=capabilities, mechanisms="PLAIN", locales="en_US"))
        try:
            while True:
                await self.obey(*await self.next())
        finally:
            for key in self.bound.values():
                self.broker.consumers.pop(key, None)

    async def obey(self, channel: int, said) -> None:
        match said:
            case Connection.StartOk():
                self.say(0, Connection.Tune(channel_max=100, frame_max=131072, heartbeat=60))
            case Queue.Declare():
                self.say(channel, Queue.DeclareOk(next(self.broker.queue_names), 0, 0))
            case Basic.Consume():
                tag = said.consumer_tag or "consumer"
                key = self.bound[said.queue]
                self.broker.consumers[key] = lambda *message: self.deliver(channel, tag, *message)
                self.say(channel, Basic.ConsumeOk(consumer_tag=tag))
            case Basic.Publish():
                await self.publish(channel, said)
            case _:
                self.note(channel, said)
                if type(said) in self.ANSWERS:
                    self.say(channel, self.ANSWERS[type(said)]())

    def note(self, channel: int, said) -> None:
        match said:
            case Confirm.Select():
                self.confirms[channel] = itertools.count(1)
            case Queue.Bind():
                self.bound[said.queue] = (said.exchange, said.queue)
            case Exchange.Declare():
                how = (said.exchange_type, said.durable)
                assert self.broker.exchanges.setdefault(said.exchange, how) == how, "declared in two ways"

    async def publish(self, channel: int, said: commands.Basic.Publish) -> None:
        _, head = await self.next()
        content = b""
        while len(content) < head.body_size:
            _, part = await self.next()
            content += part.value
        assert said.exchange in self.broker.exchanges
        for (exchange, _), deliver in list(self.broker.consumers.items()):
            if exchange == said.exchange:
                deliver(said.exchange, said.routing_key, head.properties, content)
        if channel in self.confirms:
            self.say(channel, Basic.Ack(next(self.confirms[channel])))

    def deliver(self, channel: int, tag: str, exchange: str, key: str, properties, content: bytes) -> None:
        self.say(
            channel,
            Basic.Deliver(consumer_tag=tag, delivery_tag=next(self.tags), exchange=exchange, routing_key=key),
            header.ContentHeader(body_size=len(content), properties=properties),
            body.ContentBody(content),
        )


# ── Redis ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class StandInRedis:
    """SUBSCRIBE and PUBLISH; everything else is fine with it."""

    def __init__(self) -> None:
        self.subscribers = set()  # (channel, writer)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mine = set()
        try:
            while True:
                match await _command(reader):
                    case [b"HELLO", *_]:
                        writer.write(b"%1\r\n+proto\r\n:3\r\n")
                    case [b"SUBSCRIBE", channel]:
                        mine.add((channel, writer))
                        self.subscribers |= mine
                        writer.write(b">3\r\n" + _text(b"subscribe") + _text(channel) + b":1\r\n")
                    case [b"PUBLISH", channel, word]:
                        message = b">3\r\n" + _text(b"message") + _text(channel) + _text(word)
                        hearers = [hearer for subscribed, hearer in self.subscribers if subscribed == channel]
                        for hearer in hearers:
                            hearer.write(message)
                        writer.write(b":%d\r\n" % len(hearers))
                    case _:
                        writer.write(b"+OK\r\n")
        finally:
            self.subscribers -= mine


async def _command(reader: asyncio.StreamReader) -> list[bytes]:
    count = int((await reader.readuntil(b"\r\n"))[1:])
    words = []
    for _ in range(count):
        length = int((await reader.readuntil(b"\r\n"))[1:])
        words.append((await reader.readexactly(length + 2))[:-2])
    return words


def _text(word: bytes) -> bytes:
    return b"$%d\r\n%s\r\n" % (len(word), word)
