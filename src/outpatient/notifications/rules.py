"""When a message may go out: plain functions on plain values."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from outpatient.core.terms import AppointmentStatus


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The hours of a centre's day, by its own clock, in which nobody is woken; the same time twice: there are none."""

    since: time
    until: time
    zone: ZoneInfo

    def end(self, now: datetime) -> datetime | None:
        """When the quiet hours end that it is in now; None outside of them."""
        local = now.astimezone(self.zone)
        clock, over_midnight = local.time(), self.since > self.until
        is_quiet = self.since <= clock < self.until
        if over_midnight:
            is_quiet = clock >= self.since or clock < self.until
        if not is_quiet:
            return None
        on = local.date() + timedelta(days=1 if over_midnight and clock >= self.since else 0)
        ends_at = datetime.combine(on, self.until, self.zone).astimezone(UTC)
        return ends_at if ends_at > now else None  # the hour that summer time skips is nobody's night


EXPECTED = (AppointmentStatus.PENDING, AppointmentStatus.CONFIRMED)
"""Appointments that their patients still look forward to."""


def is_expected(
    status: AppointmentStatus, starts_at: datetime | None, expires_at: datetime | None, now: datetime
) -> bool:
    """Whether a message may still speak of an appointment to come: booked for good, and not begun."""
    return status in EXPECTED and expires_at is None and (starts_at is None or starts_at > now)
