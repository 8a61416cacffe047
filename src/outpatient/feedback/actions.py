"""Every write on feedback, and what it adds up to for the clinician."""

from datetime import timedelta

from sqlalchemy.dialects import postgresql, sqlite

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.terms import VisitStatus
from outpatient.feedback.errors import FeedbackClosed, NotSeenYet
from outpatient.feedback.events import FeedbackGiven
from outpatient.feedback.queries import find_feedback, lock_visit
from outpatient.models import ClinicianRating, Feedback

CHANGE_WITHIN = timedelta(days=7)


async def give_feedback(
    tx: Tx, *, actor: Actor, visit_id: int | None, appointment_id: int | None, rating: int, comment: str | None
) -> tuple[Feedback, bool]:
    """Rate a visit of one's own; answers the feedback, and whether it is the first for this visit.

    NotSeenYet: the visit is not over. FeedbackClosed: it was rated more than seven days ago.
    """
    visit = await lock_visit(tx, actor, visit_id=visit_id, appointment_id=appointment_id)
    if visit.status is not VisitStatus.COMPLETED:
        raise NotSeenYet
    given = await find_feedback(tx, visit)
    was = given.rating if given else None
    if given is None:
        given = await tx.add(
            Feedback(
                hospital_id=visit.hospital_id,
                visit_id=visit.id,
                patient_id=visit.patient_id,
                clinician_id=visit.clinician_id,
                centre_id=visit.centre_id,
                rating=rating,
                comment=comment,
                given_by=actor.user_id,
                given_at=tx.now,
            )
        )
    elif tx.now - given.given_at > CHANGE_WITHIN:
        raise FeedbackClosed
    elif (given.rating, given.comment) == (rating, comment):
        return given, False
    else:
        given.rating, given.comment, given.given_by, given.changed_at = rating, comment, actor.user_id, tx.now
    await _add_stars(tx, given, ratings=was is None, stars=rating - (was or 0))
    said = FeedbackGiven(
        hospital_id=given.hospital_id,
        subject_id=given.id,
        visit_id=given.visit_id,
        patient_id=given.patient_id,
        clinician_id=given.clinician_id,
        centre_id=given.centre_id,
        rating=rating,
        was=was,
    )
    await tx.record(said, by=actor)
    return given, was is None


async def _add_stars(tx: Tx, given: Feedback, *, ratings: int, stars: int) -> None:
    """Let the clinician's sums follow: by the store's own addition, so that two patients at once both count."""
    if given.clinician_id is None:
        return
    insert = postgresql.insert if tx.store.dialect == "postgresql" else sqlite.insert
    own = {"clinician_id": given.clinician_id, "hospital_id": given.hospital_id}
    new = insert(ClinicianRating).values(**own, ratings=int(ratings), stars=stars)
    await tx.execute(
        new.on_conflict_do_update(
            index_elements=[ClinicianRating.clinician_id],
            set_={
                "ratings": ClinicianRating.ratings + new.excluded.ratings,
                "stars": ClinicianRating.stars + new.excluded.stars,
            },
        )
    )
