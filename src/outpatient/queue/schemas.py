"""Visits and queues on the wire."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from outpatient.appointments.schemas import CLINICIAN_ID, AppointmentOut, HistoryEntry, Reason, camel_keys, either
from outpatient.core.terms import Phase, Priority, VisitStatus, VisitType
from outpatient.http.schema import (
    AnyCase,
    Id,
    InstantIn,
    LongText,
    Phone,
    Schema,
    Text,
    UtcInstant,
    Whole,
    shown,
)
from outpatient.queue.rules.line import Standing

Status = Annotated[VisitStatus, AnyCase]
Minutes = Annotated[int, Whole(1, 1440, "minutes")]
Position = Annotated[int, Whole(1, 100_000)]


class WaitOut(Schema):
    """Minutes from now: the likely wait, and the range in which four of five lie."""

    minutes: int
    from_: int = Field(alias="from")
    to: int


class VisitOut(Schema):
    """A visit; `position` is its number in line, null for whoever is not in line."""

    id: int
    appointment_id: int | None
    patient_id: int
    patient_name: str
    clinician_id: int | None
    department_id: int | None
    centre_id: int
    service_id: int | None
    token_number: int | None
    token_label: str | None
    status: VisitStatus
    priority: Priority
    is_carryover: bool
    service_day: date
    checked_in_at: UtcInstant | None
    called_at: UtcInstant | None
    started_at: UtcInstant | None
    completed_at: UtcInstant | None
    not_before: UtcInstant | None
    hold_reason: str | None
    room: str | None
    notes: str | None
    position: int | None
    estimated_wait: WaitOut | None

    @classmethod
    def of(cls, standing: Standing, **more: Any) -> Self:
        """A visit as the queue's rules arranged it."""
        return cls.model_validate(visit_keys(standing) | more)

    def keep_from_patient(self) -> None:
        """Leave out what the desk and the clinician write for each other."""
        self.notes = self.hold_reason = None


def visit_keys(standing: Standing) -> dict[str, Any]:
    """A visit in the wire's own keys: what VisitOut declares, without a model for each (a queue has many)."""
    visit, wait = standing.visit, standing.wait
    return {
        "id": visit.id,
        "appointmentId": visit.appointment_id,
        "patientId": visit.patient_id,
        "patientName": visit.patient_name,
        "clinicianId": visit.clinician_id,
        "departmentId": visit.department_id,
        "centreId": visit.centre_id,
        "serviceId": visit.service_id,
        "tokenNumber": visit.token_number,
        "tokenLabel": visit.token_label,
        "status": visit.status,
        "priority": visit.priority,
        "isCarryover": standing.is_carryover,
        "serviceDay": visit.service_on,
        "checkedInAt": visit.checked_in_at,
        "calledAt": visit.called_at,
        "startedAt": visit.started_at,
        "completedAt": visit.completed_at,
        "notBefore": visit.not_before,
        "holdReason": visit.hold_reason,
        "room": visit.room,
        "notes": visit.notes,
        "position": standing.number,
        "estimatedWait": wait and {"minutes": wait.minutes, "from": wait.earliest, "to": wait.latest},
    }


class ExplainedVisit(VisitOut):
    """A visit and why it stands where it stands."""

    explanation: list[str]


class ClinicianQueue(Schema):
    doctor_id: int
    service_day: date
    queue: list[VisitOut]
    total_count: int


class DepartmentQueue(Schema):
    department_id: int
    service_day: date
    queue: list[VisitOut]
    total_count: int


class NewPatient(Schema):
    full_name: Text = Field(validation_alias=either("fullName", "full_name", "name"))
    phone: Phone


class WalkInRequest(Schema):
    """`POST /visits`: who came, and to whom."""

    model_config = shown(
        {"patient": {"fullName": "Ravi Kumar", "phone": "+919812345670"}, "departmentId": 1, "priority": "NORMAL"}
    )

    patient_id: Id | None = None
    patient: NewPatient | None = None
    clinician_id: Id | None = Field(None, validation_alias=CLINICIAN_ID)
    department_id: Id | None = None
    service_id: Id | None = None
    priority: Annotated[Priority, AnyCase] = Priority.NORMAL
    notes: LongText | None = None


class StatusRequest(Schema):
    """`PATCH /visits/{id}/status`."""

    model_config = shown({"status": "IN_PROGRESS"})

    status: Status
    reason: Reason | None = None


class ReasonRequest(Schema):
    model_config = shown({"reason": "Blood test"})

    reason: Reason | None = None


class VisitChoice(Schema):
    """Which of a clinician's visits is meant; left out, it is the one in his room."""

    model_config = shown({"reason": "Did not answer"})

    visit_id: Id | None = None
    reason: Reason | None = None


class ReassignRequest(Schema):
    model_config = shown({"doctorId": 2, "reason": "Dr Rao is called away"})

    clinician_id: Id = Field(validation_alias=CLINICIAN_ID)
    reason: Reason | None = None


class DelayRequest(Schema):
    """`POST /visits/{id}/delay`: for so many minutes, or until an instant."""

    model_config = shown({"minutes": 15, "reason": "Parking the car"})

    minutes: Minutes | None = None
    until: InstantIn | None = None
    reason: Reason | None = None


class PriorityRequest(Schema):
    model_config = shown({"priority": "URGENT", "reason": "Chest pain"})

    priority: Annotated[Priority, AnyCase]
    reason: Reason


class ReorderRequest(Schema):
    """`PUT /queue/reorder`: positions count from 1; beyond the end is the end."""

    model_config = shown({"visitId": 1, "newPosition": 1, "reason": "Came with the ambulance"})

    visit_id: Id
    new_position: Position
    reason: Reason | None = None


def _told(payload: dict[str, Any]) -> dict[str, Any]:
    """What an event says beside what it kept for undo, in the wire's words."""
    return camel_keys({name: value for name, value in payload.items() if name != "before"})


class VisitHistoryEntry(HistoryEntry):
    """One thing that happened to a visit."""

    details: Annotated[dict[str, Any], AfterValidator(_told)] = Field(validation_alias="payload")


def _phase(text: Any) -> Any:
    """`with_doctor`, `withDoctor` and `WITH-DOCTOR` are one phase."""
    if not isinstance(text, str):
        return text
    letters = "".join(letter for letter in text.lower() if letter.isalpha())
    return next((phase for phase in Phase if phase.lower() == letters), text)


PhaseName = Annotated[Phase, BeforeValidator(_phase)]


class BoardVisit(VisitOut):
    """A visit as boards and lists show it; `start` is when its appointment was to begin."""

    patient_phone: str | None
    clinician_name: str | None
    service_name: str | None
    visit_type: VisitType
    start: UtcInstant | None


class QueueGroups(Schema):
    """Visits by what they are, each group in its order; who was skipped is among those waiting."""

    expected: list[BoardVisit]
    waiting: list[BoardVisit]
    called: list[BoardVisit]
    in_progress: list[BoardVisit]
    on_hold: list[BoardVisit]
    completed: list[BoardVisit]
    cancelled: list[BoardVisit]
    no_show: list[BoardVisit]
    total: int


class ClinicQueue(Schema):
    """`GET /queue/clinic/{centreId}`: a centre's service days, the first and the last included."""

    centre_id: int
    from_: date = Field(alias="from")
    to: date
    queue: QueueGroups


class Phases(Schema):
    """The four columns of the board; walk-ins are in them like everybody else."""

    appointments_today: list[BoardVisit]
    waiting: list[BoardVisit]
    with_doctor: list[BoardVisit]
    completed: list[BoardVisit]


class PhaseBoard(Schema):
    phases: Phases
    date: date
    centre_id: int


class PhaseMove(Schema):
    """`POST /queue/phases/move`: which patient, where he stands now, and where he goes."""

    model_config = shown({"appointmentId": 1, "fromPhase": "appointmentsToday", "toPhase": "waiting"})

    visit_id: Id | None = None
    appointment_id: Id | None = None
    from_phase: PhaseName
    to_phase: PhaseName

    @model_validator(mode="after")
    def one_visit(self) -> Self:
        if (self.visit_id is None) == (self.appointment_id is None):
            raise ValueError("Name the visit either by visitId or by appointmentId")
        return self

    @field_validator("to_phase")
    @classmethod
    def another_phase(cls, to: Phase, info: ValidationInfo) -> Phase:
        if to is info.data.get("from_phase"):
            raise ValueError("Must be another phase than fromPhase")
        return to


class PhaseMoved(Schema):
    visit: VisitOut
    from_phase: Phase
    to_phase: Phase
    new_status: VisitStatus


class DayAppointments(Schema):
    """Appointments of a day; `date` is null where no centre was named and the centres are not on the same day."""

    appointments: list[AppointmentOut]
    date: date | None
    centre_id: int | None


class SpellOut(Schema):
    """Minutes that something took; null where nothing was counted."""

    counted: int
    mean_minutes: float | None
    median_minutes: float | None
    p90_minutes: float | None


class WaitsOut(SpellOut):
    """How long patients waited; `stillWaiting` of those counted wait on, and count with their time so far."""

    still_waiting: int


class AccuracyOut(Schema):
    """How true the estimates were that people got on arrival: the share (0 to 1) whose wait was within the range."""

    scored: int
    within_range: float | None
    median_error_minutes: float | None


class Statistics(Schema):
    """`GET /queue/statistics/{centreId}`; docs/queue.md defines every figure."""

    date: date
    centre_id: int
    doctor_id: int | None
    total_appointments: int
    walk_ins: int
    carryovers: int
    expected: int
    waiting: int
    called: int
    in_progress: int
    on_hold: int
    skipped: int
    completed: int
    cancelled: int
    no_show: int
    waits: WaitsOut
    way: SpellOut
    consultations: SpellOut
    estimates: AccuracyOut
