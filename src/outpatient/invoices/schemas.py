"""Invoices on the wire."""

from datetime import date

from outpatient.core.terms import PaymentMethod, RefundStatus
from outpatient.http.schema import MoneyOut, Schema, UtcInstant


class LineOut(Schema):
    description: str
    amount: MoneyOut


class HospitalOnInvoice(Schema):
    name: str
    tax_number: str | None


class CentreOnInvoice(Schema):
    name: str
    address: str
    phone: str | None


class PatientOnInvoice(Schema):
    id: int
    name: str


class ReceiptOnInvoice(Schema):
    amount: MoneyOut
    method: PaymentMethod
    reference: str
    received_at: UtcInstant


class RefundOnInvoice(Schema):
    amount: MoneyOut
    status: RefundStatus
    reason: str
    requested_at: UtcInstant


class InvoiceOut(Schema):
    """What was charged stays as it was on the day of issue; receipts, refunds, later discounts and what is due are as
    of now.
    """

    id: int
    visit_id: int
    payment_id: int
    number: int
    invoice_number: str
    issued_at: UtcInstant
    issued_on: date
    hospital: HospitalOnInvoice
    centre: CentreOnInvoice
    patient: PatientOnInvoice
    clinician: str | None
    service_on: date
    token: str | None
    lines: list[LineOut]
    discount: MoneyOut
    total: MoneyOut
    currency: str
    later_discount: MoneyOut
    received: MoneyOut
    returned: MoneyOut
    due: MoneyOut
    receipts: list[ReceiptOnInvoice]
    refunds: list[RefundOnInvoice]
