"""What happens to accounts. Events name users by id and carry no personal data."""

from dataclasses import dataclass

from outpatient.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUpdated(Event):
    """A user changed his own account; `fields` are the names of what changed."""

    name = "account.updated"
    subject = "user"

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoChanged(Event):
    """A user has a new photo."""

    name = "account.photo_changed"
    subject = "user"
