"""Days that are asked for, from one to another."""

from typing import Annotated

from fastapi import Depends, Query

from outpatient.core.days import Days
from outpatient.core.errors import Invalid
from outpatient.http.schema import Day


def in_order(days: Days, first: str, last: str) -> Days:
    """The same days, whose ends the client calls `first` and `last` (Invalid: they are the wrong way round)."""
    if days.first_on is not None and days.last_on is not None and days.last_on < days.first_on:
        raise Invalid.field(last, f"Must not be before {first}")
    return days


def asked_days(
    start_date: Annotated[Day | None, Query(alias="startDate")] = None,
    end_date: Annotated[Day | None, Query(alias="endDate")] = None,
) -> Days:
    return in_order(Days(start_date, end_date), "startDate", "endDate")


Between = Annotated[Days, Depends(asked_days)]
"""From `startDate` to `endDate`, whichever of them was said."""
