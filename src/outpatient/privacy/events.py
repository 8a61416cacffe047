"""What happens to what is known about somebody."""

from dataclasses import dataclass

from outpatient.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientErased(Event):
    """Nothing in a record says any more whose it was; `reason` is why, with everything personal taken out of it."""

    name = "patient.erased"
    subject = "patient"

    reason: str
