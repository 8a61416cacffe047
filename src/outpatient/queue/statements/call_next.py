"""CALL_NEXT: the head of a clinician's line, claimed in one round trip.

Two desks that press at once call two different patients: a row that somebody else is claiming is skipped, not waited
for. Whoever found none although somebody is waiting was merely too late for each of them, and may try again.
"""

import json
import sqlite3

from outpatient.core.statements import Arguments, Rows, Statement
from outpatient.queue.statements.shown import AUDIT, EVENT, IDEMPOTENCY, SHOW_ONE, SHOWN, as_text, typed

_CALLABLE = """v.hospital_id = :hospital_id::bigint AND v.status IN ('WAITING', 'SKIPPED')
      AND (v.not_before IS NULL OR v.not_before <= :now::timestamptz)
      AND (:centre_ids::bigint[] IS NULL OR v.centre_id = ANY(:centre_ids::bigint[]))"""
_HEAD = "ORDER BY v.queue_rank, v.queue_day, v.position, v.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED"
_CLAIMED = "v.id, v.queue_rank, v.queue_day, v.position, v.status, v.called_at, v.clinician_id, v.not_before"

_CALL_NEXT = f"""
WITH clinician AS MATERIALIZED (
    SELECT id, department_id FROM clinicians
    WHERE hospital_id = :hospital_id::bigint AND id = :clinician_id::bigint AND deleted_at IS NULL
), own AS MATERIALIZED (
    SELECT {_CLAIMED} FROM visits v
    WHERE v.clinician_id = (SELECT id FROM clinician) AND {_CALLABLE} {_HEAD}
), unassigned AS MATERIALIZED (
    SELECT {_CLAIMED} FROM visits v
    WHERE v.clinician_id IS NULL AND v.department_id = (SELECT department_id FROM clinician) AND {_CALLABLE} {_HEAD}
), chosen AS MATERIALIZED (
    SELECT * FROM (SELECT * FROM own UNION ALL SELECT * FROM unassigned) v
    ORDER BY v.queue_rank, v.queue_day, v.position, v.id LIMIT 1
), called AS (
    UPDATE visits v SET
        status = 'CALLED', called_at = :now::timestamptz, clinician_id = :clinician_id::bigint, not_before = NULL
    FROM chosen WHERE v.id = chosen.id
    RETURNING v.*
), event AS (
    INSERT INTO events (hospital_id, name, subject, subject_id, actor_id, payload, at)
    SELECT :hospital_id::bigint, :event_name::text, 'visit', v.id, :actor_id::bigint, jsonb_build_object(
        'appointment_id', v.appointment_id, 'patient_id', v.patient_id, 'clinician_id', v.clinician_id,
        'department_id', v.department_id, 'centre_id', v.centre_id, 'status', v.status, 'token_label', v.token_label,
        'was', h.status, 'reason', null,
        'before', jsonb_build_object(
            'status', h.status, 'called_at', {as_text("h.called_at")}, 'clinician_id', h.clinician_id,
            'not_before', {as_text("h.not_before")}
        )
    ), :now::timestamptz
    FROM called v JOIN chosen h ON h.id = v.id
), audit AS (
    INSERT INTO audit_entries (hospital_id, actor_id, action, subject, subject_id, at)
    SELECT :hospital_id::bigint, :actor_id::bigint, :event_name::text, 'visit', id, :now::timestamptz FROM called
), idempotency AS (
    INSERT INTO idempotency_keys (hospital_id, user_id, route, key, digest, made_id, created_at)
    SELECT :hospital_id::bigint, :actor_id::bigint, :route::text, :idempotency_key::text, :digest::text, id,
           :now::timestamptz
    FROM called WHERE :idempotency_key::text IS NOT NULL
)
SELECT doctor.id AS doctor_id,
       v.id IS NULL AND (
           EXISTS (SELECT 1 FROM visits v WHERE v.clinician_id = doctor.id AND {_CALLABLE})
           OR EXISTS (
               SELECT 1 FROM visits v
               WHERE v.clinician_id IS NULL AND v.department_id = doctor.department_id AND {_CALLABLE}
           )
       ) AS was_too_late,
       {SHOWN}
FROM clinician doctor
LEFT JOIN called v ON true
LEFT JOIN patients p ON p.id = v.patient_id
LEFT JOIN clinicians c ON c.id = v.clinician_id
LEFT JOIN centres e ON e.id = v.centre_id
"""

_CLINICIAN = """SELECT id, department_id FROM clinicians
WHERE hospital_id = :hospital_id AND id = :clinician_id AND deleted_at IS NULL"""
_NEXT = """SELECT id, queue_rank, queue_day, position, status, called_at, clinician_id, not_before, appointment_id,
    patient_id, department_id, centre_id, token_label
FROM visits
WHERE hospital_id = :hospital_id AND {whose} AND status IN ('WAITING', 'SKIPPED')
  AND (not_before IS NULL OR not_before <= :now){centres}
ORDER BY queue_rank, queue_day, position, id LIMIT 1"""
_CALL = """UPDATE visits SET status = 'CALLED', called_at = :now, clinician_id = :clinician_id, not_before = NULL
WHERE id = :visit_id"""


def _call_next(connection: sqlite3.Connection, given: Arguments) -> Rows:
    clinician = connection.execute(_CLINICIAN, given).fetchone()
    if clinician is None:
        return []
    centres = "" if given["centre_ids"] is None else f" AND centre_id IN ({','.join(map(str, given['centre_ids']))})"
    found = _head(connection, given, "clinician_id = :clinician_id", centres)
    if clinician["department_id"] is not None:
        line = {**given, "department_id": clinician["department_id"]}
        other = _head(connection, line, "clinician_id IS NULL AND department_id = :department_id", centres)
        found = min((one for one in (found, other) if one), key=_place, default=None)
    if found is None:
        return [{"doctor_id": clinician["id"], "was_too_late": False, "id": None}]
    payload = {
        **{name: found[name] for name in ("appointment_id", "patient_id", "department_id", "centre_id", "token_label")},
        "clinician_id": clinician["id"],
        "status": "CALLED",
        "was": found["status"],
        "reason": None,
        "before": {name: found[name] for name in ("status", "called_at", "clinician_id", "not_before")},
    }
    made = {**given, "visit_id": found["id"], "payload": json.dumps(payload)}
    connection.execute(_CALL, made)
    connection.execute(EVENT, made)
    connection.execute(AUDIT, made)
    if made["idempotency_key"] is not None:
        connection.execute(IDEMPOTENCY, made)
    return [
        {
            "doctor_id": clinician["id"],
            "was_too_late": False,
            **typed(connection.execute(SHOW_ONE, made).fetchone()),
        }
    ]


def _head(connection: sqlite3.Connection, given: Arguments, whose: str, centres: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = connection.execute(_NEXT.format(whose=whose, centres=centres), given).fetchone()
    return found


def _place(visit: sqlite3.Row) -> tuple[int, str, int, int]:
    return visit["queue_rank"], visit["queue_day"], visit["position"], visit["id"]


CALL_NEXT = Statement("call_next", _CALL_NEXT, _call_next)
"""Call the next patient of a clinician, or of his department's line that nobody is assigned to. No row: no such
clinician; `id` null: nobody was called, and `was_too_late` says whether somebody is waiting all the same."""
