"""The day on boards and in figures (seed 000's queue reads, phases and statistics), and the list of visits."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.appointments.schemas import AppointmentOut
from outpatient.core.database import Tx
from outpatient.core.terms import VisitStatus, VisitType
from outpatient.http.dependencies import App, Paged, Reading, Writing, allow, id_named
from outpatient.http.schema import AnyCase, Day, Envelope, PathId, answer
from outpatient.queue import actions, queries
from outpatient.queue.routes.visits import Runs
from outpatient.queue.rules.board import OnBoard
from outpatient.queue.rules.figures import Figures, Spell
from outpatient.queue.rules.line import alone
from outpatient.queue.schemas import (
    BoardVisit,
    ClinicQueue,
    DayAppointments,
    PhaseBoard,
    PhaseMove,
    PhaseMoved,
    Phases,
    QueueGroups,
    Statistics,
    VisitOut,
    visit_keys,
)

router = APIRouter()

Reads = Annotated[Actor, allow(P.QUEUE_READ)]
OnDay = Annotated[Day | None, Query(alias="date")]
Doctor = Annotated[int | None, id_named("doctorId")]
Clinicians = Annotated[int | None, id_named("clinicianId")]


def shown(places: Iterable[OnBoard]) -> list[BoardVisit]:
    return [
        BoardVisit.model_validate(
            {
                **visit_keys(place.standing),
                "patientPhone": place.standing.visit.patient_phone,
                "clinicianName": place.standing.visit.clinician_name,
                "serviceName": place.standing.visit.service_name,
                "visitType": VisitType.WALK_IN
                if place.standing.visit.appointment_id is None
                else VisitType.APPOINTMENT,
                "start": place.starts_at,
            }
        )
        for place in places
    ]


@router.get("/queue/clinic/{centre_id:int}", tags=["Queue"])
async def get_clinic_queue(
    centre_id: PathId,
    actor: Reads,
    tx: Reading,
    from_: Annotated[Day | None, Query(alias="from")] = None,
    to: Annotated[Day | None, Query()] = None,
    doctor_id: Doctor = None,
    clinician_id: Clinicians = None,
    status: Annotated[VisitStatus | None, AnyCase] = None,
) -> Envelope[ClinicQueue]:
    whose = clinician_id or doctor_id
    days, board = await queries.see_board(tx, actor, centre_id, first_on=from_, last_on=to, clinician_id=whose)
    wanted = board.of(status)
    groups = {group.lower(): shown(places) for group, places in wanted.by_status().items()}
    return answer(
        ClinicQueue(
            centre_id=centre_id,
            from_=days.first_on,
            to=days.last_on,
            queue=QueueGroups(**groups, total=len(wanted.places)),
        )
    )


@router.get("/queue/phases/{centre_id:int}", tags=["Queue"])
async def get_phases(
    centre_id: PathId,
    actor: Reads,
    tx: Reading,
    on: OnDay = None,
    doctor_id: Doctor = None,
    clinician_id: Clinicians = None,
) -> Envelope[PhaseBoard]:
    whose = clinician_id or doctor_id
    days, board = await queries.see_board(tx, actor, centre_id, first_on=on, last_on=on, clinician_id=whose)
    phases = Phases.model_validate({phase: shown(places) for phase, places in board.by_phase().items()})
    return answer(PhaseBoard(phases=phases, date=days.first_on, centre_id=centre_id))


@router.post("/queue/phases/move", tags=["Queue"])
async def move_phase(body: PhaseMove, actor: Runs, app: App) -> Envelope[PhaseMoved]:
    """Check in, start, complete; back by recall or undo: the command that such a move is."""
    visit_id = await actions.move_between_phases(
        app.database,
        actor=actor,
        visit_id=body.visit_id,
        appointment_id=body.appointment_id,
        was=body.from_phase,
        to=body.to_phase,
    )
    async with app.database.reading() as tx:
        standing = await queries.get_standing(tx, None, visit_id)
    return answer(
        PhaseMoved(
            visit=VisitOut.of(standing),
            from_phase=body.from_phase,
            to_phase=body.to_phase,
            new_status=VisitStatus(standing.visit.status),
        ),
        "Patient moved",
    )


async def day_appointments(
    tx: Tx, actor: Actor, centre_id: int | None, on: date | None, *, not_here_yet: bool
) -> Envelope[DayAppointments]:
    rows, day = await queries.see_day_appointments(tx, actor, centre_id, on, not_here_yet=not_here_yet)
    appointments = [AppointmentOut.model_validate(row) for row in rows]
    return answer(DayAppointments(appointments=appointments, date=day, centre_id=centre_id))


@router.get("/queue/upcoming", tags=["Queue"])
async def list_upcoming(
    actor: Reads, tx: Reading, centre_id: Annotated[int | None, id_named("centreId")] = None, on: OnDay = None
) -> Envelope[DayAppointments]:
    """The day's appointments whose patients are not here yet, by time."""
    return await day_appointments(tx, actor, centre_id, on, not_here_yet=True)


@router.get("/queue/appointments", tags=["Queue"])
async def list_day_appointments(
    actor: Reads, tx: Reading, centre_id: Annotated[int | None, id_named("centreId")] = None, on: OnDay = None
) -> Envelope[DayAppointments]:
    """All appointments of the day, by time, whatever became of them."""
    return await day_appointments(tx, actor, centre_id, on, not_here_yet=False)


@router.get("/queue/statistics/{centre_id:int}", tags=["Queue"])
async def get_statistics(
    centre_id: PathId,
    actor: Reads,
    tx: Reading,
    on: OnDay = None,
    doctor_id: Doctor = None,
    clinician_id: Clinicians = None,
) -> Envelope[Statistics]:
    day = await queries.see_figures(tx, actor, centre_id, on=on, clinician_id=clinician_id or doctor_id)
    figures = day.figures
    counted = {status.lower(): figures.statuses[status] for status in VisitStatus}
    return answer(
        Statistics.model_validate(
            {
                "date": day.on,
                "centre_id": centre_id,
                "doctor_id": day.clinician_id,
                "total_appointments": figures.booked,
                "walk_ins": figures.walk_ins,
                "carryovers": figures.carryovers,
                **counted,
                **_times(figures),
            }
        )
    )


def _times(figures: Figures) -> dict[str, dict[str, object]]:
    return {
        "waits": {**_minutes(figures.waits), "still_waiting": figures.still_waiting},
        "way": _minutes(figures.ways),
        "consultations": _minutes(figures.consultations),
        "estimates": {
            "scored": figures.estimates.scored,
            "within_range": figures.estimates.within,
            "median_error_minutes": figures.estimates.median_error,
        },
    }


def _minutes(spell: Spell) -> dict[str, object]:
    return {
        "counted": spell.counted,
        "mean_minutes": spell.mean,
        "median_minutes": spell.median,
        "p90_minutes": spell.p90,
    }


@router.get("/visits", tags=["Visits"])
async def list_visits(
    actor: Annotated[Actor, allow(P.VISITS_READ)],
    tx: Writing,
    page: Paged,
    centre_id: Annotated[int | None, id_named("centreId")] = None,
    clinician_id: Clinicians = None,
    doctor_id: Doctor = None,
    patient_id: Annotated[int | None, id_named("patientId")] = None,
    status: Annotated[VisitStatus | None, AnyCase] = None,
    visit_type: Annotated[VisitType | None, AnyCase, Query(alias="visitType")] = None,
    on: OnDay = None,
) -> Envelope[list[BoardVisit]]:
    """Visits, the latest day first. Who may see them sees those; the place in line is the queue's to tell."""
    rows, total = await actions.read_visits(
        tx,
        actor=actor,
        page=page,
        centre_id=centre_id,
        clinician_id=clinician_id or doctor_id,
        patient_id=patient_id,
        status=status,
        visit_type=visit_type,
        on=on,
    )
    found = shown(OnBoard(alone(row.visit, tx.now), row.starts_at) for row in rows)
    if actor.is_patient:
        for visit in found:
            visit.keep_from_patient()
    return answer(found, meta=page.meta(total))
