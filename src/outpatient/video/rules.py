"""Pure rules of video visits: when people meet, and which addresses may be given to them."""

import re
import string
from datetime import date, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from outpatient.core.terms import AppointmentStatus, VideoProvider
from outpatient.scheduling.rules import day_bounds

EXPECTED = frozenset({AppointmentStatus.CONFIRMED, AppointmentStatus.CHECKED_IN})
"""Appointments that get their meeting by themselves, and whose patients are told of it."""

HOSTS = {"meet.google.com": VideoProvider.GOOGLE_MEET, "meet.jit.si": VideoProvider.JITSI}
"""Servers whose addresses say whose they are."""

_HOST = re.compile(r"([a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]+")
_INSIDE = (".local", ".localhost", ".localdomain", ".internal", ".intranet", ".lan", ".arpa")
_LETTERS = frozenset(string.ascii_letters + string.digits + "-._~:/?#@!$&()*+,;=%")
"""What an address is written with (RFC 3986), but for what ends one in a sentence or begins something else."""


def interval_of(
    starts_at: datetime | None, ends_at: datetime | None, service_on: date, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """When a meeting is open: the appointment's time; a token has none, so its day in the centre's zone."""
    return (starts_at, ends_at) if starts_at and ends_at else day_bounds(service_on, zone)


def provider_of(url: str) -> VideoProvider:
    """Whose server an address that staff typed in leads to."""
    return HOSTS.get(urlsplit(url).hostname or "", VideoProvider.OTHER)


def problem_of(url: str) -> str | None:
    """Why patients must not be sent to an address: only plain https to a named server on the internet is good."""
    if not _LETTERS.issuperset(url):
        return "Must be a web address, without spaces and special characters"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "Must be a web address, such as https://meet.google.com/abc-defg-hij"
    if parts.scheme != "https":
        return "Must begin with https://"
    if parts.username is not None or parts.password is not None:
        return "Must not hold a user name or a password"
    host = parts.hostname or ""
    if port == 0 or not _HOST.fullmatch(host) or host.endswith(_INSIDE):
        return "Must name a server on the internet, such as https://meet.google.com/abc-defg-hij"
    return None
