"""Appointments on the wire (seeds 001, 002 and 004 in one; docs/seeds.md says which key is whose)."""

from typing import Annotated, Any

from pydantic import AfterValidator, AliasChoices, Field, model_validator
from pydantic.alias_generators import to_camel

from outpatient.core.terms import (
    AppointmentStatus,
    BookingSource,
    BookingType,
    CancelledBy,
    PaymentStatus,
    SessionType,
    VisitStatus,
)
from outpatient.http.schema import (
    AnyCase,
    Day,
    Id,
    InstantIn,
    LongText,
    MoneyIn,
    MoneyOut,
    Phone,
    Schema,
    Text,
    UtcInstant,
    WallTime,
    shown,
)


def either(camel: str, *synonyms: str) -> Any:
    """A key with its seeds' other names."""
    return AliasChoices(camel, *synonyms)


CLINICIAN_KEYS = ("clinicianId", "clinician_id", "doctorId", "doctor_id")
CLINICIAN_ID = either(*CLINICIAN_KEYS)
NOTES = either("notes", "reason")


Reason = Annotated[LongText, Field(max_length=500)]


class Wish(Schema):
    """When, with whom (a clinician, or whoever of a department is free) and how."""

    clinician_id: Id | None = Field(None, validation_alias=CLINICIAN_ID)
    department_id: Id | None = None
    booking_type: Annotated[BookingType, AnyCase] = BookingType.TIME_SLOT
    centre_id: Id | None = None
    service_id: Id | None = None
    appointment_date: Day | None = None
    appointment_time: WallTime | None = None
    start: InstantIn | None = None
    session_type: Annotated[SessionType, AnyCase] = SessionType.IN_PERSON
    consultation_fee: MoneyIn | None = None
    notes: LongText | None = Field(None, validation_alias=NOTES)
    booking_source: Annotated[BookingSource, AnyCase] | None = None

    @model_validator(mode="before")
    @classmethod
    def names_one_clinician(cls, given: Any) -> Any:
        """Two names of one key must not say two things."""
        if isinstance(given, dict) and len({str(given[key]) for key in CLINICIAN_KEYS if key in given}) > 1:
            raise ValueError("clinicianId and doctorId name two different clinicians")
        return given


class BookRequest(Wish):
    """`POST /appointments`. A patient may leave `patientId` out: it is himself."""

    model_config = shown(
        {
            "patientId": 1,
            "clinicianId": 1,
            "appointmentDate": "2026-03-03",
            "appointmentTime": "10:00:00",
            "sessionType": "IN_PERSON",
        }
    )

    patient_id: Id | None = None


class PrepaidRequest(Wish):
    """`POST /booking/create`."""

    model_config = shown({"clinicianId": 1, "appointmentDate": "2026-03-03", "appointmentTime": "10:00:00"})

    patient_id: Id | None = None


class FrontDeskRequest(Wish):
    """`POST /booking/front-desk`: for a patient known or not."""

    model_config = shown(
        {
            "patientPhone": "+919876543210",
            "patientName": "Asha Rao",
            "clinicianId": 1,
            "appointmentDate": "2026-03-03",
            "appointmentTime": "10:00:00",
        }
    )

    patient_phone: Phone
    patient_name: Text


class BookedAppointment(Schema):
    """What a booking answers."""

    id: int
    patient_id: int
    clinician_id: int
    centre_id: int
    appointment_date: str
    appointment_time: str | None
    start: UtcInstant | None
    end: UtcInstant | None
    booking_type: BookingType
    session_type: SessionType
    booking_source: BookingSource
    status: AppointmentStatus
    consultation_fee: MoneyOut
    payment_status: PaymentStatus
    expires_at: UtcInstant | None
    payment_link: str | None


class PrepaidAppointment(Schema):
    appointment_id: int
    payment_order_id: str | None
    amount: MoneyOut
    currency: str
    expires_at: UtcInstant | None


class AppointmentOut(Schema):
    """An appointment with the names around it."""

    id: int
    patient_id: int
    patient_name: str
    patient_phone: str | None
    clinician_id: int
    clinician_name: str
    doctor_id: int
    centre_id: int
    centre_name: str
    department_id: int | None
    service_id: int | None
    booking_type: BookingType
    appointment_date: str
    appointment_time: str | None
    start: UtcInstant | None
    end: UtcInstant | None
    time_zone: str
    session_type: SessionType
    status: AppointmentStatus
    consultation_fee: MoneyOut
    payment_status: PaymentStatus | None
    booking_source: BookingSource
    meet_link: str | None
    notes: str | None
    cancelled_by: CancelledBy | None
    cancel_reason: str | None
    expires_at: UtcInstant | None
    visit_id: int | None
    visit_status: VisitStatus | None
    created_at: UtcInstant
    updated_at: UtcInstant


class OwnDay(Schema):
    """A clinician's own appointments."""

    current: list[AppointmentOut]
    upcoming: list[AppointmentOut]
    past: list[AppointmentOut]


class UpdateRequest(Schema):
    """`PUT /appointments/{id}`: another time, another state, or both; keys that are absent stay as they are."""

    model_config = shown({"status": "CONFIRMED", "notes": "Brings earlier reports"})

    appointment_date: Day | None = None
    appointment_time: WallTime | None = None
    start: InstantIn | None = None
    status: Annotated[AppointmentStatus, AnyCase] | None = None
    session_type: Annotated[SessionType, AnyCase] | None = None
    consultation_fee: MoneyIn | None = None
    notes: LongText | None = None
    reason: Reason | None = None

    def details(self) -> dict[str, Any]:
        """What else changes, by the names of the columns; notes alone may be emptied by null."""
        changes = {"session_type": self.session_type, "fee_minor": self.consultation_fee}
        given = {name: value for name, value in changes.items() if value is not None}
        return {**given, "notes": self.notes} if "notes" in self.model_fields_set else given


class RescheduleRequest(Schema):
    """`PATCH /appointments/{id}/reschedule`: an instant, or a day and a time (either alone keeps the other)."""

    model_config = shown({"appointmentDate": "2026-03-04", "appointmentTime": "11:30:00"})

    appointment_date: Day | None = None
    appointment_time: WallTime | None = None
    start: InstantIn | None = Field(None, validation_alias=either("start", "startTime", "start_time"))


class CancelRequest(Schema):
    model_config = shown({"reason": "Feeling better"})

    reason: Reason | None = None


def camel_keys(payload: dict[str, Any]) -> dict[str, Any]:
    return {to_camel(name): value for name, value in payload.items()}


class HistoryEntry(Schema):
    """One thing that happened to an appointment."""

    id: int
    event: str = Field(validation_alias="name")
    at: UtcInstant
    by: str | None = Field(validation_alias="actor_name")
    details: Annotated[dict[str, Any], AfterValidator(camel_keys)] = Field(validation_alias="payload")
