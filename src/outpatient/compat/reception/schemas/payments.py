"""Money in the words of seed 000: major units, statuses and methods in lower case."""

from datetime import date as calendar_date
from typing import Annotated

from pydantic import Field

from outpatient.compat.schema import Bare, Lower
from outpatient.core.terms import PaymentMethod, PaymentStatus
from outpatient.http.schema import Id, MoneyIn, MoneyOut, UtcInstant, shown
from outpatient.payments.schemas import Method, Reason


class PaymentOut(Bare):
    """A visit's account: what it costs, what came in, what went back and what is due."""

    id: int = Field(validation_alias="payment_id")
    appointment_id: int | None
    visit_id: int
    patient_id: int
    patient_name: str
    doctor_id: int | None = Field(validation_alias="clinician_id")
    doctor_name: str | None = Field(validation_alias="clinician_name")
    clinic_id: int = Field(validation_alias="centre_id")
    date: calendar_date = Field(validation_alias="service_day")
    amount: MoneyOut
    discount_amount: MoneyOut = Field(validation_alias="discount")
    amount_paid: MoneyOut
    amount_refunded: MoneyOut
    amount_due: MoneyOut
    currency: str
    status: Annotated[PaymentStatus, Lower]
    payment_method: Annotated[PaymentMethod, Lower] | None
    transaction_id: str | None
    paid_at: UtcInstant | None


class PaymentPage(Bare):
    payments: list[PaymentOut]
    total: int
    pages: int
    current_page: int
    per_page: int


class PaymentMade(Bare):
    message: str
    payment: PaymentOut


class InvoiceLine(Bare):
    description: str
    amount: MoneyOut = Field(validation_alias="amount_minor")


class InvoiceClinic(Bare):
    name: str
    address: str
    phone: str | None


class InvoicePatient(Bare):
    id: int
    name: str


class InvoiceOut(Bare):
    """A visit's invoice: what was charged, as on the day of issue, and what was paid of it until now."""

    id: int
    invoice_number: str
    visit_id: int
    payment_id: int
    issued_at: UtcInstant
    date: calendar_date = Field(validation_alias="service_on")
    clinic: InvoiceClinic = Field(validation_alias="centre")
    patient: InvoicePatient
    doctor_name: str | None = Field(validation_alias="clinician")
    lines: list[InvoiceLine]
    discount_amount: MoneyOut = Field(validation_alias="discount_minor")
    total_amount: MoneyOut = Field(validation_alias="total_minor")
    amount_paid: MoneyOut = Field(validation_alias="received_minor")
    amount_refunded: MoneyOut = Field(validation_alias="returned_minor")
    amount_due: MoneyOut = Field(validation_alias="due_minor")
    currency: str


class PaymentInvoiced(PaymentMade):
    invoice: InvoiceOut


class ProcessRequest(Bare):
    """`PUT /payments/{id}/process`: money taken now, by default all that is due."""

    model_config = shown({"payment_method": "cash"})

    payment_method: Method
    amount_paid: MoneyIn | None = None
    discount_amount: MoneyIn | None = None


class PaymentRequest(Bare):
    """`POST /payments`: money taken for a visit."""

    model_config = shown({"visit_id": 1, "payment_method": "visa", "amount_paid": 800})

    visit_id: Id
    payment_method: Method
    amount_paid: MoneyIn


class RefundRequest(Bare):
    """`POST /payments/refund/{id}`: so much goes back, by default all that was paid."""

    model_config = shown({"amount": 200, "reason": "Charged twice"})

    amount: MoneyIn | None = None
    reason: Reason | None = None
