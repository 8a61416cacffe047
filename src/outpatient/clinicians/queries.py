"""Every SELECT on clinicians: the public's list, and the profiles that somebody manages."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select

from outpatient.access.actor import Actor
from outpatient.centres.queries import is_to_come
from outpatient.clinicians.rules import average_rating
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.paging import Page
from outpatient.core.terms import AppointmentStatus
from outpatient.models import (
    Appointment,
    AvailabilityRule,
    Centre,
    Clinician,
    ClinicianRating,
    Department,
    HospitalConfig,
    Membership,
    User,
)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The profiles that somebody may manage: his hospital's; centre staff those whose primary centre is theirs."""
    own = and_(Clinician.hospital_id == actor.hospital_id, Clinician.deleted_at.is_(None))
    if actor.centre_ids is None:
        return own
    return and_(own, Clinician.primary_centre_id.in_(actor.centre_ids))


async def get_clinician(tx: Tx, actor: Actor, clinician_id: int) -> Clinician:
    """A profile to manage (NotFound)."""
    found: Clinician | None = await tx.one_or_none(
        select(Clinician).where(Clinician.id == clinician_id, visible_to(actor))
    )
    if found is None:
        raise NotFound.of("Clinician")
    return found


async def get_own_profile(tx: Tx, actor: Actor) -> Clinician:
    """The actor's own profile (NotFound: he sees no patients here)."""
    return await get_clinician(tx, actor, actor.clinician_id or 0)


async def find_profile(tx: Tx, hospital_id: int | None, user_id: int) -> Clinician | None:
    """The profile of a user here, even one that ended."""
    found: Clinician | None = await tx.one_or_none(
        select(Clinician).where(Clinician.hospital_id == hospital_id, Clinician.user_id == user_id)
    )
    return found


async def get_membership(tx: Tx, clinician: Clinician) -> Membership:
    """The membership behind a profile."""
    membership: Membership | None = await tx.one_or_none(
        select(Membership).where(
            Membership.hospital_id == clinician.hospital_id, Membership.user_id == clinician.user_id
        )
    )
    assert membership is not None
    return membership


async def get_today(tx: Tx, clinician: Clinician) -> date:
    """The date that clocks show at a clinician's primary centre."""
    zone = await tx.one_or_none(
        select(Centre.time_zone).where(
            Centre.hospital_id == clinician.hospital_id, Centre.id == clinician.primary_centre_id
        )
    )
    return tx.now.astimezone(ZoneInfo(zone)).date()


async def count_to_come(tx: Tx, clinician: Clinician) -> int:
    """How many appointments are still to take place with a clinician."""
    is_his = await _is_to_come_with(tx, clinician)
    counted: int | None = await tx.one_or_none(select(func.count()).select_from(Appointment).where(is_his))
    return counted or 0


async def list_to_come(tx: Tx, clinician: Clinician) -> Sequence[int]:
    """The appointments whose patients are still to come to a clinician, in the order in which others lock them."""
    is_here = Appointment.status == AppointmentStatus.CHECKED_IN
    is_his = await _is_to_come_with(tx, clinician)
    return await tx.all(select(Appointment.id).where(is_his, ~is_here).order_by(Appointment.id))


async def _is_to_come_with(tx: Tx, clinician: Clinician) -> ColumnElement[bool]:
    return and_(
        Appointment.hospital_id == clinician.hospital_id,
        Appointment.clinician_id == clinician.id,
        is_to_come(tx.now, await get_today(tx, clinician)),
    )


async def get_described(tx: Tx, hospital_id: int, clinician_id: int) -> dict[str, Any]:
    """One clinician with the names around him, bookable or not (NotFound)."""
    terms = (Clinician.hospital_id == hospital_id, Clinician.id == clinician_id, Clinician.deleted_at.is_(None))
    rows = await tx.rows(_described().where(*terms))
    if not rows:
        raise NotFound.of("Clinician")
    return (await _describe(tx, hospital_id, rows))[0]


async def list_described(
    tx: Tx,
    hospital_id: int,
    page: Page,
    *,
    centre_id: int | None = None,
    specialization: str | None = None,
    manager: Actor | None = None,
) -> tuple[list[dict[str, Any]], int]:
    """A page of the clinicians who can be booked, by name, and how many there are; a manager's inactive ones too."""
    is_listed = Clinician.is_active if manager is None else or_(Clinician.is_active, visible_to(manager))
    terms = [Clinician.hospital_id == hospital_id, Clinician.deleted_at.is_(None), is_listed]
    if centre_id is not None:
        terms.append(_works_at(hospital_id, centre_id))
    if specialization is not None:
        terms.append(_is_specialized(tx.store.dialect, specialization))
    total = await tx.one_or_none(select(func.count()).select_from(Clinician).where(*terms))
    query = _described().where(*terms).order_by(User.full_name, Clinician.id)
    rows = await tx.rows(query.limit(page.limit).offset(page.offset))
    return await _describe(tx, hospital_id, rows), total or 0


async def count_bookable(tx: Tx, hospital_id: int, centre_ids: Collection[int] | None) -> int:
    """How many clinicians can be booked, in a hospital or at any of these centres."""
    terms = [Clinician.hospital_id == hospital_id, Clinician.deleted_at.is_(None), Clinician.is_active]
    if centre_ids is not None:
        terms.append(or_(false(), *(_works_at(hospital_id, centre_id) for centre_id in centre_ids)))
    counted: int = await tx.one_or_none(select(func.count()).select_from(Clinician).where(*terms))
    return counted


def _works_at(hospital_id: int, centre_id: int) -> ColumnElement[bool]:
    """His primary centre, or one where he has hours."""
    has_hours = select(AvailabilityRule.clinician_id).where(
        AvailabilityRule.hospital_id == hospital_id, AvailabilityRule.centre_id == centre_id
    )
    return or_(Clinician.primary_centre_id == centre_id, Clinician.id.in_(has_hours))


def _is_specialized(dialect: str, specialization: str) -> ColumnElement[bool]:
    """One of his specializations is this one, however its letters are cased."""
    wanted = specialization.strip().lower()
    if dialect == "postgresql":
        word: ColumnElement[str] = func.jsonb_array_elements_text(Clinician.specialization).column_valued("word")
    else:
        word = func.json_each(Clinician.specialization).table_valued("value").c.value
    return select(literal(1)).where(func.lower(word) == wanted).correlate(Clinician).exists()


def _described() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Clinician,
            User.full_name,
            User.phone,
            User.email,
            User.username,
            User.photo_name,
            Centre.name.label("primary_centre_name"),
            Department.name.label("department_name"),
            HospitalConfig.default_duration_minutes.label("usual_minutes"),
            ClinicianRating.stars,
            ClinicianRating.ratings,
        )
        .join(User, User.id == Clinician.user_id)
        .join(Centre, Centre.id == Clinician.primary_centre_id)
        .join(HospitalConfig, HospitalConfig.hospital_id == Clinician.hospital_id)
        .outerjoin(Department, Department.id == Clinician.department_id)
        .outerjoin(ClinicianRating, ClinicianRating.clinician_id == Clinician.id)
    )


async def _describe(tx: Tx, hospital_id: int, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `_described` as seed 001 shows clinicians."""
    centres = await _list_centres_of(tx, hospital_id, [row["Clinician"].id for row in rows])
    return [_plain(row, centres.get(row["Clinician"].id, [])) for row in rows]


_WORKED_OUT_OF = frozenset({"Clinician", "usual_minutes", "stars", "ratings"})


def _plain(row: Mapping[str, Any], centre_ids: list[int]) -> dict[str, Any]:
    clinician: Clinician = row["Clinician"]
    return {
        **{column.key: getattr(clinician, column.key) for column in Clinician.__mapper__.column_attrs},
        **{key: value for key, value in row.items() if key not in _WORKED_OUT_OF},
        "centre_ids": centre_ids,
        "average_rating": average_rating(row["stars"], row["ratings"]),
        "consultation_fee": clinician.consultation_fee_minor,
        "default_consultation_duration_minutes": clinician.default_duration_minutes or row["usual_minutes"],
    }


async def _list_centres_of(tx: Tx, hospital_id: int, clinician_ids: Collection[int]) -> dict[int, list[int]]:
    """Clinician id → the centres where he has hours, in order."""
    rows = await tx.rows(
        select(AvailabilityRule.clinician_id, AvailabilityRule.centre_id)
        .where(AvailabilityRule.hospital_id == hospital_id, AvailabilityRule.clinician_id.in_(clinician_ids))
        .distinct()
        .order_by(AvailabilityRule.centre_id)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        found[row["clinician_id"]].append(row["centre_id"])
    return found
