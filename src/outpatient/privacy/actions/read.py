"""Reading what is known about people, which the audit remembers in the same transaction."""

from typing import Any

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.paging import Page
from outpatient.patients.queries import get_patient
from outpatient.privacy import queries


async def read_audit(
    tx: Tx, *, actor: Actor, page: Page, patient_id: int | None = None, **wanted: Any
) -> tuple[list[dict[str, Any]], int]:
    """A page of the hospital's audit and how many entries there are in all; this look is an entry itself."""
    found = await queries.list_audit(tx, actor.hospital_id, page, patient_id=patient_id, **wanted)
    about = ("hospital", actor.hospital_id) if patient_id is None else ("patient", patient_id)
    tx.audit("audit.read", *about, hospital_id=actor.hospital_id, by=actor)
    return found


async def export_patient(tx: Tx, *, actor: Actor, patient_id: int) -> dict[str, Any]:
    """Everything that is known about a patient whose record the actor may see (NotFound)."""
    patient = await get_patient(tx, actor, patient_id)
    document = await queries.describe_person(tx, await queries.get_person(tx, actor.hospital_id, patient.id))
    tx.audit("patient.exported", "patient", patient.id, hospital_id=actor.hospital_id, by=actor)
    return document
