"""The queue of a clinic or a doctor, and what the desk does with it: seed 000 `/queue`."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.appointments.queries import add_surroundings
from outpatient.clinicians.queries import find_profile
from outpatient.compat.reception.asked import AskedDay, AskedId, OnDay
from outpatient.compat.reception.routes.visits import show
from outpatient.compat.reception.schemas.appointments import AppointmentOut, DayAppointments
from outpatient.compat.reception.schemas.queue import (
    PhaseBoard,
    PhaseMove,
    PhaseMoved,
    Phases,
    Queue,
    ReorderRequest,
    Statistics,
    shown_places,
)
from outpatient.compat.reception.schemas.visits import VisitChanged, VisitCommand
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.http.dependencies import App, Reading, Writing, allow
from outpatient.http.schema import PathId
from outpatient.queue import actions, queries

router = APIRouter(prefix="/queue", tags=["Reception: queue"])

Reads = Annotated[Actor, allow(P.QUEUE_READ)]
Arranges = Annotated[Actor, allow(P.QUEUE_ARRANGE)]


@router.get("/clinic/{clinic_id:int}")
async def get_clinic_queue(
    clinic_id: PathId, actor: Reads, tx: Reading, start_date: AskedDay = None, end_date: AskedDay = None
) -> Queue:
    """A clinic's queue on one day or several; today, if nobody says which."""
    days, board = await queries.see_board(tx, actor, clinic_id, first_on=start_date, last_on=end_date)
    return Queue.of(board, clinic_id=clinic_id, start_date=days.first_on, end_date=days.last_on)


@router.get("/doctor/{user_id:int}")
async def get_doctor_queue(user_id: PathId, actor: Reads, tx: Reading) -> Queue:
    """A doctor's queue of today; he is named by his user's id."""
    profile = await find_profile(tx, actor.hospital_id, user_id)
    if profile is None:
        raise NotFound.of("Doctor")
    return Queue.of(await queries.see_clinician_day(tx, actor, profile.id), doctor_id=profile.id)


@router.post("/call")
async def call_visit(body: VisitCommand, actor: Arranges, tx: Writing) -> VisitChanged:
    await actions.call_visit(tx, actor=actor, visit_id=body.visit_id, reason=body.why)
    return VisitChanged(message="Patient called", visit=await show(tx, actor, body.visit_id))


@router.post("/start")
async def start_visit(body: VisitCommand, actor: Arranges, tx: Writing) -> VisitChanged:
    await actions.start_visit(tx, actor=actor, visit_id=body.visit_id, reason=body.why)
    return VisitChanged(message="Consultation started", visit=await show(tx, actor, body.visit_id))


@router.post("/complete")
async def complete_visit(body: VisitCommand, actor: Arranges, tx: Writing) -> VisitChanged:
    await actions.complete_visit(tx, actor=actor, visit_id=body.visit_id, reason=body.why)
    return VisitChanged(message="Consultation completed", visit=await show(tx, actor, body.visit_id))


@router.post("/skip")
async def skip_visit(body: VisitCommand, actor: Arranges, tx: Writing) -> VisitChanged:
    await actions.skip_visit(tx, actor=actor, visit_id=body.visit_id, reason=body.why)
    return VisitChanged(message="Patient skipped", visit=await show(tx, actor, body.visit_id))


@router.post("/cancel")
async def cancel_visit(body: VisitCommand, actor: Arranges, tx: Writing) -> VisitChanged:
    await actions.cancel_visit(tx, actor=actor, visit_id=body.visit_id, reason=body.why)
    return VisitChanged(message="Visit cancelled", visit=await show(tx, actor, body.visit_id))


@router.put("/reorder")
async def reorder_visit(body: ReorderRequest, actor: Arranges, tx: Writing) -> VisitChanged:
    await actions.reorder_visit(
        tx, actor=actor, visit_id=body.visit_id, new_position=body.new_position, reason=body.reason
    )
    return VisitChanged(message="Queue reordered", visit=await show(tx, actor, body.visit_id))


async def show_day(
    tx: Tx, actor: Actor, clinic_id: int | None, on: date | None, *, not_here_yet: bool
) -> DayAppointments:
    rows, day = await queries.see_day_appointments(tx, actor, clinic_id, on, not_here_yet=not_here_yet)
    shown = [AppointmentOut.of(row) for row in await add_surroundings(tx, actor, rows)]
    return DayAppointments(appointments=shown, date=day.isoformat() if day else None, clinic_id=clinic_id)


@router.get("/upcoming")
async def list_upcoming(actor: Reads, tx: Reading, on: OnDay = None, clinic_id: AskedId = None) -> DayAppointments:
    """The day's appointments whose patients are not here yet."""
    return await show_day(tx, actor, clinic_id, on, not_here_yet=True)


@router.get("/appointments")
async def list_day_appointments(
    actor: Reads, tx: Reading, on: OnDay = None, clinic_id: AskedId = None
) -> DayAppointments:
    """All appointments of the day, whatever became of them."""
    return await show_day(tx, actor, clinic_id, on, not_here_yet=False)


@router.get("/phases/{clinic_id:int}")
async def get_phases(
    clinic_id: PathId, actor: Reads, tx: Reading, on: OnDay = None, doctor_id: AskedId = None
) -> PhaseBoard:
    days, board = await queries.see_board(tx, actor, clinic_id, first_on=on, last_on=on, clinician_id=doctor_id)
    columns = {phase.name.lower(): shown_places(places) for phase, places in board.by_phase().items()}
    return PhaseBoard(phases=Phases(**columns), date=days.first_on, clinic_id=clinic_id)


@router.post("/phases/move")
async def move_phase(body: PhaseMove, actor: Arranges, app: App) -> PhaseMoved:
    visit_id = await actions.move_between_phases(
        app.database,
        actor=actor,
        visit_id=body.visit_id,
        appointment_id=body.appointment_id,
        was=body.from_phase,
        to=body.to_phase,
    )
    async with app.database.reading() as tx:
        visit = await show(tx, actor, visit_id)
    return PhaseMoved(
        message="Patient moved",
        visit=visit,
        from_phase=body.from_phase,
        to_phase=body.to_phase,
        new_status=visit.status,
    )


@router.get("/statistics/{clinic_id:int}")
async def get_statistics(clinic_id: PathId, actor: Reads, tx: Reading, on: OnDay = None) -> Statistics:
    return Statistics.of(clinic_id, await queries.see_figures(tx, actor, clinic_id, on=on))
