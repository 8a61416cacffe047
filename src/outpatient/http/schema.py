"""The wire's shape: camelCase out, camelCase or snake_case in, instants in UTC with `Z`, one envelope for all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from zoneinfo import available_timezones

from fastapi import Path
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import core_schema

from outpatient.access.passwords import password_problem
from outpatient.core.money import to_major, to_minor
from outpatient.core.phones import to_e164

T = TypeVar("T")
MAX_ID = 2**53 - 1


class Schema(BaseModel):
    """A body, in or out."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        from_attributes=True,
        json_schema_serialization_defaults_required=True,  # an answer has them all
    )


def shown(example: dict[str, Any]) -> ConfigDict:
    """`model_config = shown({"phone": "+919876543210"})`: a body that works, as the documentation shows it."""
    return ConfigDict(json_schema_extra={"examples": [example]})


class Changes(Schema):
    """A partial body: a key that is absent stays as it is; null empties what may be empty (`may_be_null`)."""

    may_be_null: ClassVar[frozenset[str]] = frozenset()

    @field_validator("*", mode="before")
    @classmethod
    def is_not_null(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and info.field_name not in cls.may_be_null:
            raise ValueError("This field cannot be empty")
        return value

    def given(self) -> dict[str, Any]:
        """What the client sent, by our names."""
        return self.model_dump(exclude_unset=True)


def never_null(schema: dict[str, Any]) -> None:
    """Let a schema of something or null be one of something."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if kinds:
        del schema["anyOf"]
        schema.update(kinds[0] if len(kinds) == 1 else {"anyOf": kinds})
    if schema.get("default", ...) is None:
        del schema["default"]


def or_absent() -> Any:
    """`message: str | None = or_absent()`: an answer leaves it out where there is none."""
    return Field(None, exclude_if=lambda value: value is None, json_schema_extra=never_null)


class Meta(Schema):
    """What an answer says about itself: where a page stands in its list; what staff should know of what they did."""

    page: int | None = or_absent()
    limit: int | None = or_absent()
    total: int | None = or_absent()
    total_pages: int | None = or_absent()
    warnings: list[str] | None = or_absent()


class Envelope(Schema, Generic[T]):
    """Every good answer."""

    success: bool = True
    message: str | None = or_absent()
    data: T
    meta: Meta | None = or_absent()


class Done(Schema):
    """A good answer that has nothing to show."""

    success: bool = True
    message: str


class ErrorBody(Schema):
    code: str
    message: str
    details: dict[str, Any]
    retry_after: int | None = or_absent()


class ErrorEnvelope(Schema):
    """Every refusal."""

    success: bool
    error: ErrorBody


class BareErrorBody(BaseModel):
    code: str
    message: str
    details: dict[str, Any]
    retry_after: int | None = or_absent()


class BareError(BaseModel):
    """Every refusal at the root, where seeds 000 and 003 know no envelope."""

    error: BareErrorBody


def answer(data: T, message: str | None = None, meta: dict[str, Any] | None = None) -> Envelope[T]:
    return Envelope(data=data, message=message, meta=Meta.model_validate(meta) if meta else None)


def _without_offset(clock: time) -> time:
    if clock.tzinfo is not None:
        raise ValueError("Must be wall-clock time in the centre's zone, without an offset")
    return clock


def _utc_text(instant: datetime) -> str:
    return (
        instant.astimezone(UTC)
        .isoformat(timespec="seconds" if not instant.microsecond else "microseconds")
        .replace("+00:00", "Z")
    )


def _to_utc(instant: datetime) -> datetime:
    if not 1970 <= instant.year <= 2200:  # beyond, a zone's offset may lead out of the calendar
        raise ValueError("Must be between the years 1970 and 2200")
    return instant.astimezone(UTC)


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain NUL characters")
    return text


def _phone(text: str) -> str:
    return to_e164(text)


def _good_password(text: str) -> str:
    if problem := password_problem(text):
        raise ValueError(problem)
    return text


def to_term(value: Any) -> Any:
    """However a client wrote it: `in-person`, `In Person` and `IN_PERSON` are one."""
    return value.strip().upper().replace("-", "_").replace(" ", "_") if isinstance(value, str) else value


@lru_cache(1)
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def _zone(text: str) -> str:
    try:
        return _zones()[text.strip().casefold()]
    except KeyError:
        raise ValueError("Must be an IANA time zone, such as Asia/Kolkata") from None


@dataclass(frozen=True)
class Whole:
    """`Annotated[int, Whole(1, 1440, "minutes")]`: a whole number in a range, refused with one sentence."""

    least: int
    most: int
    unit: str = ""

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        number = core_schema.int_schema(ge=self.least, le=self.most, strict=True)
        return core_schema.no_info_wrap_validator_function(self._check, number)

    def _check(self, value: Any, validate: Callable[[Any], int]) -> int:
        try:
            return validate(value)
        except ValidationError:
            unit = f" ({self.unit})" if self.unit else ""
            raise ValueError(f"Must be a whole number from {self.least} to {self.most}{unit}") from None


@dataclass(frozen=True)
class UpTo:
    """`Annotated[str, UpTo(120)]`: trimmed text of 1 to that many characters, as long as its column."""

    most: int

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        text = core_schema.str_schema(strip_whitespace=True, min_length=1, max_length=self.most)
        return core_schema.no_info_after_validator_function(_no_nul, text)


def _minor(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")  # noqa: TRY004 (pydantic wants ValueError)
    return to_minor(value)


def _no_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("Must be a whole number")  # noqa: TRY004 (pydantic wants ValueError)
    return value


Id = Annotated[int, BeforeValidator(_no_bool), Field(ge=1, le=MAX_ID, examples=[1])]
PathId = Annotated[int, Path(ge=1, le=MAX_ID, examples=[1])]
"""The id in a path; one that no row can have is refused before the store sees it."""
UtcInstant = Annotated[datetime, PlainSerializer(_utc_text, return_type=str, when_used="json")]
"""An instant going out: `2024-03-15T10:00:00Z`."""
InstantIn = Annotated[AwareDatetime, AfterValidator(_to_utc), Field(examples=["2026-03-03T10:00:00+05:30"])]
"""An instant coming in, with its offset."""
Day = Annotated[date, Field(ge=date(1970, 1, 1), le=date(2200, 1, 1))]
"""A day that calendars in every zone can count with."""
WallTime = Annotated[time, AfterValidator(_without_offset)]
"""A time of day in the centre's zone: `HH:MM` or `HH:MM:SS`."""
WallTimeOut = Annotated[time, PlainSerializer(time.isoformat, return_type=str, when_used="json")]
"""The same going out: `21:00:00`."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_no_nul)]
LongText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(_no_nul)
]
Email = Annotated[EmailStr, AfterValidator(str.lower), Field(max_length=254, examples=["asha@example.com"])]
TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_zone), Field(examples=["Asia/Kolkata"])]
"""An IANA zone, in the spelling of the zone database."""
Phone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=4, max_length=32),
    AfterValidator(_phone),
    Field(examples=["+919876543210"]),
]
"""A phone number as people write it; kept as E.164."""
NewPassword = Annotated[
    str,
    StringConstraints(max_length=1000),
    AfterValidator(_good_password),
    Field(examples=["correct horse battery"]),
]
"""A password that somebody sets: long enough and not among the first guesses. Never sent back."""
MoneyIn = Annotated[int, BeforeValidator(_minor, json_schema_input_type=float), Field(ge=0, le=10**11)]
"""Money coming in: major units on the wire (1500 is ₹1,500), minor units inside."""
MoneyOut = Annotated[int, PlainSerializer(to_major, return_type=int | float)]
"""Money going out: minor units inside, major units on the wire."""
AnyCase = BeforeValidator(to_term)
"""Before a term, whatever its case."""
