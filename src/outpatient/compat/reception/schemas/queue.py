"""The queue, its phases and its figures, in the words of seed 000."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import PlainSerializer, ValidationInfo, field_validator, model_validator

from outpatient.appointments.schemas import Reason
from outpatient.compat.reception.schemas.visits import VisitChanged, VisitOut
from outpatient.compat.schema import Bare, Lower
from outpatient.core.terms import Phase, VisitStatus
from outpatient.http.schema import Id, or_absent, shown
from outpatient.queue.schemas import PhaseName, Position


def _named(phase: Phase) -> str:
    return phase.name.lower()


PhaseOut = Annotated[Phase, PlainSerializer(_named, return_type=str)]


def shown_places(places: Any) -> list[VisitOut]:
    """Places on a board as visits."""
    return [VisitOut.of(place.standing.visit) for place in places]


class Queue(Bare):
    """Who waits, is called, is being seen and is done, of a clinic or of a doctor."""

    clinic_id: int | None = or_absent()
    doctor_id: int | None = or_absent()
    start_date: date | None = or_absent()
    end_date: date | None = or_absent()
    waiting: list[VisitOut]
    called: list[VisitOut]
    in_progress: list[VisitOut]
    completed: list[VisitOut]
    total: int

    @classmethod
    def of(cls, board: Any, **whose: Any) -> Self:
        """A board in its columns."""
        columns = {name: shown_places(places) for name, places in board.by_column().items()}
        return cls.model_validate({**columns, "total": sum(map(len, columns.values())), **whose})


class Phases(Bare):
    """The four phases; walk-ins are in them like everybody else."""

    appointments_today: list[VisitOut]
    waiting: list[VisitOut]
    with_doctor: list[VisitOut]
    completed: list[VisitOut]


class PhaseBoard(Bare):
    phases: Phases
    date: date
    clinic_id: int


class PhaseMove(Bare):
    """`POST /queue/phases/move`: which patient, where he stands now, and where he goes."""

    model_config = shown({"appointment_id": 1, "from_phase": "appointments_today", "to_phase": "waiting"})

    visit_id: Id | None = None
    appointment_id: Id | None = None
    from_phase: PhaseName
    to_phase: PhaseName

    @model_validator(mode="after")
    def one_visit(self) -> Self:
        if (self.visit_id is None) == (self.appointment_id is None):
            raise ValueError("Name the visit either by visit_id or by appointment_id")
        return self

    @field_validator("to_phase")
    @classmethod
    def another_phase(cls, to: Phase, info: ValidationInfo) -> Phase:
        if to is info.data.get("from_phase"):
            raise ValueError("Must be another phase than from_phase")
        return to


class PhaseMoved(VisitChanged):
    from_phase: PhaseOut
    to_phase: PhaseOut
    new_status: Annotated[VisitStatus, Lower]


class ReorderRequest(Bare):
    """`PUT /queue/reorder`: positions count from 1; beyond the end is the end."""

    model_config = shown({"visit_id": 1, "new_position": 1})

    visit_id: Id
    new_position: Position
    reason: Reason | None = None


class Statistics(Bare):
    """A day in figures; who was skipped or parked waits. Averages are 0 while there is nothing to count."""

    date: date
    clinic_id: int
    total_appointments: int
    walk_ins: int
    waiting_count: int
    called_count: int
    in_progress_count: int
    completed_count: int
    avg_wait_time_minutes: float
    avg_consultation_time_minutes: float

    @classmethod
    def of(cls, clinic_id: int, day: Any) -> Self:
        """The figures of a day."""
        figures = day.figures
        waiting = (VisitStatus.WAITING, VisitStatus.SKIPPED, VisitStatus.ON_HOLD)
        return cls(
            date=day.on,
            clinic_id=clinic_id,
            total_appointments=figures.booked,
            walk_ins=figures.walk_ins,
            waiting_count=sum(figures.statuses[status] for status in waiting),
            called_count=figures.statuses[VisitStatus.CALLED],
            in_progress_count=figures.statuses[VisitStatus.IN_PROGRESS],
            completed_count=figures.statuses[VisitStatus.COMPLETED],
            avg_wait_time_minutes=figures.waits.mean or 0,
            avg_consultation_time_minutes=figures.consultations.mean or 0,
        )
