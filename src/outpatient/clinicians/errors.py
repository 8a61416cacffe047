"""How work on clinicians can be refused."""

from outpatient.core.errors import Conflict


class ClinicianInUse(Conflict):
    """Patients are still to come to this clinician; `details` says how many appointments that are."""

    code = "CLINICIAN_IN_USE"

    def __init__(self, appointments: int) -> None:
        booked = "1 appointment is" if appointments == 1 else f"{appointments} appointments are"
        super().__init__(f"{booked} still to come; cancel or move them first", {"appointments": appointments})
