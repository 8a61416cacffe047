"""The tenant and its rules."""

from datetime import datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from outpatient.core.terms import BookingMode, NoShowMode, Prepayment, TokenReset
from outpatient.models.columns import Base, HospitalRoot, HospitalRow, Row, belongs_to, in_hospital, term


class Hospital(Row):
    """One organisation: the wall around its people, places and records."""

    __tablename__ = "hospitals"

    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    currency: Mapped[str] = mapped_column(String(3), default="INR")
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class HospitalConfig(Base):
    """How one hospital books, queues, charges and writes. Minutes and days unless said otherwise.

    Between `quiet_from` and `quiet_until`, in the centre's time, only what cannot wait is sent (the same time twice:
    there are no quiet hours). Who cancels himself at least `full_refund_notice_minutes` before his time gets all that
    he paid, later `late_refund_percent` of it.
    """

    __tablename__ = "hospital_configs"

    hospital_id: Mapped[int] = mapped_column(ForeignKey("hospitals.id"), primary_key=True)
    time_zone: Mapped[str] = mapped_column(String(64), default="Asia/Kolkata")
    language: Mapped[str] = mapped_column(String(8), default="en")
    booking_mode: Mapped[BookingMode] = mapped_column(term(BookingMode), default=BookingMode.BOTH)
    prepayment: Mapped[Prepayment] = mapped_column(term(Prepayment), default=Prepayment.BOOKING)
    hold_minutes: Mapped[int] = mapped_column(default=15)
    default_duration_minutes: Mapped[int] = mapped_column(default=30)
    buffer_minutes: Mapped[int] = mapped_column(default=0)
    minimum_notice_minutes: Mapped[int] = mapped_column(default=0)
    booking_horizon_days: Mapped[int] = mapped_column(default=90)
    cancellation_notice_minutes: Mapped[int] = mapped_column(default=0)
    max_unpaid_holds: Mapped[int] = mapped_column(default=2)
    daily_patient_limit: Mapped[int | None]
    max_queue_length: Mapped[int | None]
    early_arrival_minutes: Mapped[int] = mapped_column(default=240)
    skip_positions: Mapped[int] = mapped_column(default=2)
    default_consultation_minutes: Mapped[int] = mapped_column(default=15)
    token_reset_frequency: Mapped[TokenReset] = mapped_column(term(TokenReset), default=TokenReset.DAILY)
    token_prefix: Mapped[str] = mapped_column(String(8), default="T")
    reminder_minutes: Mapped[int] = mapped_column(default=180)
    no_show_after_minutes: Mapped[int] = mapped_column(default=15)
    no_show_mode: Mapped[NoShowMode] = mapped_column(
        term(NoShowMode), default=NoShowMode.MARK, server_default=text("'MARK'")
    )
    turn_near_positions: Mapped[int] = mapped_column(default=2, server_default=text("2"))
    feedback_after_minutes: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    quiet_from: Mapped[time] = mapped_column(default=time(21), server_default=text("'21:00:00'"))
    quiet_until: Mapped[time] = mapped_column(default=time(8), server_default=text("'08:00:00'"))
    full_refund_notice_minutes: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    late_refund_percent: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    payment_link_hours: Mapped[int] = mapped_column(default=24, server_default=text("24"))
    invoice_prefix: Mapped[str] = mapped_column(String(12), default="INV", server_default=text("'INV'"))
    tax_number: Mapped[str | None] = mapped_column(String(32))


class Centre(HospitalRoot):
    """A place with an address and a time zone."""

    __tablename__ = "centres"
    __table_args__ = in_hospital()

    name: Mapped[str] = mapped_column(String(200))
    city: Mapped[str] = mapped_column(String(120))
    address: Mapped[str | None] = mapped_column(String(500))
    phone: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(254))
    time_zone: Mapped[str] = mapped_column(String(64))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class Department(HospitalRow):
    """A part of a centre that shares a waiting room; its empty settings fall back to the hospital's."""

    __tablename__ = "departments"
    __table_args__ = in_hospital(belongs_to("centres", "centre_id"))

    centre_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str | None] = mapped_column(String(500))
    token_prefix: Mapped[str | None] = mapped_column(String(8))
    booking_mode: Mapped[BookingMode | None] = mapped_column(term(BookingMode))
    token_reset_frequency: Mapped[TokenReset | None] = mapped_column(term(TokenReset))
    daily_patient_limit: Mapped[int | None]
    max_queue_length: Mapped[int | None]
    default_consultation_minutes: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class Service(HospitalRoot):
    """What is booked: a name, a length and a price in minor units (None: the clinician's own)."""

    __tablename__ = "services"
    __table_args__ = in_hospital(
        belongs_to("departments", "department_id"),
        CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name="duration"),
        CheckConstraint("price_minor >= 0", name="price"),
    )

    department_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str | None] = mapped_column(String(500))
    duration_minutes: Mapped[int]
    price_minor: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
