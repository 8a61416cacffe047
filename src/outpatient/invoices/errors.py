"""Why an invoice is not written."""

from outpatient.core.errors import Conflict


class NothingToInvoice(Conflict):
    """The visit was cancelled or expired before anything was paid."""

    code, message = "NOTHING_TO_INVOICE", "Nothing was charged for this visit"


class NobodyToSendTo(Conflict):
    """The patient has neither a phone nor an e-mail address."""

    code, message = "NOBODY_TO_SEND_TO", "This patient has neither a phone number nor an e-mail address"
