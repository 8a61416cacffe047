"""What follows elsewhere's changes: a schedule that somebody may have in mind is outdated by raising its version."""

from typing import Any

from sqlalchemy import update

from outpatient.core.database import Tx, Who
from outpatient.models import Clinician


async def outdate_clinician(tx: Tx, event: Any, _by: Who | None) -> None:
    """The hours, fee, length or capacity of one clinician changed (an event about him, or one that names him)."""
    clinician_id = event.subject_id if event.subject == "clinician" else event.clinician_id
    await tx.execute(
        update(Clinician)
        .where(Clinician.hospital_id == event.hospital_id, Clinician.id == clinician_id)
        .values(schedule_version=Clinician.schedule_version + 1)
        .execution_options(synchronize_session=False)
    )


async def outdate_hospital(tx: Tx, event: Any, _by: Who | None) -> None:
    """Something changed that every schedule of the hospital may rest on: a centre's zone, a service, the config."""
    await tx.execute(
        update(Clinician)
        .where(Clinician.hospital_id == event.hospital_id)
        .values(schedule_version=Clinician.schedule_version + 1)
        .execution_options(synchronize_session=False)
    )
