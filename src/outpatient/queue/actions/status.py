"""Giving a visit a status by name: each is the command that leads there."""

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission
from outpatient.core.database import Tx
from outpatient.core.errors import Forbidden
from outpatient.core.terms import VisitStatus
from outpatient.queue.actions.call import call_visit, start_visit
from outpatient.queue.actions.leave import cancel_visit, complete_visit, miss_visit
from outpatient.queue.actions.order import hold_visit, recall_visit, skip_visit
from outpatient.queue.errors import VisitMoved


async def set_status(tx: Tx, *, actor: Actor, visit_id: int, status: VisitStatus, reason: str | None) -> None:
    """Do what makes a visit `status` (VisitMoved: nothing does; Forbidden: cancelling is the desk's)."""
    match status:
        case VisitStatus.WAITING:
            await recall_visit(tx, actor=actor, visit_id=visit_id, reason=reason)
        case VisitStatus.CALLED:
            await call_visit(tx, actor=actor, visit_id=visit_id, reason=reason)
        case VisitStatus.IN_PROGRESS:
            await start_visit(tx, actor=actor, visit_id=visit_id, reason=reason)
        case VisitStatus.COMPLETED:
            await complete_visit(tx, actor=actor, visit_id=visit_id, reason=reason)
        case VisitStatus.SKIPPED:
            await skip_visit(tx, actor=actor, visit_id=visit_id, reason=reason)
        case VisitStatus.ON_HOLD:
            await hold_visit(tx, actor=actor, visit_id=visit_id, reason=reason)
        case VisitStatus.NO_SHOW:
            await miss_visit(tx, actor=actor, visit_id=visit_id, reason=reason)
        case VisitStatus.CANCELLED:
            if not actor.may(Permission.QUEUE_ARRANGE):
                raise Forbidden("Visits are cancelled at the desk")
            await cancel_visit(tx, actor=actor, visit_id=visit_id, reason=reason)
        case VisitStatus.EXPECTED:
            raise VisitMoved("A visit becomes expected again by undoing its check-in")
