"""Every SELECT on hospitals and their rules, and who may see which."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select, true

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.paging import Page
from outpatient.core.terms import Role
from outpatient.models import Hospital, HospitalConfig, Membership, PatientAccess, Payment


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The hospitals that somebody may see: where he works, or is a patient; the platform's owner sees all."""
    if actor.is_superadmin:
        return true()
    if actor.is_patient:
        own = select(PatientAccess.hospital_id).where(PatientAccess.user_id == actor.user_id)
    else:
        own = select(Membership.hospital_id).where(
            Membership.user_id == actor.user_id, Membership.is_active, Membership.deleted_at.is_(None)
        )
    return and_(Hospital.is_active, Hospital.id.in_(own))


def acted_in_by(actor: Actor) -> ColumnElement[bool]:
    """The hospital that somebody acts in; the platform's owner names any by its path."""
    return true() if actor.role is Role.SUPERADMIN else Hospital.id == actor.hospital_id


def _described() -> Select[Any]:
    columns = (column for column in Hospital.__table__.columns)
    return select(*columns, HospitalConfig.time_zone).join(HospitalConfig, HospitalConfig.hospital_id == Hospital.id)


async def list_described(tx: Tx, actor: Actor, page: Page) -> tuple[Sequence[Mapping[str, Any]], int]:
    """A page of the hospitals that the actor may see, the oldest first, and how many there are in all."""
    rows = await tx.rows(
        _described().where(visible_to(actor)).order_by(Hospital.id).limit(page.limit).offset(page.offset)
    )
    total = await tx.one_or_none(select(func.count()).select_from(Hospital).where(visible_to(actor)))
    return rows, total or 0


async def get_described(tx: Tx, actor: Actor, hospital_id: int) -> Mapping[str, Any]:
    """One hospital with its time zone (NotFound)."""
    rows = await tx.rows(_described().where(Hospital.id == hospital_id, visible_to(actor)))
    if not rows:
        raise NotFound.of("Hospital")
    return rows[0]


async def get_hospital(tx: Tx, actor: Actor, hospital_id: int) -> Hospital:
    """The hospital that the actor acts in, locked for a change (NotFound)."""
    found: Hospital | None = await tx.one_or_none(
        select(Hospital).where(Hospital.id == hospital_id, acted_in_by(actor)).with_for_update(key_share=True)
    )
    if found is None:
        raise NotFound.of("Hospital")
    return found


async def get_config(tx: Tx, actor: Actor, hospital_id: int, *, lock: bool = False) -> HospitalConfig:
    """The rules of the hospital that the actor acts in (NotFound); locked for a change."""
    query = (
        select(HospitalConfig)
        .join(Hospital, Hospital.id == HospitalConfig.hospital_id)
        .where(HospitalConfig.hospital_id == hospital_id, acted_in_by(actor))
    )
    found: HospitalConfig | None = await tx.one_or_none(query.with_for_update(key_share=True) if lock else query)
    if found is None:
        raise NotFound.of("Hospital")
    return found


async def get_own_config(tx: Tx, hospital_id: int) -> HospitalConfig:
    """The rules of a hospital that is known to exist."""
    found: HospitalConfig | None = await tx.one_or_none(
        select(HospitalConfig).where(HospitalConfig.hospital_id == hospital_id)
    )
    assert found is not None
    return found


async def list_slugs(tx: Tx, beginning: str) -> Sequence[str]:
    """Every short name that begins so."""
    found: Sequence[str] = await tx.all(select(Hospital.slug).where(Hospital.slug.startswith(beginning)))
    return found


async def has_charged(tx: Tx, hospital_id: int) -> bool:
    """Whether anything was ever charged here."""
    return bool(await tx.one_or_none(select(exists().where(Payment.hospital_id == hospital_id))))
