"""Hospitals and their rules."""

from typing import Annotated

from fastapi import APIRouter

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.core.database import Tx
from outpatient.hospitals import actions, queries
from outpatient.hospitals.schemas import ConfigChanges, ConfigOut, HospitalChanges, HospitalOut, HospitalRequest
from outpatient.http.dependencies import Paged, Reading, Writing, allow
from outpatient.http.schema import Envelope, PathId, answer

router = APIRouter(tags=["Hospitals"])


@router.get("/hospitals")
async def list_hospitals(
    actor: Annotated[Actor, allow(P.HOSPITALS_READ)], tx: Reading, page: Paged
) -> Envelope[list[HospitalOut]]:
    rows, total = await queries.list_described(tx, actor, page)
    return answer([HospitalOut.model_validate(dict(row)) for row in rows], meta=page.meta(total))


@router.get("/hospitals/{hospital_id:int}")
async def get_hospital(
    hospital_id: PathId, actor: Annotated[Actor, allow(P.HOSPITALS_READ)], tx: Reading
) -> Envelope[HospitalOut]:
    return await _show(tx, actor, hospital_id)


async def _show(tx: Tx, actor: Actor, hospital_id: int, message: str | None = None) -> Envelope[HospitalOut]:
    found = await queries.get_described(tx, actor, hospital_id)
    return answer(HospitalOut.model_validate(dict(found)), message)


@router.post("/hospitals", status_code=201)
async def create_hospital(
    body: HospitalRequest, actor: Annotated[Actor, allow(P.HOSPITALS_CREATE)], tx: Writing
) -> Envelope[HospitalOut]:
    hospital = await actions.create_hospital(tx, actor=actor, **body.model_dump())
    return await _show(tx, actor, hospital.id, "Hospital created successfully")


@router.put("/hospitals/{hospital_id:int}")
@router.patch("/hospitals/{hospital_id:int}")
async def update_hospital(
    hospital_id: PathId, body: HospitalChanges, actor: Annotated[Actor, allow(P.HOSPITALS_UPDATE)], tx: Writing
) -> Envelope[HospitalOut]:
    await actions.update_hospital(tx, actor=actor, hospital_id=hospital_id, changes=body.given())
    return await _show(tx, actor, hospital_id, "Hospital updated successfully")


@router.get("/hospitals/{hospital_id:int}/config")
async def get_config(
    hospital_id: PathId, actor: Annotated[Actor, allow(P.HOSPITALS_READ_CONFIG)], tx: Reading
) -> Envelope[ConfigOut]:
    return answer(ConfigOut.model_validate(await queries.get_config(tx, actor, hospital_id)))


@router.put("/hospitals/{hospital_id:int}/config")
@router.patch("/hospitals/{hospital_id:int}/config")
async def configure_hospital(
    hospital_id: PathId, body: ConfigChanges, actor: Annotated[Actor, allow(P.HOSPITALS_UPDATE)], tx: Writing
) -> Envelope[ConfigOut]:
    config = await actions.configure_hospital(tx, actor=actor, hospital_id=hospital_id, changes=body.given())
    return answer(ConfigOut.model_validate(config), "Configuration updated successfully")
