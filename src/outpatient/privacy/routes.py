"""Who looked at what, what is known about somebody, and forgetting it."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.core.database import Tx
from outpatient.http.dependencies import App, Paged, Writing, allow, id_named
from outpatient.http.schema import Envelope, InstantIn, PathId, answer
from outpatient.privacy import actions
from outpatient.privacy.schemas import AuditOut, ErasedOut, EraseRequest, Export

router = APIRouter(tags=["Privacy"])


@router.get("/audit")
async def read_audit(
    actor: Annotated[Actor, allow(P.AUDIT_READ)],
    tx: Writing,
    page: Paged,
    patient_id: Annotated[int | None, id_named("patientId")] = None,
    actor_id: Annotated[int | None, id_named("actorId")] = None,
    action: Annotated[str | None, Query(max_length=64)] = None,
    subject: Annotated[str | None, Query(max_length=32)] = None,
    since: Annotated[InstantIn | None, Query(alias="from")] = None,
    until: Annotated[InstantIn | None, Query(alias="to")] = None,
) -> Envelope[list[AuditOut]]:
    """Who did, or looked at, what, the newest first; `to` itself is not included. This look is an entry, too."""
    rows, total = await actions.read_audit(
        tx,
        actor=actor,
        page=page,
        patient_id=patient_id,
        actor_id=actor_id,
        action=action,
        subject=subject,
        since=since,
        until=until,
    )
    return answer([AuditOut.model_validate(row) for row in rows], meta=page.meta(total))


@router.get("/patients/{patient_id:int}/export")
async def export_patient(
    patient_id: PathId, actor: Annotated[Actor, allow(P.PATIENTS_EXPORT)], tx: Writing, response: Response
) -> Envelope[Export]:
    """Everything that this hospital knows about one person, as a file to keep."""
    return await _export(tx, actor, patient_id, response)


@router.get("/patient/export")
async def export_own(
    actor: Annotated[Actor, allow(P.PATIENTS_OWN)],
    tx: Writing,
    response: Response,
    patient_id: Annotated[int | None, id_named("patientId")] = None,
) -> Envelope[Export]:
    """Everything that this hospital knows about the caller, or about one of those on his phone."""
    return await _export(tx, actor, patient_id or actor.patient_ids[0], response)


async def _export(tx: Tx, actor: Actor, patient_id: int, response: Response) -> Envelope[Export]:
    document = await actions.export_patient(tx, actor=actor, patient_id=patient_id)
    response.headers["Content-Disposition"] = f'attachment; filename="patient-{patient_id}.json"'
    response.headers["Cache-Control"] = "no-store"
    return answer(Export.model_validate(document))


@router.post("/patients/{patient_id:int}/erase")
async def erase_patient(
    patient_id: PathId, body: EraseRequest, actor: Annotated[Actor, allow(P.PATIENTS_ERASE)], app: App, tx: Writing
) -> Envelope[ErasedOut]:
    """Forget a person for good. Money, counts and times stay; what was said about him does not."""
    patient = await actions.erase_patient(
        tx, app.adapters.photos, actor=actor, patient_id=patient_id, reason=body.reason, confirm=body.confirm
    )
    return answer(ErasedOut.model_validate(patient), "Patient erased")
