"""What messages say, word for word: each text stands in `golden/<language>/`, its subject in the first line."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from outpatient.core.terms import CancelledBy, SessionType
from outpatient.notifications.kinds import MANNERS, Kind
from outpatient.notifications.texts import LANGUAGES, Facts, language_of, write

GOLDEN = Path(__file__).parent / "golden"


def facts(at: str | None = "2026-03-03T10:00", **more) -> Facts:
    starts_at = datetime.fromisoformat(at) if at else None
    given = {
        "patient": "Asha Rao",
        "clinician": "Dr. John Doe",
        "centre": "Mibo Bangalore",
        "service_on": starts_at.date() if starts_at else date(2026, 3, 3),
        "starts_at": starts_at,
    }
    return Facts(**{**given, **more})


LINK = "https://meet.example/abc-defg-hij"
OURS = "https://clinic.example/r/MTIz.abc"
ONLINE = {"session_type": SessionType.ONLINE, "meet_link": LINK}
REPLY = {"link": OURS, "appointment_id": 123}
RECEIPT = {"amount": "₹1,500", "reference": "R-17"}
CASES: dict[str, tuple[Kind, Facts | None, dict[str, Any]]] = {
    "booked": (Kind.BOOKED, facts(), {}),
    "booked_token": (Kind.BOOKED, facts(None), {}),
    "booked_online": (Kind.BOOKED, facts("2026-12-31T23:30", session_type=SessionType.ONLINE), {}),
    "booked_online_with_link": (Kind.BOOKED, facts(**ONLINE), {}),
    "booked_by_phone": (Kind.BOOKED, facts("2026-03-03T12:05", session_type=SessionType.PHONE), {}),
    "booked_after_midnight": (Kind.BOOKED, facts("2026-03-03T00:15"), {}),
    "confirmed": (Kind.CONFIRMED, facts("2026-03-03T12:30"), {}),
    "rescheduled": (Kind.RESCHEDULED, facts("2026-03-10T16:30"), {}),
    "cancelled_by_patient": (Kind.CANCELLED, facts(), {"by": CancelledBy.PATIENT}),
    "cancelled_by_staff": (Kind.CANCELLED, facts(), {"by": CancelledBy.STAFF}),
    "cancelled_by_system": (Kind.CANCELLED, facts(), {"by": CancelledBy.SYSTEM}),
    "expired": (Kind.EXPIRED, facts("2026-03-03T11:59"), {}),
    "meet_link": (Kind.MEET_LINK, facts(**ONLINE), {}),
    "meet_link_changed": (Kind.MEET_LINK, facts(**ONLINE), {"is_another": True}),
    "reminder": (Kind.REMINDER, facts(), REPLY),
    "reminder_online": (Kind.REMINDER, facts(**ONLINE), REPLY),
    "no_show": (Kind.NO_SHOW, facts(), {}),
    "no_show_to_clinician": (Kind.NO_SHOW_TO_CLINICIAN, facts(), {}),
    "no_show_proposed": (Kind.NO_SHOW_PROPOSED, facts(), {}),
    "turn_near": (Kind.TURN_NEAR, facts(), {"ahead": 2, "token_label": "T-7", "room": None}),
    "turn_near_next": (Kind.TURN_NEAR, facts(), {"ahead": 0, "token_label": "T-7", "room": "Room 4"}),
    "turn_near_one_before": (
        Kind.TURN_NEAR,
        facts(clinician=None),
        {"ahead": 1, "token_label": "T-7", "room": "Room 4"},
    ),
    "payment_link": (
        Kind.PAYMENT_LINK,
        facts(),
        {"amount": "₹1,500", "until": datetime(2026, 3, 2, 18, 5), "link": "https://pay.example/plink_1"},  # noqa: DTZ001
    ),
    "payment_received": (Kind.PAYMENT_RECEIVED, facts(), {**RECEIPT, "due": None}),
    "payment_received_in_part": (Kind.PAYMENT_RECEIVED, facts(), {**RECEIPT, "due": "₹500.50"}),
    "refund": (Kind.REFUND, facts(), {"amount": "₹1,50,000"}),
    "invoice": (
        Kind.INVOICE,
        facts(),
        {"label": "INV-7", "amount": "₹1,500", "link": "https://clinic.example/invoice/Nw.abc"},
    ),
    "feedback_request": (Kind.FEEDBACK_REQUEST, facts(), {"link": "https://clinic.example/f/MTIz.abc"}),
    "otp": (Kind.OTP, None, {"code": "012345", "minutes": 5}),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_a_text_reads_as_it_stands_in_its_file(language, name):
    kind, known, more = CASES[name]
    text = write(kind, language, known, **more)
    assert f"{text.subject}\n\n{text.body}\n" == (GOLDEN / language / f"{name}.txt").read_text(encoding="utf-8")


def test_every_kind_is_there_in_every_language_and_tested():
    assert {kind for kind, _, _ in CASES.values()} == set(Kind) == set(MANNERS)
    for language in LANGUAGES.values():
        assert set(language.texts) == set(language.subjects) == set(Kind)


def test_every_file_has_its_text():
    assert {path.name for path in GOLDEN.iterdir()} == set(LANGUAGES)
    for language in LANGUAGES:
        assert {path.stem for path in (GOLDEN / language).glob("*.txt")} == set(CASES)


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        (("hi", "en"), "hi"),
        (("hi-IN", "en"), "hi"),
        ((None, "hi"), "hi"),
        (("en-IN", "hi"), "en"),
        (("ta", "hi"), "en"),
        ((None, None), "en"),
        ((None, "HI"), "hi"),
    ],
)
def test_the_patients_language_comes_first_then_the_hospitals_and_what_we_do_not_speak_is_english(wishes, language):
    assert language_of(*wishes) == language


def test_what_a_template_fills_in_is_said_in_the_language():
    text = write(
        Kind.PAYMENT_LINK,
        "hi",
        facts(**ONLINE),
        amount="₹1,500",
        until=datetime(2026, 3, 2, 18, 5),  # noqa: DTZ001 (local time, as messages say it)
        link="https://pay.example/1",
    )
    assert text.values == {
        "name": "Asha Rao",
        "clinician": "Dr. John Doe",
        "centre": "Mibo Bangalore",
        "when": "मंगलवार, 3 मार्च 2026, सुबह 10:00 बजे",
        "where": "ऑनलाइन",
        "meet_link": LINK,
        "amount": "₹1,500",
        "until": "सोमवार, 2 मार्च 2026, शाम 6:05 बजे",
        "link": "https://pay.example/1",
    }


@pytest.mark.parametrize(
    ("hour", "part"),
    [
        (0, "रात 12"),
        (3, "रात 3"),
        (4, "सुबह 4"),
        (11, "सुबह 11"),
        (12, "दोपहर 12"),
        (15, "दोपहर 3"),
        (16, "शाम 4"),
        (20, "रात 8"),
    ],
)
def test_hindi_names_the_part_of_the_day(hour, part):
    assert f"{part}:00 बजे" in write(Kind.BOOKED, "hi", facts(f"2026-03-03T{hour:02}:00")).body
