"""What happens to hospitals and their rules."""

from dataclasses import dataclass

from outpatient.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class HospitalCreated(Event):
    """A hospital joined the platform, with rules of its own."""

    name = "hospital.created"
    subject = "hospital"


@dataclass(frozen=True, slots=True, kw_only=True)
class HospitalUpdated(Event):
    """A hospital's name, currency or standing changed; `fields` are the names."""

    name = "hospital.updated"
    subject = "hospital"

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HospitalConfigured(Event):
    """The rules by which a hospital books, queues and charges changed; `fields` are the names."""

    name = "hospital.configured"
    subject = "hospital"

    fields: tuple[str, ...]
