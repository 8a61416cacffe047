import subprocess
import sys

import pytest

from outpatient.core.phones import to_e164


@pytest.mark.parametrize(
    "text",
    [
        "9876543210",
        "09876543210",
        "919876543210",
        "+919876543210",
        "00919876543210",
        "+91 98765 43210",
        "+91-98765-43210",
        "91 98765 43210",
        "+91 (0)98765 43210",
        "(98765) 43210",
        "98765.43210",
        " 9876543210\n",
        "\u202a+91 98765\u00a043210\u202c",  # pasted from a phone's contacts
        "९८७६५४३२१०",
    ],
)
def test_every_usual_writing_is_one_number(text: str) -> None:
    assert to_e164(text) == "+919876543210"


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+1 (555) 123-4567", "IN", "+15551234567"),
        ("555 123 4567", "US", "+15551234567"),
        ("+447700900123", "IN", "+447700900123"),
        ("+39 06 1234567", "IN", "+39061234567"),
        ("022 2345 6789", "IN", "+912223456789"),
    ],
)
def test_other_countries_test_ranges_and_landlines(text: str, region: str, number: str) -> None:
    assert to_e164(text, region) == number


def test_a_normal_form_stays_as_it_is_in_any_region() -> None:
    assert to_e164("+919876543210", "US") == "+919876543210"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "+",
        "+91",
        "100",
        "12345",
        "987654321",
        "98765432101",  # a digit too many
        "+1555",
        "+1 555 0100",
        "+999999999999",
        "0000000000",
        "9876543210 9876543211",
        "9876543210/9876543211",
        "9876543210 ext 5",
        "9876543210#5",
        "1-800-FLOWERS",
        "call 9876543210",
        "doctor@clinic.in",
        "9" * 10_000,
    ],
)
def test_what_cannot_be_a_phone_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^This is not a phone number .+\.$"):
        to_e164(text)


def test_the_library_is_loaded_only_when_needed() -> None:
    program = "import sys, outpatient.core.phones; sys.exit('phonenumbers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
