"""What patients agree to be written to about."""

from typing import Annotated

from fastapi import APIRouter

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.core.database import Tx
from outpatient.http.dependencies import Reading, Writing, allow
from outpatient.http.schema import Envelope, PathId, answer
from outpatient.notifications import actions, queries
from outpatient.notifications.schemas import ConsentChanges, ConsentOut
from outpatient.patients.queries import get_patient

router = APIRouter(tags=["Patients"])


@router.get("/patients/{patient_id:int}/consents")
async def list_consents(
    patient_id: PathId, actor: Annotated[Actor, allow(P.CONSENTS_READ)], tx: Reading
) -> Envelope[list[ConsentOut]]:
    """What the patient said last of each purpose: messages about his care, and anything else."""
    await get_patient(tx, actor, patient_id)
    return await _show(tx, patient_id)


@router.put("/patients/{patient_id:int}/consents")
async def set_consents(
    patient_id: PathId, body: ConsentChanges, actor: Annotated[Actor, allow(P.CONSENTS_WRITE)], tx: Writing
) -> Envelope[list[ConsentOut]]:
    """Note what the patient agrees to. One-time codes come whatever he says."""
    await actions.set_consents(tx, actor=actor, patient_id=patient_id, wishes=body.wishes())
    return await _show(tx, patient_id, "Consents updated successfully")


async def _show(tx: Tx, patient_id: int, message: str | None = None) -> Envelope[list[ConsentOut]]:
    said = await queries.list_consents(tx, patient_id)
    return answer([ConsentOut.model_validate(dict(row)) for row in said.values()], message)
