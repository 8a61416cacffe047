"""What happens to departments."""

from dataclasses import dataclass

from outpatient.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentCreated(Event):
    """A centre got a department with a waiting room of its own."""

    name = "department.created"
    subject = "department"

    centre_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentUpdated(Event):
    """Fields of a department changed; `fields` are their names."""

    name = "department.updated"
    subject = "department"

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentConfigured(Event):
    """The rules by which a department books and queues changed; `fields` are the names."""

    name = "department.configured"
    subject = "department"

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentDeactivated(Event):
    """A department takes no new patients any more."""

    name = "department.deactivated"
    subject = "department"
