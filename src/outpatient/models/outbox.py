"""What happened, who must still be told, who was told, and who looked: all written in the transaction of the deed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outpatient.core.terms import DeliveryStatus
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


class Follower(Base):
    """Somebody who is told of every event, in the order of `position`; all up to his own are safely told.

    Whoever is outside is told by one process at a time, which holds the lease; while he is away his backlog waits. What
    follows inside needs no lease: its work and its position are one transaction (-1: it has yet to begin).
    """

    __tablename__ = "followers"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int]
    lease: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[datetime | None]
