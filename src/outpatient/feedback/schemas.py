"""Feedback on the wire."""

from typing import Annotated, Any

from outpatient.http.schema import Id, LongText, Schema, UtcInstant, Whole, shown


class FeedbackRequest(Schema):
    """`POST /feedback`: for a visit, or for the visit of an appointment."""

    model_config = shown({"appointmentId": 1, "rating": 5, "comment": "She took her time."})

    appointment_id: Id | None = None
    visit_id: Id | None = None
    rating: Annotated[int, Whole(1, 5, "stars")]
    comment: LongText | None = None


class FeedbackOut(Schema):
    """What a patient said of a visit. To the clinician it does not say who."""

    id: int
    visit_id: int | None
    appointment_id: int | None
    patient_id: int | None
    patient_name: str | None
    clinician_id: int | None
    clinician_name: str | None
    centre_id: int
    rating: int
    comment: str | None
    given_at: UtcInstant
    changed_at: UtcInstant | None

    @classmethod
    def of(cls, row: Any, *, is_nameless: bool) -> "FeedbackOut":
        """A described row; without all that names the patient."""
        if is_nameless:
            row = {**row, "visit_id": None, "appointment_id": None, "patient_id": None, "patient_name": None}
        return cls.model_validate(row)
