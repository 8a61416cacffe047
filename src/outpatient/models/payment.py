"""Money, in minor units (paise): what is asked, what came in and how, what goes back, and the ledger of it all."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from outpatient.core.terms import Account, EntryKind, PaymentMethod, PaymentStatus, RefundStatus
from outpatient.models.columns import Base, HospitalRow, Row, belongs_to, in_hospital, only_where, term


class Payment(HospitalRow):
    """The account of one visit: what it costs, what came in, what goes back; it names the visit's patient again.

    The three sums are what the ledger says of it (a refund counts from its promise on), kept here so that a guarded
    update can refuse what is too much; `status` follows from them (payments/rules.py).
    """

    __tablename__ = "payments"
    __table_args__ = in_hospital(
        belongs_to("visits", "visit_id"),
        UniqueConstraint("visit_id"),
        Index(None, "appointment_id"),
        CheckConstraint("amount_minor >= 0 AND paid_minor >= 0", name="amounts"),
        CheckConstraint("discount_minor >= 0 AND discount_minor <= amount_minor", name="discounts"),
        CheckConstraint("refunded_minor >= 0 AND refunded_minor <= paid_minor", name="refunds"),
    )

    appointment_id: Mapped[int | None]
    visit_id: Mapped[int]
    patient_id: Mapped[int]
    amount_minor: Mapped[int]
    discount_minor: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    paid_minor: Mapped[int] = mapped_column(default=0)
    refunded_minor: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[PaymentStatus] = mapped_column(term(PaymentStatus))
    method: Mapped[str | None] = mapped_column(String(24))
    transaction_id: Mapped[str | None] = mapped_column(String(64))
    paid_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class PaymentOrder(HospitalRow):
    """An order at a payment provider, for exactly this payment, amount and currency.

    `closed_at` is set once it is known how it ended, `checked_at` is when we last asked the provider about it.
    """

    __tablename__ = "payment_orders"
    __table_args__ = in_hospital(
        belongs_to("payments", "payment_id"),
        UniqueConstraint("provider", "provider_order_id"),
        Index(None, "payment_id"),
        only_where("ix_payment_orders_open", "created_at", "closed_at IS NULL"),
    )

    payment_id: Mapped[int]
    provider: Mapped[str] = mapped_column(String(24))
    provider_order_id: Mapped[str] = mapped_column(String(64))
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class PaymentLink(HospitalRow):
    """A page of the provider's where one amount can be paid until `expires_at`."""

    __tablename__ = "payment_links"
    __table_args__ = in_hospital(
        belongs_to("payments", "payment_id"),
        UniqueConstraint("provider", "provider_link_id"),
        Index(None, "payment_id"),
        only_where("ix_payment_links_open", "created_at", "closed_at IS NULL"),
    )

    payment_id: Mapped[int]
    provider: Mapped[str] = mapped_column(String(24))
    provider_link_id: Mapped[str] = mapped_column(String(64))
    url: Mapped[str] = mapped_column(String(500))
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    expires_at: Mapped[datetime]
    created_by: Mapped[int | None]
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class Receipt(HospitalRow):
    """Money that came in, once: `reference` is the provider's payment id, or ours for money taken at the desk.

    `slip` is what the desk's slip says, if anything: many may say the same.
    """

    __tablename__ = "receipts"
    __table_args__ = in_hospital(
        belongs_to("payments", "payment_id"),
        UniqueConstraint("provider", "reference"),
        Index(None, "payment_id"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("returned_minor >= 0 AND returned_minor <= amount_minor", name="returned"),
    )

    payment_id: Mapped[int]
    provider: Mapped[str] = mapped_column(String(24))
    reference: Mapped[str] = mapped_column(String(64))
    slip: Mapped[str | None] = mapped_column(String(64))
    amount_minor: Mapped[int]
    returned_minor: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    currency: Mapped[str] = mapped_column(String(3))
    method: Mapped[PaymentMethod] = mapped_column(term(PaymentMethod))
    received_by: Mapped[int | None]
    received_at: Mapped[datetime]

    @property
    def known_as(self) -> str:
        """What people call it."""
        return self.slip or self.reference


class Refund(HospitalRow):
    """So much of one receipt goes back. At a provider it is asked for after the commit, under our own key.

    `checked_at` is when we last asked the provider what became of it.
    """

    __tablename__ = "refunds"
    __table_args__ = in_hospital(
        belongs_to("payments", "payment_id"),
        belongs_to("receipts", "receipt_id"),
        Index(None, "payment_id"),
        only_where("ix_refunds_pending", "requested_at", "status = 'PENDING'"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )

    payment_id: Mapped[int]
    receipt_id: Mapped[int]
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(String(500))
    status: Mapped[RefundStatus] = mapped_column(term(RefundStatus))
    provider_refund_id: Mapped[str | None] = mapped_column(String(64))
    last_error: Mapped[str | None] = mapped_column(String(500))
    requested_by: Mapped[int | None]
    requested_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class LedgerEntry(HospitalRow):
    """One half of a posting: `amount_minor` more (or less, if negative) on `account`. Never changed, never deleted, and
    so without a word that anybody wrote: reasons stand with the refund, and in the event of a discount.

    `entered_on` is the day in the centre's zone; centre and clinician are copied, so that figures need no joins.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = in_hospital(
        belongs_to("payments", "payment_id"),
        Index(None, "payment_id"),
        Index(None, "hospital_id", "entered_on", "account"),
        Index(None, "clinician_id", "entered_on"),
        CheckConstraint("amount_minor <> 0", name="amount"),
    )

    payment_id: Mapped[int]
    centre_id: Mapped[int]
    clinician_id: Mapped[int | None]
    kind: Mapped[EntryKind] = mapped_column(term(EntryKind))
    account: Mapped[Account] = mapped_column(term(Account))
    amount_minor: Mapped[int]
    reference: Mapped[str] = mapped_column(String(64))
    entered_by: Mapped[int | None]
    entered_on: Mapped[date]
    at: Mapped[datetime]


class WebhookEvent(Row):
    """A provider's message that was taken in, by its own id, so that a repeat does nothing; and what became of it."""

    __tablename__ = "webhook_events"
    __table_args__ = (UniqueConstraint("provider", "event_id"), {"sqlite_autoincrement": True})

    provider: Mapped[str] = mapped_column(String(24))
    event_id: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(24))
    received_at: Mapped[datetime]


class Invoice(HospitalRow):
    """What was charged for a visit, as it was on the day of issue (`content`); its hospital's numbers have no gaps."""

    __tablename__ = "invoices"
    __table_args__ = in_hospital(
        belongs_to("visits", "visit_id"),
        belongs_to("payments", "payment_id"),
        UniqueConstraint("visit_id"),
        UniqueConstraint("hospital_id", "number"),
    )

    visit_id: Mapped[int]
    payment_id: Mapped[int]
    number: Mapped[int]
    label: Mapped[str] = mapped_column(String(32))
    content: Mapped[dict[str, Any]]
    issued_by: Mapped[int | None]
    issued_at: Mapped[datetime]


class InvoiceCounter(Base):
    """The last invoice number of a hospital: a row, so that it rolls back with the invoice that asked for it."""

    __tablename__ = "invoice_counters"

    hospital_id: Mapped[int] = mapped_column(ForeignKey("hospitals.id"), primary_key=True)
    last_number: Mapped[int]
