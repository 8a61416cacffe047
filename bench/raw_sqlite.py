"""The limit on SQLite: the app's own booking function, called in a loop on one raw connection."""

import sqlite3
import time
from datetime import timedelta
from pathlib import Path

from bench.load import BEGIN, STEP
from bench.stage import CLINICIANS, PATIENTS
from outpatient.appointments.statements import BOOK
from outpatient.models.columns import instant_to_text


def run(file: Path, *, seconds: float) -> float:
    """Bookings a second, each in its own durable transaction."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.row_factory = sqlite3.Row
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    number, ends = 0, time.perf_counter() + seconds
    began = time.perf_counter()
    while time.perf_counter() < ends:
        number += 1
        start = BEGIN + timedelta(days=3650) + STEP * (number // CLINICIANS)
        given = {
            "hospital_id": 1,
            "clinician_id": number % CLINICIANS + 1,
            "version": 1,
            "patient_id": number * 7919 % PATIENTS + 1,
            "centre_id": 1,
            "department_id": None,
            "service_id": None,
            "service_on": str(start.date()),
            "starts_at": instant_to_text(start),
            "ends_at": instant_to_text(start + STEP),
            "busy_until": instant_to_text(start + STEP),
            "session_type": "IN_PERSON",
            "booking_source": "FRONT_DESK",
            "fee_minor": 150_000,
            "currency": "INR",
            "notes": "First consultation",
            "expires_at": None,
            "actor_id": 1,
            "now": instant_to_text(BEGIN),
            "event_name": "appointment.created",
            "payload": "{}",
            "route": "appointments",
            "idempotency_key": None,
            "digest": None,
            "lane": 0,
        }
        connection.execute("BEGIN IMMEDIATE")
        rows = BOOK.sqlite(connection, given)
        connection.execute("COMMIT")
        assert rows[0]["appointment_id"]
    took = time.perf_counter() - began
    connection.close()
    return number / took
