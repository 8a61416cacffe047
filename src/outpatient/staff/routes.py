"""Staff over HTTP: seed 001 `/users`, and everybody's own `/memberships`."""

from typing import Annotated

from fastapi import APIRouter, Query

from outpatient.access.actor import Actor
from outpatient.access.passwords import hash_password
from outpatient.access.permissions import Permission as P
from outpatient.core.database import Tx
from outpatient.core.terms import Role
from outpatient.http.dependencies import App, Paged, Parts, Reading, Writing, allow, id_named
from outpatient.http.schema import Done, Envelope, PathId, answer
from outpatient.staff import actions, queries
from outpatient.staff.schemas import NewMember, NewStaff, OwnMembership, StaffChanges, StaffOut

router = APIRouter(tags=["Staff"])

Manages = Annotated[Actor, allow(P.STAFF_MANAGE)]
Toggles = Annotated[Actor, allow(P.STAFF_TOGGLE)]


@router.get("/users")
async def list_staff(
    actor: Manages,
    tx: Reading,
    page: Paged,
    role_id: Annotated[int | None, Query(alias="roleId", ge=1, le=Role.PATIENT.number)] = None,
    centre_id: Annotated[int | None, id_named("centreId")] = None,
) -> Envelope[list[StaffOut]]:
    role = None if role_id is None else Role.from_number(role_id)
    rows, total = await queries.list_described(tx, actor, page, role=role, centre_id=centre_id)
    return answer([StaffOut.model_validate(row) for row in rows], meta=page.meta(total))


@router.get("/users/{user_id:int}")
async def get_staff(user_id: PathId, actor: Manages, tx: Reading) -> Envelope[StaffOut]:
    return await _show(tx, actor, user_id)


async def _show(tx: Tx, actor: Actor, user_id: int, message: str | None = None) -> Envelope[StaffOut]:
    await tx.session.flush()
    return answer(StaffOut.model_validate(await queries.get_described(tx, actor, user_id)), message)


@router.post("/users", status_code=201)
async def create_staff(body: NewStaff, actor: Manages, app: App) -> Envelope[StaffOut]:
    return await _create(app, actor, Role.from_number(body.role_id), body)


@router.post("/users/managers", status_code=201)
async def create_manager(body: NewMember, actor: Manages, app: App) -> Envelope[StaffOut]:
    return await _create(app, actor, Role.MANAGER, body)


@router.post("/users/centre-managers", status_code=201)
async def create_centre_manager(body: NewMember, actor: Manages, app: App) -> Envelope[StaffOut]:
    return await _create(app, actor, Role.CENTRE_MANAGER, body)


@router.post("/users/care-coordinators", status_code=201)
async def create_care_coordinator(body: NewMember, actor: Manages, app: App) -> Envelope[StaffOut]:
    return await _create(app, actor, Role.CARE_COORDINATOR, body)


@router.post("/users/front-desk", status_code=201)
async def create_front_desk(
    body: NewMember, actor: Annotated[Actor, allow(P.STAFF_CREATE_FRONT_DESK)], app: App
) -> Envelope[StaffOut]:
    return await _create(app, actor, Role.FRONT_DESK, body)


async def _create(app: Parts, actor: Actor, role: Role, body: NewMember) -> Envelope[StaffOut]:
    password_hash = None if body.password is None else await hash_password(body.password)  # slow: before the lock
    person = actions.Person(
        full_name=body.full_name,
        phone=body.phone,
        email=body.email,
        username=body.username,
        password_hash=password_hash,
    )
    async with app.database.transaction() as tx:
        made = await actions.create_staff(tx, actor=actor, role=role, person=person, centre_ids=body.centres)
        return await _show(tx, actor, made.user_id, "Staff user created successfully")


@router.put("/users/{user_id:int}")
async def update_staff(user_id: PathId, body: StaffChanges, actor: Manages, app: App) -> Envelope[StaffOut]:
    person = body.person
    if body.password is not None:
        person["password_hash"] = await hash_password(body.password)
    async with app.database.transaction() as tx:
        await actions.update_staff(
            tx,
            actor=actor,
            user_id=user_id,
            person=person,
            role=None if body.role_id is None else Role.from_number(body.role_id),
            centre_ids=body.centres,
            is_active=body.is_active,
        )
        return await _show(tx, actor, user_id, "Staff user updated successfully")


@router.delete("/users/{user_id:int}")
async def delete_staff(user_id: PathId, actor: Manages, tx: Writing) -> Done:
    await actions.delete_staff(tx, actor=actor, user_id=user_id)
    return Done(message="Staff user deleted successfully")


@router.patch("/users/{user_id:int}/toggle-active")
async def toggle_staff(user_id: PathId, actor: Toggles, tx: Writing) -> Envelope[StaffOut]:
    await actions.toggle_staff(tx, actor=actor, user_id=user_id)
    return await _show(tx, actor, user_id, "Staff status updated successfully")


@router.get("/memberships")
async def list_own_memberships(
    actor: Annotated[Actor, allow(P.ACCOUNT_OWN)], tx: Reading
) -> Envelope[list[OwnMembership]]:
    rows = await queries.list_own_memberships(tx, actor)
    return answer([OwnMembership.model_validate(dict(row)) for row in rows])
