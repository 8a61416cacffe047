"""One visit: walk-ins, reading, and everything that can be done with it (seed 002 Visits; bodies.md)."""

from typing import Annotated

from fastapi import APIRouter, Request

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.core.database import Tx
from outpatient.core.errors import DuplicateEntry
from outpatient.http.dependencies import App, Writing, allow
from outpatient.http.idempotency import TAKES_KEY, idempotency_of, once
from outpatient.http.schema import Envelope, PathId, answer
from outpatient.queue import actions, queries
from outpatient.queue.routes.hot import show_again
from outpatient.queue.rules.line import explain
from outpatient.queue.schemas import (
    DelayRequest,
    ExplainedVisit,
    PriorityRequest,
    ReasonRequest,
    ReassignRequest,
    StatusRequest,
    VisitHistoryEntry,
    VisitOut,
    WalkInRequest,
)

router = APIRouter(tags=["Visits"])

ADDED = "Walk-in added"

Runs = Annotated[Actor, allow(P.QUEUE_RUN)]
Arranges = Annotated[Actor, allow(P.QUEUE_ARRANGE)]


async def show(tx: Tx, visit_id: int, message: str, warnings: tuple[str, ...] = ()) -> Envelope[VisitOut]:
    """The visit as it stands after what was just done with it."""
    meta = {"warnings": list(warnings)} if warnings else None
    return answer(VisitOut.of(await queries.get_standing(tx, None, visit_id)), message, meta)


@router.post("/visits", status_code=201, openapi_extra=TAKES_KEY)
async def add_walk_in(
    request: Request, body: WalkInRequest, actor: Annotated[Actor, allow(P.VISITS_ADMIT)], app: App
) -> Envelope[VisitOut]:
    repeatable = await idempotency_of(request)
    wish = actions.WalkIn(
        patient_id=body.patient_id,
        full_name=body.patient.full_name if body.patient else None,
        phone=body.patient.phone if body.patient else None,
        clinician_id=body.clinician_id,
        department_id=body.department_id,
        service_id=body.service_id,
        priority=body.priority,
        notes=body.notes,
        idempotency_key=repeatable.key if repeatable else None,
        digest=repeatable.digest if repeatable else None,
    )

    async def add() -> Envelope[VisitOut]:
        async with app.database.transaction() as tx:
            arrived = await actions.add_walk_in(tx, actor=actor, wish=wish)
        shown = VisitOut.of(arrived.standing)
        return answer(shown, ADDED, {"warnings": list(arrived.warnings)} if arrived.warnings else None)

    async def add_known() -> Envelope[VisitOut]:
        try:
            return await add()
        except DuplicateEntry:  # somebody else registered this patient at this very moment, so he is known now
            return await add()

    return await once(app, actor, actions.WALK_IN_ROUTE, repeatable, add_known, again=show_again(ADDED))


@router.get("/visits/{visit_id:int}")
async def get_visit(
    visit_id: PathId, actor: Annotated[Actor, allow(P.VISITS_READ)], tx: Writing
) -> Envelope[ExplainedVisit]:
    standing, around = await actions.read_visit(tx, actor=actor, visit_id=visit_id)
    shown = ExplainedVisit.of(standing, explanation=explain(around, visit_id))
    if actor.is_patient:
        shown.keep_from_patient()
    return answer(shown)


@router.get("/visits/{visit_id:int}/history")
async def list_history(
    visit_id: PathId, actor: Annotated[Actor, allow(P.QUEUE_READ)], tx: Writing
) -> Envelope[list[VisitHistoryEntry]]:
    happened = await actions.read_history(tx, actor=actor, visit_id=visit_id)
    return answer([VisitHistoryEntry.model_validate(dict(row)) for row in happened])


@router.patch("/visits/{visit_id:int}/status")
async def update_status(visit_id: PathId, body: StatusRequest, actor: Runs, tx: Writing) -> Envelope[VisitOut]:
    await actions.set_status(tx, actor=actor, visit_id=visit_id, status=body.status, reason=body.reason)
    return await show(tx, visit_id, "Visit updated")


@router.post("/visits/{visit_id:int}/call")
async def call_visit(visit_id: PathId, actor: Runs, tx: Writing) -> Envelope[VisitOut]:
    await actions.call_visit(tx, actor=actor, visit_id=visit_id)
    return await show(tx, visit_id, "Patient called")


@router.post("/visits/{visit_id:int}/start")
async def start_visit(visit_id: PathId, actor: Runs, tx: Writing) -> Envelope[VisitOut]:
    await actions.start_visit(tx, actor=actor, visit_id=visit_id)
    return await show(tx, visit_id, "Consultation begun")


@router.post("/visits/{visit_id:int}/complete")
async def complete_visit(visit_id: PathId, actor: Runs, tx: Writing) -> Envelope[VisitOut]:
    await actions.complete_visit(tx, actor=actor, visit_id=visit_id)
    return await show(tx, visit_id, "Visit completed")


@router.post("/visits/{visit_id:int}/skip")
async def skip_visit(
    visit_id: PathId, actor: Runs, tx: Writing, body: ReasonRequest | None = None
) -> Envelope[VisitOut]:
    await actions.skip_visit(tx, actor=actor, visit_id=visit_id, reason=body.reason if body else None)
    return await show(tx, visit_id, "Patient skipped")


@router.post("/visits/{visit_id:int}/hold")
async def hold_visit(
    visit_id: PathId, actor: Runs, tx: Writing, body: ReasonRequest | None = None
) -> Envelope[VisitOut]:
    await actions.hold_visit(tx, actor=actor, visit_id=visit_id, reason=body.reason if body else None)
    return await show(tx, visit_id, "Patient put on hold")


@router.post("/visits/{visit_id:int}/recall")
async def recall_visit(
    visit_id: PathId, actor: Runs, tx: Writing, body: ReasonRequest | None = None
) -> Envelope[VisitOut]:
    await actions.recall_visit(tx, actor=actor, visit_id=visit_id, reason=body.reason if body else None)
    return await show(tx, visit_id, "Patient is back in line")


@router.post("/visits/{visit_id:int}/no-show")
async def miss_visit(
    visit_id: PathId, actor: Runs, tx: Writing, body: ReasonRequest | None = None
) -> Envelope[VisitOut]:
    await actions.miss_visit(tx, actor=actor, visit_id=visit_id, reason=body.reason if body else None)
    return await show(tx, visit_id, "Patient marked as not come")


@router.post("/visits/{visit_id:int}/cancel")
async def cancel_visit(
    visit_id: PathId, actor: Arranges, tx: Writing, body: ReasonRequest | None = None
) -> Envelope[VisitOut]:
    await actions.cancel_visit(tx, actor=actor, visit_id=visit_id, reason=body.reason if body else None)
    return await show(tx, visit_id, "Visit cancelled")


@router.post("/visits/{visit_id:int}/undo")
async def undo_visit(visit_id: PathId, actor: Runs, tx: Writing) -> Envelope[VisitOut]:
    await actions.undo_visit(tx, actor=actor, visit_id=visit_id)
    return await show(tx, visit_id, "Undone")


@router.post("/visits/{visit_id:int}/priority")
async def prioritise_visit(visit_id: PathId, body: PriorityRequest, actor: Arranges, tx: Writing) -> Envelope[VisitOut]:
    await actions.prioritise_visit(tx, actor=actor, visit_id=visit_id, priority=body.priority, reason=body.reason)
    return await show(tx, visit_id, "Priority changed")


@router.post("/visits/{visit_id:int}/delay")
async def delay_visit(visit_id: PathId, body: DelayRequest, actor: Runs, tx: Writing) -> Envelope[VisitOut]:
    await actions.delay_visit(
        tx, actor=actor, visit_id=visit_id, minutes=body.minutes, until=body.until, reason=body.reason
    )
    return await show(tx, visit_id, "Patient delayed")


@router.post("/visits/{visit_id:int}/reassign")
async def reassign_visit(visit_id: PathId, body: ReassignRequest, actor: Arranges, tx: Writing) -> Envelope[VisitOut]:
    _, warnings = await actions.reassign_visit(
        tx, actor=actor, visit_id=visit_id, clinician_id=body.clinician_id, reason=body.reason
    )
    return await show(tx, visit_id, "Patient reassigned", warnings)
