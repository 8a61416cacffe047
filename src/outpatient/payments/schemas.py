"""Money on the wire: major units, statuses in capitals (a link's in lower case, as seed 001 shows it)."""

from datetime import date
from typing import Annotated, Any, Self, TypedDict

from pydantic import BeforeValidator, Field, model_validator

from outpatient.core.terms import PaymentMethod, PaymentStatus, RefundStatus
from outpatient.http.schema import Email, Id, MoneyIn, MoneyOut, Phone, Schema, Text, UpTo, UtcInstant, shown

CARDS = frozenset({"VISA", "MASTERCARD", "MASTER_CARD", "RUPAY", "AMEX", "CREDIT_CARD", "DEBIT_CARD"})
AT_THE_DESK = (PaymentMethod.CASH, PaymentMethod.CARD, PaymentMethod.UPI, PaymentMethod.BANK_TRANSFER)


def desk_method(value: Any) -> Any:
    """A method as people write it: any case, and a card by its brand."""
    if not isinstance(value, str):
        return value
    word = value.strip().upper().replace("-", "_").replace(" ", "_")
    word = "CARD" if word in CARDS else word
    if word not in AT_THE_DESK:
        raise ValueError("Must be CASH, CARD, UPI or BANK_TRANSFER")
    return word


Method = Annotated[PaymentMethod, BeforeValidator(desk_method)]
ProviderId = Annotated[str, UpTo(64)]
Reason = Annotated[str, UpTo(500)]


class OrderRequest(Schema):
    """`POST /payments/create-order`; an `amount` must be what is due."""

    model_config = shown({"appointmentId": 1, "amount": 1500})

    appointment_id: Id
    amount: MoneyIn | None = None


class OrderOut(Schema):
    """What a checkout in the browser needs."""

    order_id: str
    amount: MoneyOut
    currency: str
    razorpay_key_id: str


class VerifyRequest(Schema):
    """What a finished checkout answered."""

    model_config = shown(
        {
            "appointmentId": 1,
            "razorpayOrderId": "order_xyz123",
            "razorpayPaymentId": "pay_abc456",
            "razorpaySignature": "signature_hash",
        }
    )

    razorpay_order_id: ProviderId
    razorpay_payment_id: ProviderId
    razorpay_signature: Annotated[str, UpTo(256)]
    appointment_id: Id


class VerifiedOut(Schema):
    payment_id: str
    status: PaymentStatus
    amount_refunded: MoneyOut


class LinkRequest(Schema):
    """`POST /payments/create-link`; who pays is the patient, unless it says otherwise."""

    model_config = shown(
        {
            "appointmentId": 1,
            "amount": 1500,
            "customerName": "Jane Smith",
            "customerPhone": "+919876543210",
            "customerEmail": "jane@example.com",
        }
    )

    appointment_id: Id
    amount: MoneyIn | None = None
    customer_name: Text | None = None
    customer_phone: Phone | None = None
    customer_email: Email | None = None


class LinkOut(Schema):
    payment_link_id: str
    short_url: str
    expires_at: UtcInstant


class LinkStateOut(Schema):
    """How a link stands: `created`, `partially_paid`, `paid`, `expired` or `cancelled`."""

    payment_link_id: str
    status: str
    amount_paid: MoneyOut


class ReceiptOut(Schema):
    """Money that came in; `returned` of it went back."""

    id: int
    payment_id: int
    amount: MoneyOut = Field(validation_alias="amount_minor")
    returned: MoneyOut = Field(validation_alias="returned_minor")
    currency: str
    payment_method: PaymentMethod = Field(validation_alias="method")
    transaction_id: str = Field(validation_alias="known_as")
    received_at: UtcInstant


class RefundOut(Schema):
    """Money that goes back: PENDING, PROCESSED, or FAILED."""

    id: int
    payment_id: int
    receipt_id: int
    amount: MoneyOut = Field(validation_alias="amount_minor")
    currency: str
    reason: str
    status: RefundStatus
    requested_at: UtcInstant
    settled_at: UtcInstant | None
    error: str | None = Field(None, validation_alias="last_error")


class PaymentOut(Schema):
    """A payment: what it costs, what came in, what went back and what is due."""

    payment_id: int
    appointment_id: int | None
    visit_id: int
    patient_id: int
    patient_name: str
    clinician_id: int | None
    clinician_name: str | None
    service_day: date
    amount: MoneyOut
    discount: MoneyOut
    amount_paid: MoneyOut
    amount_refunded: MoneyOut
    amount_due: MoneyOut
    currency: str
    status: PaymentStatus
    payment_method: str | None
    transaction_id: str | None
    paid_at: UtcInstant | None


class PaymentDetails(PaymentOut):
    """A payment with every receipt and refund."""

    receipts: list[ReceiptOut]
    refunds: list[RefundOut]


class Which(TypedDict):
    """One of the ids that name a payment."""

    payment_id: int | None
    appointment_id: int | None
    visit_id: int | None


class WhichPayment(Schema):
    """A payment by its own id, by its appointment's or by its visit's: exactly one of them."""

    payment_id: Id | None = None
    appointment_id: Id | None = None
    visit_id: Id | None = None

    @model_validator(mode="after")
    def names_one(self) -> Self:
        if sum(one is not None for one in (self.payment_id, self.appointment_id, self.visit_id)) != 1:
            raise ValueError("Give one of paymentId, appointmentId and visitId")
        return self

    def which(self) -> Which:
        """As queries take it."""
        return Which(payment_id=self.payment_id, appointment_id=self.appointment_id, visit_id=self.visit_id)


class ReceiptRequest(WhichPayment):
    """`POST /receipts`: money taken at the desk, by default all that is due; `reference` is what the slip says."""

    model_config = shown({"appointmentId": 1, "amount": 1500, "method": "CASH", "reference": "slip 17"})

    amount: MoneyIn | None = None
    method: Method
    reference: Annotated[str, UpTo(64)] | None = None


class DiscountRequest(WhichPayment):
    """`POST /discounts`: so much less is asked of what is due."""

    model_config = shown({"appointmentId": 1, "amount": 200, "reason": "Staff family"})

    amount: MoneyIn
    reason: Reason


class RefundRequest(WhichPayment):
    """`POST /refunds`: so much goes back, by default all that was paid and has not gone back yet."""

    model_config = shown({"paymentId": 1, "amount": 500, "reason": "Charged twice"})

    amount: MoneyIn | None = None
    reason: Reason


class ReceivedOut(PaymentDetails):
    """The payment after a receipt, and that receipt."""

    receipt: ReceiptOut


class RefundedOut(PaymentDetails):
    """The payment after it was given back, and what was asked of whom: one refund for each receipt."""

    refunded: list[RefundOut]


class WebhookOut(Schema):
    """What became of a message of the provider's."""

    outcome: str
