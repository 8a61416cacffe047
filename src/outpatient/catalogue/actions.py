"""Every write to services."""

from typing import Any

from outpatient.access.actor import Actor
from outpatient.catalogue.events import ServiceCreated, ServiceDeactivated, ServiceUpdated
from outpatient.catalogue.queries import expect_department, get_service
from outpatient.core.changes import change
from outpatient.core.database import Tx
from outpatient.models import Service


async def create_service(tx: Tx, *, actor: Actor, department_id: int | None, **given: Any) -> Service:
    """Offer something new: a length in minutes, and a price in minor units (None: each clinician's own fee)."""
    if department_id is not None:
        await expect_department(tx, actor, department_id)
    service = await tx.add(
        Service(hospital_id=actor.hospital_id, department_id=department_id, created_at=tx.now, **given)
    )
    await tx.record(ServiceCreated(hospital_id=actor.hospital_id, subject_id=service.id), by=actor)
    return service


async def update_service(tx: Tx, *, actor: Actor, service_id: int, changes: dict[str, Any]) -> Service:
    """Change what is offered from now on; appointments keep the time and the fee they were booked with."""
    service = await get_service(tx, actor, service_id, lock=True)
    if changed := change(service, changes):
        if "department_id" in changed and service.department_id is not None:
            await expect_department(tx, actor, service.department_id)
        await tx.session.flush()
        await tx.record(ServiceUpdated(hospital_id=actor.hospital_id, subject_id=service_id, fields=changed), by=actor)
    return service


async def deactivate_service(tx: Tx, *, actor: Actor, service_id: int) -> Service:
    """Offer a service no more; what was booked stays booked. A repeat answers as the first time."""
    service = await get_service(tx, actor, service_id, lock=True)
    if service.is_active:
        service.is_active = False
        await tx.session.flush()
        await tx.record(ServiceDeactivated(hospital_id=actor.hospital_id, subject_id=service_id), by=actor)
    return service
