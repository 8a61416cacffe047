"""The calendar day in a place, worked out where the rows are: `local_day(instant, zone)` as SQL, for both stores."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Date
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from outpatient.models.columns import text_to_instant


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
