"""Whether an answer is what a document shows: the same keys with values of the same kind; more keys are allowed.

A documented text that begins with `=` is meant word for word.
"""

import re
from typing import Any

FORMS = {
    "day": r"\d{4}-\d\d-\d\d",
    "time": r"\d\d:\d\d:\d\d",
    "instant": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
    "address on the web": r"https?://\S+",
    "phone": r"\+\d{8,15}",
    "e-mail address": r"\S+@\S+\.\S+",
    "word in capitals": r"[A-Z]{2,}(_[A-Z]+)*",
}
"""Texts that a client reads, not only shows."""


def form_of(text: str) -> str:
    return next((name for name, form in FORMS.items() if re.fullmatch(form, text)), "text")


def differences(documented: Any, answered: Any, at: str = "answer") -> list[str]:
    """What a client of the document would stumble over."""
    match documented:
        case dict():
            if not isinstance(answered, dict):
                return [f"{at} is no object: {answered!r}"]
            missing = [f"{at}.{key} is missing" for key in documented if key not in answered]
            there = [key for key in documented if key in answered]
            return missing + [
                found for key in there for found in differences(documented[key], answered[key], f"{at}.{key}")
            ]
        case list():
            if not isinstance(answered, list):
                return [f"{at} is no list: {answered!r}"]
            if not documented:
                return []
            if not answered:
                return [f"{at} is empty, which shows nothing"]
            return [
                found
                for number, one in enumerate(answered)
                for found in differences(documented[0], one, f"{at}[{number}]")
            ]
        case str():
            if not isinstance(answered, str):
                return [f"{at} is no text: {answered!r}"]
            if documented.startswith("="):
                return [] if answered == documented[1:] else [f"{at} is not {documented[1:]}: {answered!r}"]
            wanted = form_of(documented)
            return [] if wanted in {"text", form_of(answered)} else [f"{at} is no {wanted}: {answered!r}"]
        case bool():
            return [] if isinstance(answered, bool) else [f"{at} is no truth value: {answered!r}"]
        case int() | float():
            is_number = isinstance(answered, int | float) and not isinstance(answered, bool)
            return [] if is_number else [f"{at} is no number: {answered!r}"]
        case None:
            return [] if answered is None or isinstance(answered, str) else [f"{at} is no text: {answered!r}"]
    raise AssertionError(documented)
