"""What happens to services."""

from dataclasses import dataclass

from outpatient.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCreated(Event):
    """Something new can be booked."""

    name = "service.created"
    subject = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceUpdated(Event):
    """Fields of a service changed; `fields` are their names."""

    name = "service.updated"
    subject = "service"

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDeactivated(Event):
    """A service can no longer be booked; what was booked stays."""

    name = "service.deactivated"
    subject = "service"
