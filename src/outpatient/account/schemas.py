"""A user's own account on the wire (seed 004 `/users/me`)."""

from datetime import date
from typing import Annotated

from pydantic import AliasChoices, Field

from outpatient.core.terms import Gender, Role
from outpatient.http.schema import AnyCase, Changes, Email, Phone, Schema, Text, Whole, shown


class Hours(Schema):
    """Wall-clock hours in the centre's zone, `HH:MM`; the end of the day is 24:00."""

    start: str
    end: str


class DoctorProfile(Schema):
    clinician_id: int
    specialization: list[str]
    slot_duration_min: int = Field(description="minutes")
    weekly_schedule: dict[str, list[Hours]] = Field(description="weekday (MONDAY …) → hours; days off are empty")


class PatientProfile(Schema):
    """The patient's own record, as far as it concerns his account."""

    patient_id: int
    full_name: str
    phone: str | None
    email: str | None
    date_of_birth: date | None
    gender: Gender | None
    blood_group: str | None
    emergency_contact_name: str | None
    emergency_contact_phone: str | None


class AccountOut(Schema):
    id: int
    name: str
    full_name: str
    email: str | None
    phone: str | None
    is_phone_proven: bool = Field(description="whether a code sent to the phone was entered since it was given")
    role: Role
    role_id: int
    age: int | None
    gender: Gender | None
    photo_url: str | None
    hospital_id: int | None
    doctor_profile: DoctorProfile | None
    patient_profile: PatientProfile | None


class AccountChanges(Changes):
    """`PATCH /users/me`: keys that are absent stay as they are."""

    model_config = shown({"name": "Asha Rao", "age": 36, "gender": "FEMALE"})

    may_be_null = frozenset({"age", "gender"})

    name: Text = Field("", validation_alias=AliasChoices("name", "fullName", "full_name"))
    email: Email = ""
    phone: Phone = ""
    age: Annotated[int, Whole(0, 130, "years")] | None = None
    gender: Annotated[Gender, AnyCase] | None = None


class PhotoOut(Schema):
    photo_url: str
