"""Seed 003 on the wire."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator

from outpatient.compat.schema import Bare, Lower, Said
from outpatient.core.paging import Page
from outpatient.core.terms import AppointmentStatus, Role
from outpatient.http.schema import Email, Id, NewPassword, Text, UpTo, UtcInstant, or_absent, shown
from outpatient.scheduling.schemas import Day, Wall, ends_after

WALL = "%H:%M"


class Registered(StrEnum):
    """Who can make his own account."""

    PATIENT = "PATIENT"
    DOCTOR = "DOCTOR"

    @property
    def role(self) -> Role:
        return Role.CLINICIAN if self is Registered.DOCTOR else Role.PATIENT


class Registration(Bare):
    """`POST /auth/register`; the code is for doctors."""

    model_config = shown(
        {"name": "John Doe", "email": "john@example.com", "password": "password123", "role": "patient"}
    )

    name: Text
    email: Email
    password: NewPassword
    role: Annotated[Registered, Lower]
    invitation_code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None


class Login(Bare):
    model_config = shown({"email": "john@example.com", "password": "password123"})

    email: Email
    password: Annotated[str, StringConstraints(min_length=1, max_length=128)]


class Token(Bare):
    """What calls carry in `Authorization: Bearer …`; its claim `role` is doctor or patient.

    `refresh_token` gets the next one at `/api/v1/auth/refresh`.
    """

    access_token: str
    refresh_token: str


class Me(Bare):
    id: int
    name: str
    email: str | None
    role: str = Field(description="doctor or patient; other staff have a word of their own")


def _words(value: Any) -> Any:
    """`Cardiology, Paediatrics` are two."""
    return [word for part in value.split(",") if (word := part.strip())] if isinstance(value, str) else value


class ProfileChanges(Bare):
    """`POST /doctor/profile`: keys that are absent stay as they are, an empty one is emptied."""

    model_config = shown({"designation": "Consultant", "specialization": "Cardiology"})

    designation: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] | None = None
    specialization: Annotated[list[Annotated[str, UpTo(120)]], BeforeValidator(_words), Field(max_length=30)] | None = (
        None
    )

    def columns(self) -> dict[str, Any]:
        """What the client sent, by the names of the columns."""
        empty = {"designation": self.designation or None, "specialization": self.specialization or []}
        return {name: empty[name] for name in self.model_fields_set}


class Doctor(Bare):
    """A doctor as patients find him; several specializations stand behind one another."""

    id: int
    name: str
    designation: str | None
    specialization: str | None

    @classmethod
    def of(cls, row: dict[str, Any], **more: Any) -> Self:
        """A clinician with the names around him."""
        return cls(
            id=row["id"],
            name=row["full_name"],
            designation=row["designation"],
            specialization=", ".join(row["specialization"]) or None,
            **more,
        )


class Profile(Doctor):
    """A doctor as he sees himself."""

    email: str | None


class SavedProfile(Profile):
    """A good answer to a change shows what is there now."""

    message: str


class Doctors(Bare):
    data: list[Doctor]
    page: int
    total_pages: int
    total: int


class NewSlot(Bare):
    """`POST /doctor/availability`: wall-clock times of the doctor's centre; `00:00` as an end is midnight."""

    model_config = shown({"date": "2026-03-07", "start_time": "10:00", "end_time": "10:30"})

    date: Day
    start_time: Wall
    end_time: Wall

    @field_validator("end_time")
    @classmethod
    def ends_after_start(cls, minute: int, info: ValidationInfo) -> int:
        return ends_after(minute, info.data.get("start_time"), "start_time")


class SavedSlot(Said):
    slot_id: int


class Slot(Bare):
    """A free slot, in the wall-clock time of its centre."""

    slot_id: int
    date: date
    start_time: str
    end_time: str

    @classmethod
    def of(cls, opening: Any) -> Self:
        """An open slot that can be booked."""
        start, end = (at.astimezone(opening.zone) for at in (opening.starts_at, opening.ends_at))
        return cls(slot_id=opening.id, date=start.date(), start_time=start.strftime(WALL), end_time=end.strftime(WALL))


class Slots(Bare):
    data: list[Slot]


class SlotBooking(Bare):
    """`POST /appointments` of a patient."""

    model_config = shown({"slot_id": 1})

    slot_id: Id


class BookedSlot(Said):
    """`expires_at` and `payment_link` are there where the hospital wants to be paid first."""

    appointment_id: int
    expires_at: UtcInstant | None = or_absent()
    payment_link: str | None = or_absent()


class AppointmentRow(Bare):
    """An appointment in the wall-clock time of its centre; a token booking has a day and no time."""

    appointment_id: int
    doctor_id: int
    doctor_name: str
    patient_name: str
    date: date
    start_time: str | None
    end_time: str | None
    status: Annotated[AppointmentStatus, Lower]

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """An appointment with the names around it."""
        zone = ZoneInfo(row["time_zone"])
        start, end = (at and at.astimezone(zone).strftime(WALL) for at in (row["start"], row["end"]))
        return cls(
            appointment_id=row["id"],
            doctor_id=row["clinician_id"],
            doctor_name=row["clinician_name"],
            patient_name=row["patient_name"],
            date=row["appointment_date"],
            start_time=start,
            end_time=end,
            status=row["status"],
        )


class Appointments(Bare):
    """The latest first."""

    data: list[AppointmentRow]
    page: int
    total_pages: int
    total: int

    @classmethod
    def of(cls, rows: Any, total: int, page: Page) -> Self:
        meta = page.meta(total)
        data = [AppointmentRow.of(row) for row in rows]
        return cls(data=data, page=page.page, total_pages=meta["totalPages"], total=total)


class DoctorDashboard(Bare):
    """A doctor's day (`date` at his centre) and what is to come; `appointments` are today's."""

    name: str
    date: date
    appointments_today: int = Field(description="without those cancelled or missed")
    completed_today: int
    cancelled_today: int
    upcoming_appointments: int = Field(description="today's and later ones that are still to take place")
    available_slots: int = Field(description="open slots that patients can book")
    appointments: list[AppointmentRow]


class PatientDashboard(Bare):
    """What lies ahead of a patient; `appointments` are the next ones, 20 at most."""

    name: str
    total_appointments: int
    upcoming_appointments: int
    cancelled_appointments: int
    appointments: list[AppointmentRow]
