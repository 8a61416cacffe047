"""What happens to money. Amounts are minor units; nothing here says who anybody is but by number."""

from dataclasses import dataclass
from typing import Any, Self

from outpatient.core.events import Event
from outpatient.core.terms import PaymentMethod, PaymentStatus
from outpatient.models import Payment, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent(Event):
    """What every event about money says: whose, for which visit, and where the payment stands now."""

    subject = "payment"

    patient_id: int
    clinician_id: int | None
    centre_id: int
    department_id: int | None
    appointment_id: int | None
    visit_id: int
    status: PaymentStatus

    @classmethod
    def of(cls, payment: Payment, visit: Visit, **payload: Any) -> Self:
        """The event of this payment, with what this kind of event adds."""
        return cls(
            hospital_id=payment.hospital_id,
            subject_id=payment.id,
            patient_id=payment.patient_id,
            clinician_id=visit.clinician_id,
            centre_id=visit.centre_id,
            department_id=visit.department_id,
            appointment_id=payment.appointment_id,
            visit_id=payment.visit_id,
            status=payment.status,
            **payload,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceived(PaymentEvent):
    """Money came in; `surplus_minor` of it was not asked for and goes back."""

    name = "payment.received"

    receipt_id: int
    amount_minor: int
    surplus_minor: int
    method: PaymentMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed(PaymentEvent):
    """Somebody tried to pay and could not."""

    name = "payment.failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDiscounted(PaymentEvent):
    """Less is asked than before."""

    name = "payment.discounted"

    amount_minor: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLinkCreated(PaymentEvent):
    """There is a page of the provider's where the patient can pay; `is_to_send`: by message, as staff wished."""

    name = "payment.link_created"

    link_id: int
    amount_minor: int
    is_to_send: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequested(PaymentEvent):
    """So much is to go back to the patient; from here on it counts as given back."""

    name = "refund.requested"

    refund_id: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundProcessed(PaymentEvent):
    """The patient has his money back, or it is on its way beyond recall."""

    name = "refund.processed"

    refund_id: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFailed(PaymentEvent):
    """The money could not be given back, so we still have it."""

    name = "refund.failed"

    refund_id: int
    amount_minor: int
