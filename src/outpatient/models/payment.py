"""What is owed for a visit and the orders by which it is asked for. Amounts are minor units (paise)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from outpatient.core.terms import PaymentStatus
from outpatient.models.columns import HospitalRow, belongs_to, in_hospital, term


class Payment(HospitalRow):
    """The account of one visit: what it costs, what came in, what went back; it names the visit's patient again."""

    __tablename__ = "payments"
    __table_args__ = in_hospital(
        belongs_to("visits", "visit_id"),
        UniqueConstraint("visit_id"),
        Index(None, "appointment_id"),
        CheckConstraint("amount_minor >= 0 AND paid_minor >= 0", name="amounts"),
        CheckConstraint("refunded_minor >= 0 AND refunded_minor <= paid_minor", name="refunds"),
    )

    appointment_id: Mapped[int | None]
    visit_id: Mapped[int]
    patient_id: Mapped[int]
    amount_minor: Mapped[int]
    paid_minor: Mapped[int] = mapped_column(default=0)
    refunded_minor: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[PaymentStatus] = mapped_column(term(PaymentStatus))
    method: Mapped[str | None] = mapped_column(String(24))
    paid_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class PaymentOrder(HospitalRow):
    """An order at a payment provider, for exactly this payment, amount and currency."""

    __tablename__ = "payment_orders"
    __table_args__ = in_hospital(
        belongs_to("payments", "payment_id"),
        UniqueConstraint("provider", "provider_order_id"),
        Index(None, "payment_id"),
    )

    payment_id: Mapped[int]
    provider: Mapped[str] = mapped_column(String(24))
    provider_order_id: Mapped[str] = mapped_column(String(64))
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    created_at: Mapped[datetime]
