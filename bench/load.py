"""A bounded load over HTTP: N connections, each sending its next request when the last was answered.

`python -m bench.load KIND PORT TOKEN CONNECTIONS SECONDS FIRST`: prints one JSON line. KIND is one of KINDS; FIRST is
where this run's numbers begin, so that no two runs ever want the same thing.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import uvloop

from bench.stage import CLINICIANS, HOT, LINES, PATIENTS, READ

BEGIN = datetime(2030, 1, 1, 18, 30, tzinfo=UTC)  # midnight in Kolkata
STEP = timedelta(minutes=30)


def book(number: int) -> tuple[str, str, Any]:
    """The next free slot of one clinician after the other."""
    start = BEGIN + STEP * (number // CLINICIANS)
    return (
        "POST",
        "/api/v1/appointments",
        {
            "patientId": number * 7919 % PATIENTS + 1,
            "clinicianId": number % CLINICIANS + 1,
            "centreId": 1,
            "start": start.isoformat(),
            "sessionType": "IN_PERSON",
            "consultationFee": 1500,
            "notes": "First consultation",
        },
    )


def check_in(number: int) -> tuple[str, str, Any]:
    """The next appointment whose patient has not come."""
    return "POST", f"/api/v1/appointments/{number}/check-in", None


def call_next(number: int) -> tuple[str, str, Any]:
    """The next patient of one clinician after the other."""
    return "POST", f"/api/v1/queue/doctor/{LINES[number % len(LINES)]}/next", None


def call_next_hot(_number: int) -> tuple[str, str, Any]:
    """The next patient of the one clinician whom everybody calls for."""
    return "POST", f"/api/v1/queue/doctor/{HOT}/next", None


def read_queue(number: int) -> tuple[str, str, Any]:
    """The queue of one clinician after the other."""
    return "GET", f"/api/v1/queue/doctor/{READ[number % len(READ)]}", None


KINDS: dict[str, Callable[[int], tuple[str, str, Any]]] = {
    "book": book,
    "check-in": check_in,
    "next": call_next,
    "next-hot": call_next_hot,
    "read": read_queue,
}


class Desk(asyncio.Protocol):
    """One connection that asks again and again."""

    def __init__(self, run: "Run") -> None:
        self.run, self.buffer, self.sent_at = run, b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.send()

    def send(self) -> None:
        if self.run.is_over():
            self.transport.close()
            return
        self.sent_at = time.perf_counter()
        self.transport.write(self.run.next_request())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, split, body = self.buffer.partition(b"\r\n\r\n")
        if not split:
            return
        lower = head.lower()
        at = lower.index(b"content-length:") + 15
        length = int(lower[at : lower.find(b"\r\n", at) if b"\r\n" in lower[at:] else None])
        if len(body) < length:
            return
        self.buffer = b""
        self.run.note(int(head[9:12]), time.perf_counter() - self.sent_at)
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        self.run.closed()


class Run:
    """What all connections of one run share."""

    def __init__(self, kind: str, token: str, connections: int, seconds: float, first: int) -> None:
        self.kind, self.head = KINDS[kind], f"Host: bench\r\nAuthorization: Bearer {token}\r\n"
        self.open, self.number, self.ends = connections, first, time.perf_counter() + seconds
        self.statuses: Counter[int] = Counter()
        self.times: list[float] = []
        self.done = asyncio.get_running_loop().create_future()

    def is_over(self) -> bool:
        return time.perf_counter() >= self.ends

    def next_request(self) -> bytes:
        self.number += 1
        method, path, asked = self.kind(self.number)
        body = "" if asked is None else json.dumps(asked)
        head = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        return f"{method} {path} HTTP/1.1\r\n{self.head}{head}\r\n{body}".encode()

    def note(self, status: int, seconds: float) -> None:
        self.statuses[status] += 1
        self.times.append(seconds)

    def closed(self) -> None:
        self.open -= 1
        if not self.open:
            self.done.set_result(None)


async def main(port: int, kind: str, token: str, *, connections: int, seconds: float, first: int) -> None:
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    run = Run(kind, token, connections, seconds, first)
    for _ in range(connections):
        await loop.create_connection(lambda: Desk(run), "127.0.0.1", port)
    await run.done
    took = time.perf_counter() - began
    times = sorted(run.times)
    print(
        json.dumps(
            {
                "per_second": (run.statuses[200] + run.statuses[201]) / took,
                "statuses": dict(run.statuses),
                "p50_ms": 1000 * times[len(times) // 2],
                "p99_ms": 1000 * times[int(len(times) * 0.99)],
                "last": run.number,
            }
        )
    )


if __name__ == "__main__":
    kind, port, token, connections, seconds, first = sys.argv[1:]
    uvloop.run(main(int(port), kind, token, connections=int(connections), seconds=float(seconds), first=int(first)))
