"""Everything that one hospital knows about one person, as one document."""

from collections.abc import Mapping
from typing import Any

from pydantic.alias_generators import to_camel
from sqlalchemy import inspect, select

from outpatient.core.database import Tx
from outpatient.core.events import plain
from outpatient.core.money import to_major
from outpatient.models import Appointment, Centre, Clinician, Hospital, PatientAccess, PatientNote, User
from outpatient.privacy.queries.audit import described
from outpatient.privacy.queries.person import Person, rows_of
from outpatient.privacy.rules import PERSONAL

MOST = 10_000
"""Rows of one section; more than any person has, so that no answer can grow without end."""
INNER = frozenset(
    {
        *("hospital_id", "name_key", "key", "event_id", "password_hash", "version", "is_superadmin", "photo_name"),
        *("queue_rank", "queue_day", "position", "token_group", "token_period_on", "provider_id", "tried_at"),
    }
)
"""Columns that are about our machinery, or a secret, and not about him."""


async def describe_person(tx: Tx, person: Person) -> dict[str, Any]:
    """The export: one section for each table of PERSONAL that has one, each row with all its columns; `cut` names
    the sections that had more rows than an answer takes.
    """
    sections: dict[str, Any] = {}
    cut = []
    for name, (table, which) in rows_of(person).items():
        section = PERSONAL[name].export
        if section is None:
            continue
        if name == "audit_entries":
            rows = await described(tx, person.hospital_id, which, MOST + 1)
        else:
            rows = await _rows(tx, table, which)
        if len(rows) > MOST:
            cut.append(section)
        sections[section] = [_shown(row) for row in rows[:MOST]]
    [sections["record"]] = sections["record"]
    hospital = await tx.one_or_none(select(Hospital.name).where(Hospital.id == person.hospital_id))
    return {"hospital": hospital, "exported_at": tx.now, "cut": cut, **sections}


async def _rows(tx: Tx, table: Any, which: Any) -> list[dict[str, Any]]:
    columns = [column for column in table.__table__.columns if column.name not in INNER]
    query = select(*columns, *_names(table)).where(which)
    if table is Appointment:
        query = query.join(Centre, Centre.id == table.centre_id).join(Clinician, Clinician.id == table.clinician_id)
        query = query.join(User, User.id == Clinician.user_id)
    elif table is PatientNote:
        query = query.join(User, User.id == table.author_id)
    elif table is PatientAccess:
        query = query.join(User, User.id == table.user_id)
    keys = inspect(table).primary_key
    found = await tx.rows(query.order_by(*keys).limit(MOST + 1))
    return [dict(row) for row in found]


def _names(table: Any) -> list[Any]:
    """What people are called who stand in a row by their number."""
    if table is Appointment:
        return [Centre.name.label("centre_name"), User.full_name.label("clinician_name")]
    if table is PatientNote:
        return [User.full_name.label("author_name")]
    return [User.full_name.label("full_name")] if table is PatientAccess else []


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row on the wire: camelCase, instants with `Z`, money in major units."""
    return dict(_field(name, value) for name, value in row.items())


def _field(name: str, value: Any) -> tuple[str, Any]:
    if name.endswith("_minor"):
        return to_camel(name.removesuffix("_minor")), None if value is None else to_major(value)
    return to_camel(name), plain(value)
