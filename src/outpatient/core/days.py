"""Days as the store sees them: from one to another, and the calendar day in a place (`local_day`) on both stores."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from outpatient.models.columns import text_to_instant


@dataclass(frozen=True, slots=True)
class Days:
    """From one day to another, both too; without an end where it is None."""

    first_on: date | None = None
    last_on: date | None = None

    def hold(self, day: Any) -> list[ColumnElement[bool]]:
        """That a column's day is one of them."""
        ends = [] if self.first_on is None else [day >= self.first_on]
        return ends if self.last_on is None else [*ends, day <= self.last_on]


ANY_DAY = Days()


class local_day(FunctionElement[date]):  # noqa: N801 (it is used as a function, as SQLAlchemy's own are)
    """The date that calendars in a zone show at an instant."""

    type = Date()
    inherit_cache = True
    name = "local_day"


@compiles(local_day)
def _by_name(element: local_day, compiler: Any, **given: Any) -> str:
    return f"local_day({compiler.process(element.clauses, **given)})"


@compiles(local_day, "postgresql")
def _in_postgresql(element: local_day, compiler: Any, **given: Any) -> str:
    instant, zone = (compiler.process(clause, **given) for clause in element.clauses)
    return f"CAST(timezone({zone}, {instant}) AS DATE)"


def local_day_text(instant: str | None, zone: str | None) -> str | None:
    """The same for SQLite, which keeps both as text and knows no zones: each connection is taught it."""
    if instant is None or zone is None:
        return None
    return text_to_instant(instant).astimezone(ZoneInfo(zone)).date().isoformat()
