"""A queue kept on paper: what DESIGN §4 and the docstrings promise, worked out without the program.

Every command answers the codes with which it may be refused (none: it must succeed).
"""

from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Kolkata")
LINE = ("WAITING", "SKIPPED")
PRESENT = (*LINE, "CALLED", "IN_PROGRESS", "ON_HOLD")
MOVES = {
    "EXPECTED": {"WAITING", "CANCELLED", "NO_SHOW"},
    "WAITING": {"CALLED", "IN_PROGRESS", "ON_HOLD", "SKIPPED", "CANCELLED", "NO_SHOW"},
    "CALLED": {"IN_PROGRESS", "COMPLETED", "WAITING", "ON_HOLD", "SKIPPED", "NO_SHOW", "CANCELLED"},
    "SKIPPED": {"WAITING", "CALLED", "NO_SHOW", "CANCELLED"},
    "ON_HOLD": {"WAITING", "CALLED", "CANCELLED", "NO_SHOW"},
    "IN_PROGRESS": {"COMPLETED", "ON_HOLD"},
    "NO_SHOW": {"WAITING"},
    "COMPLETED": set(),
    "CANCELLED": set(),
}
MOVED = {"INVALID_TRANSITION"}
A_STEP = Fraction(1, 1000)  # of a second: how far behind the last somebody is put
UNDO_WITHIN = timedelta(minutes=5)

Codes = set[str]
OK: Codes = set()


@dataclass
class Slip:
    """One patient's slip of paper."""

    id: int
    patient: int
    clinician: int | None
    department: int | None
    day: date
    is_booked: bool
    starts_at: datetime | None = None
    priority: str = "NORMAL"
    status: str = "EXPECTED"
    appointment: str | None = None
    token: tuple[str, date, int] | None = None
    rank: int = 1
    rank_day: date | None = None
    place: Fraction | None = None
    arrived_at: datetime | None = None
    called_at: datetime | None = None
    started_at: datetime | None = None
    not_before: datetime | None = None
    undo: Any = field(default=None, repr=False)
    """(since when, the slip before the last change), or why that cannot be undone."""

    @property
    def key(self) -> tuple[Any, ...]:
        return self.rank, self.rank_day, self.place, self.id


def _seconds(at: datetime) -> Fraction:
    return Fraction(int(at.timestamp() * 1_000_000), 1_000_000)


class Paper:
    """The slips of a day, and the rules by which they are moved."""

    def __init__(self, departments: dict[int, int | None], skips: int) -> None:
        self.departments = departments  # of each clinician
        self.skips = skips
        self.on_duty = set(departments)
        self.slips: dict[int, Slip] = {}
        self.numbers: dict[tuple[str, date], int] = defaultdict(int)
        self.finished: dict[int, int] = {}

    # -- asking ------------------------------------------------------------------------------------------------------

    def today(self, now: datetime) -> date:
        return now.astimezone(ZONE).date()

    def _of(self, clinician: int) -> list[Slip]:
        return [one for one in self.slips.values() if one.clinician == clinician]

    def _unassigned(self, department: int | None) -> list[Slip]:
        return [
            one
            for one in self.slips.values()
            if one.clinician is None and department is not None and one.department == department
        ]

    def may_be_called(self, slip: Slip, now: datetime) -> bool:
        return slip.status in LINE and (slip.not_before is None or slip.not_before <= now)

    def shown(self, slips: list[Slip], now: datetime) -> list[tuple[int, str, int | None]]:
        """A queue as it is shown: (visit, status, number in line)."""
        there = [one for one in slips if one.status in PRESENT]
        seen = sorted((one for one in there if one.status == "IN_PROGRESS"), key=lambda one: (one.started_at, one.id))
        called = sorted((one for one in there if one.status == "CALLED"), key=lambda one: (one.called_at, one.id))
        line = sorted((one for one in there if self.may_be_called(one, now)), key=lambda one: one.key)
        later = sorted(
            (one for one in there if one.status in LINE and one not in line), key=lambda one: (one.not_before, one.id)
        )
        held = sorted((one for one in there if one.status == "ON_HOLD"), key=lambda one: one.key)
        numbered = [(one.id, one.status, number) for number, one in enumerate([*line, *later], 1)]
        aside = [[(one.id, one.status, None) for one in some] for some in (seen + called, held)]
        return [*aside[0], *numbered, *aside[1]]

    def of_clinician(self, clinician: int, now: datetime) -> list[tuple[int, str, int | None]]:
        return self.shown(self._of(clinician) + self._unassigned(self.departments[clinician]), now)

    def of_department(self, department: int, now: datetime) -> list[tuple[int, str, int | None]]:
        return self.shown([one for one in self.slips.values() if one.department == department], now)

    def current(self, clinician: int, first: str) -> int | None:
        """The patient in the room: the one who is `first`, or the one called last."""
        there = [one for one in self._of(clinician) if one.status in ("IN_PROGRESS", "CALLED")]
        return max(there, key=lambda one: (one.status == first, one.called_at, one.id)).id if there else None

    def candidates(self, department: int) -> set[int]:
        """The clinicians on duty with the shortest queue."""
        free = [one for one, of in self.departments.items() if of == department and one in self.on_duty]
        waiting = {one: sum(slip.status in (*LINE, "CALLED") for slip in self._of(one)) for one in free}
        return {one for one in free if waiting[one] == min(waiting.values())}

    def is_here(self, patient: int, *, clinician: int | None, department: int | None) -> bool:
        some = self._of(clinician) if clinician is not None else self.slips.values()
        return any(
            one.patient == patient
            and one.status in PRESENT
            and (clinician is not None or (department is not None and one.department == department))
            for one in some
        )

    # -- arriving ----------------------------------------------------------------------------------------------------

    def book(self, visit: int, patient: int, clinician: int, day: date, starts_at: datetime | None = None) -> None:
        """A time, or a token for any time of the day."""
        department = self.departments[clinician]
        slip = Slip(visit, patient, clinician, department, day, is_booked=True, starts_at=starts_at)
        slip.appointment = "PENDING"
        self.slips[visit] = slip

    def check_in(self, visit: int, now: datetime) -> Codes:
        slip = self.slips[visit]
        if slip.status in PRESENT:
            return OK
        if slip.status not in ("EXPECTED", "NO_SHOW"):
            return MOVED
        if slip.day != self.today(now):
            return {"DAY_IS_OVER"} if slip.day < self.today(now) else {"TOO_EARLY"}
        self._change(slip, now)
        self._arrive(slip, now)
        return OK

    def walk_in(
        self, visit: int, patient: int, clinician: int | None, department: int | None, priority: str, now: datetime
    ) -> None:
        slip = Slip(visit, patient, clinician, department, self.today(now), is_booked=False, priority=priority)
        self.slips[visit] = slip
        self._arrive(slip, now)
        slip.undo = "a walk-in is cancelled"

    def _arrive(self, slip: Slip, now: datetime) -> None:
        slip.status = "WAITING"
        slip.rank, slip.rank_day, slip.place = self._rank(slip), slip.day, _seconds(now)
        slip.not_before = slip.called_at = None
        slip.arrived_at = slip.arrived_at or now
        if slip.is_booked:
            slip.appointment = "CHECKED_IN"
        if slip.token is None:
            slip.token = self._number(slip, now)

    def _number(self, slip: Slip, now: datetime) -> tuple[str, date, int]:
        group = f"D{slip.department}" if slip.department is not None else f"C{slip.clinician}", self.today(now)
        self.numbers[group] += 1
        return (*group, self.numbers[group])

    def _rank(self, slip: Slip) -> int:
        return 1 if slip.priority == "NORMAL" else 0

    # -- calling -----------------------------------------------------------------------------------------------------

    def next(self, clinician: int, now: datetime) -> int | None:
        """Who must be called; None: nobody waits."""
        line = [
            one
            for one in self._of(clinician) + self._unassigned(self.departments[clinician])
            if self.may_be_called(one, now)
        ]
        if not line:
            return None
        slip = min(line, key=lambda one: one.key)
        self._change(slip, now)
        slip.status, slip.called_at, slip.clinician, slip.not_before = "CALLED", now, clinician, None
        return slip.id

    def call(self, visit: int, now: datetime) -> Codes:
        slip = self.slips[visit]
        if slip.status == "CALLED":
            return OK
        if codes := self._refused(slip, "CALLED"):
            return codes
        self._change(slip, now)
        slip.status, slip.called_at, slip.not_before, slip.started_at = "CALLED", now, None, None
        return OK

    def start(self, visit: int, now: datetime) -> Codes:
        slip = self.slips[visit]
        if slip.status == "IN_PROGRESS":
            return OK
        codes = self._refused(slip, "IN_PROGRESS")
        if slip.clinician is not None:
            codes = codes | self._room(slip.clinician, now, dry=bool(codes))
        if codes:
            return codes
        self._change(slip, now)
        slip.status, slip.started_at, slip.not_before = "IN_PROGRESS", now, None
        slip.called_at = slip.called_at or now
        return OK

    def _room(self, clinician: int, now: datetime, *, dry: bool = False) -> Codes:
        """See that nobody is in the room; who was left there on an earlier day is parked."""
        for other in self._of(clinician):
            if other.status == "IN_PROGRESS":
                if self.today(other.started_at or now) == self.today(now):
                    return {"CONSULTATION_RUNNING"}
                if not dry:
                    self._change(other, now)
                    other.status = "ON_HOLD"
        return OK

    def _refused(self, slip: Slip, to: str) -> Codes:
        codes = OK if to in MOVES[slip.status] else MOVED
        return codes | ({"NEEDS_CLINICIAN"} if slip.clinician is None else OK)

    # -- moving ------------------------------------------------------------------------------------------------------

    def skip(self, visit: int, now: datetime) -> Codes:
        slip = self.slips[visit]
        if slip.status == "SKIPPED":
            return OK
        if "SKIPPED" not in MOVES[slip.status]:
            return MOVED
        others = self._others(slip, now)
        self._change(slip, now)
        self._put(slip, sum(one.key < slip.key for one in others) + self.skips, now)
        slip.status, slip.called_at = "SKIPPED", None
        return OK

    def reorder(self, visit: int, number: int, now: datetime) -> Codes:
        slip = self.slips[visit]
        if slip.status not in LINE:
            return MOVED
        before = deepcopy(slip)
        own = 1 + sum(one.key < slip.key for one in self._others(slip, now))
        if not (self.may_be_called(slip, now) and own == number):
            self._put(slip, number - 1, now)
        slip.not_before = None
        if (slip.key, slip.not_before) != (before.key, before.not_before):
            slip.undo = (now, before)
        return OK

    def _others(self, slip: Slip, now: datetime) -> list[Slip]:
        """Those of his line who can be called, in order."""
        some = self._of(slip.clinician) if slip.clinician is not None else self._unassigned(slip.department)
        return sorted(
            (one for one in some if one is not slip and self.may_be_called(one, now)), key=lambda one: one.key
        )

    def _put(self, slip: Slip, index: int, now: datetime) -> None:
        """Directly before whoever is number `index` (from 0) of the others; behind them all if there are not so many.

        Beside somebody means: of his rank and day. Those who asked to wait are not counted, though they may be between.
        """
        some = self._of(slip.clinician) if slip.clinician is not None else self._unassigned(slip.department)
        whole = sorted((one for one in some if one is not slip and one.status in LINE), key=lambda one: one.key)
        seen = self._others(slip, now)
        if not seen:
            return
        at = whole.index(seen[index]) if index < len(seen) else whole.index(seen[-1]) + 1
        before, after = (whole[at - 1] if at else None), (whole[at] if at < len(whole) else None)
        if before is None:
            assert after is not None and after.place is not None
            slip.rank, slip.rank_day, slip.place = after.rank, after.rank_day, after.place - A_STEP
            return
        assert before.place is not None
        slip.rank, slip.rank_day, slip.place = before.rank, before.rank_day, before.place + A_STEP
        if after is not None and (after.rank, after.rank_day) == (before.rank, before.rank_day):
            assert after.place is not None
            slip.place = (before.place + after.place) / 2

    def hold(self, visit: int, now: datetime) -> Codes:
        slip = self.slips[visit]
        if slip.status == "ON_HOLD":
            return OK
        if "ON_HOLD" not in MOVES[slip.status]:
            return MOVED
        self._change(slip, now)
        slip.status = "ON_HOLD"
        return OK

    def recall(self, visit: int, now: datetime) -> Codes:
        slip = self.slips[visit]
        if slip.status == "WAITING":
            return OK
        if slip.status == "EXPECTED" or "WAITING" not in MOVES[slip.status] or slip.arrived_at is None:
            return MOVED
        if slip.status == "NO_SHOW" and slip.day != self.today(now):
            return {"DAY_IS_OVER"}
        self._change(slip, now)
        slip.status, slip.not_before, slip.called_at, slip.started_at = "WAITING", None, None, None
        if slip.is_booked:
            slip.appointment = "CHECKED_IN"
        return OK

    def delay(self, visit: int, minutes: int, now: datetime) -> Codes:
        slip = self.slips[visit]
        if slip.status not in (*LINE, "CALLED"):
            return MOVED
        until = now + timedelta(minutes=minutes)
        if slip.not_before != until or slip.status == "CALLED":
            self._change(slip, now)
        slip.not_before = until
        if slip.status == "CALLED":
            slip.status, slip.called_at = "WAITING", None
        return OK

    def prioritise(self, visit: int, priority: str, now: datetime) -> Codes:
        slip = self.slips[visit]
        if slip.status not in (*LINE, "CALLED", "ON_HOLD", "EXPECTED"):
            return MOVED
        if slip.priority == priority:
            return OK
        self._change(slip, now)
        slip.priority = priority
        slip.rank = self._rank(slip)
        if slip.arrived_at is not None:
            slip.rank_day, slip.place = slip.day, _seconds(slip.arrived_at)
        if slip.status == "SKIPPED":
            slip.status = "WAITING"
        return OK

    def reassign(self, visit: int, clinician: int, now: datetime) -> Codes:
        slip = self.slips[visit]
        if slip.clinician == clinician:
            return OK
        if slip.status not in (*LINE, "CALLED", "ON_HOLD"):
            return MOVED
        if self.is_here(slip.patient, clinician=clinician, department=None):
            return {"ALREADY_IN_QUEUE"}
        self._change(slip, now)
        was = slip.department if slip.department is not None else f"C{slip.clinician}"
        slip.clinician, slip.department = clinician, self.departments[clinician]
        if slip.status == "CALLED":
            slip.status, slip.called_at = "WAITING", None
        if was != (slip.department if slip.department is not None else f"C{clinician}"):
            slip.token = self._number(slip, now)
        return OK

    # -- ending ------------------------------------------------------------------------------------------------------

    def end(self, visit: int, to: str, now: datetime) -> Codes:
        """COMPLETED, CANCELLED or NO_SHOW."""
        slip = self.slips[visit]
        if slip.status == to:
            return OK
        if to not in MOVES[slip.status]:
            return MOVED
        is_early = slip.starts_at > now if slip.starts_at else slip.day > self.today(now)
        if to == "NO_SHOW" and slip.status == "EXPECTED" and is_early:
            return MOVED
        self._change(slip, now)
        slip.status = to
        if slip.is_booked:
            slip.appointment = to
        if to == "COMPLETED":
            slip.started_at = slip.started_at or slip.called_at
            self.finished[visit] = self.finished.get(visit, 0) + 1
        return OK

    def _change(self, slip: Slip, now: datetime) -> None:
        before = deepcopy(slip)
        before.undo = None
        slip.undo = (now, before)

    def undo(self, visit: int, now: datetime) -> Codes:
        slip = self.slips[visit]
        if not isinstance(slip.undo, tuple) or now - slip.undo[0] > UNDO_WITHIN:
            return {"NOTHING_TO_UNDO"}
        before = slip.undo[1]
        if before.status == "IN_PROGRESS" and slip.status != "IN_PROGRESS":
            assert before.clinician is not None
            if codes := self._room(before.clinician, now):
                return codes
        if slip.status == "COMPLETED":
            self.finished[visit] -= 1
        token = slip.token  # of a check-in that is taken back he keeps the number: it was his
        self.slips[visit] = before
        if before.token is None:
            before.token = token
        before.undo = "an undo is not undone"
        return OK
