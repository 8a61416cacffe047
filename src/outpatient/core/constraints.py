"""What a broken constraint means to the person who ran into it."""

import re
import sqlite3

import asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError

from outpatient.core.errors import Conflict, DuplicateEntry, Invalid, NotFound, Problem

BROKEN = (IntegrityError, sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)
"""How a broken constraint is said: by SQLAlchemy, and by the drivers under the hot statements."""

_PG_UNIQUE = re.compile(r'violates unique constraint "(\w+)"')
_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (.+?)(?:\)|$)")

CROWDED = (DBAPIError, asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError)
"""What may be said, among other things, when several transactions stand in each other's way."""


class Crowded(Conflict):
    """Several people changed the same things at once, and this one lost; nothing of it was done."""

    code, message = "TRY_AGAIN", "Somebody else was changing the same at this moment. Please try again."


def is_crowded(failure: Exception) -> bool:
    """Whether the store ended a transaction only because others were in its way."""
    text = str(getattr(failure, "orig", failure))
    return "deadlock detected" in text or "lock timeout" in text


AWAY = (
    "too many clients",
    "remaining connection slots",
    "the database system is",
    "connect call failed",
    "connection was closed",
    "connection is closed",
    "queuepool limit",
)
"""What the drivers say when the database cannot be reached, or takes nobody else."""


def is_away(failure: BaseException) -> bool:
    """Whether a failure only means that the database cannot be had just now."""
    text = str(getattr(failure, "orig", failure)).lower()
    return any(sign in text for sign in AWAY)


DUPLICATES = {
    "users_phone": ("phone", "This phone number belongs to another user"),
    "users_email": ("email", "This e-mail address belongs to another user"),
    "users_username": ("username", "This username is taken"),
    "hospitals_slug": ("slug", "This short name is taken"),
    "patients_hospital_id_phone_name_key": ("phone", "A patient with this phone and name exists"),
    "memberships_hospital_id_user_id": ("phone", "This person already works in this hospital"),
    "clinicians_hospital_id_user_id": ("userId", "This person is already a clinician of this hospital"),
}
"""Unique constraint (table and columns) → the field to name and what to say of it."""


def refusal_of(broken: Exception) -> Problem:
    """The refusal behind a broken constraint, in the client's words."""
    text = str(getattr(broken, "orig", broken))
    if (key := broken_unique(text)) is not None:
        if key in DUPLICATES:
            field, why = DUPLICATES[key]
            return DuplicateEntry(why, {field: why})
        return DuplicateEntry()
    if "no_overlap" in text:
        return Conflict("This time is already taken")
    if "FOREIGN KEY" in text or "foreign key" in text:
        return NotFound("Something that this refers to does not exist")
    return Invalid("A value is outside of what can be stored")


def broken_unique(text: str) -> str | None:
    """The broken unique constraint as `table_column_column`, from either engine's words; None for another kind."""
    if found := _PG_UNIQUE.search(text):
        return found[1].removeprefix("uq_")
    if found := _SQLITE_UNIQUE.search(text):
        columns = [name.strip().split(".") for name in found[1].split(",")]
        return "_".join([columns[0][0], *(column for _, column in columns)])
    return None
