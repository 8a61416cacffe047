"""Patient records, who may act for them, and the notes of those who treat them."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outpatient.core.terms import Gender, Kinship
from outpatient.models.columns import Base, HospitalRoot, HospitalRow, belongs_to, in_hospital, term


class Patient(HospitalRoot):
    """A person's record in one hospital. A family may share a phone, but not a phone and a name (`name_key`)."""

    __tablename__ = "patients"
    __table_args__ = in_hospital(UniqueConstraint("hospital_id", "phone", "name_key"))

    full_name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(254))
    date_of_birth: Mapped[date | None]
    birth_year: Mapped[int | None]
    gender: Mapped[Gender | None] = mapped_column(term(Gender))
    blood_group: Mapped[str | None] = mapped_column(String(8))
    address: Mapped[str | None] = mapped_column(String(500))
    emergency_contact_name: Mapped[str | None] = mapped_column(String(200))
    emergency_contact_phone: Mapped[str | None] = mapped_column(String(20))
    medical_history: Mapped[str | None] = mapped_column(String(10_000))
    language: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class PatientAccess(Base):
    """A user may act for a patient: for himself, or as the guardian of one who shares his phone."""

    __tablename__ = "patient_access"
    __table_args__ = (belongs_to("patients", "patient_id"), Index(None, "user_id"))

    hospital_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    patient_id: Mapped[int] = mapped_column(primary_key=True)
    kinship: Mapped[Kinship] = mapped_column(term(Kinship))


class PatientNote(HospitalRow):
    """What a clinician wrote about a patient; never changed, only added to."""

    __tablename__ = "patient_notes"
    __table_args__ = in_hospital(
        belongs_to("patients", "patient_id"),
        belongs_to("appointments", "appointment_id"),
        Index(None, "patient_id", "created_at"),
    )

    patient_id: Mapped[int]
    appointment_id: Mapped[int | None]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(String(10_000))
    created_at: Mapped[datetime]
