"""Who sees a patient that came to a department, and what the desk should know about how full it is."""

from collections.abc import Iterable
from dataclasses import dataclass

NOT_ON_DUTY = "The clinician is not on duty"
NOBODY_ON_DUTY = "Nobody of this department is on duty; the patient waits for whoever calls first"
ALL_FULL = "Every clinician on duty has the day's limit of patients; the patient waits for whoever calls first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How busy a clinician is: patients in line, patients of the day, and the limits of both (None: no limit)."""

    clinician_id: int
    is_on_duty: bool
    waiting: int
    of_the_day: int
    daily_limit: int | None
    queue_limit: int | None

    @property
    def is_full(self) -> bool:
        """Whether the day's limit is reached."""
        return self.daily_limit is not None and self.of_the_day >= self.daily_limit


def least_loaded(loads: Iterable[Load]) -> Load | None:
    """The clinician on duty with the shortest queue below capacity; None: there is none."""
    free = [load for load in loads if load.is_on_duty and not load.is_full]
    return min(free, key=lambda load: (load.waiting, load.of_the_day, load.clinician_id), default=None)


def warnings_for(load: Load) -> list[str]:
    """What speaks against one patient more, though the desk may decide so."""
    found = [] if load.is_on_duty else [NOT_ON_DUTY]
    if load.is_full:
        found.append(f"This day is over the clinician's limit of {load.daily_limit} patients")
    return found + queue_warnings(load.waiting, load.queue_limit)


def queue_warnings(waiting: int, limit: int | None) -> list[str]:
    """A queue's length limit is soft: it warns."""
    if limit is None or waiting < limit:
        return []
    return [f"{waiting} {'patient is' if waiting == 1 else 'patients are'} waiting already; the limit is {limit}"]
