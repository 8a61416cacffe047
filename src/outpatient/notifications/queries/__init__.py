"""Every SELECT on messages: whom they are for and what they speak of, how they fared, who wants none."""

from outpatient.notifications.queries.addressees import (
    Person,
    Told,
    find_code_language,
    find_room,
    find_told,
    find_told_of_payment,
    find_told_of_visit,
    get_owed,
)
from outpatient.notifications.queries.history import (
    Filters,
    find_again_of,
    find_event,
    find_notification,
    get_notification,
    get_stats,
    has_message_under_way,
    is_told_otherwise,
    list_notifications,
)
from outpatient.notifications.queries.wishes import find_objection, is_opted_out, list_consents

__all__ = [
    "Filters",
    "Person",
    "Told",
    "find_again_of",
    "find_code_language",
    "find_event",
    "find_notification",
    "find_objection",
    "find_room",
    "find_told",
    "find_told_of_payment",
    "find_told_of_visit",
    "get_notification",
    "get_owed",
    "get_stats",
    "has_message_under_way",
    "is_opted_out",
    "is_told_otherwise",
    "list_consents",
    "list_notifications",
]
