"""Departments and their rules on the wire."""

from typing import Annotated, ClassVar

from outpatient.core.terms import BookingMode, TokenReset
from outpatient.hospitals.schemas import Consultation, Patients, TokenPrefix
from outpatient.http.schema import AnyCase, Changes, Id, Schema, UpTo, UtcInstant, shown

Name = Annotated[str, UpTo(120)]
Description = Annotated[str, UpTo(500)]


class DepartmentRequest(Schema):
    """`POST /departments`; rules that are left out are the hospital's."""

    model_config = shown({"name": "Cardiology", "centreId": 1, "tokenPrefix": "C"})

    name: Name
    centre_id: Id | None = None
    description: Description | None = None
    booking_mode: Annotated[BookingMode, AnyCase] | None = None
    token_prefix: TokenPrefix | None = None
    token_reset_frequency: Annotated[TokenReset, AnyCase] | None = None
    daily_patient_limit: Patients | None = None
    max_queue_length: Patients | None = None
    default_consultation_minutes: Consultation | None = None


class DepartmentChanges(Changes):
    """`PUT` and `PATCH /departments/{id}`; a department stays at its centre."""

    model_config = shown({"description": "Hearts and vessels"})

    may_be_null: ClassVar[frozenset[str]] = frozenset({"description", "token_prefix"})

    name: Name | None = None
    description: Description | None = None
    token_prefix: TokenPrefix | None = None
    is_active: bool | None = None


class DepartmentOut(Schema):
    id: int
    centre_id: int
    name: str
    description: str | None
    token_prefix: str | None
    is_active: bool
    created_at: UtcInstant


class EffectiveRules(Schema):
    """What holds in a department."""

    booking_mode: BookingMode
    token_prefix: str
    token_reset_frequency: TokenReset
    daily_patient_limit: int | None
    max_queue_length: int | None
    default_consultation_minutes: int


class DepartmentConfigOut(Schema):
    """A department's own rules (null: the hospital's), and what holds in the end."""

    department_id: int
    booking_mode: BookingMode | None
    token_prefix: str | None
    token_reset_frequency: TokenReset | None
    daily_patient_limit: int | None
    max_queue_length: int | None
    default_consultation_minutes: int | None
    effective: EffectiveRules


class DepartmentConfigChanges(Changes):
    """`PUT` and `PATCH /departments/{id}/config`: null goes back to the hospital's rule."""

    model_config = shown({"bookingMode": "BOTH", "dailyPatientLimit": 40})

    booking_mode: Annotated[BookingMode, AnyCase] | None = None
    token_prefix: TokenPrefix | None = None
    token_reset_frequency: Annotated[TokenReset, AnyCase] | None = None
    daily_patient_limit: Patients | None = None
    max_queue_length: Patients | None = None
    default_consultation_minutes: Consultation | None = None

    may_be_null: ClassVar[frozenset[str]] = frozenset(
        {
            "booking_mode",
            "token_prefix",
            "token_reset_frequency",
            "daily_patient_limit",
            "max_queue_length",
            "default_consultation_minutes",
        }
    )
