"""Feedback over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Response

from outpatient.access.actor import Actor
from outpatient.access.permissions import Permission as P
from outpatient.core.errors import Invalid
from outpatient.feedback import actions, queries
from outpatient.feedback.schemas import FeedbackOut, FeedbackRequest
from outpatient.http.dependencies import Paged, Reading, Writing, allow, id_named
from outpatient.http.schema import Envelope, answer

router = APIRouter(tags=["Feedback"])


@router.post(
    "/feedback",
    status_code=201,
    responses={200: {"model": Envelope[FeedbackOut], "description": "The visit was rated before: changed"}},
)
async def give_feedback(
    body: FeedbackRequest, actor: Annotated[Actor, allow(P.FEEDBACK_GIVE)], tx: Writing, response: Response
) -> Envelope[FeedbackOut]:
    """Rate a visit that is over, once; within seven days one may think better of it."""
    if (body.visit_id is None) == (body.appointment_id is None):
        raise Invalid.field("visitId", "Name the visit by visitId or by appointmentId, and not by both")
    given, is_new = await actions.give_feedback(tx, actor=actor, **body.model_dump())
    if not is_new:
        response.status_code = 200
    await tx.session.flush()
    described = await queries.get_described(tx, actor, given.id)
    return answer(FeedbackOut.of(described, is_nameless=False), "Thank you for your feedback")


@router.get("/feedback")
async def list_feedback(
    actor: Annotated[Actor, allow(P.FEEDBACK_READ)],
    tx: Reading,
    page: Paged,
    clinician_id: Annotated[int | None, id_named("clinicianId")] = None,
) -> Envelope[list[FeedbackOut]]:
    """What patients said, the newest first; a clinician reads his own, and not who said it."""
    rows, total = await queries.list_described(tx, actor, page, clinician_id=clinician_id)
    shown = [FeedbackOut.of(row, is_nameless=actor.is_clinician) for row in rows]
    return answer(shown, meta=page.meta(total))
