"""A clinician's time on the wire: weekly hours and slots in wall-clock time of a centre, all else in instants."""

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from outpatient.core.terms import AppointmentStatus, SlotState, Weekday
from outpatient.http.schema import AnyCase, Id, InstantIn, Schema, UpTo, UtcInstant, shown

EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)
MIDNIGHT = 1440
_WALL = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::00)?|24:00(?::00)?")


def _minute(value: Any) -> int:
    found = _WALL.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("Must be a time of day in whole minutes, such as 09:00 or 09:00:00")
    return MIDNIGHT if found[1] is None else int(found[1]) * 60 + int(found[2])


def wall_text(minute: int) -> str:
    """Minutes from midnight as `09:00:00`; the end of the day is `24:00:00`."""
    return f"{minute // 60:02d}:{minute % 60:02d}:00"


def _day(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError("Must be a date, such as 2024-03-15")
    return value


def _in_range(on: date) -> date:
    if not EARLIEST <= on <= LATEST:
        raise ValueError(f"Must be a date from {EARLIEST} to {LATEST}")
    return on


def _whole_minute(instant: datetime) -> datetime:
    if instant.second or instant.microsecond:
        raise ValueError("Must be a whole minute")
    _in_range(instant.date())
    return instant


Wall = Annotated[
    int,
    BeforeValidator(_minute),
    PlainSerializer(wall_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["09:00:00"]}),
]
"""A wall-clock time of day: `HH:MM` or `HH:MM:SS` outside, minutes from midnight inside."""
Day = Annotated[date, BeforeValidator(_day), AfterValidator(_in_range)]
MinuteIn = Annotated[InstantIn, AfterValidator(_whole_minute)]


def ends_after(end: int, start: int | None, start_field: str = "startTime") -> int:
    """The end of wall-clock hours; `00:00` is the end of the day."""
    end = end or MIDNIGHT
    if start is not None and end <= start:
        raise ValueError(f"Must be after {start_field}")
    return end


class RuleIn(Schema):
    """One entry of the weekly hours; `isAvailable` false means closed, and its times do not matter."""

    day_of_week: Annotated[Weekday, AnyCase]
    is_available: bool = True
    centre_id: Id | None = None
    start_time: Wall | None = None
    end_time: Wall | None = None

    @field_validator("start_time", "end_time")
    @classmethod
    def is_within_day(cls, minute: int | None, info: ValidationInfo) -> int | None:
        if minute is None or not info.data.get("is_available", False):
            return minute
        if info.field_name == "end_time":
            return ends_after(minute, info.data.get("start_time"))
        if minute == MIDNIGHT:
            raise ValueError("Must be before midnight")
        return minute


class AvailabilityIn(Schema):
    """`PUT /clinicians/{id}/availability`: the whole set; without the key nothing changes."""

    model_config = shown(
        {"availabilityRules": [{"dayOfWeek": "MONDAY", "startTime": "09:00:00", "endTime": "17:00:00"}]}
    )

    availability_rules: Annotated[list[RuleIn], Field(max_length=200)] | None = None


class RuleOut(Schema):
    day_of_week: Weekday
    start_time: Wall
    end_time: Wall
    is_available: bool
    centre_id: int

    @classmethod
    def of(cls, row: Any) -> "RuleOut":
        """A stored rule; its minutes are numbers already."""
        return cls.model_construct(
            day_of_week=list(Weekday)[row["weekday"]],
            start_time=row["start_minute"],
            end_time=row["end_minute"],
            is_available=True,
            centre_id=row["centre_id"],
        )


CLINICIAN_ID = AliasChoices("clinicianId", "clinician_id", "doctorId", "doctor_id")


class AtCentre(Schema):
    """What every question for slots may name besides the clinician."""

    centre_id: Id | None = Field(None, validation_alias=AliasChoices("centreId", "centre_id"))
    service_id: Id | None = Field(None, validation_alias=AliasChoices("serviceId", "service_id"))
    hospital_id: Id | None = Field(None, validation_alias=AliasChoices("hospitalId", "hospital_id"))


class DoctorDayQuery(AtCentre):
    """`GET /doctors/{id}/slots`."""

    on: Day = Field(validation_alias="date")


class DayQuery(DoctorDayQuery):
    """The slots of one day."""

    clinician_id: Id = Field(validation_alias=CLINICIAN_ID)


class RangeQuery(AtCentre):
    """The slots of several days, both ends included."""

    clinician_id: Id = Field(validation_alias=CLINICIAN_ID)
    first_on: Day = Field(validation_alias="from")
    last_on: Day = Field(validation_alias="to")


class FreeTimes(Schema):
    available_slots: list[str]


class TimeSlot(Schema):
    time: str
    available: bool
    centre_id: int


class DaySlots(Schema):
    date: str
    available_slots: list[TimeSlot]


class InstantSlot(Schema):
    start: UtcInstant
    end: UtcInstant
    available: bool
    centre_id: int


class Blocker(Schema):
    """What takes a slot: an `appointment` or `timeOff`."""

    kind: str
    id: int


class RangeSlot(Schema):
    """A slot of a calendar; `state` and `blockedBy` are for staff who may know."""

    time: str
    start: UtcInstant
    end: UtcInstant
    available: bool
    centre_id: int
    state: SlotState | None = None
    blocked_by: Blocker | None = None


class RangeDay(Schema):
    date: str
    free_count: int
    slots: list[RangeSlot]


class RangeOut(Schema):
    days: list[RangeDay]


class Span(Schema):
    """An interval: two instants (`start`, `end`), or hours of a day in the centre's zone (`date`, `startTime` …)."""

    start: MinuteIn | None = None
    end: MinuteIn | None = None
    on: Day | None = Field(None, validation_alias="date")
    start_time: Wall | None = None
    end_time: Wall | None = None

    @field_validator("end")
    @classmethod
    def ends_after_start(cls, end: datetime | None, info: ValidationInfo) -> datetime | None:
        start = info.data.get("start")
        if end is not None and start is not None and not timedelta(0) < end - start <= timedelta(days=366):
            raise ValueError("Must be after start, by a year at most")
        return end

    @field_validator("end_time")
    @classmethod
    def ends_on_the_day(cls, minute: int | None, info: ValidationInfo) -> int | None:
        return None if minute is None else ends_after(minute, info.data.get("start_time"))


class OpenSlotIn(Span):
    """`POST /clinicians/{id}/open-slots`."""

    model_config = shown({"date": "2026-03-07", "startTime": "10:00", "endTime": "10:30", "centreId": 1})

    centre_id: Id | None = None

    @field_validator("end")
    @classmethod
    def is_short(cls, end: datetime | None, info: ValidationInfo) -> datetime | None:
        start = info.data.get("start")
        if end is not None and start is not None and end - start > timedelta(days=1):
            raise ValueError("A slot is a day long at most")
        return end


class OpenSlotOut(Schema):
    id: int
    clinician_id: int
    centre_id: int
    start: UtcInstant = Field(validation_alias="starts_at")
    end: UtcInstant = Field(validation_alias="ends_at")
    created_at: UtcInstant
    removed_at: UtcInstant | None


class TimeOffIn(Span):
    """`POST /clinicians/{id}/time-off`; `date` alone is the whole day. Patients who are cancelled read the reason."""

    model_config = shown({"date": "2026-03-09", "startTime": "13:00", "endTime": "17:00", "reason": "Conference"})

    reason: Annotated[str, UpTo(500)] | None = None


class TimeOffOut(Schema):
    id: int
    clinician_id: int
    start: UtcInstant = Field(validation_alias="starts_at")
    end: UtcInstant = Field(validation_alias="ends_at")
    reason: str | None
    created_at: UtcInstant
    removed_at: UtcInstant | None


class AffectedOut(Schema):
    """An appointment that time off meets; a token booking has a day and no time."""

    id: int
    patient_id: int
    patient_name: str
    on: date = Field(validation_alias="service_on", serialization_alias="date")
    start: UtcInstant | None = Field(validation_alias="starts_at")
    end: UtcInstant | None = Field(validation_alias="ends_at")
    status: AppointmentStatus


class TimeOffTakenOut(Schema):
    """`timeOff` is null in a dry run; `kept` are those whose patient is here, which forbid the time off."""

    time_off: TimeOffOut | None
    affected: list[AffectedOut]
    kept: list[AffectedOut]


class DutyIn(Schema):
    model_config = shown({"isOnDuty": True})

    is_on_duty: bool


class DutyOut(Schema):
    clinician_id: int
    is_on_duty: bool
