"""Every SELECT on appointments: one of them in `single`, lists in `described`, how full a day is in `limits`."""

from outpatient.appointments.queries.around import add_surroundings
from outpatient.appointments.queries.dashboards import get_clinician_dashboard, get_patient_dashboard
from outpatient.appointments.queries.described import (
    describe,
    described,
    get_described,
    list_ahead,
    list_described,
    list_of_clinician_by_time,
)
from outpatient.appointments.queries.limits import (
    count_holds,
    count_patients,
    list_candidates,
    list_slots,
)
from outpatient.appointments.queries.openings import Opening, get_opening, list_openings
from outpatient.appointments.queries.single import (
    find_patient_id,
    find_unpaid_hold,
    find_visit,
    get_appointment,
    get_cancellation_notice,
    get_prepaid,
    get_zone,
    list_history,
    visible_to,
)

__all__ = [
    "Opening",
    "add_surroundings",
    "count_holds",
    "count_patients",
    "describe",
    "described",
    "find_patient_id",
    "find_unpaid_hold",
    "find_visit",
    "get_appointment",
    "get_cancellation_notice",
    "get_clinician_dashboard",
    "get_described",
    "get_opening",
    "get_patient_dashboard",
    "get_prepaid",
    "get_zone",
    "list_ahead",
    "list_candidates",
    "list_described",
    "list_history",
    "list_of_clinician_by_time",
    "list_openings",
    "list_slots",
    "visible_to",
]
