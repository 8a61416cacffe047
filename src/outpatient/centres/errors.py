"""How work on centres can be refused."""

from typing import ClassVar

from outpatient.core.errors import Conflict


class CentreInUse(Conflict):
    """Patients are still to come; `details` says how many appointments that are."""

    code = "CENTRE_IN_USE"
    where: ClassVar[str] = "at this centre"

    def __init__(self, appointments: int) -> None:
        booked = "1 appointment is" if appointments == 1 else f"{appointments} appointments are"
        super().__init__(
            f"{booked} still to come {self.where}; cancel or move them first", {"appointments": appointments}
        )
