"""CHECK_IN: an arrival in one round trip.

Appointment, visit, token, place in the order, estimate, event, audit entry and idempotency key stand or fall together.
Rows are locked in the order appointment, visit, counter. Whoever waited for the lock sees the visit as the winner left
it, finds it arrived, and takes no number: so a token is never given twice, and none is left out.
"""

import json
import sqlite3
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from outpatient.core.statements import Arguments, Rows, Statement
from outpatient.core.terms import Priority, TokenReset
from outpatient.models.columns import text_to_instant
from outpatient.queue.rules.order import rank_of
from outpatient.queue.rules.tokens import token_group, token_label, token_period
from outpatient.queue.rules.wait import estimate_wait, left_of, pace_or_usual
from outpatient.queue.statements.shown import AUDIT, EVENT, IDEMPOTENCY, SHOW_ONE, SHOWN, as_text, typed

_CHECK_IN = f"""
WITH appointment AS MATERIALIZED (
    SELECT id, status, expires_at, starts_at FROM appointments
    WHERE hospital_id = :hospital_id::bigint AND id = :appointment_id::bigint
    FOR NO KEY UPDATE
), visit AS MATERIALIZED (
    SELECT v.* FROM visits v
    WHERE v.hospital_id = :hospital_id::bigint
      AND v.id = COALESCE(
          :visit_id::bigint, (SELECT w.id FROM visits w WHERE w.appointment_id = (SELECT id FROM appointment))
      )
    FOR NO KEY UPDATE
), asked AS MATERIALIZED (
    SELECT v.id, v.appointment_id, v.patient_id, v.clinician_id, v.department_id, v.centre_id, v.status, v.service_on,
           v.token_number AS given_number, v.token_group AS given_group, v.token_period_on AS given_for,
           v.checked_in_at, a.status AS appointment_status,
           CASE v.priority WHEN 'NORMAL' THEN 1 ELSE 0 END AS queue_rank,
           (:now::timestamptz AT TIME ZONE e.time_zone)::date AS today,
           a.starts_at - make_interval(mins => h.early_arrival_minutes::int) AS opens_at,
           a.expires_at <= :now::timestamptz AS is_expired,
           COALESCE('department:' || v.department_id, 'clinician:' || v.clinician_id) AS token_group,
           CASE COALESCE(d.token_reset_frequency, h.token_reset_frequency)
               WHEN 'DAILY' THEN v.service_on
               WHEN 'WEEKLY' THEN date_trunc('week', v.service_on)::date
               WHEN 'MONTHLY' THEN date_trunc('month', v.service_on)::date
               ELSE DATE '1970-01-01'
           END AS period_on,
           COALESCE(d.token_prefix, h.token_prefix) AS prefix,
           COALESCE(t.mean_seconds, usual.seconds) AS mean,
           COALESCE(t.spread_seconds, round(usual.seconds * 0.5::float8)) AS spread
    FROM visit v
    JOIN centres e ON e.id = v.centre_id
    JOIN hospital_configs h ON h.hospital_id = v.hospital_id
    LEFT JOIN departments d ON d.id = v.department_id
    LEFT JOIN paces t ON t.clinician_id = v.clinician_id
    LEFT JOIN appointment a ON true
    CROSS JOIN LATERAL (
        SELECT 60 * COALESCE(d.default_consultation_minutes, h.default_consultation_minutes) AS seconds
    ) usual
    WHERE :centre_ids::bigint[] IS NULL OR v.centre_id = ANY(:centre_ids::bigint[])
), fit AS MATERIALIZED (
    SELECT *, CASE WHEN given_group = token_group AND given_for = period_on THEN given_number END AS token_number
    FROM asked
    WHERE status IN ('EXPECTED', 'NO_SHOW') AND service_on = today
      AND (appointment_status IS NULL OR appointment_status IN ('PENDING', 'CONFIRMED', 'NO_SHOW'))
      AND (opens_at IS NULL OR opens_at <= :now::timestamptz)
      AND is_expired IS NOT TRUE
), counter AS (
    INSERT INTO token_counters (hospital_id, token_group, period_on, last_number)
    SELECT :hospital_id::bigint, token_group, period_on, 1 FROM fit WHERE token_number IS NULL
    ON CONFLICT (hospital_id, token_group, period_on) DO UPDATE SET last_number = token_counters.last_number + 1
    RETURNING last_number
), line AS (
    SELECT (
        SELECT count(*) FROM visits q
        WHERE q.clinician_id = f.clinician_id AND q.status IN ('WAITING', 'SKIPPED')
          AND (q.queue_rank, q.queue_day, q.position, q.id) < (f.queue_rank, f.today, :position::bigint, f.id)
    ) + (
        SELECT count(*) FROM visits q WHERE q.clinician_id = f.clinician_id AND q.status = 'CALLED'
    ) AS ahead
    FROM fit f
), wait AS (
    SELECT likely, margin FROM fit f
    CROSS JOIN line
    LEFT JOIN visits r ON r.clinician_id = f.clinician_id AND r.status = 'IN_PROGRESS'
    CROSS JOIN LATERAL (
        SELECT CASE WHEN r.started_at IS NULL THEN 0 ELSE GREATEST(
            f.mean - trunc(extract(epoch FROM :now::timestamptz - r.started_at)), ceil(f.mean * 0.1::float8)
        ) END::bigint AS seconds
    ) remains
    CROSS JOIN LATERAL (
        SELECT remains.seconds + line.ahead * f.mean AS likely,
               trunc(
                   1.28::float8 * f.spread * sqrt((line.ahead + (remains.seconds > 0)::int)::float8)
               )::bigint AS margin
    ) estimate
    WHERE f.clinician_id IS NOT NULL
), admitted AS (
    UPDATE visits v SET
        status = 'WAITING', token_group = f.token_group, token_period_on = f.period_on,
        token_number = COALESCE(f.token_number, (SELECT last_number FROM counter)),
        token_label = CASE WHEN f.token_number IS NULL THEN f.prefix || (SELECT last_number FROM counter)
            ELSE v.token_label END,
        queue_rank = f.queue_rank, queue_day = f.today, position = :position::bigint, not_before = NULL,
        checked_in_at = COALESCE(v.checked_in_at, :now::timestamptz), called_at = NULL,
        estimated_minutes = (SELECT ceil(likely / 60.0::float8) FROM wait),
        estimated_from = (SELECT GREATEST(likely - margin, 0) / 60 FROM wait),
        estimated_to = (SELECT ceil((likely + margin) / 60.0::float8) FROM wait)
    FROM fit f WHERE v.id = f.id
    RETURNING v.*
), arrived AS (
    UPDATE appointments SET status = 'CHECKED_IN', expires_at = NULL, updated_at = :now::timestamptz
    WHERE id = (SELECT appointment_id FROM admitted)
), event AS (
    INSERT INTO events (hospital_id, name, subject, subject_id, actor_id, payload, at)
    SELECT :hospital_id::bigint, :event_name::text, 'visit', v.id, :actor_id::bigint, jsonb_build_object(
        'appointment_id', v.appointment_id, 'patient_id', v.patient_id, 'clinician_id', v.clinician_id,
        'department_id', v.department_id, 'centre_id', v.centre_id, 'status', v.status, 'token_label', v.token_label,
        'before', jsonb_build_object(
            'status', f.status, 'appointment_status', f.appointment_status,
            'checked_in_at', {as_text("f.checked_in_at")}
        )
    ), :now::timestamptz
    FROM admitted v JOIN fit f ON f.id = v.id
), audit AS (
    INSERT INTO audit_entries (hospital_id, actor_id, action, subject, subject_id, at)
    SELECT :hospital_id::bigint, :actor_id::bigint, :event_name::text, 'visit', id, :now::timestamptz FROM admitted
), idempotency AS (
    INSERT INTO idempotency_keys (hospital_id, user_id, route, key, digest, made_id, created_at)
    SELECT :hospital_id::bigint, :actor_id::bigint, :route::text, :idempotency_key::text, :digest::text, id,
           :now::timestamptz
    FROM admitted WHERE :idempotency_key::text IS NOT NULL
)
SELECT f.id AS visit_id, f.status AS was, f.appointment_status, f.service_on AS due_on, f.today, f.opens_at,
       f.is_expired, {SHOWN}
FROM asked f
LEFT JOIN admitted v ON v.id = f.id
LEFT JOIN patients p ON p.id = v.patient_id
LEFT JOIN clinicians c ON c.id = v.clinician_id
LEFT JOIN centres e ON e.id = v.centre_id
"""

_ASKED = """SELECT v.id AS visit_id, v.*, v.status AS was, a.status AS appointment_status, a.starts_at, a.expires_at,
    e.time_zone, h.early_arrival_minutes, COALESCE(d.token_reset_frequency, h.token_reset_frequency) AS reset,
    COALESCE(d.token_prefix, h.token_prefix) AS prefix, t.mean_seconds, t.spread_seconds,
    COALESCE(d.default_consultation_minutes, h.default_consultation_minutes) AS usual_minutes
FROM visits v
JOIN centres e ON e.id = v.centre_id
JOIN hospital_configs h ON h.hospital_id = v.hospital_id
LEFT JOIN departments d ON d.id = v.department_id
LEFT JOIN paces t ON t.clinician_id = v.clinician_id
LEFT JOIN appointments a ON a.id = v.appointment_id
WHERE v.hospital_id = :hospital_id
  AND v.id = COALESCE(:visit_id, (SELECT id FROM visits WHERE appointment_id = :appointment_id))"""
_COUNT = """INSERT INTO token_counters (hospital_id, token_group, period_on, last_number)
VALUES ({values}, 1)
ON CONFLICT (hospital_id, token_group, period_on) DO UPDATE SET last_number = token_counters.last_number + 1
RETURNING last_number"""
_COUNT_SQLITE = _COUNT.format(values=":hospital_id, :token_group, :period_on")
_AHEAD = """SELECT (
    SELECT count(*) FROM visits WHERE clinician_id = :clinician_id AND status IN ('WAITING', 'SKIPPED')
      AND (queue_rank, queue_day, position, id) < (:queue_rank, :today, :position, :visit_id)
) + (SELECT count(*) FROM visits WHERE clinician_id = :clinician_id AND status = 'CALLED')"""
_IN_ROOM = "SELECT started_at FROM visits WHERE clinician_id = :clinician_id AND status = 'IN_PROGRESS'"
_ADMIT = """UPDATE visits SET status = 'WAITING', token_group = :token_group, token_period_on = :period_on,
    token_number = :token_number, token_label = :token_label, queue_rank = :queue_rank, queue_day = :today,
    position = :position, not_before = NULL, checked_in_at = COALESCE(checked_in_at, :now), called_at = NULL,
    estimated_minutes = :minutes, estimated_from = :earliest, estimated_to = :latest
WHERE id = :visit_id"""
_ARRIVE = (
    "UPDATE appointments SET status = 'CHECKED_IN', expires_at = NULL, updated_at = :now WHERE id = :appointment_id"
)


def _check_in(connection: sqlite3.Connection, given: Arguments) -> Rows:
    found = connection.execute(_ASKED, given).fetchone()
    centre_ids = given["centre_ids"]
    if found is None or (centre_ids is not None and found["centre_id"] not in centre_ids):
        return []
    now = text_to_instant(given["now"])
    opens_at = None
    if found["starts_at"] is not None:
        opens_at = text_to_instant(found["starts_at"]) - timedelta(minutes=found["early_arrival_minutes"])
    facts = {
        "visit_id": found["visit_id"],
        "was": found["was"],
        "appointment_status": found["appointment_status"],
        "due_on": date.fromisoformat(found["service_on"]),
        "today": now.astimezone(ZoneInfo(found["time_zone"])).date(),
        "opens_at": opens_at,
        "is_expired": found["expires_at"] is not None and found["expires_at"] <= given["now"],
    }
    if not _is_fit(facts, now):
        return [{"id": None, **facts}]
    made = {**given, **facts, **_admission(connection, found, given, facts["today"].isoformat())}
    connection.execute(_ADMIT, made)
    if made["appointment_id"] is not None:
        connection.execute(_ARRIVE, made)
    connection.execute(EVENT, made)
    connection.execute(AUDIT, made)
    if made["idempotency_key"] is not None:
        connection.execute(IDEMPOTENCY, made)
    return [{**facts, **typed(connection.execute(SHOW_ONE, made).fetchone())}]


def _is_fit(facts: dict[str, Any], now: datetime) -> bool:
    return (
        facts["was"] in ("EXPECTED", "NO_SHOW")
        and facts["due_on"] == facts["today"]
        and facts["appointment_status"] in (None, "PENDING", "CONFIRMED", "NO_SHOW")
        and (facts["opens_at"] is None or facts["opens_at"] <= now)
        and not facts["is_expired"]
    )


def _admission(connection: sqlite3.Connection, found: sqlite3.Row, given: Arguments, today: str) -> dict[str, Any]:
    """The columns that the visit gets: its token, its place, its estimate; and what the event says of it."""
    names = ("visit_id", "appointment_id", "clinician_id", "token_number", "token_label")
    made: dict[str, Any] = {name: found[name] for name in names}
    made["token_group"] = token_group(found["department_id"], found["clinician_id"])
    made["period_on"] = token_period(date.fromisoformat(found["service_on"]), TokenReset(found["reset"])).isoformat()
    if (found["token_group"], found["token_period_on"]) != (made["token_group"], made["period_on"]):
        number = made["token_number"] = connection.execute(_COUNT_SQLITE, {**given, **made}).fetchone()[0]
        made["token_label"] = token_label(found["prefix"], number)
    made["queue_rank"], made["today"] = rank_of(Priority(found["priority"])), today
    made |= _estimate(connection, found, {**given, **made})
    payload = {
        **{name: found[name] for name in ("appointment_id", "patient_id", "clinician_id", "department_id")},
        "centre_id": found["centre_id"],
        "status": "WAITING",
        "token_label": made["token_label"],
        "before": {name: found[name] for name in ("status", "appointment_status", "checked_in_at")},
    }
    return {**made, "payload": json.dumps(payload)}


def _estimate(connection: sqlite3.Connection, found: sqlite3.Row, made: Arguments) -> dict[str, int | None]:
    if found["clinician_id"] is None:
        return {"minutes": None, "earliest": None, "latest": None}
    pace = pace_or_usual(found["mean_seconds"], found["spread_seconds"], found["usual_minutes"])
    ahead = connection.execute(_AHEAD, made).fetchone()[0]
    begun = connection.execute(_IN_ROOM, made).fetchone()
    left = left_of(begun and text_to_instant(begun[0]), text_to_instant(made["now"]), pace)
    wait = estimate_wait(ahead, pace, left)
    return {"minutes": wait.minutes, "earliest": wait.earliest, "latest": wait.latest}


CHECK_IN = Statement("check_in", _CHECK_IN, _check_in)
"""Let the visit of `appointment_id`, or `visit_id` itself, arrive. No row: not there for these `centre_ids`; `id` null:
not admitted, and `was`, `appointment_status`, `due_on`, `today`, `opens_at`, `is_expired` say why."""

TAKE_TOKEN = Statement(
    "take_token",
    _COUNT.format(values=":hospital_id::bigint, :token_group::text, :period_on::date"),
    lambda connection, given: connection.execute(_COUNT_SQLITE, given).fetchall(),
)
"""The next number of a token group and period, for a visit that changes its group."""
