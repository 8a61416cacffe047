"""Messages on the wire (seed 001 Notifications)."""

from typing import Annotated

from pydantic import AfterValidator

from outpatient.core.terms import Channel, NotificationStatus, Purpose
from outpatient.http.schema import AnyCase, Changes, Id, Schema, UtcInstant, shown
from outpatient.notifications.kinds import MANNERS

TYPES = frozenset(manner.notification_type for manner in MANNERS.values())


def _known(text: str) -> str:
    if text not in TYPES:
        raise ValueError(f"Must be one of {', '.join(sorted(TYPES))}")
    return text


NotificationTypeIn = Annotated[str, AnyCase, AfterValidator(_known)]


class TellRequest(Schema):
    """Which appointment's patient is to be told."""

    model_config = shown({"appointmentId": 123})

    appointment_id: Id


class NotificationSummary(Schema):
    """One message in the history; `recipient` is a phone number or an e-mail address."""

    id: int
    patient_id: int | None
    user_id: int | None
    appointment_id: int | None
    notification_type: str
    channel: Channel
    recipient: str
    status: NotificationStatus
    sent_at: UtcInstant | None
    delivered_at: UtcInstant | None
    created_at: UtcInstant


class NotificationOut(NotificationSummary):
    """One message with its words (null for a one-time code) and how its tries went."""

    body: str | None
    language: str | None
    attempts: int
    last_error: str | None


class NotificationStats(Schema):
    """`totalSent` is all that left; `successRate` is a percentage of what left or failed, null before there is any."""

    total_sent: int
    total_failed: int
    total_pending: int
    total_suppressed: int
    total_delivered: int
    success_rate: float | None
    by_type: dict[str, int]


class ConsentChanges(Changes):
    """`PUT /patients/{id}/consents`: what is absent stays as it is."""

    model_config = shown({"care": True, "other": False})

    care: bool | None = None
    other: bool | None = None

    def wishes(self) -> dict[Purpose, bool]:
        """What was said, by purpose."""
        return {Purpose(name.upper()): wish for name, wish in self.given().items()}


class ConsentOut(Schema):
    """What a patient said last; `at` and `source` are null for who never said anything, and so agrees."""

    purpose: Purpose
    is_given: bool
    source: str | None
    at: UtcInstant | None
