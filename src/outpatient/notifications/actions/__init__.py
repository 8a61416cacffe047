"""Every write about messages."""

from outpatient.notifications.actions.consents import set_consents
from outpatient.notifications.actions.journey import (
    Draft,
    begin_try,
    note_failure,
    note_sent,
    note_unsubscribed,
    opt_out,
)
from outpatient.notifications.actions.reports import take_report
from outpatient.notifications.actions.requests import request_notification, retry_notification

__all__ = [
    "Draft",
    "begin_try",
    "note_failure",
    "note_sent",
    "note_unsubscribed",
    "opt_out",
    "request_notification",
    "retry_notification",
    "set_consents",
    "take_report",
]
