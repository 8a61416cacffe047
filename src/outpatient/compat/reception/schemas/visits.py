"""Visits and what is done with them, in the words of seed 000."""

from datetime import date as calendar_date
from typing import Annotated, Any, Self

from pydantic import Field

from outpatient.appointments.schemas import Reason
from outpatient.compat.schema import Bare, Lower
from outpatient.core.terms import Priority, VisitStatus, VisitType
from outpatient.http.schema import Id, LongText, UtcInstant, shown


class VisitOut(Bare):
    """A visit; `queue_number` is the one on the ticket, which comes with the arrival."""

    id: int
    appointment_id: int | None
    patient_id: int
    patient_name: str
    patient_phone: str | None
    doctor_id: int | None = Field(validation_alias="clinician_id")
    doctor_name: str | None = Field(validation_alias="clinician_name")
    clinic_id: int = Field(validation_alias="centre_id")
    service_id: int | None
    service_name: str | None
    date: calendar_date = Field(validation_alias="service_on")
    queue_number: int | None = Field(validation_alias="token_number")
    token_label: str | None
    visit_type: Annotated[VisitType, Lower]
    status: Annotated[VisitStatus, Lower]
    priority: Annotated[Priority, Lower]
    check_in_time: UtcInstant | None = Field(validation_alias="checked_in_at")
    called_time: UtcInstant | None = Field(validation_alias="called_at")
    start_time: UtcInstant | None = Field(validation_alias="started_at")
    end_time: UtcInstant | None = Field(validation_alias="completed_at")
    notes: str | None

    @classmethod
    def of(cls, visit: Any) -> Self:
        """A visit with the names around it, as queries answer it."""
        kind = VisitType.WALK_IN if visit.appointment_id is None else VisitType.APPOINTMENT
        return cls.model_validate({**visit._asdict(), "visit_type": kind})


class VisitPage(Bare):
    visits: list[VisitOut]
    total: int
    pages: int
    current_page: int
    per_page: int


class VisitChanged(Bare):
    message: str
    visit: VisitOut


class Arrival(VisitChanged):
    """An arrival; `warnings` is what the desk should know, a long queue say."""

    queue_number: int | None
    warnings: list[str] = []


class CheckInRequest(Bare):
    model_config = shown({"appointment_id": 1})

    appointment_id: Id


class WalkInRequest(Bare):
    """`POST /visits/walk-in` and `/queue/walkin`."""

    model_config = shown({"patient_id": 1, "clinic_id": 1, "service_id": 1, "doctor_id": 1})

    patient_id: Id
    clinic_id: Id
    service_id: Id
    doctor_id: Id
    notes: LongText | None = None
    priority: Annotated[Priority, Lower] = Priority.NORMAL


class StatusRequest(Bare):
    """`PUT /visits/{id}/status`."""

    model_config = shown({"status": "in_progress"})

    status: Annotated[VisitStatus, Lower]
    reason: Reason | None = None


class VisitCommand(Bare):
    """Which visit, and why, where a reason is kept (`notes` says the same)."""

    model_config = shown({"visit_id": 1})

    visit_id: Id
    reason: Reason | None = None
    notes: Reason | None = None

    @property
    def why(self) -> str | None:
        return self.reason or self.notes
