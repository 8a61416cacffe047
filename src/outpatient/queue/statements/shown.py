"""What every statement answers of a visit, in the same words on both engines."""

import sqlite3
from datetime import date
from typing import Any

from outpatient.models.columns import text_to_instant

SHOWN = """v.id, v.appointment_id, v.patient_id, p.full_name AS patient_name, p.phone AS patient_phone, v.clinician_id,
    v.department_id, v.centre_id, v.service_id, v.token_number, v.token_label, v.status, v.priority, v.service_on,
    v.checked_in_at, v.called_at, v.started_at, v.completed_at, v.not_before, v.hold_reason, v.notes, v.queue_rank,
    v.queue_day, v.position, v.estimated_minutes, v.estimated_from, v.estimated_to, c.room, e.time_zone"""
"""Columns of a visit `v` with its patient `p`, clinician `c` (maybe none) and centre `e`."""

AROUND = """JOIN patients p ON p.id = v.patient_id
LEFT JOIN clinicians c ON c.id = v.clinician_id
JOIN centres e ON e.id = v.centre_id"""

SHOW_ONE = f"SELECT {SHOWN} FROM visits v {AROUND} WHERE v.id = :visit_id"
"""One visit after a change (SQLite's functions; PostgreSQL reads what its update returned)."""

EVENT = """INSERT INTO events (hospital_id, name, subject, subject_id, actor_id, payload, at)
VALUES (:hospital_id, :event_name, 'visit', :visit_id, :actor_id, :payload, :now)"""
AUDIT = """INSERT INTO audit_entries (hospital_id, actor_id, action, subject, subject_id, at)
VALUES (:hospital_id, :actor_id, :event_name, 'visit', :visit_id, :now)"""
IDEMPOTENCY = """INSERT INTO idempotency_keys (hospital_id, user_id, route, key, digest, made_id, created_at)
VALUES (:hospital_id, :actor_id, :route, :idempotency_key, :digest, :visit_id, :now)"""
"""What is written beside every change of a visit, on SQLite."""


def as_text(column: str) -> str:
    """An instant on PostgreSQL as the text that SQLite keeps, for what an event remembers."""
    return f'to_char({column} AT TIME ZONE \'UTC\', \'YYYY-MM-DD"T"HH24":"MI":"SS.US"Z"\')'


_INSTANTS = ("checked_in_at", "called_at", "started_at", "completed_at", "not_before")
_DATES = ("service_on", "queue_day")


def typed(row: sqlite3.Row) -> dict[str, Any]:
    """A row of SQLite's with instants and dates in place of its texts, as PostgreSQL's driver answers them."""
    shown = dict(row)
    for name in _INSTANTS:
        shown[name] = shown[name] and text_to_instant(shown[name])
    for name in _DATES:
        shown[name] = shown[name] and date.fromisoformat(shown[name])
    return shown
