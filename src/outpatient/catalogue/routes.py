"""Services: what can be booked."""

from typing import Annotated

from fastapi import APIRouter

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.catalogue import actions, queries
from outpatient.catalogue.schemas import ServiceChanges, ServiceOut, ServiceRequest
from outpatient.http.dependencies import Reading, Writing, allow, id_named
from outpatient.http.schema import Envelope, PathId, answer

router = APIRouter(tags=["Services"])


@router.get("/services")
async def list_services(
    actor: Annotated[Actor, allow(P.CATALOGUE_READ)],
    tx: Reading,
    department_id: Annotated[int | None, id_named("departmentId")] = None,
) -> Envelope[list[ServiceOut]]:
    services = await queries.list_services(tx, actor, department_id=department_id)
    return answer([ServiceOut.model_validate(service) for service in services])


@router.get("/services/{service_id:int}")
async def get_service(
    service_id: PathId, actor: Annotated[Actor, allow(P.CATALOGUE_READ)], tx: Reading
) -> Envelope[ServiceOut]:
    return answer(ServiceOut.model_validate(await queries.get_service(tx, actor, service_id)))


@router.post("/services", status_code=201)
async def create_service(
    body: ServiceRequest, actor: Annotated[Actor, allow(P.CATALOGUE_MANAGE)], tx: Writing
) -> Envelope[ServiceOut]:
    service = await actions.create_service(tx, actor=actor, **body.model_dump())
    return answer(ServiceOut.model_validate(service), "Service created successfully")


@router.put("/services/{service_id:int}")
@router.patch("/services/{service_id:int}")
async def update_service(
    service_id: PathId, body: ServiceChanges, actor: Annotated[Actor, allow(P.CATALOGUE_MANAGE)], tx: Writing
) -> Envelope[ServiceOut]:
    service = await actions.update_service(tx, actor=actor, service_id=service_id, changes=body.given())
    return answer(ServiceOut.model_validate(service), "Service updated successfully")


@router.delete("/services/{service_id:int}")
async def deactivate_service(
    service_id: PathId, actor: Annotated[Actor, allow(P.CATALOGUE_MANAGE)], tx: Writing
) -> Envelope[ServiceOut]:
    service = await actions.deactivate_service(tx, actor=actor, service_id=service_id)
    return answer(ServiceOut.model_validate(service), "Service deactivated successfully")
