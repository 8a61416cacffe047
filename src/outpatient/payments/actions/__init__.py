"""Every write to money, one file per verb; `ledger` is the only one that changes sums."""

from outpatient.payments.actions.desk import discount_payment, take_payment
from outpatient.payments.actions.link import check_link, create_link
from outpatient.payments.actions.order import create_order
from outpatient.payments.actions.receive import Incoming, receive
from outpatient.payments.actions.reconcile import Counter, ask_about_orders, ask_about_refunds, send_refund
from outpatient.payments.actions.refund import give_back, refund_payment, settle_refund
from outpatient.payments.actions.verify import verify_payment
from outpatient.payments.actions.void import ask_again, change_amount, void_payment
from outpatient.payments.actions.webhook import take_webhook

__all__ = [
    "Counter",
    "Incoming",
    "ask_about_orders",
    "ask_about_refunds",
    "ask_again",
    "change_amount",
    "check_link",
    "create_link",
    "create_order",
    "discount_payment",
    "give_back",
    "receive",
    "refund_payment",
    "send_refund",
    "settle_refund",
    "take_payment",
    "take_webhook",
    "verify_payment",
    "void_payment",
]
