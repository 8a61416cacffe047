"""What happens to messages. Events name rows and carry no personal data."""

from dataclasses import dataclass

from outpatient.core.events import Event
from outpatient.core.terms import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRequested(Event):
    """Staff asked that the patient be told of an appointment (once more); `kind` is a confirmation or a reminder."""

    name = "notification.requested"
    subject = "appointment"

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRetried(Event):
    """Staff asked that a message that failed be sent again; `original_id` is the event that it followed."""

    name = "notification.retried"
    subject = "notification"

    original_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFailed(Event):
    """A carrier reported that a message which it had taken did not arrive; `original_id` as above."""

    name = "notification.failed"
    subject = "notification"

    original_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentChanged(Event):
    """A patient agreed to messages for a purpose, or does so no more."""

    name = "patient.consent_changed"
    subject = "patient"

    purpose: Purpose
    is_given: bool
