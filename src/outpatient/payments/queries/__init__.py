"""Every SELECT on money: an account and who may see it, what the provider knows of it, lists, the payment page."""

from outpatient.payments.queries.accounts import (
    PatientAccount,
    get_account,
    get_refund_and_receipt,
    list_receipts,
    list_returnable,
    visible_to,
)
from outpatient.payments.queries.bills import find_bill
from outpatient.payments.queries.lists import (
    get_receipt,
    get_refund,
    list_payments,
    list_receipts_of,
    list_refunds,
    list_refunds_of,
)
from outpatient.payments.queries.provider import (
    Asked,
    count_links,
    find_asked_by_link,
    find_asked_by_order,
    find_open_link,
    find_open_order,
    find_payer,
    find_refund_by_key,
    find_refund_by_provider,
    get_refund_terms,
    list_open_links,
    list_open_orders,
    list_pending_refunds,
)

__all__ = [
    "Asked",
    "PatientAccount",
    "count_links",
    "find_asked_by_link",
    "find_asked_by_order",
    "find_bill",
    "find_open_link",
    "find_open_order",
    "find_payer",
    "find_refund_by_key",
    "find_refund_by_provider",
    "get_account",
    "get_receipt",
    "get_refund",
    "get_refund_and_receipt",
    "get_refund_terms",
    "list_open_links",
    "list_open_orders",
    "list_payments",
    "list_pending_refunds",
    "list_receipts",
    "list_receipts_of",
    "list_refunds",
    "list_refunds_of",
    "list_returnable",
    "visible_to",
]
