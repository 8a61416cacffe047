"""Tokens: which visits share a series of numbers, and when the series begins again."""

from datetime import date, timedelta

from outpatient.core.terms import TokenReset

FOREVER = date(1970, 1, 1)
"""The one period of a series that never begins again."""


def token_group(department_id: int | None, clinician_id: int | None) -> str:
    """Who shares a series: a department, so that its waiting room never shows a number twice, else a clinician."""
    return f"department:{department_id}" if department_id is not None else f"clinician:{clinician_id}"


def token_period(service_on: date, reset: TokenReset) -> date:
    """The first day of the period in which numbers are unique and gapless."""
    if reset is TokenReset.DAILY:
        return service_on
    if reset is TokenReset.WEEKLY:
        return service_on - timedelta(days=service_on.weekday())
    return service_on.replace(day=1) if reset is TokenReset.MONTHLY else FOREVER


def token_label(prefix: str, number: int) -> str:
    """What is printed on the ticket."""
    return f"{prefix}{number}"
