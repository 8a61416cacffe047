"""Every SELECT on departments, and who may see which."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from outpatient.access.actor import Actor
from outpatient.centres import queries as centres
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.departments.rules import OWN_RULES, effective_rules
from outpatient.hospitals.queries import get_own_config
from outpatient.models import Centre, Department


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The departments that somebody may see: those of the centres he may see; patients see what is open."""
    its_centre = select(Centre.id).where(centres.visible_to(actor))
    terms: list[ColumnElement[bool]] = [
        Department.hospital_id == actor.hospital_id,
        Department.centre_id.in_(its_centre),
    ]
    if actor.is_patient:
        terms.append(Department.is_active.is_(True))
    return and_(*terms)


async def get_department(tx: Tx, actor: Actor, department_id: int, *, lock: bool = False) -> Department:
    """The department, as far as the actor may see it (NotFound); locked for a change."""
    query = select(Department).where(Department.id == department_id, visible_to(actor))
    found: Department | None = await tx.one_or_none(query.with_for_update(key_share=True) if lock else query)
    if found is None:
        raise NotFound.of("Department")
    return found


async def list_departments(tx: Tx, actor: Actor, *, centre_id: int | None = None) -> Sequence[Department]:
    """The departments that the actor may see, by name; of one centre."""
    query = select(Department).where(visible_to(actor)).order_by(Department.name, Department.id)
    found: Sequence[Department] = await tx.all(
        query if centre_id is None else query.where(Department.centre_id == centre_id)
    )
    return found


async def describe_config(tx: Tx, department: Department) -> dict[str, Any]:
    """A department's own rules, and those that hold because it has none of its own."""
    config = await get_own_config(tx, department.hospital_id)
    own = {name: getattr(department, name) for name in OWN_RULES}
    hospital = {name: getattr(config, name) for name in OWN_RULES}
    return {"department_id": department.id, **own, "effective": effective_rules(own, hospital)}
