"""Clinicians over HTTP: seed 001 `/clinicians`, their hours excepted (those are `scheduling`'s)."""

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request

from outpatient.access.actor import Actor
from outpatient.access.passwords import hash_password
from outpatient.access.permissions import Permission as P
from outpatient.clinicians import actions, queries
from outpatient.clinicians.schemas import ClinicianChanges, ManagedClinician, NewClinician, PublicClinician
from outpatient.core.database import Tx
from outpatient.core.errors import Forbidden
from outpatient.http.dependencies import (
    App,
    Paged,
    Parts,
    PublicHospital,
    Reading,
    Writing,
    allow,
    authenticate,
    id_named,
)
from outpatient.http.schema import Done, Envelope, ErrorEnvelope, PathId, answer
from outpatient.staff.actions import Person

router = APIRouter(tags=["Clinicians"])

S = TypeVar("S", bound=PublicClinician)
Manages = Annotated[Actor, allow(P.CLINICIANS_MANAGE)]

FOR_MANAGERS: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorEnvelope, "description": "`includeInactive` is for those who manage clinicians: sign in"},
    403: {"model": ErrorEnvelope, "description": "`includeInactive` is for those who manage clinicians"},
}


@router.get("/clinicians", responses=FOR_MANAGERS)
async def list_clinicians(
    request: Request,
    hospital_id: PublicHospital,
    app: App,
    tx: Reading,
    page: Paged,
    centre_id: Annotated[int | None, id_named("centreId")] = None,
    specialization: Annotated[str | None, Query(max_length=120)] = None,
    include_inactive: Annotated[bool, Query(alias="includeInactive", description="for those who manage them")] = False,
) -> Envelope[list[PublicClinician]]:
    rows, total = await queries.list_described(
        tx,
        hospital_id,
        page,
        centre_id=centre_id,
        specialization=specialization,
        manager=await _manager(request, hospital_id) if include_inactive else None,
    )
    return answer([_shown(app, PublicClinician, row) for row in rows], meta=page.meta(total))


def _shown(app: Parts, shape: type[S], row: dict[str, Any]) -> S:
    """A clinician with the picture that staff gave him, else the photo that he uploaded himself."""
    photo_url = app.photo_url(row["photo_name"]) if row["photo_name"] else None
    picture = row["profile_picture_url"] or photo_url
    return shape.model_validate({**row, "profile_picture_url": picture})


async def _manager(request: Request, hospital_id: int) -> Actor:
    """The caller of a public page who asks for more than the public sees (Unauthenticated, Forbidden)."""
    actor = await authenticate(request)
    actor.require(P.CLINICIANS_MANAGE)
    if actor.hospital_id != hospital_id:
        raise Forbidden
    return actor


@router.get("/clinicians/{clinician_id:int}")
async def get_clinician(
    clinician_id: PathId, hospital_id: PublicHospital, app: App, tx: Reading
) -> Envelope[PublicClinician]:
    return answer(_shown(app, PublicClinician, await queries.get_described(tx, hospital_id, clinician_id)))


@router.post("/clinicians", status_code=201)
async def create_clinician(body: NewClinician, actor: Manages, app: App) -> Envelope[ManagedClinician]:
    password_hash = None if body.password is None else await hash_password(body.password)  # slow: before the lock
    person = Person(full_name=body.full_name, phone=body.phone, email=body.email, password_hash=password_hash)
    async with app.database.transaction() as tx:
        made = await actions.create_clinician(tx, actor=actor, person=person, profile=body.profile)
        return await _show(tx, app, actor, made.id, "Clinician created successfully")


@router.put("/clinicians/{clinician_id:int}")
async def update_clinician(
    clinician_id: PathId, body: ClinicianChanges, actor: Manages, app: App, tx: Writing
) -> Envelope[ManagedClinician]:
    await actions.update_clinician(
        tx,
        actor=actor,
        clinician_id=clinician_id,
        profile=body.profile,
        person=body.person,
        is_active=body.is_active,
    )
    return await _show(tx, app, actor, clinician_id, "Clinician updated successfully")


@router.delete("/clinicians/{clinician_id:int}")
async def delete_clinician(clinician_id: PathId, actor: Manages, tx: Writing) -> Done:
    await actions.delete_clinician(tx, actor=actor, clinician_id=clinician_id)
    return Done(message="Clinician deleted successfully")


@router.patch("/clinicians/{clinician_id:int}/toggle-active")
async def toggle_clinician(clinician_id: PathId, actor: Manages, app: App, tx: Writing) -> Envelope[ManagedClinician]:
    await actions.toggle_clinician(tx, actor=actor, clinician_id=clinician_id)
    return await _show(tx, app, actor, clinician_id, "Clinician status updated successfully")


async def _show(tx: Tx, app: Parts, actor: Actor, clinician_id: int, message: str) -> Envelope[ManagedClinician]:
    await tx.session.flush()
    described = await queries.get_described(tx, actor.hospital_id, clinician_id)
    return answer(_shown(app, ManagedClinician, described), message)
