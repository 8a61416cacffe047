"""Every SELECT on centres, and who may see which."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select, text

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.terms import AppointmentStatus
from outpatient.models import LINE, ROOM, Appointment, Centre, Visit

TO_COME = (AppointmentStatus.PENDING, AppointmentStatus.CONFIRMED, AppointmentStatus.CHECKED_IN)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The centres that somebody may see: his hospital's; his own, if bound to some; open ones, if a patient."""
    terms: list[ColumnElement[bool]] = [Centre.hospital_id == actor.hospital_id, Centre.deleted_at.is_(None)]
    if actor.centre_ids is not None:
        terms.append(Centre.id.in_(actor.centre_ids))
    if actor.is_patient:
        terms.append(Centre.is_active.is_(True))
    return and_(*terms)


async def get_centre(tx: Tx, actor: Actor, centre_id: int, *, lock: bool = False) -> Centre:
    """The centre, as far as the actor may see it (NotFound); locked for a change."""
    query = select(Centre).where(Centre.id == centre_id, visible_to(actor))
    found: Centre | None = await tx.one_or_none(query.with_for_update(key_share=True) if lock else query)
    if found is None:
        raise NotFound.of("Centre")
    return found


async def list_centres(tx: Tx, actor: Actor, *, city: str | None = None) -> Sequence[Centre]:
    """The centres that the actor may see, by name; of one city, however it is written."""
    found: Sequence[Centre] = await tx.all(select(Centre).where(visible_to(actor)).order_by(Centre.name, Centre.id))
    if city is None:
        return found
    wanted = city.strip().casefold()  # here, because SQLite's lower() knows ASCII only
    return [centre for centre in found if centre.city.casefold() == wanted]


async def find_only_centre(tx: Tx, actor: Actor) -> Centre | None:
    """The open centre that needs no naming, because the actor sees no other."""
    found = await tx.all(select(Centre).where(visible_to(actor), Centre.is_active).limit(2))
    return found[0] if len(found) == 1 else None


async def find_first_centre(tx: Tx, hospital_id: int) -> Centre | None:
    """The oldest open centre of a hospital."""
    found: Centre | None = await tx.one_or_none(
        select(Centre)
        .where(Centre.hospital_id == hospital_id, Centre.is_active, Centre.deleted_at.is_(None))
        .order_by(Centre.id)
        .limit(1)
    )
    return found


def is_to_come(now: datetime, today: date) -> ColumnElement[bool]:
    """Appointments still to take place: intervals not over, tokens from `today` (in the centre's zone) on."""
    return and_(
        Appointment.service_on >= today - timedelta(days=1),  # for the index: none lasts longer than a night
        Appointment.status.in_(TO_COME),
        or_(Appointment.expires_at.is_(None), Appointment.expires_at > now),
        or_(Appointment.ends_at > now, and_(Appointment.ends_at.is_(None), Appointment.service_on >= today)),
    )


async def count_to_come(tx: Tx, centre: Centre, *, department_id: int | None = None) -> int:
    """How many appointments are to come at a centre, or in its department: intervals not over, tokens from today."""
    today = tx.now.astimezone(ZoneInfo(centre.time_zone)).date()
    query = (
        select(func.count())
        .select_from(Appointment)
        .where(
            Appointment.hospital_id == centre.hospital_id,
            Appointment.centre_id == centre.id,
            is_to_come(tx.now, today),
        )
    )
    counted: int | None = await tx.one_or_none(
        query if department_id is None else query.where(Appointment.department_id == department_id)
    )
    return counted or 0


async def count_present(tx: Tx, *where: ColumnElement[bool]) -> int:
    """How many patients are in the house: waiting, called, being seen or parked."""
    counted: int | None = await tx.one_or_none(
        select(func.count()).select_from(Visit).where(or_(text(f"visits.{LINE}"), text(f"visits.{ROOM}")), *where)
    )
    return counted or 0
