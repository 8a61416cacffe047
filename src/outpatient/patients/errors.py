"""How work on patient records can be refused."""

from outpatient.core.errors import Conflict, DuplicateEntry


class PatientExists(DuplicateEntry):
    message = "A patient with this phone and name exists"

    def __init__(self, patient_id: int) -> None:
        super().__init__(details={"phone": self.message, "id": patient_id})


class PatientHasHistory(Conflict):
    code = "PATIENT_HAS_HISTORY"
    message = "This patient has appointments, visits or notes, which must be kept"
