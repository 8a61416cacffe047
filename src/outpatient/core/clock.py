"""The one source of "now": real in production, set by hand in tests and while seeding."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The system's clock, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SetClock(Clock):
    """A clock that stands where it is put and moves only when told."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def set(self, at: datetime) -> None:
        self.at = at

    def advance(self, **by: float) -> None:
        """Move on by timedelta's keywords, e.g. `advance(minutes=15)`."""
        self.at += timedelta(**by)
