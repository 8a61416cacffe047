"""Hospitals and their rules on the wire."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, StringConstraints

from outpatient.core.money import CURRENCIES
from outpatient.core.terms import BookingMode, NoShowMode, Prepayment, TokenReset
from outpatient.http.schema import (
    AnyCase,
    Changes,
    Schema,
    Text,
    TimeZone,
    UpTo,
    UtcInstant,
    WallTime,
    WallTimeOut,
    Whole,
    shown,
)


def _slug(text: str) -> str:
    if not text.replace("-", "").isalnum() or not text.isascii() or text != text.strip("-"):
        raise ValueError("Must be letters and digits, with hyphens between them")
    return text


def _currency(text: str) -> str:
    if text.upper() not in CURRENCIES:
        raise ValueError(f"Must be one of {', '.join(sorted(CURRENCIES))}")
    return text.upper()


def _language(text: str) -> str:
    language, _, region = text.partition("-")
    if not (language.isascii() and language.isalpha() and len(language) in {2, 3} and len(region) in {0, 2}):
        raise ValueError("Must be a language tag, such as en, hi or en-IN")
    return f"{language.lower()}-{region.upper()}" if region else language.lower()


def _token_prefix(text: str) -> str:
    if len(text) > 8 or not text.isascii() or not text.replace("-", "").isalnum():
        raise ValueError("Must be 1 to 8 letters, digits or hyphens")
    return text.upper()


def _invoice_prefix(text: str) -> str:
    if not 1 <= len(text) <= 12 or not text.isascii() or not all(sign.isalnum() or sign in "-/" for sign in text):
        raise ValueError("Must be 1 to 12 letters, digits, hyphens or slashes")
    return text.upper()


Slug = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=2, max_length=80), AfterValidator(_slug)
]
Currency = Annotated[str, AfterValidator(_currency)]
Language = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_language)]
TokenPrefix = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_token_prefix)]
"""What stands before the number on a ticket."""
InvoicePrefix = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_invoice_prefix)]
"""What stands before the number of an invoice."""
Consultation = Annotated[int, Whole(1, 480, "minutes")]
Patients = Annotated[int, Whole(1, 1000, "patients")]


class HospitalRequest(Schema):
    """`POST /hospitals`; without a slug, the name gives one."""

    model_config = shown({"name": "City Hospital", "slug": "city", "timeZone": "Asia/Kolkata", "currency": "INR"})

    name: Text
    slug: Slug | None = None
    time_zone: TimeZone | None = None
    currency: Currency | None = None


class HospitalChanges(Changes):
    """`PUT` and `PATCH /hospitals/{id}`; `isActive` is the platform owner's."""

    model_config = shown({"name": "City Hospital"})

    name: Text | None = None
    slug: Slug | None = None
    time_zone: TimeZone | None = None
    currency: Currency | None = None
    is_active: bool | None = None


class HospitalOut(Schema):
    id: int
    name: str
    slug: str
    time_zone: str
    currency: str
    is_active: bool
    created_at: UtcInstant


class ConfigOut(Schema):
    """How a hospital books, queues and charges; null is "no limit"."""

    hospital_id: int
    time_zone: str
    language: str
    booking_mode: BookingMode
    prepayment: Prepayment
    hold_minutes: int
    default_duration_minutes: int
    buffer_minutes: int
    minimum_notice_minutes: int
    booking_horizon_days: int
    cancellation_notice_minutes: int
    max_unpaid_holds: int
    daily_patient_limit: int | None
    max_queue_length: int | None
    early_arrival_minutes: int
    skip_positions: int
    default_consultation_minutes: int
    token_reset_frequency: TokenReset
    token_prefix: str
    reminder_minutes: int
    no_show_after_minutes: int
    no_show_mode: NoShowMode
    turn_near_positions: int
    feedback_after_minutes: int
    quiet_from: WallTimeOut
    quiet_until: WallTimeOut
    full_refund_notice_minutes: int
    late_refund_percent: int
    payment_link_hours: int
    invoice_prefix: str
    tax_number: str | None


class ConfigChanges(Changes):
    """`PUT` and `PATCH /hospitals/{id}/config`: keys that are absent stay as they are."""

    model_config = shown({"bufferMinutes": 5, "minimumNoticeMinutes": 60, "dailyPatientLimit": 40, "tokenPrefix": "A"})

    may_be_null: ClassVar[frozenset[str]] = frozenset({"daily_patient_limit", "max_queue_length", "tax_number"})

    time_zone: TimeZone | None = None
    language: Language | None = None
    booking_mode: Annotated[BookingMode, AnyCase] | None = None
    prepayment: Annotated[Prepayment, AnyCase] | None = None
    hold_minutes: Annotated[int, Whole(1, 1440, "minutes")] | None = None
    default_duration_minutes: Annotated[int, Whole(1, 1440, "minutes")] | None = None
    buffer_minutes: Annotated[int, Whole(0, 240, "minutes")] | None = None
    minimum_notice_minutes: Annotated[int, Whole(0, 43_200, "minutes")] | None = None
    booking_horizon_days: Annotated[int, Whole(1, 730, "days")] | None = None
    cancellation_notice_minutes: Annotated[int, Whole(0, 43_200, "minutes")] | None = None
    max_unpaid_holds: Annotated[int, Whole(1, 50, "bookings")] | None = None
    daily_patient_limit: Patients | None = None
    max_queue_length: Patients | None = None
    early_arrival_minutes: Annotated[int, Whole(0, 1440, "minutes")] | None = None
    skip_positions: Annotated[int, Whole(1, 50, "places in the queue")] | None = None
    default_consultation_minutes: Consultation | None = None
    token_reset_frequency: Annotated[TokenReset, AnyCase] | None = None
    token_prefix: TokenPrefix | None = None
    reminder_minutes: Annotated[int, Whole(1, 10_080, "minutes")] | None = None
    no_show_after_minutes: Annotated[int, Whole(1, 1440, "minutes")] | None = None
    no_show_mode: Annotated[NoShowMode, AnyCase] | None = None
    turn_near_positions: Annotated[int, Whole(0, 20, "places in the queue; 0: nobody is told")] | None = None
    feedback_after_minutes: Annotated[int, Whole(0, 1440, "minutes after a visit; 0: nobody is asked")] | None = None
    quiet_from: WallTime | None = None
    quiet_until: WallTime | None = None
    full_refund_notice_minutes: Annotated[int, Whole(0, 43_200, "minutes")] | None = None
    late_refund_percent: Annotated[int, Whole(0, 100, "percent")] | None = None
    payment_link_hours: Annotated[int, Whole(1, 720, "hours")] | None = None
    invoice_prefix: InvoicePrefix | None = None
    tax_number: Annotated[str, UpTo(32)] | None = None
