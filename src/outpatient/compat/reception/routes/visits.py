"""Visits: seed 000 `/visits`, and the arrivals of `/queue`, which are the same."""

from typing import Annotated

from fastapi import APIRouter, Request

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.compat.reception.asked import AskedId, OnDay, Paged
from outpatient.compat.reception.schemas.queue import Queue
from outpatient.compat.reception.schemas.visits import (
    Arrival,
    CheckInRequest,
    StatusRequest,
    VisitChanged,
    VisitOut,
    VisitPage,
    WalkInRequest,
)
from outpatient.compat.schema import Lower, listing
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid
from outpatient.core.terms import VisitStatus, VisitType
from outpatient.http.dependencies import App, Parts, Reading, Writing, allow
from outpatient.http.idempotency import TAKES_KEY, idempotency_of, once
from outpatient.http.schema import PathId
from outpatient.queue import actions, queries

router = APIRouter(tags=["Reception: visits"])

Reads = Annotated[Actor, allow(P.QUEUE_READ)]
Admits = Annotated[Actor, allow(P.VISITS_ADMIT)]
Treats = Annotated[Actor, allow(P.CONSULTATIONS_RUN)]


@router.get("/visits")
async def list_visits(
    actor: Reads,
    tx: Reading,
    page: Paged,
    clinic_id: AskedId = None,
    doctor_id: AskedId = None,
    patient_id: AskedId = None,
    status: Annotated[VisitStatus, Lower] | None = None,
    visit_type: Annotated[VisitType, Lower] | None = None,
    on: OnDay = None,
) -> VisitPage:
    rows, total = await queries.list_visits(
        tx,
        actor,
        page,
        centre_id=clinic_id,
        clinician_id=doctor_id,
        patient_id=patient_id,
        status=status,
        visit_type=visit_type,
        on=on,
    )
    shown = [VisitOut.of(row.visit) for row in rows]
    return VisitPage(**listing("visits", shown, total, page.page, page.limit))


@router.get("/visits/queue")
async def get_live_queue(actor: Reads, tx: Reading, clinic_id: AskedId = None, doctor_id: AskedId = None) -> Queue:
    """Today's queue of a clinic, of a doctor, or of a doctor at a clinic."""
    if clinic_id is not None:
        _, board = await queries.see_board(tx, actor, clinic_id, clinician_id=doctor_id)
        return Queue.of(board, clinic_id=clinic_id, doctor_id=doctor_id)
    if doctor_id is None:
        raise Invalid.field("clinic_id", "Name a clinic (clinic_id) or a doctor (doctor_id)")
    return Queue.of(await queries.see_clinician_day(tx, actor, doctor_id), doctor_id=doctor_id)


@router.get("/visits/{visit_id:int}")
async def get_visit(visit_id: PathId, actor: Reads, tx: Reading) -> VisitOut:
    return await show(tx, actor, visit_id)


async def show(tx: Tx, actor: Actor, visit_id: int) -> VisitOut:
    """A visit as it is now."""
    await tx.session.flush()
    return VisitOut.of((await queries.get_described_visit(tx, actor, visit_id)).visit)


@router.post("/visits/check-in")
@router.post("/queue/checkin")
async def check_in(body: CheckInRequest, actor: Admits, app: App) -> Arrival:
    standing = await actions.check_in(app.database, actor=actor, appointment_id=body.appointment_id)
    return await answer_arrival(app, actor, standing.visit.id, "Patient checked in")


async def answer_arrival(
    app: Parts, actor: Actor, visit_id: int, message: str = "Walk-in added", warnings: tuple[str, ...] = ()
) -> Arrival:
    """What an arrival answers, now and to a repeat."""
    async with app.database.reading() as tx:
        visit = await show(tx, actor, visit_id)
    return Arrival(message=message, visit=visit, queue_number=visit.queue_number, warnings=list(warnings))


@router.post("/visits/walk-in", status_code=201, openapi_extra=TAKES_KEY)
@router.post("/queue/walkin", status_code=201, openapi_extra=TAKES_KEY)
async def add_walk_in(request: Request, body: WalkInRequest, actor: Admits, app: App) -> Arrival:
    repeatable = await idempotency_of(request)
    wish = actions.WalkIn(
        patient_id=body.patient_id,
        clinician_id=body.doctor_id,
        centre_id=body.clinic_id,
        service_id=body.service_id,
        priority=body.priority,
        notes=body.notes,
        idempotency_key=repeatable.key if repeatable else None,
        digest=repeatable.digest if repeatable else None,
    )

    async def add() -> Arrival:
        async with app.database.transaction() as tx:
            arrived = await actions.add_walk_in(tx, actor=actor, wish=wish)
        return await answer_arrival(app, actor, arrived.standing.visit.id, warnings=arrived.warnings)

    return await once(app, actor, actions.WALK_IN_ROUTE, repeatable, add, again=answer_arrival)


@router.put("/visits/{visit_id:int}/status")
async def update_status(visit_id: PathId, body: StatusRequest, actor: Treats, tx: Writing) -> VisitChanged:
    await actions.set_status(tx, actor=actor, visit_id=visit_id, status=body.status, reason=body.reason)
    return VisitChanged(message="Visit updated", visit=await show(tx, actor, visit_id))


@router.post("/visits/{visit_id:int}/call")
async def call_visit(visit_id: PathId, actor: Treats, tx: Writing) -> VisitChanged:
    await actions.call_visit(tx, actor=actor, visit_id=visit_id)
    return VisitChanged(message="Patient called", visit=await show(tx, actor, visit_id))
