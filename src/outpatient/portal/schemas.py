"""The patient's own pages on the wire (seed 001 Patient Dashboard)."""

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic.json_schema import SkipJsonSchema

from outpatient.core.terms import AppointmentStatus, BookingType, Gender, PaymentStatus, SessionType, VisitStatus
from outpatient.http.schema import Changes, Email, MoneyOut, Phone, Schema, Text, UpTo, UtcInstant, shown
from outpatient.patients.schemas import BloodGroupIn, GenderIn, Language


class OwnAppointment(Schema):
    """An appointment as its patient sees it, without what staff write for each other."""

    id: int
    patient_id: int
    patient_name: str
    clinician_id: int
    clinician_name: str
    centre_id: int
    centre_name: str
    appointment_date: str
    appointment_time: str | None
    start: UtcInstant | None
    end: UtcInstant | None
    time_zone: str
    booking_type: BookingType
    session_type: SessionType
    status: AppointmentStatus
    payment_status: PaymentStatus | None
    consultation_fee: MoneyOut
    meet_link: str | None
    expires_at: UtcInstant | None
    visit_id: int | None
    visit_status: VisitStatus | None


class OwnPayment(Schema):
    """The account of one visit: what is asked (a discount is taken off), what came in, what went back."""

    id: int
    appointment_id: int | None
    visit_id: int
    patient_id: int
    clinician_name: str | None
    centre_name: str
    service_on: date
    amount: MoneyOut
    paid_amount: MoneyOut
    refunded_amount: MoneyOut
    currency: str
    status: PaymentStatus
    payment_method: str | None
    paid_at: UtcInstant | None


class OwnDashboard(Schema):
    """What lies ahead, what was paid lately, and both in numbers."""

    upcoming_appointments: list[OwnAppointment]
    recent_payments: list[OwnPayment]
    total_appointments: int
    total_spent: MoneyOut


class Profile(Schema):
    """A record as the person himself sees it."""

    id: int
    full_name: str
    phone: str | None
    email: str | None
    date_of_birth: date | None
    age: int | None
    gender: Gender | None
    blood_group: str | None
    emergency_contact_name: str | None
    emergency_contact_phone: str | None
    address: str | None
    language: str | None


def _refuse_phone(_value: Any) -> Any:
    raise ValueError("A phone number cannot be changed here: the clinic changes it once it is shown to be yours")


class ProfileChanges(Changes):
    """`PUT /patient/profile`: keys that are absent stay as they are; null empties all but the name."""

    model_config = shown({"fullName": "Jane Smith", "bloodGroup": "A+", "emergencyContactPhone": "+919876543211"})

    may_be_null = frozenset(
        {"email", "date_of_birth", "gender", "blood_group", "address", "language"}
        | {"emergency_contact_name", "emergency_contact_phone"}
    )

    full_name: Text = ""
    email: Email | None = None
    date_of_birth: date | None = None
    gender: GenderIn | None = None
    blood_group: BloodGroupIn | None = None
    emergency_contact_name: Text | None = None
    emergency_contact_phone: Phone | None = None
    address: Annotated[str, UpTo(500)] | None = None
    language: Language | None = None
    phone: SkipJsonSchema[Annotated[str, BeforeValidator(_refuse_phone)]] = ""
