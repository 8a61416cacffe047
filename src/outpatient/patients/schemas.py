"""Patient records on the wire (seed 001 Patients)."""

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints

from outpatient.core.terms import BloodGroup, Gender
from outpatient.http.schema import AnyCase, Changes, Email, Id, Phone, Schema, Text, UpTo, UtcInstant, Whole, shown


def _blood_group(value: Any) -> Any:
    """`o positive`, `O +` and `O+` are one; so are a hyphen and a minus sign."""
    if not isinstance(value, str):
        return value
    short = value.upper().replace("POSITIVE", "+").replace("NEGATIVE", "-")
    return "".join(short.split()).replace("−", "-").replace("–", "-")


BloodGroupIn = Annotated[BloodGroup, BeforeValidator(_blood_group)]
GenderIn = Annotated[Gender, AnyCase]
Age = Annotated[int, Whole(0, 130, "years")]
Language = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]


class PatientRequest(Schema):
    """`POST /patients`. `age` is for those who do not know their date of birth, which wins over it."""

    model_config = shown(
        {
            "fullName": "Asha Rao",
            "phone": "+919876543210",
            "dateOfBirth": "1990-05-15",
            "gender": "FEMALE",
            "bloodGroup": "O+",
        }
    )

    full_name: Text
    phone: Phone
    email: Email | None = None
    date_of_birth: date | None = None
    age: Age | None = None
    gender: GenderIn | None = None
    blood_group: BloodGroupIn | None = None
    emergency_contact_name: Text | None = None
    emergency_contact_phone: Phone | None = None
    medical_history: Annotated[str, UpTo(10_000)] | None = None
    address: Annotated[str, UpTo(500)] | None = None
    language: Language | None = None


class PatientChanges(PatientRequest, Changes):
    """`PUT /patients/{id}`: keys that are absent stay as they are; name and phone cannot be emptied."""

    model_config = shown({"email": "asha@example.com", "address": "12 MG Road, Bengaluru"})

    may_be_null = frozenset(PatientRequest.model_fields) - {"full_name", "phone"}

    full_name: Text = ""
    phone: Phone = ""


class PatientSummary(Schema):
    """A patient in a list."""

    id: int
    full_name: str
    phone: str | None
    email: str | None
    date_of_birth: date | None
    age: int | None
    gender: Gender | None
    blood_group: str | None
    created_at: UtcInstant


class PatientOut(PatientSummary):
    """A patient record; `medicalHistory` is null for those who may not read it."""

    emergency_contact_name: str | None
    emergency_contact_phone: str | None
    medical_history: str | None
    address: str | None
    language: str | None


class NoteRequest(Schema):
    """`POST /patients/{id}/notes`."""

    model_config = shown({"note": "Blood pressure 120/80."})

    note: Annotated[str, UpTo(10_000)]
    appointment_id: Id | None = None


class NoteOut(Schema):
    id: int
    patient_id: int
    appointment_id: int | None
    note: str
    author_id: int
    author_name: str
    created_at: UtcInstant
