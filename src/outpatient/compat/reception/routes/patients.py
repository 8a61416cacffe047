"""Patients: seed 000 `/patients`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.appointments.queries import add_surroundings, list_described
from outpatient.compat.reception.asked import Paged, answer_kept
from outpatient.compat.reception.schemas.appointments import AppointmentOut
from outpatient.compat.reception.schemas.patients import (
    FoundPatients,
    PatientChanges,
    PatientMade,
    PatientOut,
    PatientPage,
    PatientRequest,
    PatientSummary,
    PatientWithHistory,
)
from outpatient.compat.reception.schemas.visits import VisitOut
from outpatient.compat.schema import Said, listing
from outpatient.core.errors import Invalid
from outpatient.core.paging import Page
from outpatient.http.dependencies import Reading, Writing, allow
from outpatient.http.schema import PathId
from outpatient.patients import actions, queries
from outpatient.queue.queries import list_visits

router = APIRouter(tags=["Reception: patients"])

Reads = Annotated[Actor, allow(P.DESK_READ)]
Writes = Annotated[Actor, allow(P.PATIENTS_WRITE)]
Words = Annotated[str | None, Query(max_length=200)]

FOUND, LEAST_LETTERS = Page(1, 10), 2
RECENT = Page(1, 10)


@router.get("/patients", response_model=PatientPage)
async def list_patients(
    request: Request,
    actor: Reads,
    tx: Reading,
    page: Paged,
    search: Words = None,
    name: Words = None,
    phone: Annotated[str | None, Query(max_length=32)] = None,
) -> Response:
    """Records by phone or name; `search` is either."""

    async def read() -> PatientPage:
        found, total = await queries.list_patients(tx, actor, page, search=name, phone=phone, either=search)
        shown = [PatientSummary.model_validate(patient) for patient in found]
        return PatientPage(**listing("patients", shown, total, page.page, page.limit))

    return await answer_kept(request, actor, read)


@router.get("/patients/search")
async def search_patients(actor: Reads, tx: Reading, q: Annotated[str, Query(max_length=200)]) -> FoundPatients:
    """The first ten for somebody who types a name or a phone while booking."""
    if len(q.strip()) < LEAST_LETTERS:
        raise Invalid.field("q", f"Must have at least {LEAST_LETTERS} characters")
    found, _ = await queries.list_patients(tx, actor, FOUND, either=q.strip())
    return FoundPatients(patients=[PatientSummary.model_validate(patient) for patient in found])


@router.get("/patients/{patient_id:int}")
async def read_patient(patient_id: PathId, actor: Reads, tx: Writing) -> PatientWithHistory:
    patient = await actions.read_listed_patient(tx, actor=actor, patient_id=patient_id)
    today = await queries.get_today(tx, actor.hospital_id)
    rows, _ = await list_described(tx, actor, RECENT, patient_id=patient_id, newest_first=True)
    visits, _ = await list_visits(tx, actor, RECENT, patient_id=patient_id)
    shown = {
        **queries.describe(actor, patient, today),
        "recent_appointments": [AppointmentOut.of(row) for row in await add_surroundings(tx, actor, rows)],
        "recent_visits": [VisitOut.of(row.visit) for row in visits],
    }
    return PatientWithHistory.model_validate(shown)


@router.post("/patients", status_code=201)
async def create_patient(body: PatientRequest, actor: Writes, tx: Writing) -> PatientMade:
    patient = await actions.create_patient(tx, actor=actor, **body.details())
    shown = queries.describe(actor, patient, await queries.get_today(tx, actor.hospital_id))
    return PatientMade(message="Patient created successfully", patient=PatientOut.model_validate(shown))


@router.put("/patients/{patient_id:int}")
async def update_patient(patient_id: PathId, body: PatientChanges, actor: Writes, tx: Writing) -> PatientMade:
    patient = await actions.update_patient(tx, actor=actor, patient_id=patient_id, **body.details())
    shown = queries.describe(actor, patient, await queries.get_today(tx, actor.hospital_id))
    return PatientMade(message="Patient updated successfully", patient=PatientOut.model_validate(shown))


@router.delete("/patients/{patient_id:int}")
async def delete_patient(patient_id: PathId, actor: Writes, tx: Writing) -> Said:
    await actions.delete_patient(tx, actor=actor, patient_id=patient_id)
    return Said(message="Patient deleted successfully")
