"""What the command line asks of the person at the terminal, and how it says what he can mend."""

import os
import secrets
import sys
from zoneinfo import available_timezones

import typer
from email_validator import EmailNotValidError, validate_email

from outpatient.access.passwords import password_problem
from outpatient.core.phones import to_e164


class Trouble(Exception):
    """Something that the person at the terminal can mend: one or two sentences, no traceback."""


def asked(given: str, option: str, question: str, default: str | None = None) -> str:
    answer = given.strip()
    if not answer:
        if not sys.stdin.isatty():
            if default is not None:
                return default
            raise Trouble(f"Tell me --{option} ({question.lower()}): there is nobody at the keyboard to ask.")
        answer = str(typer.prompt(question, default=default)).strip()
    if not answer or len(answer) > 200 or "\0" in answer:
        raise Trouble(f"--{option} must have 1 to 200 characters.")
    return answer


def known_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise Trouble(f"{zone} is not a time zone. Write it as Asia/Kolkata or Europe/Berlin.")
    return zone


def good_phone(phone: str, region: str) -> str:
    try:
        return to_e164(phone, region)
    except ValueError:
        raise Trouble(f"{phone} is not a phone number. Write it with its country: +91 98765 43210") from None


def good_email(email: str) -> str:
    try:
        return validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError as failure:
        raise Trouble(f"{email} is not an e-mail address: {failure}") from None


def chosen_password() -> tuple[str, bool]:
    """The new password, and whether we made it up."""
    password = os.environ.get("OUTPATIENT_PASSWORD", "")
    if not password and sys.stdin.isatty():
        question = "Your password (empty: we make one up)"
        password = str(
            typer.prompt(question, default="", show_default=False, hide_input=True, confirmation_prompt=True)
        )
    if not password:
        return secrets.token_urlsafe(15), True
    if problem := password_problem(password):
        raise Trouble(problem)
    return password, False
