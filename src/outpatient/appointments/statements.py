"""BOOK: a whole booking in one round trip.

Occupancy, appointment, visit, payment, event, audit entry and idempotency key stand or fall together. The clinician's
`schedule_version` is checked under a lock that every change of hours waits for; that nothing overlaps is the
constraint's work (`no_overlap`), never this statement's.
"""

import sqlite3

from outpatient.core.statements import Arguments, Rows, Statement

_BOOK = """
WITH clinician AS (
    SELECT id FROM clinicians
    WHERE hospital_id = :hospital_id::bigint AND id = :clinician_id::bigint AND schedule_version = :version::bigint
    FOR SHARE
), patient AS (
    SELECT id FROM patients
    WHERE hospital_id = :hospital_id::bigint AND id = :patient_id::bigint AND deleted_at IS NULL
    FOR KEY SHARE
), fresh AS MATERIALIZED (
    SELECT nextval('appointments_id_seq') AS id FROM clinician, patient
), taken AS (
    INSERT INTO occupancy (hospital_id, clinician_id, lane, starts_at, ends_at, appointment_id)
    SELECT :hospital_id::bigint, :clinician_id::bigint, :lane::bigint, :starts_at::timestamptz,
           :busy_until::timestamptz, id
    FROM fresh
    ON CONFLICT ON CONSTRAINT no_overlap DO NOTHING
    RETURNING appointment_id AS id
), appointment AS (
    INSERT INTO appointments (
        id, hospital_id, patient_id, clinician_id, centre_id, department_id, service_id, booking_type, service_on,
        starts_at, ends_at, session_type, status, booking_source, fee_minor, notes, expires_at, created_by,
        created_at, updated_at
    )
    SELECT id, :hospital_id::bigint, :patient_id::bigint, :clinician_id::bigint, :centre_id::bigint,
           :department_id::bigint, :service_id::bigint, 'TIME_SLOT', :service_on::date, :starts_at::timestamptz,
           :ends_at::timestamptz, :session_type::text, 'PENDING', :booking_source::text, :fee_minor::bigint,
           :notes::text, :expires_at::timestamptz, :actor_id::bigint, :now::timestamptz, :now::timestamptz
    FROM taken
    RETURNING id
), visit AS (
    INSERT INTO visits (
        hospital_id, appointment_id, patient_id, clinician_id, centre_id, department_id, service_id, service_on, status,
        created_at
    )
    SELECT :hospital_id::bigint, id, :patient_id::bigint, :clinician_id::bigint, :centre_id::bigint,
           :department_id::bigint, :service_id::bigint, :service_on::date, 'EXPECTED', :now::timestamptz
    FROM taken
    RETURNING id, appointment_id
), payment AS (
    INSERT INTO payments (
        hospital_id, appointment_id, visit_id, patient_id, amount_minor, paid_minor, refunded_minor, currency, status,
        created_at
    )
    SELECT :hospital_id::bigint, appointment_id, id, :patient_id::bigint, :fee_minor::bigint, 0, 0, :currency::text,
           'PENDING', :now::timestamptz
    FROM visit
    RETURNING id
), event AS (
    INSERT INTO events (hospital_id, name, subject, subject_id, actor_id, payload, at)
    SELECT :hospital_id::bigint, :event_name::text, 'appointment', id, :actor_id::bigint, :payload::jsonb,
           :now::timestamptz
    FROM taken
), audit AS (
    INSERT INTO audit_entries (hospital_id, actor_id, action, subject, subject_id, at)
    SELECT :hospital_id::bigint, :actor_id::bigint, :event_name::text, 'appointment', id, :now::timestamptz
    FROM taken
), idempotency AS (
    INSERT INTO idempotency_keys (hospital_id, user_id, route, key, digest, made_id, created_at)
    SELECT :hospital_id::bigint, :actor_id::bigint, :route::text, :idempotency_key::text, :digest::text, id,
           :now::timestamptz
    FROM taken
    WHERE :idempotency_key::text IS NOT NULL
)
SELECT EXISTS (SELECT 1 FROM clinician) AS is_fresh,
       EXISTS (SELECT 1 FROM patient) AS has_patient,
       (SELECT id FROM taken) AS appointment_id,
       (SELECT id FROM payment) AS payment_id
"""

_CLINICIAN = """SELECT 1 FROM clinicians
WHERE hospital_id = :hospital_id AND id = :clinician_id AND schedule_version = :version"""
_PATIENT = "SELECT 1 FROM patients WHERE hospital_id = :hospital_id AND id = :patient_id AND deleted_at IS NULL"
_APPOINTMENT = """INSERT INTO appointments (
    hospital_id, patient_id, clinician_id, centre_id, department_id, service_id, booking_type, service_on, starts_at,
    ends_at, session_type, status, booking_source, fee_minor, notes, expires_at, created_by, created_at, updated_at
) VALUES (
    :hospital_id, :patient_id, :clinician_id, :centre_id, :department_id, :service_id, 'TIME_SLOT', :service_on,
    :starts_at, :ends_at, :session_type, 'PENDING', :booking_source, :fee_minor, :notes, :expires_at, :actor_id, :now,
    :now
)"""
_OCCUPANCY = """INSERT INTO occupancy (hospital_id, clinician_id, lane, starts_at, ends_at, appointment_id)
VALUES (:hospital_id, :clinician_id, :lane, :starts_at, :busy_until, :appointment_id)"""
_VISIT = """INSERT INTO visits (
    hospital_id, appointment_id, patient_id, clinician_id, centre_id, department_id, service_id, service_on, status,
    created_at
) VALUES (
    :hospital_id, :appointment_id, :patient_id, :clinician_id, :centre_id, :department_id, :service_id, :service_on,
    'EXPECTED', :now
)"""
_PAYMENT = """INSERT INTO payments (
    hospital_id, appointment_id, visit_id, patient_id, amount_minor, paid_minor, refunded_minor, currency, status,
    created_at
) VALUES (:hospital_id, :appointment_id, :visit_id, :patient_id, :fee_minor, 0, 0, :currency, 'PENDING', :now)"""
_EVENT = """INSERT INTO events (hospital_id, name, subject, subject_id, actor_id, payload, at)
VALUES (:hospital_id, :event_name, 'appointment', :appointment_id, :actor_id, :payload, :now)"""
_AUDIT = """INSERT INTO audit_entries (hospital_id, actor_id, action, subject, subject_id, at)
VALUES (:hospital_id, :actor_id, :event_name, 'appointment', :appointment_id, :now)"""
_IDEMPOTENCY = """INSERT INTO idempotency_keys (hospital_id, user_id, route, key, digest, made_id, created_at)
VALUES (:hospital_id, :actor_id, :route, :idempotency_key, :digest, :appointment_id, :now)"""


def _book(connection: sqlite3.Connection, given: Arguments) -> Rows:
    if not connection.execute(_CLINICIAN, given).fetchone():
        return [{"is_fresh": False, "has_patient": True, "appointment_id": None, "payment_id": None}]
    if not connection.execute(_PATIENT, given).fetchone():
        return [{"is_fresh": True, "has_patient": False, "appointment_id": None, "payment_id": None}]
    connection.execute("SAVEPOINT book")
    made = dict(given)
    made["appointment_id"] = connection.execute(_APPOINTMENT, made).lastrowid
    try:
        connection.execute(_OCCUPANCY, made)
    except sqlite3.IntegrityError as refused:
        connection.execute("ROLLBACK TO book")
        connection.execute("RELEASE book")
        if "no_overlap" not in str(refused):
            raise
        return [{"is_fresh": True, "has_patient": True, "appointment_id": None, "payment_id": None}]
    made["visit_id"] = connection.execute(_VISIT, made).lastrowid
    payment_id = connection.execute(_PAYMENT, made).lastrowid
    connection.execute(_EVENT, made)
    connection.execute(_AUDIT, made)
    if made["idempotency_key"] is not None:
        connection.execute(_IDEMPOTENCY, made)
    connection.execute("RELEASE book")
    return [{"is_fresh": True, "has_patient": True, "appointment_id": made["appointment_id"], "payment_id": payment_id}]


BOOK = Statement("book", _BOOK, _book)
"""Book a time slot. `is_fresh` false: the schedule has changed since `version`; `has_patient` false: no such record;
`appointment_id` null with both true: something else has the time."""
