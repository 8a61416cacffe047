"""Clinicians and the hours they keep."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outpatient.models.columns import HospitalRow, belongs_to, in_hospital, only_where


class Clinician(HospitalRow):
    """A user's profile as someone who sees patients.

    `schedule_version` rises before every change of hours, fee, duration or time off, so that no booking can be
    placed on hours that no longer hold.
    """

    __tablename__ = "clinicians"
    __table_args__ = in_hospital(
        UniqueConstraint("hospital_id", "user_id"),
        belongs_to("centres", "primary_centre_id"),
        belongs_to("departments", "department_id"),
        CheckConstraint("consultation_fee_minor >= 0", name="fee"),
        CheckConstraint("capacity BETWEEN 1 AND 50", name="capacity"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    primary_centre_id: Mapped[int]
    department_id: Mapped[int | None]
    designation: Mapped[str | None] = mapped_column(String(120))
    specialization: Mapped[list[str]]
    qualification: Mapped[list[str]]
    languages: Mapped[list[str]]
    years_of_experience: Mapped[int] = mapped_column(default=0)
    bio: Mapped[str | None] = mapped_column(String(2000))
    profile_picture_url: Mapped[str | None] = mapped_column(String(500))
    consultation_fee_minor: Mapped[int] = mapped_column(default=0)
    default_duration_minutes: Mapped[int | None]
    capacity: Mapped[int] = mapped_column(default=1)
    daily_patient_limit: Mapped[int | None]
    room: Mapped[str | None] = mapped_column(String(40))
    schedule_version: Mapped[int] = mapped_column(default=1)
    is_on_duty: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class AvailabilityRule(HospitalRow):
    """Weekly wall-clock hours at a centre: minutes from local midnight, the end exclusive and at most 1440."""

    __tablename__ = "availability_rules"
    __table_args__ = in_hospital(
        belongs_to("clinicians", "clinician_id"),
        belongs_to("centres", "centre_id"),
        Index(None, "clinician_id"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("start_minute >= 0 AND start_minute < end_minute AND end_minute <= 1440", name="hours"),
    )

    clinician_id: Mapped[int]
    centre_id: Mapped[int]
    weekday: Mapped[int]
    start_minute: Mapped[int]
    end_minute: Mapped[int]


class OpenSlot(HospitalRow):
    """One dated bookable interval made by hand."""

    __tablename__ = "open_slots"
    __table_args__ = in_hospital(
        belongs_to("clinicians", "clinician_id"),
        belongs_to("centres", "centre_id"),
        Index(None, "clinician_id", "starts_at"),
        CheckConstraint("starts_at < ends_at", name="interval"),
    )

    clinician_id: Mapped[int]
    centre_id: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class TimeOff(HospitalRow):
    """A dated interval in which nothing of a clinician is bookable."""

    __tablename__ = "time_off"
    __table_args__ = in_hospital(
        belongs_to("clinicians", "clinician_id"),
        Index(None, "clinician_id", "starts_at"),
        CheckConstraint("starts_at < ends_at", name="interval"),
    )

    clinician_id: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(500))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Occupancy(HospitalRow):
    """What makes double booking impossible: an interval of a clinician that is taken, its buffer included.

    `lane` is None when every lane is taken (time off). The constraint `no_overlap` (an exclusion constraint on
    PostgreSQL, triggers on SQLite; see migrations/) refuses two rows that share a lane and a moment.
    """

    __tablename__ = "occupancy"
    __table_args__ = (
        belongs_to("clinicians", "clinician_id"),
        belongs_to("appointments", "appointment_id"),
        belongs_to("time_off", "time_off_id"),
        UniqueConstraint("appointment_id"),
        only_where("uq_occupancy_time_off_id", "time_off_id", "time_off_id IS NOT NULL", unique=True),
        CheckConstraint("starts_at < ends_at", name="interval"),
        CheckConstraint("(appointment_id IS NULL) <> (time_off_id IS NULL)", name="occupant"),
        Index(None, "clinician_id", "ends_at"),
        {"sqlite_autoincrement": True},
    )

    clinician_id: Mapped[int]
    lane: Mapped[int | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    appointment_id: Mapped[int | None]
    time_off_id: Mapped[int | None]
