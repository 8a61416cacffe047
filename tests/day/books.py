"""The desk's books, kept on paper: who has which time, and what everybody owes (DESIGN §4, docs/money.md).

The queue has paper of its own (tests/queue/paper.py); here is what a clinic keeps beside it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.queue.paper import ZONE

SLOT = timedelta(minutes=30)
HOLD = timedelta(minutes=15)
GRACE = timedelta(minutes=15)
"""After the start, until somebody who has not come is marked as not come."""
FULL_REFUND = timedelta(hours=2)
"""Before the start: who cancels himself until then gets all back."""
LIVE = {"PENDING", "CONFIRMED", "CHECKED_IN"}


@dataclass
class Account:
    """What one visit costs and what was done about it, in rupees."""

    price: int
    paid: float = 0
    refunded: float = 0
    discount: float = 0
    ended: str = ""
    """CANCELLED or EXPIRED, once the visit will not take place."""

    @property
    def kept(self) -> float:
        return self.paid - self.refunded

    @property
    def status(self) -> str:
        owed = self.price - self.discount
        if self.paid == 0:
            return self.ended or ("PENDING" if owed else "PAID")
        if self.kept >= owed and not self.ended:
            return "PAID"
        if self.refunded:
            return "REFUNDED" if self.kept == 0 else "PARTIALLY_REFUNDED"
        return "PARTIALLY_PAID"

    @property
    def due(self) -> float:
        owes = not self.ended and self.status in {"PENDING", "PARTIALLY_PAID"}
        return self.price - self.discount - self.kept if owes else 0

    def receive(self, amount: float) -> bool:
        """Whether so much may come in; if so, it does."""
        is_fine = 0 < amount <= self.due
        self.paid += amount if is_fine else 0
        return is_fine

    def ask_less(self, amount: float) -> bool:
        is_fine = 0 < amount <= self.due
        self.discount += amount if is_fine else 0
        return is_fine

    def give_back(self, amount: float) -> bool:
        is_fine = 0 < amount <= self.kept
        self.refunded += amount if is_fine else 0
        return is_fine

    def close(self, how: str, share: float = 1) -> None:
        """The visit will not take place: so much of what is kept goes back, and nothing more is asked."""
        self.refunded, self.ended = self.refunded + self.kept * share, how


@dataclass
class Booking:
    """An appointment on paper."""

    id: int
    visit: int
    clinician: int
    day: date
    start: datetime | None
    """None: a token, for any time of the day."""
    hold_until: datetime | None = None
    online: bool = False

    def is_missed(self, now: datetime) -> bool:
        """Whether it began so long ago, or its day is over, that nobody is waited for any more."""
        return self.start + GRACE <= now if self.start else self.day < now.astimezone(ZONE).date()

    def is_too_late_to_cancel(self, now: datetime) -> bool:
        """For the patient himself."""
        return self.start < now if self.start else self.day < now.astimezone(ZONE).date()

    def share_given_back(self, now: datetime) -> float:
        """Of what a patient paid who cancels himself: all in good time, else half."""
        return 1 if self.start is None or self.start - FULL_REFUND >= now else 0.5


@dataclass
class Books:
    """All bookings and all accounts of a day."""

    bookings: dict[int, Booking] = field(default_factory=dict)
    """By visit."""
    accounts: dict[int, Account] = field(default_factory=dict)
    """By visit."""

    def is_free(self, clinician: int, start: datetime, status: dict[int, str], now: datetime) -> bool:
        """Whether a time can be booked; `status` is each visit's appointment."""
        return start >= now and not any(
            one.clinician == clinician
            and one.start == start
            and status[one.visit] in {*LIVE, "NO_SHOW"}  # who was called in vain may come after all
            and (one.hold_until is None or one.hold_until > now)
            for one in self.bookings.values()
        )

    def lapsed(self, now: datetime) -> list[Booking]:
        """Holds whose time is over and whose money has not come."""
        return [one for one in self.bookings.values() if one.hold_until is not None and one.hold_until <= now]

    def awaited_in_vain(self, now: datetime) -> list[Booking]:
        """Bookings whose patients nobody waits for any more."""
        return [one for one in self.bookings.values() if one.hold_until is None and one.is_missed(now)]
