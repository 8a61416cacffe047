"""Which addresses patients may be sent to."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from outpatient.video.rules import interval_of, problem_of, provider_of

GOOD = (
    "https://meet.google.com/abc-defg-hij",
    "HTTPS://Meet.Google.Com/abc",
    "https://clinic.zoom.us:443/j/123?pwd=a.b%20c#start",
    "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%7d",
    "https://xn--bcher-kva.example/raum",
)

BAD = (
    *("", " ", "meet", "meet.google.com/abc", "//meet.google.com/abc", "/abc", "https:", "https://", "https:///abc"),
    *("https:meet.google.com/abc", "https:/meet.google.com/abc", "http://meet.google.com/abc", "ftp://meet.google.com"),
    *("javascript:alert(1)", "javascript://meet.google.com/%0aalert(1)", "JaVaScRiPt:alert(1)", "vbscript:x"),
    *("data:text/html,<script>", "file:///etc/passwd", "blob:https://meet.google.com/x", "about:blank", "tel:+1"),
    *("https://meet.google.com@evil.example/", "https://user:pw@meet.google.com/", "https://@meet.google.com/"),
    *("https://evil.example\\@meet.google.com/", "https:\\\\meet.google.com", "https://meet.google.com\\abc"),
    *("https://meet.google.com/a b", "https://meet.google.com/a\tb", "https://meet.google.com/a\nb", "\thttps://a.bc/"),
    *(
        "https://meet.google.com/a\x00",
        "https://meet.google.com/\x7f",
        "https://meet.google.com/\u202egpj",
        "https://mеet.google.com/",
    ),
    *(
        'https://meet.google.com/"><script>',
        "https://meet.google.com/'",
        "https://meet.google.com/`",
        "https://a.bc/{}",
    ),
    *(
        "https://localhost/",
        "https://localhost:8000/",
        "https://printer/",
        "https://db.internal/",
        "https://a.localhost/",
    ),
    *(
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest",
        "https://2130706433/",
        "https://0x7f.1/",
    ),
    *(
        "https://[::1]/",
        "https://[fe80::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://nas.local/",
        "https://router.lan/",
    ),
    *("https://meet..google.com/", "https://.google.com/", "https://meet.google.com./", "https://meet_google.com/"),
    *(
        "https://meet.google.com:99999/",
        "https://meet.google.com:port/",
        "https://meet.google.com:0/",
        "https://a.bc:-1/",
    ),
)


@pytest.mark.parametrize("url", GOOD)
def test_a_plain_address_on_the_internet_is_good(url):
    assert problem_of(url) is None


@pytest.mark.parametrize("url", BAD)
def test_tricks_are_refused_with_a_sentence(url):
    problem = problem_of(url)
    assert problem
    assert problem.startswith("Must ")


def test_some_addresses_say_whose_they_are():
    assert provider_of("https://meet.google.com/a") == "google_meet"
    assert provider_of("https://meet.jit.si/a") == "jitsi"
    assert provider_of("https://meet.google.com.evil.example/a") == "other"


def test_a_token_is_met_on_its_day_however_long_that_is():
    at, end = datetime(2026, 3, 8, 15, tzinfo=UTC), datetime(2026, 3, 8, 16, tzinfo=UTC)
    zone = ZoneInfo("America/New_York")
    assert interval_of(at, end, date(2026, 3, 8), zone) == (at, end)
    since, until = interval_of(None, None, date(2026, 3, 8), zone)  # the clocks go forward
    assert (until - since).total_seconds() == 23 * 3600
