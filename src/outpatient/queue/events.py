"""What happens to visits. `before` holds the old values of what changed, which is what undo writes back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from outpatient.core.events import Event
from outpatient.core.terms import Priority, VisitStatus
from outpatient.models import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitEvent(Event):
    """What every visit event says: whose visit, with whom, where, and what it is now."""

    subject = "visit"

    appointment_id: int | None
    patient_id: int
    clinician_id: int | None
    department_id: int | None
    centre_id: int
    status: VisitStatus
    token_label: str | None
    before: dict[str, Any]

    @classmethod
    def of(cls, visit: Visit, *, before: dict[str, Any], **payload: Any) -> Self:
        """The event of this visit as it is now, with what this kind of event adds."""
        return cls(
            hospital_id=visit.hospital_id,
            subject_id=visit.id,
            appointment_id=visit.appointment_id,
            patient_id=visit.patient_id,
            clinician_id=visit.clinician_id,
            department_id=visit.department_id,
            centre_id=visit.centre_id,
            status=visit.status,
            token_label=visit.token_label,
            before=before,
            **payload,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCheckedIn(VisitEvent):
    """A patient with an appointment arrived and got his token."""

    name = "visit.checked_in"


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkInAdded(VisitEvent):
    """A patient came without an appointment and got his token."""

    name = "visit.walk_in_added"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitStatusChanged(VisitEvent):
    """A visit moved along its table: called, begun, finished, skipped, parked, brought back, cancelled, missed."""

    name = "visit.status_changed"

    was: VisitStatus
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitReordered(VisitEvent):
    """Somebody was given another place in the line, by hand."""

    name = "visit.reordered"

    new_position: int
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDelayed(VisitEvent):
    """A patient will not be called before an instant."""

    name = "visit.delayed"

    not_before: datetime
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPrioritised(VisitEvent):
    """A patient became more or less urgent, and why."""

    name = "visit.prioritised"

    priority: Priority
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitReassigned(VisitEvent):
    """Another clinician will see the patient."""

    name = "visit.reassigned"

    was_clinician_id: int | None
    was_department_id: int | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitUndone(VisitEvent):
    """The last change of a visit was taken back; `undone` is the event's id, `what` its name."""

    name = "visit.undone"

    was: VisitStatus
    undone: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitTurnNear(VisitEvent):
    """A patient who waits is among the next of his line, with `ahead` others before him. Nothing about him changed."""

    name = "visit.turn_near"

    ahead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFeedbackDue(VisitEvent):
    """A visit has been over for some time, and its patient may be asked how it was. Nothing about it changed."""

    name = "visit.feedback_due"


ONLY_TOLD = frozenset({VisitTurnNear.name, VisitFeedbackDue.name})
"""Events that tell a patient something, and change nothing that could be taken back."""
