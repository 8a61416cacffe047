"""Appointments in the words of seed 000."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field

from outpatient.appointments.schemas import Reason
from outpatient.compat.schema import Bare, Lower
from outpatient.core.terms import AppointmentStatus, BookingSource, PaymentStatus, SessionType, VisitStatus
from outpatient.http.schema import Id, LongText, MoneyOut, UtcInstant, shown


def _in_calendar(at: datetime) -> datetime:
    if not 1970 <= at.year <= 2200:  # beyond, a zone's offset may lead out of the calendar
        raise ValueError("Must be between the years 1970 and 2200")
    return at


StartTime = Annotated[datetime, AfterValidator(_in_calendar), Field(examples=["2026-03-03T10:00:00"])]
"""An ISO time: an instant if it says its offset, else wall-clock time in the centre's zone."""


def when(start_time: datetime | None) -> dict[str, Any]:
    """A time as bookings and moves take it."""
    if start_time is None:
        return {}
    if start_time.tzinfo is None:
        return {"on": start_time.date(), "at": start_time.time()}
    return {"starts_at": start_time}


class BookRequest(Bare):
    """`POST /appointments` at the desk."""

    model_config = shown(
        {
            "clinic_id": 1,
            "doctor_id": 1,
            "patient_id": 1,
            "service_id": 1,
            "start_time": "2026-03-03T10:00:00",
            "booking_source": "phone",
        }
    )

    clinic_id: Id
    doctor_id: Id
    patient_id: Id
    service_id: Id
    start_time: StartTime
    booking_source: Annotated[BookingSource, Lower]
    notes: LongText | None = None


class AppointmentChanges(Bare):
    """`PUT /appointments/{id}`: keys that are absent stay as they are; notes alone may be emptied by null."""

    model_config = shown({"status": "confirmed", "start_time": "2026-03-03T11:00:00"})

    status: Annotated[AppointmentStatus, Lower] | None = None
    start_time: StartTime | None = None
    notes: LongText | None = None
    reason: Reason | None = None

    def details(self) -> dict[str, Any]:
        return {"notes": self.notes} if "notes" in self.model_fields_set else {}


class CancelRequest(Bare):
    model_config = shown({"reason": "Feeling better"})

    reason: Reason | None = None


class PersonOut(Bare):
    id: int
    name: str
    phone: str | None


class DoctorOut(Bare):
    id: int
    name: str


class ClinicOut(Bare):
    id: int
    name: str
    time_zone: str


class ServiceOut(Bare):
    """What was booked; without a price of its own it costs what the doctor takes."""

    id: int
    name: str
    duration_minutes: int
    price: MoneyOut | None = Field(validation_alias="price_minor")


class VisitBrief(Bare):
    """The appointment's place in the queue; `queue_number` comes with check-in."""

    id: int
    queue_number: int | None = Field(validation_alias="token_number")
    token_label: str | None
    status: Annotated[VisitStatus, Lower]
    check_in_time: UtcInstant | None = Field(validation_alias="checked_in_at")
    start_time: UtcInstant | None = Field(validation_alias="started_at")
    end_time: UtcInstant | None = Field(validation_alias="completed_at")


class PaymentBrief(Bare):
    """The appointment's account."""

    id: int
    amount: MoneyOut = Field(validation_alias="amount_minor")
    amount_paid: MoneyOut = Field(validation_alias="paid_minor")
    currency: str
    status: Annotated[PaymentStatus, Lower]


class AppointmentOut(Bare):
    """An appointment with everything around it."""

    id: int
    clinic_id: int = Field(validation_alias="centre_id")
    doctor_id: int
    patient_id: int
    service_id: int | None
    start_time: UtcInstant | None = Field(validation_alias="start")
    end_time: UtcInstant | None = Field(validation_alias="end")
    date: str = Field(validation_alias="appointment_date")
    status: Annotated[AppointmentStatus, Lower]
    booking_source: Annotated[BookingSource, Lower]
    session_type: Annotated[SessionType, Lower]
    notes: str | None
    cancel_reason: str | None
    created_at: UtcInstant
    updated_at: UtcInstant
    patient: PersonOut
    doctor: DoctorOut
    clinic: ClinicOut
    service: ServiceOut | None
    visit: VisitBrief | None
    payment: PaymentBrief | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """A described appointment with its surroundings."""
        patient = {"id": row["patient_id"], "name": row["patient_name"], "phone": row["patient_phone"]}
        doctor = {"id": row["clinician_id"], "name": row["clinician_name"]}
        clinic = {"id": row["centre_id"], "name": row["centre_name"], "time_zone": row["time_zone"]}
        return cls.model_validate({**row, "patient": patient, "doctor": doctor, "clinic": clinic})


class AppointmentPage(Bare):
    appointments: list[AppointmentOut]
    total: int
    pages: int
    current_page: int
    per_page: int


class AppointmentMade(Bare):
    message: str
    appointment: AppointmentOut


class DayAppointments(Bare):
    """Appointments of a day; `date` is null where no clinic was named and the clinics are not on the same day."""

    appointments: list[AppointmentOut]
    date: str | None
    clinic_id: int | None


class FreeSlot(Bare):
    start_time: UtcInstant
    end_time: UtcInstant
    available: bool


class SlotsDoctor(DoctorOut):
    specialization: list[str]


class FreeSlots(Bare):
    """`GET /appointments/available-slots`: the free ones."""

    available_slots: list[FreeSlot]
    doctor: SlotsDoctor
    date: str
