"""Issuing an invoice, once, and asking that it be sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.statements import Statement
from outpatient.core.terms import PaymentStatus
from outpatient.invoices import queries
from outpatient.invoices.errors import NobodyToSendTo, NothingToInvoice
from outpatient.invoices.events import InvoiceIssued, InvoiceSendingRequested
from outpatient.invoices.rules import charged, invoice_label, settled
from outpatient.models import Invoice

_COUNT = """INSERT INTO invoice_counters (hospital_id, last_number) VALUES (:hospital_id, 1)
ON CONFLICT (hospital_id) DO UPDATE SET last_number = invoice_counters.last_number + 1
RETURNING last_number"""
COUNT = Statement("count_invoice", _COUNT, lambda connection, given: connection.execute(_COUNT, given).fetchall())
"""The next number of a hospital. It rolls back with the invoice that asked for it, so there are no gaps."""


@dataclass(frozen=True, slots=True)
class ShownInvoice:
    """An invoice and its money as it stands now, in minor units."""

    invoice: Invoice
    money: Mapping[str, int]
    receipts: tuple[Mapping[str, Any], ...]
    refunds: tuple[Mapping[str, Any], ...]


async def issue_invoice(tx: Tx, *, actor: Actor | None, visit_id: int) -> ShownInvoice:
    """The invoice of a visit, issued if it was not yet (NotFound; NothingToInvoice: it ended unpaid).

    Two who ask at once get the same: the second waits for the payment's row and then finds what the first issued.
    """
    known = await queries.find_invoice(tx, actor, visit_id)
    if known is not None:
        return await _show(tx, known)
    visit = await queries.get_charged_visit(tx, actor, visit_id)
    known = await queries.find_invoice(tx, actor, visit_id)
    if known is not None:
        return await _show(tx, known)
    if visit["status"] in (PaymentStatus.CANCELLED, PaymentStatus.EXPIRED):
        raise NothingToInvoice
    (counted,) = await tx.run(COUNT, hospital_id=visit["hospital_id"])
    number = counted["last_number"]
    label = invoice_label(visit["invoice_prefix"], number)
    issued_on = tx.now.astimezone(ZoneInfo(visit["time_zone"])).date()
    invoice = await tx.add(
        Invoice(
            hospital_id=visit["hospital_id"],
            visit_id=visit_id,
            payment_id=visit["payment_id"],
            number=number,
            label=label,
            content={**charged(visit), "issued_on": issued_on.isoformat()},
            issued_by=actor.user_id if actor else None,
            issued_at=tx.now,
        )
    )
    await tx.record(InvoiceIssued(subject_id=invoice.id, label=label, **_whose(visit)), by=actor)
    return await _show(tx, invoice)


async def request_sending(tx: Tx, *, actor: Actor, visit_id: int) -> ShownInvoice:
    """Ask that the invoice be sent to its patient, issuing it first if need be (NobodyToSendTo)."""
    shown = await issue_invoice(tx, actor=actor, visit_id=visit_id)
    visit = await queries.get_charged_visit(tx, actor, visit_id)
    if not await queries.has_address(tx, visit["hospital_id"], visit["patient_id"]):
        raise NobodyToSendTo
    await tx.record(InvoiceSendingRequested(subject_id=shown.invoice.id, **_whose(visit)), by=actor)
    return shown


def _whose(visit: Mapping[str, Any]) -> dict[str, Any]:
    return {key: visit[key] for key in ("hospital_id", "visit_id", "patient_id", "centre_id", "clinician_id")}


async def _show(tx: Tx, invoice: Invoice) -> ShownInvoice:
    receipts, refunds = await queries.list_money(tx, invoice)
    money = settled(invoice.content, receipts, refunds, **await queries.get_asked(tx, invoice))
    return ShownInvoice(invoice, money, tuple(receipts), tuple(refunds))
