"""Every write to departments."""

from typing import Any

from outpatient.access.actor import Actor
from outpatient.centres.queries import count_present, count_to_come, find_only_centre, get_centre
from outpatient.core.changes import change
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid
from outpatient.departments.errors import DepartmentInUse
from outpatient.departments.events import (
    DepartmentConfigured,
    DepartmentCreated,
    DepartmentDeactivated,
    DepartmentUpdated,
)
from outpatient.departments.queries import get_department
from outpatient.models import Department, Visit


async def create_department(tx: Tx, *, actor: Actor, centre_id: int | None, **given: Any) -> Department:
    """Give a centre a department; the centre may be left unnamed where there is only one (Invalid otherwise)."""
    centre = await find_only_centre(tx, actor) if centre_id is None else await get_centre(tx, actor, centre_id)
    if centre is None:
        raise Invalid.field("centreId", "This field is required where there is not exactly one centre")
    department = await tx.add(
        Department(hospital_id=actor.hospital_id, centre_id=centre.id, created_at=tx.now, **given)
    )
    await tx.record(
        DepartmentCreated(hospital_id=actor.hospital_id, subject_id=department.id, centre_id=centre.id), by=actor
    )
    return department


async def update_department(tx: Tx, *, actor: Actor, department_id: int, changes: dict[str, Any]) -> Department:
    """Change a department's details, or open it again (DepartmentInUse: closed, with patients still to come)."""
    department = await get_department(tx, actor, department_id, lock=True)
    if changed := change(department, changes):
        await tx.session.flush()
        await tx.record(
            DepartmentUpdated(hospital_id=actor.hospital_id, subject_id=department_id, fields=changed), by=actor
        )
        if not department.is_active and "is_active" in changed:
            await _expect_nobody(tx, actor, department)
    return department


async def configure_department(tx: Tx, *, actor: Actor, department_id: int, changes: dict[str, Any]) -> Department:
    """Change the rules by which a department books and queues; None goes back to the hospital's."""
    department = await get_department(tx, actor, department_id, lock=True)
    if changed := change(department, changes):
        await tx.session.flush()
        await tx.record(
            DepartmentConfigured(hospital_id=actor.hospital_id, subject_id=department_id, fields=changed), by=actor
        )
    return department


async def deactivate_department(tx: Tx, *, actor: Actor, department_id: int) -> Department:
    """Take no new patients any more (DepartmentInUse: some are still to come). A repeat answers as the first time."""
    department = await get_department(tx, actor, department_id, lock=True)
    if not department.is_active:
        return department
    department.is_active = False
    await tx.session.flush()
    await tx.record(DepartmentDeactivated(hospital_id=actor.hospital_id, subject_id=department_id), by=actor)
    await _expect_nobody(tx, actor, department)
    return department


async def _expect_nobody(tx: Tx, actor: Actor, department: Department) -> None:
    """Counted after the event, whose reaction keeps new bookings out (see centres/actions.py)."""
    centre = await get_centre(tx, actor, department.centre_id)
    appointments = await count_to_come(tx, centre, department_id=department.id)
    present = await count_present(tx, Visit.department_id == department.id)
    if appointments or present:
        raise DepartmentInUse(appointments, present)
