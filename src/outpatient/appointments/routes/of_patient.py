"""One patient's appointments, as staff see them: seed 001 `/patients/{id}/appointments`."""

from typing import Annotated

from fastapi import APIRouter

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.appointments import queries
from outpatient.appointments.schemas import AppointmentOut
from outpatient.http.dependencies import Paged, Reading, allow
from outpatient.http.schema import Envelope, PathId, answer
from outpatient.patients.queries import get_patient

router = APIRouter(tags=["Patients"])


@router.get("/patients/{patient_id:int}/appointments")
async def list_patient_appointments(
    patient_id: PathId, actor: Annotated[Actor, allow(P.PATIENTS_READ)], tx: Reading, page: Paged
) -> Envelope[list[AppointmentOut]]:
    patient = await get_patient(tx, actor, patient_id)
    rows, total = await queries.list_described(tx, actor, page, patient_id=patient.id, newest_first=True)
    return answer([AppointmentOut.model_validate(row) for row in rows], meta=page.meta(total))
