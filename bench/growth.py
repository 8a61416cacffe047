"""What a check-in, and a look at a queue, cost when there are a million visits beside when there are a thousand.

The same statements by one client of pgbench, on a small and on a large database, in turns; medians of the ratios.
"""

import asyncio
import os
import statistics
from pathlib import Path

from bench import pgbench, queues
from bench.stage import ARRIVALS, HOT, PATIENTS, READ, set_stage
from outpatient.queue.statements import CHECK_IN, CLINICIAN_QUEUE
from tests.postgres import find_server

SIZES = (1_000, 1_000_000)
ROUNDS = 5
SECONDS = 2
ARRIVING = 12_000  # appointments of today in each database
GOAL = 1.15

PREPARE = f"""
INSERT INTO users (full_name, is_active, is_superadmin, version, created_at)
SELECT 'Doctor ' || n, true, false, 1, now() FROM generate_series({ARRIVALS[0]}, {HOT}) n;
INSERT INTO clinicians (
    id, hospital_id, user_id, primary_centre_id, specialization, qualification, languages, years_of_experience,
    consultation_fee_minor, capacity, schedule_version, is_on_duty, is_active, created_at
)
SELECT n, 1, (SELECT max(id) FROM users) - {HOT} + n, 1, '[]', '[]', '[]', 1, 150000, 1, 1, true, true, now()
FROM generate_series({ARRIVALS[0]}, {HOT}) n;
INSERT INTO visits (
    hospital_id, patient_id, clinician_id, centre_id, service_on, status, token_group, token_period_on, token_number,
    token_label, queue_day, position, checked_in_at, called_at, started_at, completed_at, created_at
)
SELECT 1, n % {PATIENTS} + 1, {ARRIVALS[0]} + n % 5000, 1, on_day, 'COMPLETED',
       'clinician:' || {ARRIVALS[0]} + n % 5000, on_day, n / 5000 + 1, 'T' || n / 5000 + 1, on_day, n, now(), now(),
       now(), now(), now()
FROM (SELECT n, current_date - 2 - n / 5000 AS on_day FROM generate_series(0, {{past}} - 1) n) past;
INSERT INTO appointments (
    id, hospital_id, patient_id, clinician_id, centre_id, booking_type, service_on, session_type, status,
    booking_source, fee_minor, created_at, updated_at
)
SELECT 10000000 + n, 1, n % {PATIENTS} + 1, {ARRIVALS[0]} + n % {len(ARRIVALS)}, 1, 'TOKEN',
       (now() AT TIME ZONE 'Asia/Kolkata')::date, 'IN_PERSON', 'CONFIRMED', 'FRONT_DESK', 150000, now(), now()
FROM generate_series(1, {ARRIVING} * {ROUNDS}) n;
INSERT INTO visits (hospital_id, appointment_id, patient_id, clinician_id, centre_id, service_on, status, created_at)
SELECT 1, id, patient_id, clinician_id, 1, service_on, 'EXPECTED', now() FROM appointments WHERE id > 10000000;
INSERT INTO visits (
    hospital_id, patient_id, clinician_id, centre_id, service_on, status, token_group, token_period_on, token_number,
    token_label, queue_day, position, checked_in_at, created_at
)
SELECT 1, n % {PATIENTS} + 1, {READ[0]} + n % {len(READ)}, 1, today, 'WAITING',
       'clinician:' || {READ[0]} + n % {len(READ)}, today, n / {len(READ)} + 1, 'T' || n / {len(READ)} + 1, today,
       n::bigint * 1000000, now(), now()
FROM generate_series(0, {len(READ)} * 12 - 1) n, (SELECT (now() AT TIME ZONE 'Asia/Kolkata')::date AS today) day;
"""


def report(folder: Path) -> None:
    """Print how much dearer the large database is."""
    server = find_server()
    names = {size: f"outpatient_bench_growth_{os.getpid()}_{size}" for size in SIZES}
    print(f"\nFrom {SIZES[0]:,} to {SIZES[1]:,} visits (one client; goal at most {GOAL} times as dear)")
    try:
        for size, name in names.items():
            asyncio.run(queues.execute(server.url("postgres"), f'CREATE DATABASE "{name}"'))
            set_stage(server.url(name))
            asyncio.run(queues.execute(server.url(name), PREPARE.format(past=size)))
            asyncio.run(queues.execute(server.url(name), "VACUUM ANALYZE"))
        arrive = "\\set n :n + 1\n\\set appointment :base + :n\n"
        any_read = f"\\set clinician random({READ[0]}, {READ[-1]})\n"
        scripts = {
            "check-in": pgbench.script(folder, CHECK_IN, queues.CHECK_IN_ARGUMENTS, arrive),
            "read a queue": pgbench.script(folder, CLINICIAN_QUEUE, queues.READ_ARGUMENTS, any_read),
        }
        for what, script in scripts.items():
            ratios = []
            for number in range(ROUNDS):
                base = 10_000_000 + number * ARRIVING
                speed = {
                    size: pgbench.run(script, server.url(name), clients=1, seconds=SECONDS, n=0, base=base)
                    for size, name in names.items()
                }
                ratios.append(speed[SIZES[0]] / speed[SIZES[1]])
            shown = " ".join(f"{ratio:.2f}" for ratio in ratios)
            print(f"  {what}: {statistics.median(ratios):.2f} (rounds {shown})")
    finally:
        for name in names.values():
            asyncio.run(queues.execute(server.url("postgres"), f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        server.stop()
