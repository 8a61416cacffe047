"""Visits: the patients who are there, their tokens, and the order in which they are seen."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from outpatient.core.terms import Priority
from outpatient.core.terms import VisitStatus as Status
from outpatient.models.columns import Base, HospitalRow, belongs_to, in_hospital, only_where, term

VISIT_MOVES: dict[Status, frozenset[Status]] = {
    Status.EXPECTED: frozenset({Status.WAITING, Status.CANCELLED, Status.NO_SHOW}),
    Status.WAITING: frozenset(
        {Status.CALLED, Status.IN_PROGRESS, Status.ON_HOLD, Status.SKIPPED, Status.CANCELLED, Status.NO_SHOW}
    ),
    Status.CALLED: frozenset(
        {
            Status.IN_PROGRESS,
            Status.COMPLETED,
            Status.WAITING,
            Status.ON_HOLD,
            Status.SKIPPED,
            Status.NO_SHOW,
            Status.CANCELLED,
        }
    ),
    Status.SKIPPED: frozenset({Status.WAITING, Status.CALLED, Status.NO_SHOW, Status.CANCELLED}),
    Status.ON_HOLD: frozenset({Status.WAITING, Status.CALLED, Status.CANCELLED, Status.NO_SHOW}),
    Status.IN_PROGRESS: frozenset({Status.COMPLETED, Status.ON_HOLD}),
    Status.NO_SHOW: frozenset({Status.WAITING}),
    Status.COMPLETED: frozenset(),
    Status.CANCELLED: frozenset(),
}
"""From → to (DESIGN §4). Every change of status is a compare-and-set along this table; undo is a reverse event."""

LINE = "status IN ('WAITING', 'SKIPPED')"
ROOM = "status IN ('CALLED', 'IN_PROGRESS', 'ON_HOLD')"
PRESENT = "status IN ('WAITING', 'SKIPPED', 'CALLED', 'IN_PROGRESS', 'ON_HOLD')"
UNASKED = "visits.status = 'COMPLETED' AND visits.feedback_asked_at IS NULL"
"""Who stands in line, who is called, seen or parked, both, and whose visit is over and nobody asked how it was: in the
very words of the partial indexes, because a query uses such an index only if it says the same without parameters."""


class Visit(HospitalRow):
    """The patient's presence on a service day. It exists from booking on, EXPECTED, one per appointment for ever.

    Its place in the order is (`queue_rank`, `queue_day`, `position`, `id`), set when the patient arrives and changed
    only by what moves him (skip, reorder, priority); `checked_in_at` is his arrival and never changes. `not_before`
    keeps him out of turn until then. Without a clinician he waits for whoever of the department calls first.
    Centre and department are copied from what the visit belongs to, so they carry no keys of their own.
    """

    __tablename__ = "visits"
    __table_args__ = in_hospital(
        belongs_to("appointments", "appointment_id"),
        belongs_to("patients", "patient_id"),
        belongs_to("clinicians", "clinician_id"),
        belongs_to("services", "service_id"),
        UniqueConstraint("appointment_id"),
        Index(None, "centre_id", "service_on"),
        only_where("ix_visits_walk_ins", "clinician_id, service_on", "appointment_id IS NULL"),
        only_where("ix_visits_walk_in_patients", "patient_id", "appointment_id IS NULL"),
        only_where("ix_visits_line", "clinician_id, queue_rank, queue_day, position", LINE),
        only_where("ix_visits_room", "clinician_id", ROOM),
        only_where("ix_visits_department", "department_id", PRESENT),
        only_where(
            "ix_visits_unassigned", "department_id, queue_rank, queue_day, position", f"clinician_id IS NULL AND {LINE}"
        ),
        only_where("ix_visits_unasked", "hospital_id, completed_at", UNASKED.replace("visits.", "")),
        only_where("uq_visits_in_progress", "clinician_id", "status = 'IN_PROGRESS'", unique=True),
        only_where(
            "uq_visits_token",
            "hospital_id, token_group, token_period_on, token_number",
            "token_number IS NOT NULL",
            unique=True,
        ),
        CheckConstraint("(token_number IS NULL) = (token_label IS NULL)", name="token_whole"),
        CheckConstraint(f"NOT ({PRESENT}) OR (position IS NOT NULL AND token_number IS NOT NULL)", name="placed"),
    )

    appointment_id: Mapped[int | None]
    patient_id: Mapped[int]
    clinician_id: Mapped[int | None]
    centre_id: Mapped[int]
    department_id: Mapped[int | None]
    service_id: Mapped[int | None]
    service_on: Mapped[date]
    status: Mapped[Status] = mapped_column(term(Status))
    priority: Mapped[Priority] = mapped_column(term(Priority), default=Priority.NORMAL, server_default=text("'NORMAL'"))
    notes: Mapped[str | None] = mapped_column(String(2000))

    token_group: Mapped[str | None] = mapped_column(String(24))
    token_period_on: Mapped[date | None]
    token_number: Mapped[int | None]
    token_label: Mapped[str | None] = mapped_column(String(24))

    queue_rank: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    queue_day: Mapped[date | None]
    position: Mapped[int | None]
    not_before: Mapped[datetime | None]
    hold_reason: Mapped[str | None] = mapped_column(String(500))

    checked_in_at: Mapped[datetime | None]
    called_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    estimated_minutes: Mapped[int | None]
    estimated_from: Mapped[int | None]
    estimated_to: Mapped[int | None]

    turn_told_at: Mapped[datetime | None]
    feedback_asked_at: Mapped[datetime | None]


class TokenCounter(Base):
    """The last number given out in a token group (`department:3`, `clinician:7`) and period.

    A row, not a sequence: it rolls back with the check-in that asked for the number, so numbers have no gaps.
    """

    __tablename__ = "token_counters"

    hospital_id: Mapped[int] = mapped_column(primary_key=True)
    token_group: Mapped[str] = mapped_column(String(24), primary_key=True)
    period_on: Mapped[date] = mapped_column(primary_key=True)
    last_number: Mapped[int]


class VisitRecord(HospitalRow):
    """What a finished visit was: seed 002's VisitHistory. One per visit, whoever finishes it."""

    __tablename__ = "visit_history"
    __table_args__ = in_hospital(
        belongs_to("visits", "visit_id"),
        UniqueConstraint("visit_id"),
        Index(None, "patient_id", "service_on"),
        Index(None, "clinician_id", "completed_at"),
    )

    visit_id: Mapped[int]
    appointment_id: Mapped[int | None]
    patient_id: Mapped[int]
    clinician_id: Mapped[int | None]
    centre_id: Mapped[int]
    department_id: Mapped[int | None]
    service_on: Mapped[date]
    token_label: Mapped[str | None] = mapped_column(String(24))
    priority: Mapped[Priority] = mapped_column(term(Priority))
    checked_in_at: Mapped[datetime | None]
    called_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    completed_at: Mapped[datetime]


class Pace(Base):
    """How long a clinician's recent consultations took: their trimmed mean and spread, in seconds."""

    __tablename__ = "paces"

    clinician_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hospital_id: Mapped[int]
    mean_seconds: Mapped[int]
    spread_seconds: Mapped[int]
    counted: Mapped[int]
