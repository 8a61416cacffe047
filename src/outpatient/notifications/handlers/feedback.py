"""After a visit, the question how it was."""

from sqlalchemy import select

from outpatient.adapters.outside import Outside
from outpatient.core.terms import VisitStatus
from outpatient.models import Feedback, StoredEvent, Visit
from outpatient.notifications.carry import tell
from outpatient.notifications.kinds import Kind
from outpatient.notifications.links import feedback_link
from outpatient.notifications.queries import find_told_of_visit


async def send_feedback_request(outside: Outside, event: StoredEvent) -> None:
    """Ask the patient how his visit was; not if its end was taken back, nor if he has said it meanwhile."""
    async with outside.database.reading() as tx:
        visit: Visit | None = await tx.session.get(Visit, event.subject_id)
        said = await tx.one_or_none(select(Feedback.id).where(Feedback.visit_id == event.subject_id))
        if visit is None or visit.status is not VisitStatus.COMPLETED or said is not None:
            return
        told = await find_told_of_visit(tx, event.hospital_id, visit.id)
    if told is not None:
        await tell(outside, event, Kind.FEEDBACK_REQUEST, told, link=feedback_link(outside.settings, visit.id))
