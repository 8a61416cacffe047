"""Looking at appointments, with what was written about them: each look leaves an entry in the audit."""

from collections.abc import Mapping, Sequence
from typing import Any

from outpatient.access.actor import Actor
from outpatient.appointments import queries
from outpatient.appointments.rules import Period
from outpatient.core.database import Tx
from outpatient.core.paging import Page
from outpatient.patients.actions import note_looks

LISTED = "patient.appointments_read"


async def read_appointment(tx: Tx, *, actor: Actor, appointment_id: int) -> dict[str, Any]:
    """One appointment with everything around it (NotFound)."""
    await tx.session.flush()
    found = await queries.get_described(tx, actor, appointment_id)
    tx.look("appointment.read", "appointment", appointment_id, hospital_id=actor.hospital_id, by=actor)
    return found


async def read_history(tx: Tx, *, actor: Actor, appointment_id: int) -> Sequence[Mapping[str, Any]]:
    """What happened to an appointment, and why (NotFound)."""
    happened = await queries.list_history(tx, actor, appointment_id)
    tx.look("appointment.history_read", "appointment", appointment_id, hospital_id=actor.hospital_id, by=actor)
    return happened


async def read_appointments(tx: Tx, *, actor: Actor, page: Page, **wanted: Any) -> tuple[Sequence[dict[str, Any]], int]:
    """A page of appointments, as `list_described` finds them, and how many there are in all."""
    rows, total = await queries.list_described(tx, actor, page, **wanted)
    note_looks(tx, actor=actor, patient_ids=(row["patient_id"] for row in rows), action=LISTED)
    return rows, total


async def read_own_day(tx: Tx, *, actor: Actor) -> Mapping[Period, list[dict[str, Any]]]:
    """A clinician's own appointments: current, upcoming and past."""
    found = await queries.list_of_clinician_by_time(tx, actor, tx.now)
    shown = [row["patient_id"] for rows in found.values() for row in rows]
    note_looks(tx, actor=actor, patient_ids=shown, action=LISTED)
    return found
