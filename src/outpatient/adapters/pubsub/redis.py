"""Redis pub/sub: carries the words where `REDIS_URL` names a server."""

from collections.abc import Callable

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

CONNECT = 5.0  # seconds
ANSWER = 2.0  # seconds that Redis may take to answer a command; a listener waits as long as nobody speaks


class RedisPubsub:
    """Speaks and listens on the channel of one Redis database (Redis itself does not keep those apart)."""

    name = "redis"

    def __init__(self, url: str, channel: str = "news") -> None:
        self._speaker = _client(url, socket_timeout=ANSWER, tries_again=1)  # its connection may be of yesterday
        self._listener = _client(url, socket_timeout=None, tries_again=0)  # `News` must know of every loss
        database = self._speaker.connection_pool.connection_kwargs.get("db", 0)
        self._channel = f"outpatient:{database}:{channel}"

    async def publish(self, word: str) -> None:
        await self._speaker.publish(self._channel, word)

    async def listen(self, connected: Callable[[], None], heard: Callable[[str], None]) -> None:
        async with self._listener.pubsub() as subscription:
            await subscription.subscribe(self._channel)
            async for message in subscription.listen():
                if message["type"] == "subscribe":
                    connected()
                elif message["type"] == "message":
                    heard(message["data"])

    async def close(self) -> None:
        await self._speaker.aclose()
        await self._listener.aclose()


def _client(url: str, *, socket_timeout: float | None, tries_again: int) -> Redis:
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_connect_timeout=CONNECT,
        socket_timeout=socket_timeout,
        retry=Retry(NoBackoff(), tries_again),
    )
