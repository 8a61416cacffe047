"""The details of refusals as these seeds name things: `doctor` and `clinic`, terms in lower case."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from outpatient.core.errors import Invalid, Problem

RENAMED = {
    "appointmentDate": "start_time",
    "appointmentTime": "start_time",
    "centreId": "clinic_id",
    "clinicianId": "doctor_id",
    "fullName": "name",
    "start": "start_time",
}
"""What the API calls it → what the root calls it; the rest only changes its writing (http/errors.py)."""
FIELDS = {"to": "end_date", "discount": "discount_amount"}
"""What else is called differently where it is a field of the request."""


def say_in_seed_words(problem: Problem) -> Problem:
    """The same refusal, its fields and terms as the client of the root surface writes them."""
    renamed = RENAMED | FIELDS if isinstance(problem, Invalid) else RENAMED
    problem.details = {renamed.get(name, name): _in_lower_case(value) for name, value in problem.details.items()}
    return problem


@contextmanager
def named(**names: str) -> Iterator[None]:
    """`with named(amount="amount_paid")`: what a field that may be refused inside is called in this very request."""
    try:
        yield
    except Invalid as refused:
        refused.details = {names.get(name, name): why for name, why in refused.details.items()}
        raise


def _in_lower_case(value: Any) -> Any:
    return value.name.lower() if isinstance(value, StrEnum) else value
