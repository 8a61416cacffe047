"""What happens to centres."""

from dataclasses import dataclass

from outpatient.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreCreated(Event):
    """A hospital opened a centre."""

    name = "centre.created"
    subject = "centre"


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreUpdated(Event):
    """Fields of a centre changed; `fields` are their names."""

    name = "centre.updated"
    subject = "centre"

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreToggled(Event):
    """A centre was closed for booking, or opened again."""

    name = "centre.toggled"
    subject = "centre"

    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreDeleted(Event):
    """A centre was taken off the list; what happened there stays."""

    name = "centre.deleted"
    subject = "centre"
