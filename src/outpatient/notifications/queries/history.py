"""What was sent to whom and how it fared, and who may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, select

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.paging import Page
from outpatient.core.terms import DeliveryStatus
from outpatient.core.terms import NotificationStatus as Status
from outpatient.models import Appointment, Delivery, HospitalConfig, Notification, StoredEvent
from outpatient.notifications.events import NotificationFailed, NotificationRetried

LEFT = (Status.SENT, Status.DELIVERED, Status.READ)
"""What has left the house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which messages: `since` and `until` are days of the hospital's calendar, both included."""

    patient_id: int | None = None
    appointment_id: int | None = None
    notification_type: str | None = None
    status: Status | None = None
    since: date | None = None
    until: date | None = None


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The messages that somebody may see: his hospital's; who works at centres those about their appointments."""
    mine = Notification.hospital_id == actor.hospital_id
    if actor.centre_ids is None:
        return mine
    theirs = select(Appointment.id).where(
        Appointment.hospital_id == actor.hospital_id, Appointment.centre_id.in_(actor.centre_ids)
    )
    return and_(mine, Notification.appointment_id.in_(theirs))


async def get_notification(tx: Tx, actor: Actor, notification_id: int, *, lock: bool = False) -> Notification:
    """One message (NotFound); locked for a change."""
    query = select(Notification).where(Notification.id == notification_id, visible_to(actor))
    found: Notification | None = await tx.one_or_none(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound.of("Notification")
    return found


async def list_notifications(tx: Tx, actor: Actor, page: Page, filters: Filters) -> tuple[Sequence[Notification], int]:
    """A page of messages, the newest first, and how many there are in all."""
    terms = [visible_to(actor), *await _terms(tx, actor, filters)]
    newest = select(Notification).where(*terms).order_by(Notification.id.desc())
    total = await tx.one_or_none(select(func.count()).select_from(Notification).where(*terms))
    return await tx.all(newest.limit(page.limit).offset(page.offset)), total or 0


async def get_stats(tx: Tx, actor: Actor, filters: Filters) -> Mapping[str, Any]:
    """How many messages left the house, by type, and how many could not; the rate is a percentage of both.

    None yet: the rate is None.
    """
    counted = select(Notification.notification_type, Notification.status, func.count().label("count")).where(
        visible_to(actor), *await _terms(tx, actor, filters)
    )
    rows = await tx.rows(counted.group_by(Notification.notification_type, Notification.status))
    by_type: dict[str, int] = {}
    for row in rows:
        if row["status"] in LEFT:
            by_type[row["notification_type"]] = by_type.get(row["notification_type"], 0) + row["count"]
    sent = sum(by_type.values())
    counts = {status: sum(row["count"] for row in rows if row["status"] is status) for status in Status}
    failed = counts[Status.FAILED]
    return {
        "total_sent": sent,
        "total_failed": failed,
        "total_pending": counts[Status.PENDING],
        "total_suppressed": counts[Status.SUPPRESSED],
        "total_delivered": counts[Status.DELIVERED] + counts[Status.READ],
        "success_rate": round(100 * sent / (sent + failed), 1) if sent + failed else None,
        "by_type": dict(sorted(by_type.items())),
    }


async def _terms(tx: Tx, actor: Actor, filters: Filters) -> list[ColumnElement[bool]]:
    equal = {
        Notification.patient_id: filters.patient_id,
        Notification.appointment_id: filters.appointment_id,
        Notification.notification_type: filters.notification_type,
        Notification.status: filters.status,
    }
    terms = [column == wanted for column, wanted in equal.items() if wanted is not None]
    if filters.since is None and filters.until is None:
        return terms
    name = await tx.one_or_none(select(HospitalConfig.time_zone).where(HospitalConfig.hospital_id == actor.hospital_id))
    zone = ZoneInfo(name or "UTC")
    if filters.since is not None:
        terms.append(Notification.created_at >= _midnight(filters.since, zone))
    if filters.until is not None:
        terms.append(Notification.created_at < _midnight(filters.until + timedelta(days=1), zone))
    return terms


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time.min, zone).astimezone(UTC)


async def has_message_under_way(tx: Tx, event: StoredEvent, reactions: tuple[str, ...]) -> bool:
    """Whether one of these reactions to something that happened to the event's subject has still to be delivered."""
    found = await tx.all(
        select(Delivery.id)
        .join(StoredEvent, StoredEvent.id == Delivery.event_id)
        .where(
            StoredEvent.hospital_id == event.hospital_id,
            StoredEvent.subject == event.subject,
            StoredEvent.subject_id == event.subject_id,
            Delivery.reaction.in_(reactions),
            Delivery.status == DeliveryStatus.PENDING,
        )
        .limit(1)
    )
    return bool(found)


async def find_event(tx: Tx, event_id: int) -> StoredEvent | None:
    """The event that a message followed."""
    found: StoredEvent | None = await tx.one_or_none(select(StoredEvent).where(StoredEvent.id == event_id))
    return found


async def find_again_of(tx: Tx, notification_id: int) -> int | None:
    """The event by which a message was sent again, if it was: by a person, or on another channel."""
    again = select(StoredEvent.id).where(
        StoredEvent.subject == NotificationRetried.subject,
        StoredEvent.subject_id == notification_id,
        StoredEvent.name.in_((NotificationRetried.name, NotificationFailed.name)),
    )
    found: int | None = await tx.one_or_none(again.limit(1))
    return found


async def is_told_otherwise(tx: Tx, notification: Notification) -> bool:
    """Whether the person was told the same on another channel."""
    other = select(Notification.id).where(
        Notification.event_id == notification.event_id,
        Notification.notification_type == notification.notification_type,
        Notification.patient_id.is_not_distinct_from(notification.patient_id),
        Notification.user_id.is_not_distinct_from(notification.user_id),
        Notification.status.in_(LEFT),
    )
    return await tx.one_or_none(other.limit(1)) is not None


async def find_notification(tx: Tx, notification_id: int) -> Notification | None:
    """One message, for the system itself."""
    found: Notification | None = await tx.one_or_none(select(Notification).where(Notification.id == notification_id))
    return found
