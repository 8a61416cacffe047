"""What a domain event is: something that happened, named in the past tense, told once."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import Enum
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to one subject of one hospital.

    `name` is the routing key on the bus (`appointment.created`), `subject` the kind of row and
    `subject_id` the row it happened to; a subclass's own fields are the payload.
    """

    name: ClassVar[str]
    subject: ClassVar[str]

    hospital_id: int | None
    subject_id: int

    def payload(self) -> dict[str, Any]:
        """The subclass's own fields as plain JSON values."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self) if field.name not in _ENVELOPE}


_ENVELOPE = {field.name for field in fields(Event)}


def plain(value: Any) -> Any:
    """A value as JSON holds it: instants as UTC text with `Z`, dates as ISO text, terms as their text."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value
