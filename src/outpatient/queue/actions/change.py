"""The one way in which a visit changes: along its table, with what it was kept in the event."""

from typing import Any

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.events import plain
from outpatient.core.terms import AppointmentStatus, VisitStatus
from outpatient.models import VISIT_MOVES, Visit
from outpatient.queue.errors import VisitMoved
from outpatient.queue.events import VisitEvent, VisitStatusChanged

_DONE = {
    VisitStatus.WAITING: "brought back into the line",
    VisitStatus.CALLED: "called",
    VisitStatus.IN_PROGRESS: "started",
    VisitStatus.COMPLETED: "completed",
    VisitStatus.SKIPPED: "skipped",
    VisitStatus.ON_HOLD: "put on hold",
    VisitStatus.CANCELLED: "cancelled",
    VisitStatus.NO_SHOW: "marked as not come",
}
_BECAUSE = {
    VisitStatus.EXPECTED: "the patient has not checked in yet",
    VisitStatus.WAITING: "the patient is waiting and has not been called",
    VisitStatus.CALLED: "the patient has been called",
    VisitStatus.SKIPPED: "the patient was skipped and is in line again",
    VisitStatus.ON_HOLD: "the patient is on hold; bring him back first",
    VisitStatus.IN_PROGRESS: "the clinician is seeing the patient",
    VisitStatus.COMPLETED: "the patient has been seen",
    VisitStatus.CANCELLED: "it was cancelled",
    VisitStatus.NO_SHOW: "the patient did not come",
}


async def change_visit(
    tx: Tx,
    visit: Visit,
    kind: type[VisitEvent],
    *,
    by: Actor | None,
    values: dict[str, Any],
    appointment_was: AppointmentStatus | None = None,
    **said: Any,
) -> None:
    """Give a locked visit new values and record what happened; the old ones stay in the event, for undo."""
    before = {name: plain(getattr(visit, name)) for name, value in values.items() if getattr(visit, name) != value}
    if appointment_was is not None:
        before["appointment_status"] = appointment_was
    for name, value in values.items():
        setattr(visit, name, value)
    await tx.session.flush()
    await tx.record(kind.of(visit, before=before, **said), by=by)


async def move_visit(
    tx: Tx, visit: Visit, to: VisitStatus, *, by: Actor | None, reason: str | None = None, **values: Any
) -> None:
    """Move a locked visit along VISIT_MOVES (VisitMoved: it cannot become that from where it is)."""
    if to not in VISIT_MOVES[visit.status]:
        raise refusal(visit, to)
    await follow(tx, visit, to, by=by, reason=reason, **values)


async def follow(
    tx: Tx,
    visit: Visit,
    to: VisitStatus,
    *,
    by: Actor | None,
    reason: str | None = None,
    appointment_was: AppointmentStatus | None = None,
    **values: Any,
) -> None:
    """Let a locked visit become what its appointment, or the rule behind it, has decided already."""
    await change_visit(
        tx,
        visit,
        VisitStatusChanged,
        by=by,
        values={"status": to, **values},
        appointment_was=appointment_was,
        was=visit.status,
        reason=reason,
    )


def refusal(visit: Visit, to: VisitStatus | None = None, *, be: str | None = None) -> VisitMoved:
    """Why a visit cannot become `to`, or `be` something else ("delayed"), in one sentence."""
    wanted = {} if to is None else {"to": to}
    done = be or (_DONE[to] if to else "changed")
    return VisitMoved(f"This visit cannot be {done}: {_BECAUSE[visit.status]}", {"status": visit.status, **wanted})
