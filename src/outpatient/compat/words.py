"""Refusals as these seeds name things: `doctor` and `clinic`, terms in lower case."""

import re
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


SHOWN = {"start": "start_time", "appointmentDate": "date", "appointmentTime": "time"}
"""What is called differently where a refusal shows something: the nearest slots, say."""
NOUNS = {"centre": "clinic", "Centre": "Clinic", "clinician": "doctor", "Clinician": "Doctor"}
_NOUN = re.compile(rf"\b({'|'.join(NOUNS)})(?=s?\b)")
_TERM = re.compile(r"(?<=')[A-Z][A-Z_]*(?=')|\b[A-Z]+(?:_[A-Z]+)+\b")


def say_in_seed_words(problem: Problem) -> Problem:
    """The same refusal, its words, fields and terms as the client of the root surface writes them."""
    renamed = RENAMED | FIELDS if isinstance(problem, Invalid) else RENAMED
    problem.text = in_seed_words(problem.text)
    problem.details = {renamed.get(name, name): _said(value) for name, value in problem.details.items()}
    return problem


def in_seed_words(text: str) -> str:
    """A sentence for people: `Centre not found` → `Clinic not found`, `'IN_PERSON'` → `'in_person'`."""
    return _TERM.sub(lambda term: term[0].lower(), _NOUN.sub(lambda noun: NOUNS[noun[0]], text))


@contextmanager
def named(**names: str) -> Iterator[None]:
    """`with named(amount="amount_paid")`: what a field that may be refused inside is called in this very request."""
    try:
        yield
    except Invalid as refused:
        refused.details = {names.get(name, name): why for name, why in refused.details.items()}
        raise


def _said(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.name.lower()
    if isinstance(value, list):
        return [_said(each) for each in value]
    if isinstance(value, dict):
        return {SHOWN.get(name, name): _said(each) for name, each in value.items()}
    return in_seed_words(value) if isinstance(value, str) else value
