"""Every SELECT on staff: the members of the actor's hospital, never those of another."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select

from outpatient.access.actor import Actor
from outpatient.centres import queries as centres
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.paging import Page
from outpatient.core.terms import Role, SessionKind
from outpatient.models import Centre, Hospital, Membership, MembershipCentre, PatientAccess, User


@dataclass(frozen=True, slots=True)
class Member:
    """A person and his role here."""

    user: User
    membership: Membership


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The members of the actor's hospital who have not left."""
    return and_(Membership.hospital_id == actor.hospital_id, Membership.deleted_at.is_(None))


async def get_member(tx: Tx, actor: Actor, user_id: int) -> Member:
    """A member of staff by his user id (NotFound)."""
    query = select(User, Membership).join(Membership, Membership.user_id == User.id)
    found = (await tx.execute(query.where(User.id == user_id, visible_to(actor)))).one_or_none()
    if found is None:
        raise NotFound.of("Staff user")
    return Member(*found)


async def find_membership(tx: Tx, hospital_id: int, user_id: int) -> Membership | None:
    """The membership of a user here, even one that ended."""
    found: Membership | None = await tx.one_or_none(
        select(Membership).where(Membership.hospital_id == hospital_id, Membership.user_id == user_id)
    )
    return found


async def find_user_of_phone(tx: Tx, phone: str) -> User | None:
    """The user with this phone, in whatever hospital."""
    found: User | None = await tx.one_or_none(select(User).where(User.phone == phone))
    return found


async def list_usernames(tx: Tx, beginning: str) -> Sequence[str]:
    """The usernames that begin with this."""
    return await tx.all(select(User.username).where(User.username.startswith(beginning, autoescape=True)))


async def is_known_elsewhere(tx: Tx, user: User, hospital_id: int) -> bool:
    """Whether the account opens doors outside of this hospital: a role, a patient record, or all of them."""
    works = select(literal(1)).where(
        Membership.user_id == user.id, Membership.hospital_id != hospital_id, Membership.deleted_at.is_(None)
    )
    visits = select(literal(1)).where(PatientAccess.user_id == user.id, PatientAccess.hospital_id != hospital_id)
    return user.is_superadmin or await tx.one_or_none(select(or_(works.exists(), visits.exists())))


async def lock_staff(tx: Tx, hospital_id: int) -> None:
    """Let one change of a hospital's staff happen at a time, so that two ADMINs cannot remove each other."""
    await tx.one_or_none(select(Hospital.id).where(Hospital.id == hospital_id).with_for_update(key_share=True))


async def list_active_admins(tx: Tx, hospital_id: int) -> Sequence[int]:
    """The user ids of those who can still act as ADMIN."""
    return await tx.all(
        select(Membership.user_id)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.hospital_id == hospital_id,
            Membership.role == Role.ADMIN,
            Membership.is_active,
            Membership.deleted_at.is_(None),
            User.is_active,
        )
    )


async def count_open_centres(tx: Tx, actor: Actor, centre_ids: Collection[int]) -> int:
    """How many of these centres are open and the actor's to staff."""
    open_ones = (Centre.id.in_(centre_ids), centres.visible_to(actor), Centre.is_active)
    found: int | None = await tx.one_or_none(select(func.count()).select_from(Centre).where(*open_ones))
    return found or 0


async def list_centres_of(tx: Tx, hospital_id: int, membership_ids: Collection[int]) -> dict[int, list[int]]:
    """Membership id → the centres that its member works at, in order."""
    rows = await tx.rows(
        select(MembershipCentre.membership_id, MembershipCentre.centre_id)
        .where(MembershipCentre.hospital_id == hospital_id, MembershipCentre.membership_id.in_(membership_ids))
        .order_by(MembershipCentre.centre_id)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        found[row["membership_id"]].append(row["centre_id"])
    return found


def _described(*terms: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            User.id,
            User.full_name,
            User.phone,
            User.email,
            User.username,
            Membership.id.label("membership_id"),
            Membership.role,
            and_(Membership.is_active, User.is_active).label("is_active"),
            Membership.created_at,
        )
        .join(Membership, Membership.user_id == User.id)
        .where(*terms)
    )


async def _describe(tx: Tx, actor: Actor, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `_described` as seed 001 shows staff, each with the centres he works at."""
    places = await list_centres_of(tx, actor.hospital_id, [row["membership_id"] for row in rows])
    return [
        {
            **row,
            "role_id": row["role"].number,
            "role_name": row["role"],
            "centre_id": next(iter(places.get(row["membership_id"], ())), None),
            "centre_ids": places.get(row["membership_id"], []),
        }
        for row in rows
    ]


async def get_described(tx: Tx, actor: Actor, user_id: int) -> dict[str, Any]:
    """One member of staff (NotFound)."""
    rows = await tx.rows(_described(User.id == user_id, visible_to(actor)))
    if not rows:
        raise NotFound.of("Staff user")
    return (await _describe(tx, actor, rows))[0]


async def list_described(
    tx: Tx, actor: Actor, page: Page, *, role: Role | None = None, centre_id: int | None = None
) -> tuple[list[dict[str, Any]], int]:
    """A page of the hospital's staff, the longest-serving first, and how many there are in all."""
    terms = [visible_to(actor)]
    if role is not None:
        terms.append(Membership.role == role)
    if centre_id is not None:
        works_there = select(MembershipCentre.membership_id).where(
            MembershipCentre.hospital_id == actor.hospital_id, MembershipCentre.centre_id == centre_id
        )
        terms.append(Membership.id.in_(works_there))
    total = await tx.one_or_none(select(func.count()).select_from(Membership).where(*terms))
    rows = await tx.rows(_described(*terms).order_by(Membership.id).limit(page.limit).offset(page.offset))
    return await _describe(tx, actor, rows), total or 0


async def list_own_memberships(tx: Tx, actor: Actor) -> Sequence[Mapping[str, Any]]:
    """The hospitals that the caller may name in `X-Hospital-Id`, and what he is there."""
    hospital = (Hospital.id.label("hospital_id"), Hospital.name.label("hospital_name"))
    if actor.kind is SessionKind.PATIENT:
        visits = select(PatientAccess.hospital_id).where(PatientAccess.user_id == actor.user_id)
        query = select(*hospital, literal(Role.PATIENT.value).label("role")).where(Hospital.id.in_(visits))
    else:
        query = (
            select(*hospital, Membership.role)
            .join(Membership, Membership.hospital_id == Hospital.id)
            .where(Membership.user_id == actor.user_id, Membership.is_active, Membership.deleted_at.is_(None))
        )
    return await tx.rows(query.where(Hospital.is_active).order_by(Hospital.id))
