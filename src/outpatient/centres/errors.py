"""How work on centres can be refused."""

from typing import ClassVar

from outpatient.core.errors import Conflict


def still_here(appointments: int, present: int) -> str:
    """`1 appointment is still to come` and `2 patients are in the house`, as far as there are any."""
    booked = "1 appointment is" if appointments == 1 else f"{appointments} appointments are"
    inside = "1 patient is" if present == 1 else f"{present} patients are"
    return " and ".join(
        said
        for number, said in ((appointments, f"{booked} still to come"), (present, f"{inside} in the house"))
        if number
    )


class CentreInUse(Conflict):
    """Patients are still to come, or still here; `details` says how many."""

    code = "CENTRE_IN_USE"
    where: ClassVar[str] = "at this centre"

    def __init__(self, appointments: int, present: int) -> None:
        super().__init__(
            f"{still_here(appointments, present)} {self.where}; cancel or move them first",
            {"appointments": appointments, "patients": present},
        )
