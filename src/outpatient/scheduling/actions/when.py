"""When something shall be: two instants, or hours of a day as the clocks of a centre show them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from outpatient.core.errors import Invalid
from outpatient.scheduling.rules import day_bounds, wall_time

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """`starts_at` and `ends_at`; or `on` with minutes from local midnight, or alone: the whole day."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    on: date | None = None
    start_minute: int | None = None
    end_minute: int | None = None

    @property
    def field(self) -> str:
        """What a client who wrote it calls its beginning."""
        return "start" if self.starts_at is not None else "date"

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its beginning and end (Invalid: something is missing, or the clocks skip it)."""
        if self.starts_at is not None or self.on is None:
            return _given("start", self.starts_at), _given("end", self.ends_at)
        if self.start_minute is None and self.end_minute is None:
            return day_bounds(self.on, zone)
        start, end = _given("startTime", self.start_minute), _given("endTime", self.end_minute)
        return _shown("startTime", self.on, start, zone), _shown("endTime", self.on, end, zone)


def _given(field: str, value: T | None) -> T:
    if value is None:
        raise Invalid.field(field, "This field is required")
    return value


def _shown(field: str, on: date, minute: int, zone: ZoneInfo) -> datetime:
    instant = wall_time(on, minute, zone)
    if instant is None:
        raise Invalid.field(field, "The clocks skip this time on this day")
    return instant
