"""Messages: what was sent to whom and how it fared, what came back, and who wants to hear nothing."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from outpatient.core.terms import Channel, NotificationStatus, Purpose
from outpatient.models.columns import Base, HospitalRow, Row, belongs_to, in_hospital, only_where, term

APPEND_ONLY = {"sqlite_autoincrement": True}


class Notification(Row):
    """One message to one person on one channel. The row is there before the carrier is asked, and tells how it fared.

    `tried_at` is set while a try is under way: found set by the next, nobody knows how the last one ended. `body` is
    what was said (never a one-time code); `provider_id` is how the carrier knows it.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        Index(None, "hospital_id", "created_at"),
        Index(None, "patient_id", "created_at"),
        only_where("ix_notifications_provider_id", "provider_id", "provider_id IS NOT NULL"),
        APPEND_ONLY,
    )

    hospital_id: Mapped[int | None]
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    notification_type: Mapped[str] = mapped_column(String(40))
    channel: Mapped[Channel] = mapped_column(term(Channel))
    recipient: Mapped[str] = mapped_column(String(254))
    patient_id: Mapped[int | None]
    user_id: Mapped[int | None]
    appointment_id: Mapped[int | None]
    status: Mapped[NotificationStatus] = mapped_column(term(NotificationStatus))
    body: Mapped[str | None] = mapped_column(String(2000))
    language: Mapped[str | None] = mapped_column(String(8))
    provider_id: Mapped[str | None] = mapped_column(String(120))
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    last_error: Mapped[str | None] = mapped_column(String(500))
    tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class InboundMessage(Row):
    """A message that somebody sent to us, by the carrier's id, and what came of it (seed 004's log)."""

    __tablename__ = "inbound_messages"
    __table_args__ = (
        UniqueConstraint("provider_id"),
        Index(None, "hospital_id", "received_at"),
        APPEND_ONLY,
    )

    hospital_id: Mapped[int | None]
    provider_id: Mapped[str] = mapped_column(String(64))
    channel: Mapped[Channel] = mapped_column(term(Channel))
    sender: Mapped[str] = mapped_column(String(32))
    recipient: Mapped[str] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(String(1600))
    command: Mapped[str | None] = mapped_column(String(16))
    outcome: Mapped[str] = mapped_column(String(40))
    answer: Mapped[str | None] = mapped_column(String(500))
    appointment_id: Mapped[int | None]
    received_at: Mapped[datetime]


class OptOut(Base):
    """An address that wants no more messages on a channel (STOP); one-time codes that it asks for still come."""

    __tablename__ = "opt_outs"

    channel: Mapped[Channel] = mapped_column(term(Channel), primary_key=True)
    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    stopped_at: Mapped[datetime]


class Consent(HospitalRow):
    """What a patient said about being written to, one row each time; the newest of a purpose counts."""

    __tablename__ = "consents"
    __table_args__ = in_hospital(
        belongs_to("patients", "patient_id"),
        Index(None, "patient_id", "purpose"),
    )

    patient_id: Mapped[int]
    purpose: Mapped[Purpose] = mapped_column(term(Purpose))
    is_given: Mapped[bool]
    source: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None]
    at: Mapped[datetime]
