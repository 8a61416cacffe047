"""No table, event or subject with patients' data is forgotten: the map in privacy/rules.py against the program."""

from dataclasses import fields

from outpatient.models import Base, Patient
from outpatient.privacy.actions.erase import DELETED, EMPTIED, NOTHING_LEFT
from outpatient.privacy.queries import rows_of
from outpatient.privacy.queries.person import OWNERS, Person
from outpatient.privacy.rules import FREE_TEXT, OWN_WORDS, PERSONAL
from outpatient.privacy.schemas import Export
from outpatient.reactions import REACTIONS

BY_HAND = {
    *("audit_entries", "budgets", "deliveries", "events", "idempotency_keys", "opt_outs", "otp_challenges"),
    *("refresh_tokens", "sessions", "stream_tickets", "users"),
}
"""Tables that say something about a patient without a key that leads to one: by phone, by user, by subject."""

NOBODYS = {
    *("centre", "clinician", "department", "hospital", "open_slot", "otp_challenge", "service", "session"),
    *("time_off", "user"),
}
"""Subjects of events that are no patient's."""


def leads_to_patients() -> set[str]:
    """Tables with a patient's id in them, or a key (or a column named like one) to a table that has."""
    found = {"patients"}
    while True:
        keys = {f"{name.removesuffix('s')}_id" for name in found}
        more = {
            table.name
            for table in Base.metadata.sorted_tables
            if keys & {column.name for column in table.columns}
            or found & {key.column.table.name for key in table.foreign_keys}
        }
        if more <= found:
            return found
        found |= more


def test_every_table_with_patients_data_is_in_the_map():
    assert leads_to_patients() | BY_HAND == set(PERSONAL)


def test_every_table_of_the_map_can_be_found_or_says_why_it_need_not():
    found = set(rows_of(Person(Patient(id=1, hospital_id=1), {}, (), (), ())))

    assert {name for name, treated in PERSONAL.items() if treated.export} <= found
    assert all(treated.why_not for treated in PERSONAL.values() if treated.export is None)
    assert {*EMPTIED, *DELETED} <= found


def test_every_section_of_the_map_is_in_the_export():
    sections = {treated.export for treated in PERSONAL.values() if treated.export}
    shown = {field.alias for field in Export.model_fields.values()}

    assert shown - {"hospital", "exportedAt", "cut"} == sections


def test_every_column_of_a_record_is_emptied_or_says_nothing():
    says_nothing = {"id", "hospital_id", "full_name", "name_key", "created_at", "deleted_at"}

    assert {column.name for column in Patient.__table__.columns} - set(NOTHING_LEFT) == says_nothing


def test_every_event_is_about_a_known_subject():
    assert {event.subject for event in REACTIONS.table} - NOBODYS <= set(OWNERS)


def test_every_text_in_an_event_about_a_patient_is_either_ours_or_taken_out():
    texts = {
        field.name
        for event in REACTIONS.table
        if event.subject in OWNERS
        for field in fields(event)
        if field.type in {str, str | None, "str", "str | None"}
    }

    assert texts - {"name", "subject"} <= FREE_TEXT | OWN_WORDS
