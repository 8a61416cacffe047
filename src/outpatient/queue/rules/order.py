"""Who is next: one order for every queue, and how somebody is moved within it.

A visit's place is (`queue_rank`, `queue_day`, `position`, `id`): VIP and URGENT first, then who was left over from an
earlier day, then by arrival (seed 002, "Queue Priority"). Because the day is part of the place, carrying over needs no
clock that strikes midnight. Whoever is moved (skipped, reordered) takes a place beside another visit, whatever that
one's rank and day are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Protocol

from outpatient.core.terms import Priority, VisitStatus

QUEUE_ORDER = attrgetter("queue_rank", "queue_day", "position", "id")
"""The sort key of a queue. The statements say the same in SQL: ORDER BY queue_rank, queue_day, position, id."""

IN_LINE = frozenset({VisitStatus.WAITING, VisitStatus.SKIPPED})
"""Those who can be called, in order, once their `not_before` has come."""
IN_ROOM = frozenset({VisitStatus.CALLED, VisitStatus.IN_PROGRESS})
PRESENT = IN_LINE | IN_ROOM | {VisitStatus.ON_HOLD}

FINE = 256  # steps in a microsecond, so that there is room between two arrivals (and enough until the year 3111)
STEP = FINE * 1_000  # a millisecond: the distance at which somebody is put behind the last


class Placed(Protocol):
    """Anything that has a place in the order."""

    id: Any
    queue_rank: Any
    queue_day: Any
    position: Any


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order: the columns that a visit gets."""

    queue_rank: int
    queue_day: date
    position: int


def rank_of(priority: Priority) -> int:
    """0 for those who are seen before all others, 1 for everybody else."""
    return 1 if priority is Priority.NORMAL else 0


def arrival_position(at: datetime) -> int:
    """The position of somebody who arrives at that instant: later is further back."""
    return int(at.timestamp() * 1_000_000) * FINE


def is_callable(status: VisitStatus, not_before: datetime | None, now: datetime) -> bool:
    """Whether `next` may take this visit."""
    return status in IN_LINE and (not_before is None or not_before <= now)


def is_carryover(status: VisitStatus, service_on: date, today: date) -> bool:
    """Left unfinished on an earlier day and brought forward."""
    return status in PRESENT and service_on < today


def place_at(line: Sequence[Placed], index: int) -> Place | None:
    """The place that makes somebody number `index` (from 0) of a line he is not in; None: no room, `spread` first.

    `line` is in order and not empty.
    """
    index = min(index, len(line))
    if index == 0:
        return _beside(line[0], -STEP)
    before = line[index - 1]
    if index == len(line) or _class(line[index]) != _class(before):
        return _beside(before, STEP)
    low, high = _position(before), _position(line[index])
    middle = (low + high) // 2
    return _beside(before, middle - low) if low < middle < high else None


def spread(line: Sequence[Placed], index: int) -> dict[int, int]:
    """New positions, by visit id, for those of a line who stand too close together around `index`; the order stays.

    All who share the rank and day of number `index` are put a step apart, ending where the last of them stood.
    """
    crowd = [visit for visit in line if _class(visit) == _class(line[index])]
    last = _position(crowd[-1])
    return {visit.id: last - (len(crowd) - 1 - number) * STEP for number, visit in enumerate(crowd)}


def _class(visit: Placed) -> tuple[int, date | None]:
    return visit.queue_rank, visit.queue_day


def _position(visit: Placed) -> int:
    position: int = visit.position
    return position


def _beside(visit: Placed, by: int) -> Place:
    return Place(visit.queue_rank, visit.queue_day, _position(visit) + by)
