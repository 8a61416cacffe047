"""Departments and their rules."""

from typing import Annotated

from fastapi import APIRouter

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.departments import actions, queries
from outpatient.departments.schemas import (
    DepartmentChanges,
    DepartmentConfigChanges,
    DepartmentConfigOut,
    DepartmentOut,
    DepartmentRequest,
)
from outpatient.http.dependencies import Reading, Writing, allow, id_named
from outpatient.http.schema import Envelope, PathId, answer

router = APIRouter(tags=["Departments"])


@router.get("/departments")
async def list_departments(
    actor: Annotated[Actor, allow(P.DEPARTMENTS_READ)],
    tx: Reading,
    centre_id: Annotated[int | None, id_named("centreId")] = None,
) -> Envelope[list[DepartmentOut]]:
    departments = await queries.list_departments(tx, actor, centre_id=centre_id)
    return answer([DepartmentOut.model_validate(department) for department in departments])


@router.get("/departments/{department_id:int}")
async def get_department(
    department_id: PathId, actor: Annotated[Actor, allow(P.DEPARTMENTS_READ)], tx: Reading
) -> Envelope[DepartmentOut]:
    return answer(DepartmentOut.model_validate(await queries.get_department(tx, actor, department_id)))


@router.post("/departments", status_code=201)
async def create_department(
    body: DepartmentRequest, actor: Annotated[Actor, allow(P.DEPARTMENTS_MANAGE)], tx: Writing
) -> Envelope[DepartmentOut]:
    department = await actions.create_department(tx, actor=actor, **body.model_dump())
    return answer(DepartmentOut.model_validate(department), "Department created successfully")


@router.put("/departments/{department_id:int}")
@router.patch("/departments/{department_id:int}")
async def update_department(
    department_id: PathId, body: DepartmentChanges, actor: Annotated[Actor, allow(P.DEPARTMENTS_MANAGE)], tx: Writing
) -> Envelope[DepartmentOut]:
    department = await actions.update_department(tx, actor=actor, department_id=department_id, changes=body.given())
    return answer(DepartmentOut.model_validate(department), "Department updated successfully")


@router.delete("/departments/{department_id:int}")
async def deactivate_department(
    department_id: PathId, actor: Annotated[Actor, allow(P.DEPARTMENTS_MANAGE)], tx: Writing
) -> Envelope[DepartmentOut]:
    department = await actions.deactivate_department(tx, actor=actor, department_id=department_id)
    return answer(DepartmentOut.model_validate(department), "Department deactivated successfully")


@router.get("/departments/{department_id:int}/config")
async def get_config(
    department_id: PathId, actor: Annotated[Actor, allow(P.DEPARTMENTS_READ_CONFIG)], tx: Reading
) -> Envelope[DepartmentConfigOut]:
    department = await queries.get_department(tx, actor, department_id)
    return answer(DepartmentConfigOut.model_validate(await queries.describe_config(tx, department)))


@router.put("/departments/{department_id:int}/config")
@router.patch("/departments/{department_id:int}/config")
async def configure_department(
    department_id: PathId,
    body: DepartmentConfigChanges,
    actor: Annotated[Actor, allow(P.DEPARTMENTS_MANAGE)],
    tx: Writing,
) -> Envelope[DepartmentConfigOut]:
    department = await actions.configure_department(tx, actor=actor, department_id=department_id, changes=body.given())
    described = await queries.describe_config(tx, department)
    return answer(DepartmentConfigOut.model_validate(described), "Configuration updated successfully")
