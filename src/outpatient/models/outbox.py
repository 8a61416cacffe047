"""What happened, who must still be told, who was told, and who looked: all written in the transaction of the deed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outpatient.core.terms import Channel, DeliveryStatus
from outpatient.models.columns import Base, Row, only_where, term

APPEND_ONLY = {"sqlite_autoincrement": True}


class StoredEvent(Row):
    """One domain event. `position` is its place in the one order that streams follow, given by the relay."""

    __tablename__ = "events"
    __table_args__ = (
        Index(None, "subject", "subject_id"),
        only_where("ix_events_unpositioned", "id", "position IS NULL"),
        only_where("uq_events_position", "position", "position IS NOT NULL", unique=True),
        APPEND_ONLY,
    )

    hospital_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int]
    actor_id: Mapped[int | None]
    payload: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    position: Mapped[int | None]


class Delivery(Row):
    """One after-reaction of one event, retried on its own until it is done or parked."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("event_id", "reaction"),
        only_where("ix_deliveries_due", "due_at", "status = 'PENDING'"),
        APPEND_ONLY,
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    reaction: Mapped[str] = mapped_column(String(80))
    status: Mapped[DeliveryStatus] = mapped_column(term(DeliveryStatus))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    last_error: Mapped[str | None] = mapped_column(String(500))
    done_at: Mapped[datetime | None]


class Notification(Row):
    """One message to one person on one channel, as it was handed to the provider."""

    __tablename__ = "notifications"
    __table_args__ = (Index(None, "hospital_id", "created_at"), APPEND_ONLY)

    hospital_id: Mapped[int | None]
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    notification_type: Mapped[str] = mapped_column(String(40))
    channel: Mapped[Channel] = mapped_column(term(Channel))
    recipient: Mapped[str] = mapped_column(String(254))
    patient_id: Mapped[int | None]
    appointment_id: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(16))
    sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class AuditEntry(Row):
    """Who did, or looked at, what. Written in the same transaction; never changed."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "hospital_id", "subject", "subject_id"), APPEND_ONLY)

    hospital_id: Mapped[int | None]
    actor_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int]
    at: Mapped[datetime]


class IdempotencyKey(Base):
    """A key that a client chose, what it asked for (as a digest), and the row that was made of it."""

    __tablename__ = "idempotency_keys"

    hospital_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    made_id: Mapped[int]
    created_at: Mapped[datetime]
