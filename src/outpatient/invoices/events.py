"""What happens to invoices."""

from dataclasses import dataclass

from outpatient.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceEvent(Event):
    """What every invoice event says: whose it is and where."""

    subject = "invoice"

    visit_id: int
    patient_id: int
    centre_id: int
    clinician_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIssued(InvoiceEvent):
    """An invoice got its number; what it says never changes from here on."""

    name = "invoice.issued"

    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSendingRequested(InvoiceEvent):
    """Somebody asked that the invoice be sent to its patient."""

    name = "invoice.sending_requested"
