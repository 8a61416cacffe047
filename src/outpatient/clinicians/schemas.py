"""Clinicians on the wire (seed 001 Clinicians)."""

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field

from outpatient.http.schema import (
    Changes,
    Email,
    Id,
    LongText,
    MoneyIn,
    MoneyOut,
    NewPassword,
    Phone,
    Schema,
    Text,
    UpTo,
    Whole,
    shown,
)


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _web_address(text: str) -> str:
    if not text.lower().startswith(("https://", "http://")):
        raise ValueError("Must be a web address, such as https://example.com/photo.jpg")
    return text


Words = Annotated[list[Annotated[str, UpTo(120)]], BeforeValidator(_one_or_many), Field(max_length=30)]
"""A list of words, or one of them."""
WebAddress = Annotated[str, UpTo(500), AfterValidator(_web_address)]
Years = Annotated[int, Whole(0, 80, "years")]
Minutes = Annotated[int, Whole(1, 1440, "minutes")]
Lanes = Annotated[int, Whole(1, 50, "patients at the same time")]
PerDay = Annotated[int, Whole(1, 1000, "patients a day")]

COLUMNS = {
    "consultation_fee": "consultation_fee_minor",
    "default_consultation_duration_minutes": "default_duration_minutes",
}
"""Fields whose columns have another name."""


def columns_of(given: dict[str, Any]) -> dict[str, Any]:
    """A profile's fields by the names of its columns."""
    return {COLUMNS.get(name, name): value for name, value in given.items()}


class NewClinician(Schema):
    """`POST /clinicians`: who he is, and what he offers."""

    model_config = shown(
        {
            "fullName": "Dr. Meera Iyer",
            "phone": "+919876543210",
            "primaryCentreId": 1,
            "specialization": ["Cardiology"],
            "consultationFee": 1500,
        }
    )

    full_name: Text
    phone: Phone
    email: Email | None = None
    password: NewPassword | None = None
    primary_centre_id: Id
    department_id: Id | None = None
    designation: Annotated[str, UpTo(120)] | None = None
    specialization: Words = []
    qualification: Words = []
    languages: Words = []
    years_of_experience: Years = 0
    consultation_fee: MoneyIn = 0
    bio: LongText | None = None
    profile_picture_url: WebAddress | None = None
    default_consultation_duration_minutes: Minutes | None = None
    capacity: Lanes = 1
    daily_patient_limit: PerDay | None = None
    room: Annotated[str, UpTo(40)] | None = None

    @property
    def profile(self) -> dict[str, Any]:
        return columns_of(self.model_dump(exclude={"full_name", "phone", "email", "password"}))


class ClinicianChanges(Changes):
    """`PUT /clinicians/{id}`: keys that are absent stay as they are."""

    model_config = shown({"bio": "Twenty years in cardiology.", "consultationFee": 1500})

    may_be_null: ClassVar[frozenset[str]] = frozenset(
        {
            "bio",
            "daily_patient_limit",
            "default_consultation_duration_minutes",
            "department_id",
            "designation",
            "profile_picture_url",
            "room",
        }
    )

    full_name: Text | None = None
    primary_centre_id: Id | None = None
    department_id: Id | None = None
    designation: Annotated[str, UpTo(120)] | None = None
    specialization: Words | None = None
    qualification: Words | None = None
    languages: Words | None = None
    years_of_experience: Years | None = None
    consultation_fee: MoneyIn | None = None
    bio: LongText | None = None
    profile_picture_url: WebAddress | None = None
    default_consultation_duration_minutes: Minutes | None = None
    capacity: Lanes | None = None
    daily_patient_limit: PerDay | None = None
    room: Annotated[str, UpTo(40)] | None = None
    is_active: bool | None = None

    @property
    def person(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True, include={"full_name"})

    @property
    def profile(self) -> dict[str, Any]:
        return columns_of(self.model_dump(exclude_unset=True, exclude={"full_name", "is_active"}))


class PublicClinician(Schema):
    """A clinician as everybody may see him: nothing that reaches him at home."""

    id: int
    user_id: int
    full_name: str
    designation: str | None
    specialization: list[str]
    qualification: list[str]
    years_of_experience: int
    consultation_fee: MoneyOut
    languages: list[str]
    bio: str | None
    profile_picture_url: str | None
    primary_centre_id: int
    primary_centre_name: str
    centre_ids: list[int] = Field(description="the centres where he has weekly hours")
    department_id: int | None
    department_name: str | None
    default_consultation_duration_minutes: int
    average_rating: float | None = Field(None, description="null until patients have rated him")
    is_active: bool


class ManagedClinician(PublicClinician):
    """A clinician as those see him who manage him."""

    phone: str | None
    email: str | None
    username: str | None
    room: str | None
    capacity: int
    daily_patient_limit: int | None
