"""Many screens on one live stream, and how long each waits for a change.

`python -m bench.listeners PORT TOKEN SCREENS CHANGES`: opens SCREENS streams of one waiting room, calls CHANGES
patients one after the other, each when the last has reached everybody, and prints one JSON line. A screen's wait is
from the answer to the call until its own bytes are here; screens and desk share one process and one core.
"""

import asyncio
import json
import sys
import time

import uvloop

from bench.stage import WAITING_ROOM, WAITING_ROOM_CLINICIAN

OPENED_AT_ONCE = 200


class Screen(asyncio.Protocol):
    """One open stream."""

    def __init__(self, hall: "Hall") -> None:
        self.hall, self.is_open = hall, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(self.hall.request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        if not self.is_open:
            if b"queue.updated" in data:
                self.is_open = True
                self.hall.opened()
        elif b"id: " in data:
            self.hall.heard()

    def connection_lost(self, exc: Exception | None) -> None:
        self.hall.lost += 1


class Hall:
    """All screens, and the change that they wait for."""

    def __init__(self, screens: int) -> None:
        self.request = f"GET /api/v1/sse/waiting-room/{WAITING_ROOM} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()
        self.screens, self.open, self.lost = screens, 0, 0
        self.all_open = asyncio.Event()
        self.times: list[float] = []
        self.all_heard = asyncio.Event()

    def opened(self) -> None:
        self.open += 1
        if self.open == self.screens:
            self.all_open.set()

    def heard(self) -> None:
        self.times.append(time.perf_counter())
        if len(self.times) == self.screens:
            self.all_heard.set()


class Desk(asyncio.Protocol):
    """Sends one call at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if b"\r\n\r\n" in data:
            assert data.startswith(b"HTTP/1.1 200"), data[:200]
            self.answered.set_result(time.perf_counter())

    async def call(self, token: str) -> float:
        self.answered = asyncio.get_running_loop().create_future()
        path = f"/api/v1/queue/doctor/{WAITING_ROOM_CLINICIAN}/next"
        head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n"
        self.transport.write(head.encode())  # type: ignore[attr-defined]
        return await self.answered


async def main(port: int, token: str, screens: int, changes: int) -> None:
    loop = asyncio.get_running_loop()
    hall, desk = Hall(screens), Desk()
    for first in range(0, screens, OPENED_AT_ONCE):
        many = min(OPENED_AT_ONCE, screens - first)
        await asyncio.gather(*(loop.create_connection(lambda: Screen(hall), "127.0.0.1", port) for _ in range(many)))
    await asyncio.wait_for(hall.all_open.wait(), 120)
    await loop.create_connection(lambda: desk, "127.0.0.1", port)
    waits: list[float] = []
    print(json.dumps({"open": hall.open}), flush=True)
    for _ in range(changes):
        hall.times.clear()
        hall.all_heard.clear()
        answered = await desk.call(token)
        await asyncio.wait_for(hall.all_heard.wait(), 30)
        waits.extend(max(0.0, at - answered) for at in hall.times)
    waits.sort()
    print(
        json.dumps(
            {
                "p50_ms": 1000 * waits[len(waits) // 2],
                "p99_ms": 1000 * waits[int(len(waits) * 0.99)],
                "heard": len(waits),
                "lost": hall.lost,
            }
        )
    )


if __name__ == "__main__":
    port, token, screens, changes = sys.argv[1:]
    uvloop.run(main(int(port), token, int(screens), int(changes)))
