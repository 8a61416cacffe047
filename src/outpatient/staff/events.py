"""What happens to the people who work in a hospital; `subject_id` is the user."""

from dataclasses import dataclass

from outpatient.core.events import Event
from outpatient.core.terms import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffCreated(Event):
    """Somebody got a role in this hospital, whether he is new to the installation or not."""

    name = "staff.created"
    subject = "user"

    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffUpdated(Event):
    """Something about a member of staff changed; `fields` are the names, never the values."""

    name = "staff.updated"
    subject = "user"

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffToggled(Event):
    """A member of staff was disabled or enabled."""

    name = "staff.toggled"
    subject = "user"

    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffDeleted(Event):
    """Somebody works in this hospital no more; what he did there stays."""

    name = "staff.deleted"
    subject = "user"
