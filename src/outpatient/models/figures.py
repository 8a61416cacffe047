"""Figures, counted from the tables that they speak of (docs/analytics.md) and never the other way round.

They hold nothing that could not be counted anew, so they carry no keys to what they count. `analytics` alone writes
them, one process at a time.
"""

from datetime import date

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from outpatient.models.columns import Base


class DailyFigures(Base):
    """A clinician's day at a centre: his appointments by what became of them, his walk-ins, and the money of the day.

    `clinician_id` 0 is nobody: a walk-in that waits for anybody, money that was taken for nobody in particular.
    """

    __tablename__ = "daily_figures"
    __table_args__ = (Index(None, "hospital_id", "day"), Index(None, "clinician_id", "day"))

    hospital_id: Mapped[int] = mapped_column(primary_key=True)
    centre_id: Mapped[int] = mapped_column(primary_key=True)
    clinician_id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    pending: Mapped[int] = mapped_column(server_default=text("0"))
    confirmed: Mapped[int] = mapped_column(server_default=text("0"))
    checked_in: Mapped[int] = mapped_column(server_default=text("0"))
    completed: Mapped[int] = mapped_column(server_default=text("0"))
    cancelled: Mapped[int] = mapped_column(server_default=text("0"))
    no_show: Mapped[int] = mapped_column(server_default=text("0"))
    walk_ins: Mapped[int] = mapped_column(server_default=text("0"))
    follow_ups: Mapped[int] = mapped_column(server_default=text("0"))
    revenue_minor: Mapped[int] = mapped_column(server_default=text("0"))


class Newcomer(Base):
    """When a patient was new to a centre, or to the hospital (`centre_id` 0), and by what way he came (`source`)."""

    __tablename__ = "newcomers"
    __table_args__ = (Index(None, "hospital_id", "centre_id", "day"),)

    patient_id: Mapped[int] = mapped_column(primary_key=True)
    centre_id: Mapped[int] = mapped_column(primary_key=True)
    hospital_id: Mapped[int]
    day: Mapped[date]
    source: Mapped[str] = mapped_column(String(24))


class DailyNewcomers(Base):
    """How many patients were new to a centre, or to the hospital (`centre_id` 0), on a day, by each source."""

    __tablename__ = "daily_newcomers"

    hospital_id: Mapped[int] = mapped_column(primary_key=True)
    centre_id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(24), primary_key=True)
    patients: Mapped[int]


NO_SOURCE = "NONE"
"""The source of a patient who has a record and has never come."""
