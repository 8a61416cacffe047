"""What the clock brings after a visit: the question how it was, where the hospital wants it asked."""

from datetime import timedelta

from sqlalchemy import select, text, update

from outpatient.core.database import Database
from outpatient.models import UNASKED, Feedback, Hospital, HospitalConfig, Visit
from outpatient.queue.events import VisitFeedbackDue

BATCH = 200
LOOK_BACK = timedelta(days=1)
"""Whose visit ended longer ago than this is not asked any more: nobody wanted it then."""


async def ask_for_feedback(database: Database) -> None:
    """Say of each finished visit once that its patient may be asked, `feedback_after_minutes` after its end.

    0: the hospital asks nobody. Who has rated the visit by himself is not asked either.
    """
    minutes = HospitalConfig.feedback_after_minutes
    async with database.reading() as tx:
        wanted = await tx.rows(
            select(HospitalConfig.hospital_id, minutes)
            .join(Hospital, Hospital.id == HospitalConfig.hospital_id)
            .where(Hospital.is_active, minutes > 0)
        )
    for row in wanted:
        after = timedelta(minutes=row["feedback_after_minutes"])
        while await _ask_batch(database, row["hospital_id"], after) == BATCH:
            pass


async def _ask_batch(database: Database, hospital_id: int, after: timedelta) -> int:
    latest = database.clock.now() - after
    due = (
        Visit.hospital_id == hospital_id,
        text(UNASKED),
        Visit.completed_at > latest - LOOK_BACK,
        Visit.completed_at <= latest,
        ~select(Feedback.id).where(Feedback.visit_id == Visit.id).exists(),
    )
    batch = select(Visit.id).where(*due).order_by(Visit.completed_at, Visit.id).limit(BATCH)
    async with database.reading() as tx:  # nobody is kept waiting where there is nothing to do
        if not await tx.all(batch.limit(1)):
            return 0
    async with database.transaction() as tx:
        asked = await tx.all(
            update(Visit)
            .where(Visit.id.in_(batch.with_for_update(skip_locked=True, key_share=True, of=Visit)), text(UNASKED))
            .values(feedback_asked_at=tx.now)
            .returning(Visit)
            .execution_options(synchronize_session=False)
        )
        for visit in asked:
            await tx.record(VisitFeedbackDue.of(visit, before={}), by=None)
    return len(asked)
