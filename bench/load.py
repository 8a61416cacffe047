"""A bounded load of bookings over HTTP: N connections, each sending its next request when the last was answered.

`python -m bench.load PORT TOKEN CONNECTIONS SECONDS FIRST`: prints one JSON line. FIRST is where this run's slots
begin, so that no two runs ever want the same one.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import uvloop

from bench.stage import CLINICIANS, PATIENTS

BEGIN = datetime(2030, 1, 1, 18, 30, tzinfo=UTC)  # midnight in Kolkata
STEP = timedelta(minutes=30)


class Desk(asyncio.Protocol):
    """One connection that books slot after slot."""

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

    def __init__(self, token: str, connections: int, seconds: float, first: int) -> None:
        self.head = (
            "POST /api/v1/appointments HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {token}\r\nContent-Length: "
        )
        self.open, self.number, self.ends = connections, first, time.perf_counter() + seconds
        self.statuses: Counter[int] = Counter()
        self.times: list[float] = []
        self.done = asyncio.get_running_loop().create_future()

    def is_over(self) -> bool:
        return time.perf_counter() >= self.ends

    def next_request(self) -> bytes:
        self.number += 1
        start = BEGIN + STEP * (self.number // CLINICIANS)
        body = json.dumps(
            {
                "patientId": self.number * 7919 % PATIENTS + 1,
                "clinicianId": self.number % CLINICIANS + 1,
                "centreId": 1,
                "start": start.isoformat(),
                "sessionType": "IN_PERSON",
                "consultationFee": 1500,
                "notes": "First consultation",
            }
        )
        return f"{self.head}{len(body)}\r\n\r\n{body}".encode()

    def note(self, status: int, seconds: float) -> None:
        self.statuses[status] += 1
        self.times.append(seconds)

    def closed(self) -> None:
        self.open -= 1
        if not self.open:
            self.done.set_result(None)


async def main(port: int, token: str, connections: int, seconds: float, first: int) -> None:
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    run = Run(token, connections, seconds, first)
    for _ in range(connections):
        await loop.create_connection(lambda: Desk(run), "127.0.0.1", port)
    await run.done
    took = time.perf_counter() - began
    times = sorted(run.times)
    print(
        json.dumps(
            {
                "per_second": run.statuses[201] / took,
                "statuses": dict(run.statuses),
                "p50_ms": 1000 * times[len(times) // 2],
                "p99_ms": 1000 * times[int(len(times) * 0.99)],
                "last": run.number,
            }
        )
    )


if __name__ == "__main__":
    port, token, connections, seconds, first = sys.argv[1:]
    uvloop.run(main(int(port), token, int(connections), float(seconds), int(first)))
