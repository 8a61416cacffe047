"""The queue as it stands, in one read: everybody who is in the house, in order, with what their wait depends on."""

import sqlite3

from outpatient.core.statements import Arguments, Rows, Statement
from outpatient.models import LINE, PRESENT, ROOM
from outpatient.queue.statements.shown import AROUND, SHOWN, typed

_WIDE = f"""SELECT {SHOWN}, t.mean_seconds, t.spread_seconds,
    COALESCE(d.default_consultation_minutes, h.default_consultation_minutes) AS usual_minutes,
    u.full_name AS clinician_name, s.name AS service_name
FROM ({{visits}}) v
{AROUND}
JOIN hospital_configs h ON h.hospital_id = v.hospital_id
LEFT JOIN users u ON u.id = c.user_id
LEFT JOIN departments d ON d.id = v.department_id
LEFT JOIN services s ON s.id = v.service_id
LEFT JOIN paces t ON t.clinician_id = v.clinician_id"""

_OF = "SELECT * FROM visits WHERE hospital_id = {hospital_id} AND "
_CLINICIAN = f"""{_OF}clinician_id = {{clinician_id}} AND {LINE}
UNION ALL {_OF}clinician_id = {{clinician_id}} AND {ROOM}
UNION ALL {_OF}clinician_id IS NULL AND {PRESENT} AND department_id = (
    SELECT department_id FROM clinicians WHERE hospital_id = {{hospital_id}} AND id = {{clinician_id}}
)"""
_DEPARTMENT = f"{_OF}department_id = {{department_id}} AND {PRESENT}"
_ONE = f"{_OF}id = {{visit_id}}"

_POSTGRESQL = {
    "hospital_id": ":hospital_id::bigint",
    "clinician_id": ":clinician_id::bigint",
    "department_id": ":department_id::bigint",
    "visit_id": ":visit_id::bigint",
}
_SQLITE = {name: f":{name}" for name in _POSTGRESQL}


def _reading(name: str, which: str) -> Statement:
    postgresql, sqlite = (_WIDE.format(visits=which.format(**names)) for names in (_POSTGRESQL, _SQLITE))

    def read(connection: sqlite3.Connection, given: Arguments) -> Rows:
        return [typed(row) for row in connection.execute(sqlite, given)]

    return Statement(name, postgresql, read, writes=False)


CLINICIAN_QUEUE = _reading("clinician_queue", _CLINICIAN)
"""A clinician's queue, with the visits of his department that nobody is assigned to; in no order."""

DEPARTMENT_QUEUE = _reading("department_queue", _DEPARTMENT)
"""A department's queue, of all its clinicians; in no order."""

ONE_VISIT = _reading("one_visit", _ONE)
"""One visit in whatever state, in the same words as a queue."""
