"""What happens to a clinician's time."""

from dataclasses import dataclass
from datetime import datetime

from outpatient.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityReplaced(Event):
    """The weekly hours of a clinician at one centre were set anew."""

    name = "clinician.availability_replaced"
    subject = "clinician"

    centre_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDutySet(Event):
    """A clinician came on duty, or went off."""

    name = "clinician.on_duty_set"
    subject = "clinician"

    is_on_duty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSlotAdded(Event):
    """A dated interval can be booked, besides the weekly hours."""

    name = "open_slot.added"
    subject = "open_slot"

    clinician_id: int
    centre_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSlotRemoved(Event):
    """An open slot that nobody had booked is offered no more."""

    name = "open_slot.removed"
    subject = "open_slot"

    clinician_id: int
    centre_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOffTaken(Event):
    """A clinician will be away; `appointment_ids` are the appointments that this ends."""

    name = "time_off.taken"
    subject = "time_off"

    clinician_id: int
    starts_at: datetime
    ends_at: datetime
    appointment_ids: tuple[int, ...]
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOffRemoved(Event):
    """The clinician is there after all."""

    name = "time_off.removed"
    subject = "time_off"

    clinician_id: int
