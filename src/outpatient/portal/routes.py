"""The patient's own pages: seed 001 `/patient`. `?patientId=` chooses one of the records on his phone."""

from typing import Annotated

from fastapi import APIRouter

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.appointments import queries as appointments
from outpatient.appointments.actions import cancel_appointment
from outpatient.appointments.schemas import CancelRequest
from outpatient.core.database import Tx
from outpatient.core.paging import Page
from outpatient.http.dependencies import Paged, Reading, Writing, allow, id_named
from outpatient.http.schema import Envelope, PathId, answer
from outpatient.models import Patient
from outpatient.patients.actions import read_patient
from outpatient.patients.queries import describe, get_today
from outpatient.portal import actions, queries
from outpatient.portal.schemas import OwnAppointment, OwnDashboard, OwnPayment, Profile, ProfileChanges

router = APIRouter(prefix="/patient", tags=["Patient portal"])

MOST = 5
Own = Annotated[Actor, allow(P.PATIENTS_OWN)]
Whose = Annotated[int | None, id_named("patientId")]


@router.get("/dashboard")
async def get_dashboard(actor: Own, tx: Reading, patient_id: Whose = None) -> Envelope[OwnDashboard]:
    whose = queries.choose(actor, patient_id)
    _, total = await appointments.list_described(tx, actor, Page(limit=1), patient_id=whose)
    return answer(
        OwnDashboard.model_validate(
            {
                "upcoming_appointments": await appointments.list_ahead(tx, actor, patient_id=whose, most=MOST),
                "recent_payments": await queries.list_recent_payments(tx, actor, patient_id=whose, most=MOST),
                "total_appointments": total,
                "total_spent": await queries.count_spent(tx, actor, patient_id=whose),
            }
        )
    )


@router.get("/appointments")
async def list_appointments(
    actor: Own, tx: Reading, page: Paged, patient_id: Whose = None
) -> Envelope[list[OwnAppointment]]:
    whose = queries.choose(actor, patient_id)
    rows, total = await appointments.list_described(tx, actor, page, patient_id=whose, newest_first=True)
    return answer([OwnAppointment.model_validate(row) for row in rows], meta=page.meta(total))


@router.get("/payments")
async def list_payments(actor: Own, tx: Reading, page: Paged, patient_id: Whose = None) -> Envelope[list[OwnPayment]]:
    rows, total = await queries.list_payments(tx, actor, page, patient_id=queries.choose(actor, patient_id))
    return answer([OwnPayment.model_validate(row) for row in rows], meta=page.meta(total))


@router.get("/profile")
async def read_profile(actor: Own, tx: Writing, patient_id: Whose = None) -> Envelope[Profile]:
    whose = queries.choose(actor, patient_id) or actor.patient_ids[0]
    return await _show(tx, actor, await read_patient(tx, actor=actor, patient_id=whose))


@router.put("/profile")
async def update_profile(body: ProfileChanges, actor: Own, tx: Writing, patient_id: Whose = None) -> Envelope[Profile]:
    whose = queries.choose(actor, patient_id) or actor.patient_ids[0]
    patient = await actions.update_profile(tx, actor=actor, patient_id=whose, **body.given())
    return await _show(tx, actor, patient, "Profile updated successfully")


async def _show(tx: Tx, actor: Actor, patient: Patient, message: str | None = None) -> Envelope[Profile]:
    shown = describe(actor, patient, await get_today(tx, actor.hospital_id))
    return answer(Profile.model_validate(shown), message)


@router.post("/appointments/{appointment_id:int}/cancel")
async def request_cancellation(
    appointment_id: PathId, actor: Own, tx: Writing, body: CancelRequest | None = None
) -> Envelope[OwnAppointment]:
    reason = body.reason if body else None
    await cancel_appointment(tx, actor=actor, appointment_id=appointment_id, reason=reason)
    shown = await appointments.get_described(tx, actor, appointment_id)
    return answer(OwnAppointment.model_validate(shown), "Appointment cancellation requested")
