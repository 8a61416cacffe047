"""Every SELECT on services, and who may see which."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, or_, select

from outpatient.access.actor import Actor
from outpatient.centres import queries as centres
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.models import Centre, Department, Service


def _departments_seen(actor: Actor) -> ColumnElement[bool]:
    its_centre = select(Centre.id).where(centres.visible_to(actor))
    seen = and_(Department.hospital_id == actor.hospital_id, Department.centre_id.in_(its_centre))
    return and_(seen, Department.is_active.is_(True)) if actor.is_patient else seen


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The services that somebody may see: the hospital's, and his centres' departments'; patients, the offered."""
    its_department = select(Department.id).where(_departments_seen(actor))
    terms: list[ColumnElement[bool]] = [
        Service.hospital_id == actor.hospital_id,
        or_(Service.department_id.is_(None), Service.department_id.in_(its_department)),
    ]
    if actor.is_patient:
        terms.append(Service.is_active.is_(True))
    return and_(*terms)


async def get_service(tx: Tx, actor: Actor, service_id: int, *, lock: bool = False) -> Service:
    """The service, as far as the actor may see it (NotFound); locked for a change."""
    query = select(Service).where(Service.id == service_id, visible_to(actor))
    found: Service | None = await tx.one_or_none(query.with_for_update(key_share=True) if lock else query)
    if found is None:
        raise NotFound.of("Service")
    return found


async def list_services(tx: Tx, actor: Actor, *, department_id: int | None = None) -> Sequence[Service]:
    """The services that the actor may see, by name; of one department."""
    query = select(Service).where(visible_to(actor)).order_by(Service.name, Service.id)
    found: Sequence[Service] = await tx.all(
        query if department_id is None else query.where(Service.department_id == department_id)
    )
    return found


async def expect_department(tx: Tx, actor: Actor, department_id: int) -> None:
    """See that there is such an open department (NotFound)."""
    known = exists().where(Department.id == department_id, Department.is_active, _departments_seen(actor))
    if not await tx.one_or_none(select(known)):
        raise NotFound.of("Department")
