"""Appointments: who sees whom, when, and what became of it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from outpatient.core.terms import AppointmentStatus as Status
from outpatient.core.terms import BookingSource, BookingType, CancelledBy, SessionType
from outpatient.models.columns import HospitalRow, belongs_to, in_hospital, only_where, term

APPOINTMENT_MOVES: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.CONFIRMED, Status.CHECKED_IN, Status.CANCELLED, Status.NO_SHOW}),
    Status.CONFIRMED: frozenset({Status.CHECKED_IN, Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW}),
    Status.CHECKED_IN: frozenset({Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW}),
    Status.NO_SHOW: frozenset({Status.CHECKED_IN}),
    Status.COMPLETED: frozenset(),
    Status.CANCELLED: frozenset(),
}
"""From → to (DESIGN §4). Every change of status is a compare-and-set along this table."""


class Appointment(HospitalRow):
    """A booked interval of a clinician with a patient (TIME_SLOT), or a booked place in a day's queue (TOKEN).

    `expires_at` makes it a hold: unpaid by then, it ends. `service_on` is the day in the centre's zone.
    """

    __tablename__ = "appointments"
    __table_args__ = in_hospital(
        belongs_to("patients", "patient_id"),
        belongs_to("clinicians", "clinician_id"),
        belongs_to("centres", "centre_id"),
        belongs_to("departments", "department_id"),
        belongs_to("services", "service_id"),
        Index(None, "clinician_id", "service_on", "starts_at"),
        Index(None, "patient_id", "service_on"),
        Index(None, "hospital_id", "service_on", "starts_at"),
        only_where("ix_appointments_holds", "expires_at", "status = 'PENDING' AND expires_at IS NOT NULL"),
        CheckConstraint("(booking_type = 'TOKEN') = (starts_at IS NULL)", name="interval_given"),
        CheckConstraint("(starts_at IS NULL) = (ends_at IS NULL)", name="interval_whole"),
        CheckConstraint("fee_minor >= 0", name="fee"),
    )

    patient_id: Mapped[int]
    clinician_id: Mapped[int]
    centre_id: Mapped[int]
    department_id: Mapped[int | None]
    service_id: Mapped[int | None]
    booking_type: Mapped[BookingType] = mapped_column(term(BookingType))
    service_on: Mapped[date]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    session_type: Mapped[SessionType] = mapped_column(term(SessionType))
    status: Mapped[Status] = mapped_column(term(Status))
    booking_source: Mapped[BookingSource] = mapped_column(term(BookingSource))
    fee_minor: Mapped[int]
    notes: Mapped[str | None] = mapped_column(String(2000))
    cancelled_by: Mapped[CancelledBy | None] = mapped_column(term(CancelledBy))
    cancel_reason: Mapped[str | None] = mapped_column(String(500))
    expires_at: Mapped[datetime | None]
    meet_link: Mapped[str | None] = mapped_column(String(500))
    reminded_at: Mapped[datetime | None]
    no_show_proposed_at: Mapped[datetime | None]
    created_by: Mapped[int | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
