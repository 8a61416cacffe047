"""Every line of seed 002; the bodies that it leaves open are those we chose."""

import json
from typing import Any

from tests.contract.reading import read


def visit(**other: Any) -> str:
    """A visit as it is shown: somebody who came without an appointment and waits for a doctor."""
    shown: dict[str, Any] = {"id": 1, "appointmentId": None, "patientId": 10, "patientName": "Jane", "clinicianId": 5}
    shown |= {"departmentId": None, "centreId": 1, "tokenNumber": 1, "tokenLabel": "A-1", "status": "=WAITING"}
    shown |= {"priority": "=NORMAL", "isCarryover": False, "serviceDay": "2024-03-15"}
    shown |= {"checkedInAt": "2024-03-15T10:30:00Z", "calledAt": None, "startedAt": None, "completedAt": None}
    return json.dumps({**shown, "estimatedWait": {"minutes": 10, "from": 5, "to": 15}, **other})


VISITS_SHOWN = {
    "<walk-in>": visit(),
    "<booked>": visit(appointmentId=7),
    "<anybody's>": visit(clinicianId=None, departmentId=4, estimatedWait=None),
    "<called>": visit(status="=CALLED", calledAt="2024-03-15T10:40:00Z", estimatedWait=None),
    "<skipped>": visit(status="=SKIPPED"),
    "<completed>": visit(status="=COMPLETED", completedAt="2024-03-15T10:50:00Z", estimatedWait=None),
}


def with_visits(text: str) -> str:
    for name, shown in VISITS_SHOWN.items():
        text = text.replace(name, shown)
    return text


APPOINTMENTS = """
FRONT_DESK POST /api/v1/appointments
> {"patientId": "$patient", "clinicianId": "$clinician", "appointmentDate": "$day", "bookingType": "TOKEN"}
< 201 {"success": true, "data": {"id": 123, "appointmentDate": "2024-03-15", "appointmentTime": null,
"status": "PENDING"}}

FRONT_DESK POST /api/v1/appointments
> {"patientId": "$patient", "clinicianId": "$clinician", "appointmentDate": "$day", "appointmentTime": "10:00",
"bookingType": "TIME_SLOT", "serviceId": "$service"}
< 201 {"success": true, "data": {"id": 123, "appointmentDate": "2024-03-15", "appointmentTime": "10:00:00",
"status": "PENDING"}}

FRONT_DESK GET /api/v1/appointments?page=1&limit=10
@ appointment
< 200 {"success": true, "data": [{"id": 1, "patientId": 10, "clinicianId": 5, "status": "PENDING"}],
"meta": {"page": 1, "limit": 10, "total": 1, "totalPages": 1}}

CLINICIAN GET /api/v1/appointments/$appointment
< 200 {"success": true, "data": {"id": 1, "patientId": 10, "clinicianId": 5, "status": "PENDING"}}

FRONT_DESK POST /api/v1/appointments/$awaited/check-in
< 200 {"success": true, "data": <booked>}

FRONT_DESK DELETE /api/v1/appointments/$appointment
< 200

FRONT_DESK PATCH /api/v1/appointments/$appointment/reschedule
> {"appointmentDate": "$next_day", "appointmentTime": "14:00"}
< 200 {"success": true, "data": {"id": 1, "appointmentDate": "2024-03-16", "appointmentTime": "14:00:00"}}
"""

VISITS = """
FRONT_DESK POST /api/v1/visits
> {"patient": {"fullName": "Jane Smith", "phone": "$new_phone"}, "doctorId": "$clinician"}
< 201 {"success": true, "data": <walk-in>, "meta": {"warnings": []}}

FRONT_DESK POST /api/v1/visits
> {"patientId": "$patient", "departmentId": "$department", "priority": "NORMAL", "notes": "Came by bus"}
< 201 {"success": true, "data": <anybody's>, "meta": {"warnings": []}}

CLINICIAN GET /api/v1/visits/$visit
< 200 {"success": true, "data": <walk-in>}

CLINICIAN PATCH /api/v1/visits/$visit/status
> {"status": "CALLED", "reason": "It is his turn"}
< 200 {"success": true, "data": <called>}

FRONT_DESK POST /api/v1/visits/$visit/reassign
> {"doctorId": "$other_clinician", "reason": "The other one is free"}
< 200 {"success": true, "data": <walk-in>}

FRONT_DESK POST /api/v1/visits/$visit/delay
> {"minutes": 15, "reason": "Went for coffee"}
< 200 {"success": true, "data": <walk-in>}
"""

QUEUES = """
CLINICIAN GET /api/v1/queue/doctor/$clinician
@ visit
< 200 {"success": true, "data": {"doctorId": 5, "serviceDay": "2024-03-15",
"queue": [<walk-in>], "totalCount": 1}}

FRONT_DESK GET /api/v1/queue/department/$department
@ department_visit
< 200 {"success": true, "data": {"departmentId": 4, "serviceDay": "2024-03-15",
"queue": [<anybody's>], "totalCount": 1}}

CLINICIAN POST /api/v1/queue/doctor/$clinician/next
@ visit
< 200 {"success": true, "data": <called>}

CLINICIAN POST /api/v1/queue/doctor/$clinician/skip
@ called
< 200 {"success": true, "data": <skipped>}

CLINICIAN POST /api/v1/queue/doctor/$clinician/complete
@ called
< 200 {"success": true, "data": <completed>}
"""

STREAMED = """
FRONT_DESK GET /api/v1/sse/reception/$hospital
< 200 {"type": "connected", "data": {}}

CLINICIAN GET /api/v1/sse/doctor/$clinician
< 200 {"type": "connected", "data": {}}

nobody GET /api/v1/sse/waiting-room/$department
< 200 {"type": "connected", "data": {}}
"""

REFUSALS = """
nobody GET /api/v1/queue/doctor/$clinician
< 401 {"error": {"code": "UNAUTHORIZED", "message": "Authentication required"}}

CLINICIAN POST /api/v1/queue/doctor/$clinician/next
< 409 {"error": {"code": "QUEUE_EMPTY", "message": "Nobody is waiting"}}
"""

EXAMPLES = [one for text in (APPOINTMENTS, VISITS, QUEUES) for one in read("002", with_visits(text))]
STREAMS = read("002", STREAMED)
REFUSED = read("002", REFUSALS)
