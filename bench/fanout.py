"""One change to a thousand and to ten thousand screens of one process: how late the last ones are, what each costs."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from bench import queues, servers
from bench.stage import PATIENTS, WAITING_ROOM, WAITING_ROOM_CLINICIAN, Stage, set_stage
from tests.postgres import find_server

SCREENS = (1_000, 10_000)
CHANGES = 20
GOAL_MS = 250

PREPARE = f"""
INSERT INTO departments (id, hospital_id, centre_id, name, token_prefix, is_active, created_at)
VALUES ({WAITING_ROOM}, 1, 1, 'Cardiology', 'C', true, now());
UPDATE clinicians SET department_id = {WAITING_ROOM}, room = 'Room 4' WHERE id = {WAITING_ROOM_CLINICIAN};
INSERT INTO visits (
    hospital_id, patient_id, clinician_id, department_id, centre_id, service_on, status, token_group, token_period_on,
    token_number, token_label, queue_day, position, checked_in_at, created_at
)
SELECT 1, n % {PATIENTS} + 1, {WAITING_ROOM_CLINICIAN}, {WAITING_ROOM}, 1, today, 'WAITING',
       'department:{WAITING_ROOM}', today, n, 'C' || n, today, n::bigint * 1000000, now(), now()
FROM generate_series(1, {CHANGES * len(SCREENS) + 10}) n,
     (SELECT (now() AT TIME ZONE 'Asia/Kolkata')::date AS today) day;
"""


def report() -> None:
    """Print latencies and memory for each number of screens."""
    server = find_server()
    name = f"outpatient_bench_screens_{os.getpid()}"
    print(f"\nLive screens of one process ({CHANGES} changes each)")
    asyncio.run(queues.execute(server.url("postgres"), f'CREATE DATABASE "{name}"'))
    try:
        stage = set_stage(server.url(name))
        asyncio.run(queues.execute(stage.url, PREPARE))
        for screens in SCREENS:
            _measure(stage, screens)
    finally:
        asyncio.run(queues.execute(server.url("postgres"), f'DROP DATABASE "{name}" WITH (FORCE)'))
        server.stop()


def _measure(stage: Stage, screens: int) -> None:
    with servers.outpatient(stage) as ours:
        before, cpu = _memory_kib(ours.process.pid), ours.cpu_seconds()
        command = [sys.executable, "-m", "bench.listeners", str(ours.port), stage.token, str(screens), str(CHANGES)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as crowd:
            assert crowd.stdout is not None
            if not crowd.stdout.readline():
                raise SystemExit("The streams could not be opened")
            each, connected_cpu = (_memory_kib(ours.process.pid) - before) / screens, ours.cpu_seconds()
            result = json.loads(crowd.stdout.readline())
        delivered = (ours.cpu_seconds() - connected_cpu) / result["heard"] * 1e6
    print(
        f"  {screens:>6,} screens: p50 {result['p50_ms']:.0f} ms, p99 {result['p99_ms']:.0f} ms (goal {GOAL_MS}),"
        f" CPU {delivered:.0f} µs a delivery, {(connected_cpu - cpu) / screens * 1e6:.0f} µs and {each:.0f} KiB a"
        f" connection, lost {result['lost']}"
    )


def _memory_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])
