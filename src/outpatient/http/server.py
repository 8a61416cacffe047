"""The HTTP server: uvicorn, told to end politely."""

import asyncio
import gc
import socket
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

GRACE = 5  # seconds for calls that are being answered when we are told to stop
KEEP_ALIVE = 75
"""Seconds for which an idle connection stays open. Longer than proxies and client libraries keep one (nginx 60,
httpx 5): who closes first must be the one who sends, or a call goes out on a line that is just being closed."""
BACKLOG = 2048
MAX_FRAME = 100_000  # bytes that a client may send at once over a socket


class Server(uvicorn.Server):
    """Sets `stopping` at the first signal, so that streams can say goodbye; freezes what the start has built."""

    def __init__(self, app: ASGIApp, stopping: asyncio.Event) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop" if _has("uvloop") else "asyncio",
                http="httptools",
                ws="websockets-sansio",
                ws_max_size=MAX_FRAME,
                ws_ping_interval=None,  # Engine.IO has pings of its own
                ws_per_message_deflate=False,  # costs hundreds of KiB a socket, and lets small frames grow big
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=BACKLOG,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=GRACE,
            )
        )
        self._stopping = stopping
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # modules and routes stay for ever: the collector need not look at them again
        gc.set_threshold(20_000, 50, 50)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
        super().handle_exit(sig, frame)


def listen(host: str, port: int) -> socket.socket:
    """A socket that holds the address (OSError: taken, not ours to take, or not an address of this machine)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # named TCP, or asyncio would not switch Nagle's algorithm off: 40 ms more for every answer
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def _has(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None
