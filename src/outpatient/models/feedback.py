"""What patients say after a visit, and what it adds up to for each clinician."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outpatient.models.columns import Base, HospitalRow, belongs_to, in_hospital


class Feedback(HospitalRow):
    """One to five stars for a visit, and a few words; one for each visit, whoever gives it."""

    __tablename__ = "feedback"
    __table_args__ = in_hospital(
        belongs_to("visits", "visit_id"),
        belongs_to("patients", "patient_id"),
        belongs_to("clinicians", "clinician_id"),
        UniqueConstraint("visit_id"),
        Index(None, "clinician_id", "given_at"),
        Index(None, "hospital_id", "given_at"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
    )

    visit_id: Mapped[int]
    patient_id: Mapped[int]
    clinician_id: Mapped[int | None]
    centre_id: Mapped[int]
    rating: Mapped[int]
    comment: Mapped[str | None] = mapped_column(String(2000))
    given_by: Mapped[int]
    given_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]


class ClinicianRating(Base):
    """How many patients rated a clinician, and how many stars that makes; kept with each feedback."""

    __tablename__ = "clinician_ratings"

    clinician_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hospital_id: Mapped[int]
    ratings: Mapped[int]
    stars: Mapped[int]
