"""The queue's hot operations on PostgreSQL: each over HTTP beside pgbench with the very same statement."""

import asyncio
import os
import statistics
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from bench import pgbench, servers
from bench.stage import ARRIVALS, HOT, LINES, PATIENTS, READ, Stage, set_stage
from outpatient.queue.statements import CALL_NEXT, CHECK_IN, CLINICIAN_QUEUE
from tests.postgres import find_server

WARM = 2  # seconds before each measurement
EXPECTED = 300_000  # appointments of today whose patients have not come
IN_LINE = 60  # patients waiting for each clinician who is called for
IN_HOT_LINE = 200_000  # and for the one whom everybody calls for

PREPARE = f"""
INSERT INTO users (full_name, is_active, is_superadmin, version, created_at)
SELECT 'Doctor ' || n, true, false, 1, now() FROM generate_series({ARRIVALS[0]}, {HOT}) n;
INSERT INTO clinicians (
    id, hospital_id, user_id, primary_centre_id, specialization, qualification, languages, years_of_experience,
    consultation_fee_minor, capacity, schedule_version, is_on_duty, is_active, created_at
)
SELECT n, 1, (SELECT max(id) FROM users) - {HOT} + n, 1, '[]', '[]', '[]', 1, 150000, 1, 1, true, true, now()
FROM generate_series({ARRIVALS[0]}, {HOT}) n;

INSERT INTO appointments (
    id, hospital_id, patient_id, clinician_id, centre_id, booking_type, service_on, session_type, status,
    booking_source, fee_minor, created_at, updated_at
)
SELECT 10000000 + n, 1, n % {PATIENTS} + 1, {ARRIVALS[0]} + n % {len(ARRIVALS)}, 1, 'TOKEN',
       (now() AT TIME ZONE 'Asia/Kolkata')::date, 'IN_PERSON', 'CONFIRMED', 'FRONT_DESK', 150000, now(), now()
FROM generate_series(1, {EXPECTED}) n;
INSERT INTO visits (hospital_id, appointment_id, patient_id, clinician_id, centre_id, service_on, status, created_at)
SELECT 1, id, patient_id, clinician_id, 1, service_on, 'EXPECTED', now() FROM appointments WHERE id > 10000000;

CREATE TEMPORARY TABLE lines AS
SELECT {LINES[0]} + n % {len(LINES)} AS clinician_id, n / {len(LINES)} + 1 AS number, 'WAITING' AS status
FROM generate_series(0, {len(LINES) * IN_LINE - 1}) n
UNION ALL SELECT {HOT}, n, 'WAITING' FROM generate_series(1, {IN_HOT_LINE}) n
UNION ALL
SELECT {READ[0]} + n % {len(READ)}, n / {len(READ)} + 1,
       (ARRAY['IN_PROGRESS', 'CALLED', 'ON_HOLD', 'SKIPPED'])[n / {len(READ)} + 1]
FROM generate_series(0, {len(READ) * 4 - 1}) n
UNION ALL
SELECT {READ[0]} + n % {len(READ)}, n / {len(READ)} + 5, 'WAITING' FROM generate_series(0, {len(READ) * 8 - 1}) n;
INSERT INTO visits (
    hospital_id, patient_id, clinician_id, centre_id, service_on, status, token_group, token_period_on, token_number,
    token_label, queue_day, position, checked_in_at, called_at, started_at, created_at
)
SELECT 1, (clinician_id * 31 + number) % {PATIENTS} + 1, clinician_id, 1, today, status, 'clinician:' || clinician_id,
       today, number, 'T' || number, today, number::bigint * 1000000, now(),
       CASE WHEN status IN ('CALLED', 'IN_PROGRESS') THEN now() END,
       CASE status WHEN 'IN_PROGRESS' THEN now() END, now()
FROM lines, (SELECT (now() AT TIME ZONE 'Asia/Kolkata')::date AS today) day;
"""

INVARIANTS = {
    "tokens with a gap": """SELECT count(*) FROM (
        SELECT 1 FROM visits WHERE token_number IS NOT NULL GROUP BY token_group, token_period_on
        HAVING count(DISTINCT token_number) <> max(token_number) OR count(*) <> max(token_number)) gaps""",
    "arrivals without their event": """SELECT
        (SELECT count(*) FROM visits WHERE appointment_id > 10000000 AND status <> 'EXPECTED')
        - (SELECT count(*) FROM events WHERE name = 'visit.checked_in')""",
    "calls without their event": f"""SELECT
        (SELECT count(*) FROM visits WHERE status = 'CALLED' AND clinician_id NOT BETWEEN {READ[0]} AND {READ[-1]})
        - (SELECT count(*) FROM events WHERE name = 'visit.status_changed')""",
}
"""What must be 0 after every run."""

NO_KEY = {"route": "'bench'", "idempotency_key": "NULL", "digest": "NULL"}
BY_DESK = {"hospital_id": "1", "centre_ids": "NULL", "now": "now()", "actor_id": "1"}
CHECK_IN_ARGUMENTS = {
    **BY_DESK,
    **NO_KEY,
    "event_name": "'visit.checked_in'",
    "appointment_id": ":appointment",
    "visit_id": "NULL",
    "position": "((extract(epoch FROM now()) * 1000000)::bigint * 256)",
}
NEXT_ARGUMENTS = {**BY_DESK, **NO_KEY, "event_name": "'visit.status_changed'", "clinician_id": ":clinician"}
READ_ARGUMENTS = {"hospital_id": "1", "clinician_id": ":clinician"}


@dataclass(frozen=True)
class Contest:
    """One operation: what pgbench runs, what the load asks for, how many at once."""

    name: str
    script: Path
    kind: str
    clients: int = 16


def contests(folder: Path) -> list[Contest]:
    """Every operation of the queue that has a goal."""
    arrive = "\\set n :n + 1\n\\set appointment :base + :n * 16 + :client_id\n"
    any_line = f"\\set clinician random({LINES[0]}, {LINES[-1]})\n"
    any_read = f"\\set clinician random({READ[0]}, {READ[-1]})\n"
    hot = f"\\set clinician {HOT}\n"
    return [
        Contest("check-in", pgbench.script(folder, CHECK_IN, CHECK_IN_ARGUMENTS, arrive), "check-in"),
        Contest("call next", pgbench.script(folder, CALL_NEXT, NEXT_ARGUMENTS, any_line), "next"),
        Contest("call next, one for all", pgbench.script(folder, CALL_NEXT, NEXT_ARGUMENTS, hot), "next-hot", 32),
        Contest("read a queue", pgbench.script(folder, CLINICIAN_QUEUE, READ_ARGUMENTS, any_read), "read"),
    ]


def report(rounds: int, seconds: int, folder: Path) -> dict[str, float]:
    """Measure every operation, check what must hold afterwards, and answer the ratios."""
    server = find_server()
    name = f"outpatient_bench_queue_{os.getpid()}"
    print(f"\nThe queue on PostgreSQL: {server.description}")
    asyncio.run(execute(server.url("postgres"), f'CREATE DATABASE "{name}"'))
    try:
        stage = set_stage(server.url(name))
        asyncio.run(execute(stage.url, PREPARE))
        asyncio.run(execute(stage.url, "VACUUM ANALYZE"))
        return _rounds(stage, rounds, seconds, folder)
    finally:
        asyncio.run(execute(server.url("postgres"), f'DROP DATABASE "{name}" WITH (FORCE)'))
        server.stop()


async def execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(sql, timeout=600)
    await connection.close()


def _rounds(stage: Stage, rounds: int, seconds: int, folder: Path) -> dict[str, float]:
    base, share = 10_000_000, EXPECTED // rounds
    ratios: dict[str, list[float]] = {}
    for number in range(1, rounds + 1):
        for contest in contests(folder):
            limit = pgbench.run(contest.script, stage.url, clients=contest.clients, seconds=seconds, n=0, base=base)
            with servers.outpatient(stage) as ours:
                half = base + share // 2
                given = {"kind": contest.kind, "connections": contest.clients}
                warm = servers.load(ours, stage.token, seconds=WARM, first=half, **given)
                result = servers.load(ours, stage.token, seconds=seconds, first=warm["last"], **given)
            ratios.setdefault(contest.name, []).append(result["per_second"] / limit)
            print(
                f"  round {number} {contest.name}: pgbench {limit:,.0f} HTTP {result['per_second']:,.0f}"
                f" p99 ms {result['p99_ms']:.0f} CPU µs {result['cpu_us']:.0f} statuses {result['statuses']}"
            )
        base += share
    for what, broken in asyncio.run(_count(stage.url)).items():
        print(f"  {what}: {broken}")
        assert broken == 0, what
    return {f"{name}: HTTP / pgbench": statistics.median(values) for name, values in ratios.items()}


async def _count(url: str) -> dict[str, int]:
    connection = await asyncpg.connect(url)
    try:
        return {what: int(await connection.fetchval(sql, timeout=300)) for what, sql in INVARIANTS.items()}
    finally:
        await connection.close()
