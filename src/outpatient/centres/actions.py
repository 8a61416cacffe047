"""Every write to centres.

Where appointments must not be left behind, they are counted after the event: its inside reaction has raised the
schedule version of every clinician by then, so that no booking can slip in between.
"""

from typing import Any

from outpatient.access.actor import Actor
from outpatient.centres.errors import CentreInUse
from outpatient.centres.events import CentreCreated, CentreDeleted, CentreToggled, CentreUpdated
from outpatient.centres.queries import count_present, count_to_come, get_centre
from outpatient.core.changes import change
from outpatient.core.database import Tx
from outpatient.hospitals.queries import get_own_config
from outpatient.models import Centre, Visit


async def create_centre(tx: Tx, *, actor: Actor, time_zone: str | None, **given: Any) -> Centre:
    """Open a centre; its time zone is the hospital's unless it has another."""
    zone = time_zone or (await get_own_config(tx, actor.hospital_id)).time_zone
    centre = await tx.add(Centre(hospital_id=actor.hospital_id, time_zone=zone, created_at=tx.now, **given))
    await tx.record(CentreCreated(hospital_id=actor.hospital_id, subject_id=centre.id), by=actor)
    return centre


async def update_centre(tx: Tx, *, actor: Actor, centre_id: int, changes: dict[str, Any]) -> Centre:
    """Change a centre's details. Its zone stays while patients hold times in it (CentreInUse)."""
    centre = await get_centre(tx, actor, centre_id, lock=True)
    if changed := change(centre, changes):
        await tx.session.flush()
        await tx.record(CentreUpdated(hospital_id=actor.hospital_id, subject_id=centre_id, fields=changed), by=actor)
        if "time_zone" in changed:
            await _expect_nobody(tx, centre)
    return centre


async def toggle_centre(tx: Tx, *, actor: Actor, centre_id: int) -> Centre:
    """Close an open centre for booking (CentreInUse: patients are still to come), or open a closed one."""
    centre = await get_centre(tx, actor, centre_id, lock=True)
    centre.is_active = not centre.is_active
    await tx.session.flush()
    event = CentreToggled(hospital_id=actor.hospital_id, subject_id=centre_id, is_active=centre.is_active)
    await tx.record(event, by=actor)
    if not centre.is_active:
        await _expect_nobody(tx, centre)
    return centre


async def delete_centre(tx: Tx, *, actor: Actor, centre_id: int) -> None:
    """Take a centre off the list; what happened there stays (CentreInUse: patients are still to come)."""
    centre = await get_centre(tx, actor, centre_id, lock=True)
    centre.is_active, centre.deleted_at = False, tx.now
    await tx.session.flush()
    await tx.record(CentreDeleted(hospital_id=actor.hospital_id, subject_id=centre_id), by=actor)
    await _expect_nobody(tx, centre)


async def _expect_nobody(tx: Tx, centre: Centre) -> None:
    appointments = await count_to_come(tx, centre)
    present = await count_present(tx, Visit.hospital_id == centre.hospital_id, Visit.centre_id == centre.id)
    if appointments or present:
        raise CentreInUse(appointments, present)
