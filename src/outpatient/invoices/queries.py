"""What invoices are made of, and the invoices themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from outpatient.access.actor import Actor
from outpatient.access.reach import within_reach
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.terms import RefundStatus
from outpatient.invoices.rules import settled
from outpatient.models import (
    Centre,
    Clinician,
    Hospital,
    HospitalConfig,
    Invoice,
    Patient,
    Payment,
    Receipt,
    Refund,
    Service,
    User,
    Visit,
)
from outpatient.payments.rules import ASKED


def visible_to(actor: Actor | None) -> ColumnElement[bool]:
    """The visits whose invoices somebody may see: his own as patient or clinician, his centres', his hospital's."""
    return within_reach(actor, Visit)


async def get_charged_visit(tx: Tx, actor: Actor | None, visit_id: int) -> Mapping[str, Any]:
    """A visit with everything that its invoice speaks of; its payment is locked (NotFound)."""
    payment = await tx.one_or_none(
        select(Payment)
        .join(Visit, Visit.id == Payment.visit_id)
        .where(Payment.visit_id == visit_id, visible_to(actor))
        .with_for_update(key_share=True, of=Payment)
    )
    if payment is None:
        raise NotFound.of("Visit")
    rows = await tx.rows(
        select(
            Visit.id.label("visit_id"),
            Visit.hospital_id,
            Visit.patient_id,
            Visit.centre_id,
            Visit.clinician_id,
            Visit.service_on,
            Visit.token_label,
            Hospital.name.label("hospital_name"),
            HospitalConfig.tax_number,
            HospitalConfig.invoice_prefix,
            HospitalConfig.language.label("hospital_language"),
            Centre.name.label("centre_name"),
            Centre.address,
            Centre.city,
            Centre.phone.label("centre_phone"),
            Centre.time_zone,
            Patient.full_name.label("patient_name"),
            Patient.language.label("patient_language"),
            User.full_name.label("clinician_name"),
            Service.name.label("service_name"),
        )
        .join(Hospital, Hospital.id == Visit.hospital_id)
        .join(HospitalConfig, HospitalConfig.hospital_id == Visit.hospital_id)
        .join(Centre, Centre.id == Visit.centre_id)
        .join(Patient, Patient.id == Visit.patient_id)
        .outerjoin(Clinician, Clinician.id == Visit.clinician_id)
        .outerjoin(User, User.id == Clinician.user_id)
        .outerjoin(Service, Service.id == Visit.service_id)
        .where(Visit.id == visit_id)
    )
    return {
        **rows[0],
        "language": rows[0]["patient_language"] or rows[0]["hospital_language"],
        **{
            name: getattr(payment, name)
            for name in ("amount_minor", "discount_minor", "paid_minor", "currency", "status")
        },
        "payment_id": payment.id,
    }


async def find_invoice(tx: Tx, actor: Actor | None, visit_id: int) -> Invoice | None:
    """The invoice of a visit, as far as the actor may see it; None: it was not issued yet."""
    found: Invoice | None = await tx.one_or_none(
        select(Invoice).join(Visit, Visit.id == Invoice.visit_id).where(Invoice.visit_id == visit_id, visible_to(actor))
    )
    return found


async def list_money(tx: Tx, invoice: Invoice) -> tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]]:
    """What came in for it and what went back, the oldest first."""
    receipts = await tx.rows(
        select(
            Receipt.amount_minor,
            Receipt.method,
            func.coalesce(Receipt.slip, Receipt.reference).label("reference"),
            Receipt.received_at,
        )
        .where(Receipt.hospital_id == invoice.hospital_id, Receipt.payment_id == invoice.payment_id)
        .order_by(Receipt.id)
    )
    refunds = await tx.rows(
        select(Refund.amount_minor, Refund.status, Refund.reason, Refund.requested_at)
        .where(
            Refund.hospital_id == invoice.hospital_id,
            Refund.payment_id == invoice.payment_id,
            Refund.status != RefundStatus.FAILED,
        )
        .order_by(Refund.id)
    )
    return receipts, refunds


async def get_asked(tx: Tx, invoice: Invoice) -> Mapping[str, Any]:
    """What is asked for it now: its `discount_minor`, and whether anything is asked at all (`is_asked`)."""
    rows = await tx.rows(
        select(Payment.discount_minor, Payment.status.in_(ASKED).label("is_asked")).where(
            Payment.hospital_id == invoice.hospital_id, Payment.id == invoice.payment_id
        )
    )
    return rows[0]


async def has_address(tx: Tx, hospital_id: int, patient_id: int) -> bool:
    """Whether a message can reach this patient at all."""
    rows = await tx.rows(
        select(Patient.phone, Patient.email).where(
            Patient.hospital_id == hospital_id, Patient.id == patient_id, Patient.deleted_at.is_(None)
        )
    )
    return bool(rows) and any(rows[0].values())


async def find_signed_invoice(tx: Tx, invoice_id: int) -> tuple[Invoice, Mapping[str, int]] | None:
    """The invoice that a link of ours names, and its money as it stands now; whoever holds the link may see it."""
    invoice = await tx.session.get(Invoice, invoice_id)
    if invoice is None:
        return None
    receipts, refunds = await list_money(tx, invoice)
    return invoice, settled(invoice.content, receipts, refunds, **await get_asked(tx, invoice))
