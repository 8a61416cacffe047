"""Patients in the words of seed 000."""

from datetime import date
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from outpatient.compat.reception.schemas.appointments import AppointmentOut
from outpatient.compat.reception.schemas.visits import VisitOut
from outpatient.compat.schema import Bare, Lower
from outpatient.core.terms import Gender
from outpatient.http.schema import Changes, Email, Phone, Text, UpTo, UtcInstant, shown
from outpatient.patients.schemas import Age, GenderIn

EXAMPLE = {"name": "Asha Rao", "phone": "+919876543210", "age": 35, "gender": "female"}


class PatientRequest(Bare):
    """`POST /patients`. `age` is for those who do not know their date of birth, which wins over it."""

    model_config = shown(EXAMPLE)

    name: Text
    phone: Phone
    address: Annotated[str, UpTo(500)] | None = None
    age: Age | None = None
    gender: GenderIn | None = None
    medical_history: Annotated[str, UpTo(10_000)] | None = None
    email: Email | None = None
    date_of_birth: date | None = None

    def details(self) -> dict[str, Any]:
        return in_our_words(self.model_dump(exclude_unset=True))


class PatientChanges(Changes):
    """`PUT /patients/{id}`: keys that are absent stay as they are; name and phone cannot be emptied."""

    model_config = ConfigDict(alias_generator=None, json_schema_extra={"examples": [{"address": "12 MG Road"}]})

    may_be_null = frozenset(PatientRequest.model_fields) - {"name", "phone"}

    name: Text = ""
    phone: Phone = ""
    address: Annotated[str, UpTo(500)] | None = None
    age: Age | None = None
    gender: GenderIn | None = None
    medical_history: Annotated[str, UpTo(10_000)] | None = None
    email: Email | None = None
    date_of_birth: date | None = None

    def details(self) -> dict[str, Any]:
        return in_our_words(self.given())


def in_our_words(given: dict[str, Any]) -> dict[str, Any]:
    return {"full_name" if key == "name" else key: value for key, value in given.items()}


class PatientSummary(Bare):
    """A patient in a list."""

    id: int
    name: str = Field(validation_alias="full_name")
    phone: str | None
    email: str | None
    age: int | None
    gender: Annotated[Gender, Lower] | None
    date_of_birth: date | None
    created_at: UtcInstant


class PatientOut(PatientSummary):
    """A patient record; `medical_history` is null for those who may not read it."""

    address: str | None
    medical_history: str | None


class PatientWithHistory(PatientOut):
    """A patient record with the latest that happened to him, the newest first."""

    recent_appointments: list[AppointmentOut]
    recent_visits: list[VisitOut]


class PatientPage(Bare):
    patients: list[PatientSummary]
    total: int
    pages: int
    current_page: int
    per_page: int


class FoundPatients(Bare):
    patients: list[PatientSummary]


class PatientMade(Bare):
    message: str
    patient: PatientOut
