"""How money can be refused."""

from outpatient.core.errors import AdapterError, BadRequest, Conflict


class InvalidSignature(BadRequest):
    code, message = "INVALID_SIGNATURE", "The signature does not belong to this message"


class PaymentMismatch(Conflict):
    code, message = "PAYMENT_MISMATCH", "This is the payment of something else, or of another amount"


class PaymentNotCaptured(Conflict):
    code, message = "PAYMENT_NOT_CAPTURED", "This payment did not go through"


class NothingDue(Conflict):
    code, message = "NOTHING_DUE", "There is nothing left to pay"


class PaymentClosed(Conflict):
    code, message = "PAYMENT_CLOSED", "Nothing is to be paid for this any more"


class NothingToRefund(Conflict):
    code, message = "NOTHING_TO_REFUND", "There is nothing left to give back"


class MoneyWentBack(Conflict):
    code, message = "MONEY_WENT_BACK", "What was paid for this went back to the patient, so it cannot be taken up again"


class PaymentUnconfirmed(AdapterError):
    code = "PAYMENT_UNCONFIRMED"
    message = "The payment provider has not confirmed this payment yet. We keep asking, nothing is lost."


class ProviderUnavailable(AdapterError):
    code, message = "PAYMENT_FAILED", "The payment provider did not answer. Nothing was done; please try again."
