"""How erasing can be refused."""

from collections.abc import Mapping, Sequence

from outpatient.core.errors import Conflict


class StillNeeded(Conflict):
    """Something is going on with this patient; `details` say what, by the ids of what has to end first."""

    code = "PATIENT_IN_USE"
    message = "This patient still has appointments, is in the house, or has money to settle"

    def __init__(self, what: Mapping[str, Sequence[int]]) -> None:
        super().__init__(details={kind: list(ids) for kind, ids in what.items()})
