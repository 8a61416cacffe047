"""Every SELECT on what is known about somebody: whose rows they are, who looked, and all of it at once."""

from outpatient.privacy.queries.audit import list_audit
from outpatient.privacy.queries.export import describe_person
from outpatient.privacy.queries.person import Person, find_subjects, get_person, rows_of
from outpatient.privacy.queries.standing import find_open, list_closing_users

__all__ = [
    "Person",
    "describe_person",
    "find_open",
    "find_subjects",
    "get_person",
    "list_audit",
    "list_closing_users",
    "rows_of",
]
