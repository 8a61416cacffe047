"""What happens to feedback."""

from dataclasses import dataclass

from outpatient.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackGiven(Event):
    """A patient rated a visit, or changed his mind: `was` is what he had given before. His words stay in the row."""

    name = "feedback.given"
    subject = "feedback"

    visit_id: int
    patient_id: int
    clinician_id: int | None
    centre_id: int
    rating: int
    was: int | None
