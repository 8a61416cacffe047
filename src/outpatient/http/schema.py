"""The wire's shape: camelCase out, camelCase or snake_case in, instants in UTC with `Z`, one envelope for all."""

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints
from pydantic.alias_generators import to_camel

from outpatient.core.money import to_major, to_minor
from outpatient.core.phones import to_e164

T = TypeVar("T")
MAX_ID = 2**53 - 1


class Schema(BaseModel):
    """A body, in or out."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class Envelope(Schema, Generic[T]):
    """Every good answer."""

    success: bool = True
    message: str | None = None
    data: T
    meta: dict[str, Any] | None = None


class Done(Schema):
    """A good answer that has nothing to show."""

    success: bool = True
    message: str


class ErrorBody(Schema):
    code: str
    message: str
    details: dict[str, Any] = Field(default_factory=dict)
    retry_after: int | None = None


class ErrorEnvelope(Schema):
    """Every refusal."""

    success: bool = False
    error: ErrorBody


def answer(data: T, message: str | None = None, meta: dict[str, Any] | None = None) -> Envelope[T]:
    return Envelope(data=data, message=message, meta=meta)


def _utc_text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds" if not instant.microsecond else "microseconds").replace("+00:00", "Z")


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain NUL characters")
    return text


def _phone(text: str) -> str:
    return to_e164(text)


def _upper(value: Any) -> Any:
    return value.strip().upper().replace("-", "_").replace(" ", "_") if isinstance(value, str) else value


def _minor(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")  # noqa: TRY004 (pydantic wants ValueError)
    return to_minor(value)


Id = Annotated[int, Field(ge=1, le=MAX_ID)]
UtcInstant = Annotated[datetime, PlainSerializer(_utc_text, return_type=str, when_used="json")]
"""An instant going out: `2024-03-15T10:00:00Z`."""
InstantIn = Annotated[AwareDatetime, AfterValidator(lambda instant: instant.astimezone(UTC))]
"""An instant coming in, with its offset."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_no_nul)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(_no_nul)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, min_length=4, max_length=32), AfterValidator(_phone)]
"""A phone number as people write it; kept as E.164."""
MoneyIn = Annotated[int, BeforeValidator(_minor, json_schema_input_type=float), Field(ge=0, le=10**11)]
"""Money coming in: major units on the wire (1500 is ₹1,500), minor units inside."""
MoneyOut = Annotated[int, PlainSerializer(to_major, return_type=float)]
"""Money going out: minor units inside, major units on the wire."""
AnyCase = BeforeValidator(_upper)
"""Before a term: `in-person`, `In Person` and `IN_PERSON` are one."""
