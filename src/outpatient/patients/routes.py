"""Patient records and the notes on them: seed 001 `/patients`."""

from typing import Annotated

from fastapi import APIRouter, Query

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.core.database import Tx
from outpatient.http.dependencies import Paged, Reading, Writing, allow
from outpatient.http.schema import Envelope, PathId, answer
from outpatient.models import Patient
from outpatient.patients import actions, queries
from outpatient.patients.schemas import (
    NoteOut,
    NoteRequest,
    PatientChanges,
    PatientOut,
    PatientRequest,
    PatientSummary,
)

router = APIRouter(tags=["Patients"])


@router.get("/patients")
async def list_patients(
    actor: Annotated[Actor, allow(P.PATIENTS_LIST)],
    tx: Reading,
    page: Paged,
    search: Annotated[str | None, Query(max_length=200)] = None,
    phone: Annotated[str | None, Query(max_length=32)] = None,
) -> Envelope[list[PatientSummary]]:
    found, total = await queries.list_patients(tx, actor, page, search=search, phone=phone)
    return answer([PatientSummary.model_validate(patient) for patient in found], meta=page.meta(total))


@router.get("/patients/{patient_id:int}")
async def read_patient(
    patient_id: PathId, actor: Annotated[Actor, allow(P.PATIENTS_READ)], tx: Writing
) -> Envelope[PatientOut]:
    return await _show(tx, actor, await actions.read_patient(tx, actor=actor, patient_id=patient_id))


@router.post("/patients", status_code=201)
async def create_patient(
    body: PatientRequest, actor: Annotated[Actor, allow(P.PATIENTS_WRITE)], tx: Writing
) -> Envelope[PatientOut]:
    patient = await actions.create_patient(tx, actor=actor, **body.model_dump(exclude_unset=True))
    return await _show(tx, actor, patient, "Patient created successfully")


@router.put("/patients/{patient_id:int}")
async def update_patient(
    patient_id: PathId, body: PatientChanges, actor: Annotated[Actor, allow(P.PATIENTS_WRITE)], tx: Writing
) -> Envelope[PatientOut]:
    patient = await actions.update_patient(tx, actor=actor, patient_id=patient_id, **body.given())
    return await _show(tx, actor, patient, "Patient updated successfully")


async def _show(tx: Tx, actor: Actor, patient: Patient, message: str | None = None) -> Envelope[PatientOut]:
    shown = queries.describe(actor, patient, await queries.get_today(tx, actor.hospital_id))
    return answer(PatientOut.model_validate(shown), message)


@router.post("/patients/{patient_id:int}/notes", status_code=201)
async def add_patient_note(
    patient_id: PathId, body: NoteRequest, actor: Annotated[Actor, allow(P.MEDICAL_WRITE)], tx: Writing
) -> Envelope[NoteOut]:
    note = await actions.add_patient_note(
        tx, actor=actor, patient_id=patient_id, note=body.note, appointment_id=body.appointment_id
    )
    return answer(NoteOut.model_validate(note), "Note added successfully")


@router.get("/patients/{patient_id:int}/notes")
async def read_patient_notes(
    patient_id: PathId, actor: Annotated[Actor, allow(P.MEDICAL_READ)], tx: Writing, page: Paged
) -> Envelope[list[NoteOut]]:
    rows, total = await actions.read_patient_notes(tx, actor=actor, patient_id=patient_id, page=page)
    return answer([NoteOut.model_validate(row) for row in rows], meta=page.meta(total))
