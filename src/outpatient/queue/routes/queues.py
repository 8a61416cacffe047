"""The queues of clinicians and departments, and what is done with whoever is in the room (seed 002 Queue)."""

from typing import Annotated

from fastapi import APIRouter

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.core.database import Tx
from outpatient.core.terms import VisitStatus
from outpatient.departments.queries import get_department
from outpatient.http.dependencies import Reading, Writing, allow
from outpatient.http.schema import Envelope, PathId, answer
from outpatient.queue import actions, queries
from outpatient.queue.errors import NoCurrentVisit
from outpatient.queue.routes.visits import Arranges, Runs, show
from outpatient.queue.schemas import DepartmentQueue, ReorderRequest, VisitChoice, VisitOut

router = APIRouter(prefix="/queue", tags=["Queue"])


@router.get("/department/{department_id:int}")
async def get_department_queue(
    department_id: PathId, actor: Annotated[Actor, allow(P.QUEUE_READ)], tx: Reading
) -> Envelope[DepartmentQueue]:
    department = await get_department(tx, actor, department_id)
    queue = await queries.list_department_queue(tx, actor, hospital_id=actor.hospital_id, department_id=department_id)
    shown = [VisitOut.of(standing) for standing in queue]
    today = await queries.get_today(tx, department.centre_id)
    return answer(DepartmentQueue(department_id=department_id, service_day=today, queue=shown, total_count=len(shown)))


async def chosen(
    tx: Tx, actor: Actor, clinician_id: int, body: VisitChoice | None, first: VisitStatus = VisitStatus.IN_PROGRESS
) -> int:
    """The visit that is meant: the one named, else the one in the clinician's room (NoCurrentVisit).

    Where one is being seen and another has been called already, the one who is `first` is meant.
    """
    clinician = await queries.get_clinician(tx, actor, clinician_id)
    if body is not None and body.visit_id is not None:
        return await queries.get_visit_with(tx, actor, body.visit_id, clinician)
    current = await queries.find_current_visit(tx, actor, clinician_id, first=first)
    if current is None:
        raise NoCurrentVisit
    return current.id


@router.post("/doctor/{clinician_id:int}/skip")
async def skip_current(
    clinician_id: PathId, actor: Runs, tx: Writing, body: VisitChoice | None = None
) -> Envelope[VisitOut]:
    visit_id = await chosen(tx, actor, clinician_id, body, VisitStatus.CALLED)
    await actions.skip_visit(tx, actor=actor, visit_id=visit_id, reason=body.reason if body else None)
    return await show(tx, visit_id, "Patient skipped")


@router.post("/doctor/{clinician_id:int}/complete")
async def complete_current(
    clinician_id: PathId, actor: Runs, tx: Writing, body: VisitChoice | None = None
) -> Envelope[VisitOut]:
    visit_id = await chosen(tx, actor, clinician_id, body)
    await actions.complete_visit(tx, actor=actor, visit_id=visit_id)
    return await show(tx, visit_id, "Visit completed")


@router.put("/reorder")
async def reorder_visit(body: ReorderRequest, actor: Arranges, tx: Writing) -> Envelope[VisitOut]:
    await actions.reorder_visit(
        tx, actor=actor, visit_id=body.visit_id, new_position=body.new_position, reason=body.reason
    )
    return await show(tx, body.visit_id, "Queue reordered")
