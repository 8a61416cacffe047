"""What happens to appointments."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from outpatient.core.events import Event
from outpatient.core.terms import AppointmentStatus, BookingType, CancelledBy
from outpatient.models import Appointment


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentEvent(Event):
    """What every appointment event says: whose and with whom."""

    subject = "appointment"

    patient_id: int
    clinician_id: int
    centre_id: int

    @classmethod
    def of(cls, appointment: Appointment, **payload: Any) -> Self:
        """The event of this appointment, with what this kind of event adds."""
        return cls(
            hospital_id=appointment.hospital_id,
            subject_id=appointment.id,
            patient_id=appointment.patient_id,
            clinician_id=appointment.clinician_id,
            centre_id=appointment.centre_id,
            **payload,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentBooked(AppointmentEvent):
    """An appointment was made; `expires_at` is set while it is a hold."""

    name = "appointment.created"

    booking_type: BookingType
    starts_at: datetime | None
    service_on: date
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentConfirmed(AppointmentEvent):
    """The patient, or staff for him, said that he will come."""

    name = "appointment.confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentRescheduled(AppointmentEvent):
    """The appointment moved to another time."""

    name = "appointment.rescheduled"

    was_at: datetime | None
    was_on: date
    starts_at: datetime | None
    service_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentCancelled(AppointmentEvent):
    """The appointment will not take place; `was_hold`: it was never paid, and so never firm."""

    name = "appointment.cancelled"

    was: AppointmentStatus
    cancelled_by: CancelledBy
    reason: str | None
    was_hold: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentExpired(AppointmentEvent):
    """A hold was not paid in time and its slot is free again."""

    name = "appointment.expired"

    was: AppointmentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentCompleted(AppointmentEvent):
    """The patient was seen."""

    name = "appointment.completed"

    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentMissed(AppointmentEvent):
    """The patient did not come."""

    name = "appointment.no_show"

    was: AppointmentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentReopened(AppointmentEvent):
    """The end of an appointment was taken back; `was` is how it had ended."""

    name = "appointment.reopened"

    was: AppointmentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentUpdated(AppointmentEvent):
    """Something else about the appointment changed; `fields` are the names."""

    name = "appointment.updated"

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentReminderDue(AppointmentEvent):
    """The time has come to remind the patient; `starts_at` is what he is reminded of."""

    name = "appointment.reminder_due"

    starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentNoShowProposed(AppointmentEvent):
    """The patient has not come in time, and somebody should say what becomes of it."""

    name = "appointment.no_show_proposed"

    starts_at: datetime | None
    service_on: date
