"""What may be paid of what is due, by hand or by order."""

from outpatient.core.errors import Invalid
from outpatient.core.money import show_money, to_major
from outpatient.payments.errors import NothingDue, PaymentClosed
from outpatient.payments.queries import PatientAccount
from outpatient.payments.rules import OVER


def within_due(account: PatientAccount, amount_minor: int | None) -> int:
    """What a person may take of what is due, by default all of it (PaymentClosed, NothingDue, Invalid)."""
    due = account.due_minor
    if account.is_over or account.payment.status in OVER:
        raise PaymentClosed
    if due == 0:
        raise NothingDue
    if amount_minor is not None and not 0 < amount_minor <= due:
        most = show_money(due, account.payment.currency)
        raise Invalid.field("amount", f"Must be more than 0 and at most {most}, which is what is due")
    return amount_minor or due


def exactly_due(account: PatientAccount, amount_minor: int | None) -> int:
    """What is due, which a client may name but not choose (PaymentClosed, NothingDue, Invalid)."""
    due = within_due(account, None)
    if amount_minor is not None and amount_minor != due:
        raise Invalid.field("amount", f"The amount due is {to_major(due)}")
    return due
