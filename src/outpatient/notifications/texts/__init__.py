"""What messages say: one module per language, each with one function for every kind; pure functions of plain facts."""

from datetime import datetime
from typing import Any

from outpatient.notifications.kinds import Kind
from outpatient.notifications.texts import en, hi
from outpatient.notifications.texts.facts import Facts, Language, Text

__all__ = ["DEFAULT", "LANGUAGES", "Facts", "Text", "language_of", "write"]

DEFAULT = "en"
LANGUAGES: dict[str, Language] = {"en": en.LANGUAGE, "hi": hi.LANGUAGE}


def language_of(*wishes: str | None) -> str:
    """The first of these tags that says something, if we speak it (`hi-IN` is Hindi), else English."""
    wish = next((wish for wish in wishes if wish), DEFAULT).partition("-")[0].lower()
    return wish if wish in LANGUAGES else DEFAULT


def write(kind: Kind, language: str, facts: Facts | None = None, **more: Any) -> Text:
    """A message of this kind in a language that we speak; `more` is what its text wants beside the facts."""
    spoken = LANGUAGES[language]
    body = spoken.texts[kind](*(() if facts is None else (facts,)), **more)
    values = {name: _said(spoken, value) for name, value in more.items() if value is not None}
    if facts is not None:
        values |= {"name": facts.patient, "centre": facts.centre}
        values |= {"when": spoken.when(facts), "where": spoken.where(facts)}
        values |= {"clinician": facts.clinician} if facts.clinician else {}
        values |= {"meet_link": facts.link} if facts.link else {}
    return Text(spoken.subjects[kind], body, language, values)


def _said(language: Language, value: Any) -> str:
    return language.moment(value) if isinstance(value, datetime) else str(value)
