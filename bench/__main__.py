"""`make bench`: the hot operations over HTTP beside the database's own limit, booking also beside an Express peer.

Rounds are interleaved, so that a noisy machine touches everybody; medians are reported, and nothing is judged by an
absolute number. Options: `--rounds 3 --seconds 4 --only booking queue …`.
"""

import argparse
import asyncio
import os
import sqlite3
import statistics
import tempfile
from pathlib import Path

import asyncpg

from bench import fanout, growth, pgbench, queues, raw_sqlite, servers, slots
from bench.stage import OVERLAPS, Stage, set_stage
from tests.postgres import find_server

WARM = 2  # seconds before each measurement: caches, plans and connections are then as on any working day

QUEUE_GOAL = 0.35

GOALS = {
    "HTTP / pgbench, own statement": 0.35,
    "HTTP / Express": 2.0,
    "own statement / lean reference": 0.6,
    "SQLite: HTTP / raw sqlite3": 0.3,
    "check-in: HTTP / pgbench": QUEUE_GOAL,
    "call next: HTTP / pgbench": QUEUE_GOAL,
    "call next, one for all: HTTP / pgbench": QUEUE_GOAL,
    "read a queue: HTTP / pgbench": QUEUE_GOAL,
}


PARTS = ("booking", "queue", "growth", "screens", "sqlite", "slots")


def median(values: list[float]) -> float:
    return statistics.median(values)


def on_postgresql(rounds: int, seconds: int, folder: Path) -> dict[str, float]:
    """Booking on PostgreSQL; answers the ratios."""
    server = find_server()
    name = f"outpatient_bench_{os.getpid()}"
    print(f"\nPostgreSQL: {server.description}")
    asyncio.run(_admin(server.url("postgres"), f'CREATE DATABASE "{name}"'))
    try:
        stage = set_stage(server.url(name))
        asyncio.run(_admin(stage.url, (pgbench.HERE / "reference_schema.sql").read_text()))
        asyncio.run(_admin(stage.url, "VACUUM ANALYZE"))  # a plan without statistics measures the planner's luck
        return _booking_rounds(stage, rounds, seconds, folder)
    finally:
        asyncio.run(_admin(server.url("postgres"), f'DROP DATABASE "{name}" WITH (FORCE)'))
        server.stop()


async def _admin(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(sql)
    await connection.close()


def _booking_rounds(stage: Stage, rounds: int, seconds: int, folder: Path) -> dict[str, float]:
    own = pgbench.own_statement(folder)
    why_no_express = servers.has_express()
    if why_no_express:
        print(f"Express is left out: {why_no_express}.")
    seen: dict[str, list[float]] = {}
    first = 0
    for number in range(1, rounds + 1):
        line = {
            "pgbench own": pgbench.run(own, stage.url, seconds=seconds),
            "pgbench lean": pgbench.run(pgbench.HERE / "reference.sql", stage.url, seconds=seconds),
            "pgbench ten": pgbench.run(pgbench.HERE / "multi.sql", stage.url, seconds=seconds),
        }
        with servers.outpatient(stage) as ours:
            servers.load(
                ours, stage.token, kind="book", connections=16, seconds=WARM, first=(first := first + 5_000_000)
            )
            result = servers.load(
                ours, stage.token, kind="book", connections=16, seconds=seconds, first=(first := first + 5_000_000)
            )
            line |= {"HTTP": result["per_second"], "p99 ms": result["p99_ms"], "CPU µs": result["cpu_us"]}
            print(f"  round {number}: statuses {result['statuses']}")
        if not why_no_express:
            with servers.express(stage) as peer:
                servers.load(
                    peer, stage.token, kind="book", connections=16, seconds=WARM, first=(first := first + 5_000_000)
                )
                result = servers.load(
                    peer, stage.token, kind="book", connections=16, seconds=seconds, first=(first := first + 5_000_000)
                )
                line |= {"Express": result["per_second"], "Express CPU µs": result["cpu_us"]}
        print("  round", number, " ".join(f"{key} {value:,.0f}" for key, value in line.items()))
        for key, value in line.items():
            seen.setdefault(key, []).append(value)
    overlaps = asyncio.run(_count(stage.url, OVERLAPS))
    print(f"  overlapping pairs afterwards: {overlaps}")
    assert overlaps == 0
    ratios = {
        "HTTP / pgbench, own statement": _ratio(seen, "HTTP", "pgbench own"),
        "own statement / lean reference": _ratio(seen, "pgbench own", "pgbench lean"),
    }
    if "Express" in seen:
        fair = _ratio(seen, "Express", "pgbench ten")
        print(f"  Express / pgbench of the same ten statements: {fair:.2f} (void under 0.5)")
        if fair >= 0.5:
            ratios["HTTP / Express"] = _ratio(seen, "HTTP", "Express")
    return ratios


def _ratio(seen: dict[str, list[float]], one: str, other: str) -> float:
    return median([a / b for a, b in zip(seen[one], seen[other], strict=True)])


async def _count(url: str, sql: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(sql, timeout=120))
    finally:
        await connection.close()


def on_sqlite(rounds: int, seconds: int, folder: Path) -> dict[str, float]:
    """Booking on SQLite over HTTP, beside the same function on raw sqlite3 in one thread."""
    print("\nSQLite")
    ratios = []
    for number in range(1, rounds + 1):
        file = folder / f"round{number}.db"
        stage = set_stage(f"sqlite:///{file}")
        raw = raw_sqlite.run(file, seconds=seconds)
        with servers.outpatient(stage) as ours:
            servers.load(ours, stage.token, kind="book", connections=16, seconds=WARM, first=5_000_000)
            result = servers.load(ours, stage.token, kind="book", connections=16, seconds=seconds, first=10_000_000)
        ratios.append(result["per_second"] / raw)
        print(
            f"  round {number}: raw {raw:,.0f} HTTP {result['per_second']:,.0f} p99 ms {result['p99_ms']:.0f}"
            f" CPU µs {result['cpu_us']:.0f} statuses {result['statuses']}"
        )
        with sqlite3.connect(file) as connection:
            overlaps = connection.execute(OVERLAPS).fetchone()[0]
        print(f"  overlapping pairs afterwards: {overlaps}")
        assert overlaps == 0
    return {"SQLite: HTTP / raw sqlite3": median(ratios)}


def main() -> None:
    options = argparse.ArgumentParser(prog="bench", description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=4)
    options.add_argument("--only", nargs="*", choices=PARTS, default=PARTS)
    given = options.parse_args()

    def wants(part: str) -> bool:
        return part in given.only

    with tempfile.TemporaryDirectory() as folder:
        ratios: dict[str, float] = {}
        if pgbench.is_here():
            if wants("booking"):
                ratios |= on_postgresql(given.rounds, given.seconds, Path(folder))
            if wants("queue"):
                ratios |= queues.report(given.rounds, given.seconds, Path(folder))
            if wants("growth"):
                growth.report(Path(folder))
            if wants("screens"):
                fanout.report()
        else:
            print("PostgreSQL is left out: pgbench is not installed.")
        if wants("sqlite"):
            ratios |= on_sqlite(given.rounds, given.seconds, Path(folder))
        if wants("slots"):
            slots.report(Path(folder))
    print("\nRatios (medians)                     reached   goal")
    for name, value in ratios.items():
        print(f"  {name:<40} {value:6.2f}   ≥ {GOALS[name]:.2f} {'' if value >= GOALS[name] else '  MISSED'}")


if __name__ == "__main__":
    main()
