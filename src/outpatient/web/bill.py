"""How a bill is shown to whoever holds its link: what is asked for, how things stand, and how it may be paid."""

from collections.abc import Mapping
from datetime import datetime
from html import escape
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from outpatient.core.money import show_money
from outpatient.core.terms import AppointmentStatus, PaymentStatus
from outpatient.notifications.texts import LANGUAGES, language_of
from outpatient.payments.rules import ASKED

OVER = frozenset(
    {
        PaymentStatus.CANCELLED,
        PaymentStatus.EXPIRED,
        PaymentStatus.REFUNDED,
        PaymentStatus.PARTIALLY_REFUNDED,
        PaymentStatus.PAID,
    }
)
"""A payment in one of these asks for nothing any more."""

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Payment",
        "CANCELLED": "Cancelled",
        "CANCELLED.says": "Nothing is to be paid for this appointment any more.",
        "EXPIRED": "Expired",
        "EXPIRED.says": "The time to pay is over and the slot was given back. Please book again.",
        "REFUNDED": "Refunded",
        "REFUNDED.says": "Your payment was given back.",
        "PARTIALLY_REFUNDED": "Paid, partly refunded",
        "PARTIALLY_REFUNDED.says": "Part of your payment was given back.",
        "PAID": "Paid",
        "PAID.says": "Thank you. There is nothing left to pay.",
        "free": "Nothing to pay",
        "free.says": "This appointment costs nothing.",
        "online": "To pay",
        "online.says": "Please pay here now, or at the clinic's desk when you come.",
        "online.held": "Please pay here, or at the clinic's desk, before then.",
        "desk": "To pay at the desk",
        "desk.says": "Please pay at the clinic's desk when you come.",
        "desk.held": "Please pay at the clinic's desk before then.",
        "held": "The slot is kept for you until {until} ({left}).",
        "minute": "{minutes} minute left",
        "minutes": "{minutes} minutes left",
        "trouble": "The payment did not go through. Please try again in a moment, or pay at the clinic's desk.",
        "pay": "Pay {amount}",
        "sandbox": " (sandbox)",
        "clinician": "Clinician",
        "date": "Date",
        "time": "Time",
        "where": "Where",
        "discount": "Discount",
        "already": "Already paid",
    },
    "hi": {
        "title": "भुगतान",
        "CANCELLED": "रद्द",
        "CANCELLED.says": "इस अपॉइंटमेंट के लिए अब कुछ भुगतान नहीं करना है।",
        "EXPIRED": "समय समाप्त",
        "EXPIRED.says": "भुगतान का समय बीत गया और यह स्लॉट वापस दे दिया गया। कृपया फिर से बुक करें।",
        "REFUNDED": "राशि लौटाई गई",
        "REFUNDED.says": "आपकी राशि लौटा दी गई है।",
        "PARTIALLY_REFUNDED": "भुगतान हुआ, कुछ राशि लौटाई गई",
        "PARTIALLY_REFUNDED.says": "आपकी कुछ राशि लौटा दी गई है।",
        "PAID": "भुगतान हो गया",
        "PAID.says": "धन्यवाद। अब कोई राशि बाकी नहीं है।",
        "free": "कोई भुगतान नहीं",
        "free.says": "इस अपॉइंटमेंट का कोई शुल्क नहीं है।",
        "online": "भुगतान बाकी",
        "online.says": "कृपया अभी यहाँ, या आने पर क्लिनिक के काउंटर पर भुगतान करें।",
        "online.held": "कृपया उससे पहले यहाँ या क्लिनिक के काउंटर पर भुगतान करें।",
        "desk": "काउंटर पर भुगतान",
        "desk.says": "कृपया आने पर क्लिनिक के काउंटर पर भुगतान करें।",
        "desk.held": "कृपया उससे पहले क्लिनिक के काउंटर पर भुगतान करें।",
        "held": "यह स्लॉट आपके लिए {until} तक रखा गया है ({left})।",
        "minute": "{minutes} मिनट बाकी",
        "minutes": "{minutes} मिनट बाकी",
        "trouble": "भुगतान नहीं हो पाया। कृपया थोड़ी देर में फिर कोशिश करें, या क्लिनिक के काउंटर पर भुगतान करें।",
        "pay": "{amount} का भुगतान करें",
        "sandbox": " (सैंडबॉक्स)",
        "clinician": "डॉक्टर",
        "date": "तारीख",
        "time": "समय",
        "where": "स्थान",
        "discount": "छूट",
        "already": "पहले दी गई राशि",
    },
}


def language_of_bill(bill: Mapping[str, Any]) -> str:
    return language_of(bill["language"], bill["house_language"])


def due_of_bill(bill: Mapping[str, Any]) -> int:
    """What is left to pay, in minor units."""
    return max(0, int(bill["amount_minor"] - bill["discount_minor"] - bill["paid_minor"]))


def is_payable(bill: Mapping[str, Any], now: datetime) -> bool:
    """Whether something can be paid of it now."""
    kept_until = bill["expires_at"]
    is_over = bill["status"] in OVER or bill["appointment_status"] is AppointmentStatus.CANCELLED
    return not is_over and due_of_bill(bill) > 0 and (kept_until is None or kept_until > now)


def state_of(bill: Mapping[str, Any], now: datetime, *, is_online: bool) -> tuple[str, str]:
    """In one word or two, and in a sentence, how things stand; a hold whose time is over has expired, swept or not."""
    words = WORDS[language_of_bill(bill)]
    kept_until: datetime | None = bill["expires_at"]
    is_hold = bill["appointment_status"] is AppointmentStatus.PENDING and kept_until is not None
    state = "online" if is_online else "desk"
    if is_hold and kept_until is not None and kept_until <= now:
        state = PaymentStatus.EXPIRED
    elif bill["status"] in OVER:
        state = bill["status"]
    elif bill["appointment_status"] is AppointmentStatus.CANCELLED:
        state = PaymentStatus.CANCELLED
    elif not due_of_bill(bill):
        state = "free"
    elif is_hold and kept_until is not None:
        minutes = ceil((kept_until - now).total_seconds() / 60)
        left = words["minute" if minutes == 1 else "minutes"].format(minutes=minutes)
        until = f"{kept_until.astimezone(ZoneInfo(bill['time_zone'])):%H:%M}"
        return words[state], f"{words['held'].format(until=until, left=left)} {words[f'{state}.held']}"
    return words[state], words[f"{state}.says"]


def show_bill(bill: Mapping[str, Any], now: datetime, *, button: str, in_trouble: bool) -> str:
    """The body of the page; `button` is HTML, or nothing where nobody can pay online."""
    language = language_of_bill(bill)
    words = WORDS[language]
    state, sentence = state_of(bill, now, is_online=bool(button))
    is_asked = bill["status"] in ASKED
    shown = due_of_bill(bill) if is_asked else bill["amount_minor"]
    starts_at = bill["starts_at"]
    place = ", ".join(part for part in (bill["centre_name"], bill["address"], bill["city"]) if part)
    facts = {
        "clinician": bill["clinician_name"],
        "date": LANGUAGES[language].day(bill["service_on"]),
        "time": starts_at and f"{starts_at.astimezone(ZoneInfo(bill['time_zone'])):%H:%M} ({bill['time_zone']})",
        "where": place,
        "discount": is_asked and bill["discount_minor"] and show_money(bill["discount_minor"], bill["currency"]),
        "already": is_asked and bill["paid_minor"] and show_money(bill["paid_minor"], bill["currency"]),
    }
    rows = "".join(f"<div><dt>{words[name]}</dt><dd>{escape(fact)}</dd></div>" for name, fact in facts.items() if fact)
    said = words["trouble"] if in_trouble else sentence
    return (
        f"<h1>{escape(bill['hospital_name'])}</h1>"
        f'<p class="amount">{escape(show_money(shown, bill["currency"]))}</p>'
        f'<p class="state">{state}</p><dl>{rows}</dl>{button}<p class="how">{escape(said)}</p>'
    )
