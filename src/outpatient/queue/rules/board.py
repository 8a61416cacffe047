"""A board: the visits of one or more days at a centre, in groups by what they are, each group in its order."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from outpatient.core.terms import Phase, VisitStatus, VisitType
from outpatient.queue.rules.line import Entry, Standing, alone, arrange
from outpatient.queue.rules.order import PRESENT
from outpatient.queue.rules.phases import phase_of

AT_LAST = datetime(9999, 1, 1, tzinfo=UTC)


class Row(NamedTuple):
    """A visit, and when its appointment was to start (None: it has none, or only a token)."""

    visit: Entry
    starts_at: datetime | None


class OnBoard(NamedTuple):
    """A visit where it stands, and when its appointment was to start."""

    standing: Standing
    starts_at: datetime | None

    @property
    def status(self) -> VisitStatus:
        """What the visit is now."""
        return VisitStatus(self.standing.visit.status)

    @property
    def visit_type(self) -> VisitType:
        """How the patient came."""
        return VisitType.WALK_IN if self.standing.visit.appointment_id is None else VisitType.APPOINTMENT


def on_board(rows: Iterable[Row], now: datetime) -> list[OnBoard]:
    """Visits in the order of a day: who is in the house as the queue has it, the others by time.

    Those expected go by their appointments, those gone by when they left, as far as either is known.
    """
    rows = list(rows)
    starts = {row.visit.id: row.starts_at for row in rows}
    here = arrange((row.visit for row in rows if row.visit.status in PRESENT), now)
    others = sorted((row for row in rows if row.visit.status not in PRESENT), key=_by_time)
    standing = [*here, *(alone(row.visit, now) for row in others)]
    return [OnBoard(one, starts[one.visit.id]) for one in standing]


def _by_time(row: Row) -> tuple[object, ...]:
    visit = row.visit
    return visit.service_on, visit.completed_at or row.starts_at or AT_LAST, visit.id


def by_status(board: Iterable[OnBoard]) -> dict[VisitStatus, list[OnBoard]]:
    """The groups of a board, in its order; who was skipped still waits."""
    groups: dict[VisitStatus, list[OnBoard]] = {
        status: [] for status in VisitStatus if status is not VisitStatus.SKIPPED
    }
    for one in board:
        groups[VisitStatus.WAITING if one.status is VisitStatus.SKIPPED else one.status].append(one)
    return groups


def by_phase(board: Iterable[OnBoard]) -> dict[Phase, list[OnBoard]]:
    """The four columns of a board, in its order; who was cancelled or missed is in none."""
    columns: dict[Phase, list[OnBoard]] = {phase: [] for phase in Phase}
    for one in board:
        phase = phase_of(one.status)
        if phase is not None:
            columns[phase].append(one)
    return columns


COLUMNS = {
    "waiting": (VisitStatus.WAITING, VisitStatus.ON_HOLD),
    "called": (VisitStatus.CALLED,),
    "in_progress": (VisitStatus.IN_PROGRESS,),
    "completed": (VisitStatus.COMPLETED,),
}
"""Seed 000's queue: who is on hold waits, too."""


def by_column(board: Iterable[OnBoard]) -> dict[str, list[OnBoard]]:
    """The columns of seed 000's queue, in its order; who is expected, was cancelled or missed is in none."""
    groups = by_status(board)
    return {name: [one for status in of for one in groups[status]] for name, of in COLUMNS.items()}
