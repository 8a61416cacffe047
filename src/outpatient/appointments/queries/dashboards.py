"""What somebody finds when he comes in: a clinician his day, a patient what lies ahead of him (seed 003)."""

from collections import Counter
from typing import Any

from sqlalchemy import func, select

from outpatient.access.actor import Actor
from outpatient.appointments.queries.described import describe, described, list_described
from outpatient.appointments.queries.openings import list_openings
from outpatient.appointments.queries.single import visible_to
from outpatient.centres.queries import is_to_come
from outpatient.clinicians import queries as clinicians
from outpatient.core.database import Tx
from outpatient.core.terms import AppointmentStatus
from outpatient.models import Appointment
from outpatient.patients.queries import get_today

GONE = (AppointmentStatus.CANCELLED, AppointmentStatus.NO_SHOW)
NEXT_ROWS = 20


async def get_clinician_dashboard(tx: Tx, actor: Actor) -> dict[str, Any]:
    """A clinician's day by the clocks of his primary centre, and how much is to come (NotFound: he is none)."""
    clinician = await clinicians.get_own_profile(tx, actor)
    today = await clinicians.get_today(tx, clinician)
    rows, total = await list_described(tx, actor, None, clinician_id=clinician.id, on=today)
    statuses = Counter(row["status"] for row in rows)
    openings = await list_openings(tx, actor, clinician.id) if clinician.is_active else []
    return {
        "date": today,
        "appointments_today": total - sum(statuses[status] for status in GONE),
        "completed_today": statuses[AppointmentStatus.COMPLETED],
        "cancelled_today": statuses[AppointmentStatus.CANCELLED],
        "upcoming_appointments": await clinicians.count_to_come(tx, clinician),
        "available_slots": len(openings),
        "appointments": rows,
    }


async def get_patient_dashboard(tx: Tx, actor: Actor) -> dict[str, Any]:
    """A patient's next appointments, and how many he has had or given up."""
    is_ahead = is_to_come(tx.now, await get_today(tx, actor.hospital_id))
    order = (Appointment.service_on, Appointment.starts_at, Appointment.id)
    ahead = await tx.rows(described().where(visible_to(actor), is_ahead).order_by(*order).limit(NEXT_ROWS))
    count = select(func.count()).select_from(Appointment).where(visible_to(actor))
    return {
        "total_appointments": await tx.one_or_none(count),
        "upcoming_appointments": await tx.one_or_none(count.where(is_ahead)),
        "cancelled_appointments": await tx.one_or_none(count.where(Appointment.status == AppointmentStatus.CANCELLED)),
        "appointments": [describe(row) for row in ahead],
    }
