"""One patient's appointments, as staff see them: seed 001 `/patients/{id}/appointments`."""

from typing import Annotated

from fastapi import APIRouter

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.appointments import actions
from outpatient.appointments.actions.look import LISTED
from outpatient.appointments.schemas import AppointmentOut
from outpatient.http.dependencies import Paged, Writing, allow
from outpatient.http.schema import Envelope, PathId, answer
from outpatient.patients.actions import note_looks
from outpatient.patients.queries import get_patient

router = APIRouter(tags=["Patients"])


@router.get("/patients/{patient_id:int}/appointments")
async def list_patient_appointments(
    patient_id: PathId, actor: Annotated[Actor, allow(P.PATIENTS_READ)], tx: Writing, page: Paged
) -> Envelope[list[AppointmentOut]]:
    patient = await get_patient(tx, actor, patient_id)
    note_looks(tx, actor=actor, patient_ids=[patient.id], action=LISTED)
    rows, total = await actions.read_appointments(tx, actor=actor, page=page, patient_id=patient.id, newest_first=True)
    return answer([AppointmentOut.model_validate(row) for row in rows], meta=page.meta(total))
