"""What happens to patient records. Events name records by id and carry no personal data."""

from dataclasses import dataclass

from outpatient.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRegistered(Event):
    """A patient record was made."""

    name = "patient.created"
    subject = "patient"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientUpdated(Event):
    """Fields of a patient record changed; `fields` are their names."""

    name = "patient.updated"
    subject = "patient"

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientDeleted(Event):
    """A record was deleted that nothing had happened to: entered by mistake, or twice."""

    name = "patient.deleted"
    subject = "patient"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientNoteAdded(Event):
    """A note was added to a patient record; `note_id` is its row."""

    name = "patient.note_added"
    subject = "patient"

    note_id: int
