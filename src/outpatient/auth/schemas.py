"""Signing in, on the wire (seed 001 Authentication and Patient Authentication; seed 004 auth)."""

from datetime import date
from typing import Annotated

from pydantic import AliasChoices, Field, StringConstraints

from outpatient.core.terms import Gender, Role
from outpatient.http.schema import AnyCase, Email, NewPassword, Phone, Schema, Text, shown

Password = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Otp = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{6}$")]


class StaffOtpRequest(Schema):
    model_config = shown({"phone": "+919876543210"})

    phone: Phone


class PatientOtpRequest(Schema):
    model_config = shown({"phone": "+919876543210", "fullName": "Asha Rao"})

    phone: Phone
    full_name: Text | None = None


class OtpSent(Schema):
    phone: str
    expires_in: int = Field(description="seconds")


class PhoneOtpLogin(Schema):
    model_config = shown({"phone": "+919876543210", "otp": "123456"})

    phone: Phone
    otp: Otp


class PhonePasswordLogin(Schema):
    model_config = shown({"phone": "+919876543210", "password": "correct horse battery"})

    phone: Phone
    password: Password


class UsernamePasswordLogin(Schema):
    model_config = shown({"username": "asha", "password": "correct horse battery"})

    username: Text
    password: Password


class EmailPasswordLogin(Schema):
    model_config = shown({"email": "asha@example.com", "password": "correct horse battery"})

    email: Email
    password: Password


class RefreshRequest(Schema):
    model_config = shown({"refreshToken": "the refreshToken of the last answer"})

    refresh_token: Annotated[str, StringConstraints(min_length=1, max_length=4096)] = Field(
        validation_alias=AliasChoices("refreshToken", "refresh_token")
    )


class PatientSignUp(Schema):
    model_config = shown(
        {"name": "Asha Rao", "email": "asha@example.com", "phone": "+919876543210", "password": "correct horse battery"}
    )

    name: Text = Field(validation_alias=AliasChoices("name", "fullName"))
    email: Email
    phone: Phone
    password: NewPassword
    age: Annotated[int, Field(ge=0, le=130)] | None = None
    gender: Annotated[Gender, AnyCase] | None = None


class SignedInUser(Schema):
    id: int
    full_name: str
    phone: str | None
    email: str | None
    username: str | None
    role_id: int
    role_name: Role
    hospital_id: int | None
    clinician_id: int | None
    patient_id: int | None = None
    is_active: bool


class UserSession(Schema):
    user: SignedInUser
    access_token: str
    refresh_token: str


class SignedInPatient(Schema):
    id: int
    full_name: str
    phone: str | None
    email: str | None
    is_new_user: bool


class PatientSession(Schema):
    patient: SignedInPatient
    access_token: str
    refresh_token: str


class TokenPair(Schema):
    access_token: str
    refresh_token: str


class OwnProfile(Schema):
    """A patient's record as he sees it himself."""

    id: int
    full_name: str
    phone: str | None
    email: str | None
    date_of_birth: date | None
    gender: Gender | None
    blood_group: str | None
    emergency_contact_name: str | None
    emergency_contact_phone: str | None
