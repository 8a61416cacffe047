"""How work on clinicians can be refused."""

from outpatient.centres.errors import still_here
from outpatient.core.errors import Conflict


class ClinicianInUse(Conflict):
    """Patients are still to come to this clinician, or wait for him; `details` says how many."""

    code = "CLINICIAN_IN_USE"

    def __init__(self, appointments: int, present: int) -> None:
        super().__init__(
            f"{still_here(appointments, present)}; cancel or move them first",
            {"appointments": appointments, "patients": present},
        )
