"""What the slot engine asks of the store, and how time is taken: one round trip each."""

import sqlite3

from outpatient.core.statements import Arguments, Rows, Statement

_BUSY = """
SELECT clinicians.schedule_version, occupancy.starts_at, occupancy.ends_at, occupancy.lane,
       occupancy.time_off_id, occupancy.appointment_id, appointments.expires_at
FROM clinicians
LEFT JOIN occupancy ON occupancy.hospital_id = clinicians.hospital_id AND occupancy.clinician_id = clinicians.id
     AND occupancy.ends_at > :range_from AND occupancy.starts_at < :range_to
LEFT JOIN appointments ON appointments.id = occupancy.appointment_id
WHERE clinicians.hospital_id = :hospital_id AND clinicians.id = :clinician_id
"""

BUSY = Statement(
    "busy",
    _BUSY,
    lambda connection, given: connection.execute(_BUSY, given).fetchall(),
    writes=False,
)
"""Everything that occupies a clinician between two instants; always at least one row, for its schedule_version."""


def _occupy(connection: sqlite3.Connection, given: Arguments) -> Rows:
    if not connection.execute(
        "SELECT 1 FROM clinicians WHERE hospital_id = :hospital_id AND id = :clinician_id"
        " AND (:version IS NULL OR schedule_version = :version)",
        given,
    ).fetchone():
        return [{"is_fresh": False, "id": None}]
    try:
        made = connection.execute(
            "INSERT INTO occupancy (hospital_id, clinician_id, lane, starts_at, ends_at, appointment_id, time_off_id)"
            " VALUES (:hospital_id, :clinician_id, :lane, :starts_at, :ends_at, :appointment_id, :time_off_id)"
            " RETURNING id",
            given,
        ).fetchone()
    except sqlite3.IntegrityError as refused:
        if "no_overlap" not in str(refused):
            raise
        return [{"is_fresh": True, "id": None}]
    return [{"is_fresh": True, "id": made["id"]}]


OCCUPY = Statement(
    "occupy",
    """
WITH clinician AS (
    SELECT id FROM clinicians
    WHERE hospital_id = :hospital_id::bigint AND id = :clinician_id::bigint
      AND (:version::bigint IS NULL OR schedule_version = :version::bigint)
    FOR SHARE
), taken AS (
    INSERT INTO occupancy (hospital_id, clinician_id, lane, starts_at, ends_at, appointment_id, time_off_id)
    SELECT :hospital_id::bigint, id, :lane::bigint, :starts_at::timestamptz, :ends_at::timestamptz,
           :appointment_id::bigint, :time_off_id::bigint
    FROM clinician
    ON CONFLICT ON CONSTRAINT no_overlap DO NOTHING
    RETURNING id
)
SELECT EXISTS (SELECT 1 FROM clinician) AS is_fresh, (SELECT id FROM taken) AS id
""",
    _occupy,
)
"""Take an interval of a clinician for an appointment or time off. `is_fresh` false: the schedule has changed since
`version`; `id` null: something else has the time."""
