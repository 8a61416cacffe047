"""What messages say, word for word: each text stands in `golden/`."""

from datetime import date, datetime
from pathlib import Path

import pytest

from outpatient.core.terms import CancelledBy, SessionType
from outpatient.notifications import texts
from outpatient.notifications.texts import Facts

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
CASES = {
    "booked": texts.appointment_booked(facts()),
    "booked_token": texts.appointment_booked(facts(None)),
    "booked_online": texts.appointment_booked(facts("2026-12-31T23:30", session_type=SessionType.ONLINE)),
    "booked_online_with_link": texts.appointment_booked(facts(session_type=SessionType.ONLINE, meet_link=LINK)),
    "booked_by_phone": texts.appointment_booked(facts("2026-03-03T12:05", session_type=SessionType.PHONE)),
    "booked_after_midnight": texts.appointment_booked(facts("2026-03-03T00:15")),
    "confirmed": texts.appointment_confirmed(facts("2026-03-03T12:30")),
    "rescheduled": texts.appointment_rescheduled(facts("2026-03-10T16:30")),
    "cancelled_by_patient": texts.appointment_cancelled(facts(), CancelledBy.PATIENT),
    "cancelled_by_staff": texts.appointment_cancelled(facts(), CancelledBy.STAFF),
    "cancelled_by_system": texts.appointment_cancelled(facts(), CancelledBy.SYSTEM),
    "expired": texts.appointment_expired(facts("2026-03-03T11:59")),
}


@pytest.mark.parametrize("name", CASES)
def test_a_text_reads_as_it_stands_in_its_file(name):
    assert CASES[name] + "\n" == (GOLDEN / f"{name}.txt").read_text()


def test_every_file_has_its_text():
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(CASES)
