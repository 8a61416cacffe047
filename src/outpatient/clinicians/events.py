"""What happens to the profiles of those who see patients; `subject_id` is the clinician."""

from dataclasses import dataclass
from typing import Any, Self

from outpatient.core.events import Event
from outpatient.models import Clinician


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicianEvent(Event):
    """What every event of a clinician says: whose profile it is."""

    subject = "clinician"

    user_id: int

    @classmethod
    def of(cls, clinician: Clinician, **payload: Any) -> Self:
        """The event of this clinician, with what this kind of event adds."""
        return cls(hospital_id=clinician.hospital_id, subject_id=clinician.id, user_id=clinician.user_id, **payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicianCreated(ClinicianEvent):
    """Somebody began to see patients here, or began again."""

    name = "clinician.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicianUpdated(ClinicianEvent):
    """A profile changed; `fields` are the names."""

    name = "clinician.updated"

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicianToggled(ClinicianEvent):
    """A clinician stopped being bookable, or is bookable again."""

    name = "clinician.toggled"

    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicianDeleted(ClinicianEvent):
    """A clinician sees patients here no more; what he did stays."""

    name = "clinician.deleted"
