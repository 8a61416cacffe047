"""Every write to a hospital's staff. People belong to the installation, their roles to the hospital."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete

from outpatient.access.actor import Actor
from outpatient.access.permissions import CENTRE_BOUND
from outpatient.core.changes import change
from outpatient.core.database import Tx
from outpatient.core.errors import Forbidden, Invalid, NotFound
from outpatient.core.terms import Role
from outpatient.models import Membership, MembershipCentre, User
from outpatient.staff import queries
from outpatient.staff.errors import AlreadyStaff, LastAdmin, PhoneUnproven, SharedAccount
from outpatient.staff.events import StaffCreated, StaffDeleted, StaffToggled, StaffUpdated
from outpatient.staff.rules import free_username, username_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody as an ADMIN describes him; without a password he signs in by codes."""

    full_name: str
    phone: str
    email: str | None = None
    username: str | None = None
    password_hash: str | None = None


async def create_staff(
    tx: Tx, *, actor: Actor, role: Role, person: Person, centre_ids: Sequence[int] = ()
) -> Membership:
    """Give somebody a role here. Who has an account already keeps his name, e-mail and password.

    Refused: AlreadyStaff, PhoneUnproven, DuplicateEntry, Forbidden, Invalid, NotFound.
    """
    if not actor.outranks(role):
        raise Forbidden("You cannot give anybody a role that is not below your own")
    await queries.lock_staff(tx, actor.hospital_id)
    await check_centres(tx, actor, role, centre_ids)
    user = await queries.find_user_of_phone(tx, person.phone) or await _add_user(tx, person)
    membership = await _join(tx, actor.hospital_id, user, role)
    if user.phone_proven_at is None:
        raise PhoneUnproven
    await place_staff(tx, membership, centre_ids)
    await tx.record(StaffCreated(hospital_id=actor.hospital_id, subject_id=user.id, role=role), by=actor)
    return membership


async def _add_user(tx: Tx, person: Person) -> User:
    """A new account; its phone counts as proven, because somebody who answers for it gave it."""
    username = person.username
    if username is None:
        wanted = username_from(person.email, person.full_name)
        username = free_username(wanted, await queries.list_usernames(tx, wanted))
    return await tx.add(
        User(
            full_name=person.full_name,
            phone=person.phone,
            email=person.email,
            username=username,
            password_hash=person.password_hash,
            phone_proven_at=tx.now,
            created_at=tx.now,
        )
    )


async def register_staff(
    tx: Tx, *, hospital_id: int, role: Role, full_name: str, email: str, password_hash: str, centre_id: int
) -> Membership:
    """Take on somebody who was invited and describes himself; he has an e-mail and no phone (DuplicateEntry)."""
    await queries.lock_staff(tx, hospital_id)
    user = await tx.add(User(full_name=full_name, email=email, password_hash=password_hash, created_at=tx.now))
    membership = await _join(tx, hospital_id, user, role)
    await place_staff(tx, membership, [centre_id])
    await tx.record(StaffCreated(hospital_id=hospital_id, subject_id=user.id, role=role), by=None)
    return membership


async def _join(tx: Tx, hospital_id: int, user: User, role: Role) -> Membership:
    """A new membership, or the old one of somebody who had left."""
    known = await queries.find_membership(tx, hospital_id, user.id)
    if known is None:
        return await tx.add(Membership(hospital_id=hospital_id, user_id=user.id, role=role, created_at=tx.now))
    if known.deleted_at is None:
        raise AlreadyStaff
    known.role, known.is_active, known.deleted_at, known.created_at = role, True, None, tx.now
    return known


async def check_centres(tx: Tx, actor: Actor, role: Role, centre_ids: Sequence[int]) -> None:
    """Centre staff need a centre (Invalid), and every centre must be open and the actor's to staff (NotFound)."""
    if role in CENTRE_BOUND and not centre_ids:
        raise Invalid.field("centreId", "This role works at a centre: say which one")
    if await queries.count_open_centres(tx, actor, centre_ids) < len(set(centre_ids)):
        raise NotFound.of("Centre")


async def place_staff(tx: Tx, membership: Membership, centre_ids: Sequence[int]) -> None:
    """Let a member work at these centres and no others."""
    await tx.execute(
        delete(MembershipCentre).where(
            MembershipCentre.hospital_id == membership.hospital_id, MembershipCentre.membership_id == membership.id
        )
    )
    tx.session.add_all(
        MembershipCentre(hospital_id=membership.hospital_id, membership_id=membership.id, centre_id=centre_id)
        for centre_id in sorted(set(centre_ids))
    )
    await tx.session.flush()


async def update_staff(
    tx: Tx,
    *,
    actor: Actor,
    user_id: int,
    person: Mapping[str, Any],
    role: Role | None = None,
    centre_ids: Sequence[int] | None = None,
    is_active: bool | None = None,
) -> None:
    """Change a member of staff: the columns of his account in `person`, his role, his centres, his state.

    Another role or password ends his sessions. Refused: SharedAccount, LastAdmin, Forbidden, Invalid, NotFound.
    """
    member = await _take(tx, actor, user_id)
    fields = [
        *await _change_person(tx, actor, member, person),
        *await _change_role(tx, actor, member, role, centre_ids),
    ]
    if fields:
        renamed = tuple("password" if field == "password_hash" else field for field in fields)
        event = StaffUpdated(hospital_id=actor.hospital_id, subject_id=user_id, fields=renamed)
        await tx.record(event, by=actor)
        tx.forget_person(user_id)
    if is_active is not None:
        await _set_active(tx, actor, member.membership, is_active=is_active)


async def _take(tx: Tx, actor: Actor, user_id: int) -> queries.Member:
    """The member to act on, nobody else acting meanwhile (NotFound; Forbidden: not below the actor)."""
    await queries.lock_staff(tx, actor.hospital_id)
    member = await queries.get_member(tx, actor, user_id)
    if not actor.outranks(member.membership.role):
        raise Forbidden("You can act only on people whose role is below your own")
    return member


async def _change_person(tx: Tx, actor: Actor, member: queries.Member, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Change the account itself, which only its owner may do once a second hospital knows him (SharedAccount)."""
    with tx.session.no_autoflush:
        changed = change(member.user, values)
        is_own = member.user.id == actor.user_id
        if changed and not is_own and await queries.is_known_elsewhere(tx, member.user, actor.hospital_id):
            raise SharedAccount
    if "phone" in changed:
        member.user.phone_proven_at = tx.now
    await tx.session.flush()
    return changed


async def _change_role(
    tx: Tx, actor: Actor, member: queries.Member, role: Role | None, centre_ids: Sequence[int] | None
) -> tuple[str, ...]:
    """Change role and centres. A clinician's are those of his profile, which is another feature's (Invalid)."""
    membership = member.membership
    role = role or membership.role
    before = (await queries.list_centres_of(tx, membership.hospital_id, [membership.id])).get(membership.id, [])
    after = before if centre_ids is None else sorted(set(centre_ids))
    fields = {"role": role is not membership.role, "centre_ids": after != before}
    changed = tuple(field for field, differs in fields.items() if differs)
    if not changed:
        return ()
    if membership.role is Role.CLINICIAN:
        field = "roleId" if "role" in changed else "centreId"
        raise Invalid.field(field, "A clinician's role and centre are those of his profile: see /clinicians")
    await check_centres(tx, actor, role, after)
    if "role" in changed:
        if not actor.outranks(role):
            raise Forbidden("You cannot give anybody a role that is not below your own")
        await _keep_an_admin(tx, membership)
        membership.role = role
    await place_staff(tx, membership, after)
    return changed


async def toggle_staff(tx: Tx, *, actor: Actor, user_id: int) -> None:
    """Disable a member of staff who is active here, enable one who is not."""
    member = await _take(tx, actor, user_id)
    await _set_active(tx, actor, member.membership, is_active=not member.membership.is_active)


async def _set_active(tx: Tx, actor: Actor, membership: Membership, *, is_active: bool) -> None:
    if membership.is_active is is_active:
        return
    if not is_active:
        await _keep_an_admin(tx, membership)
        _refuse_self(actor, membership, "You cannot disable yourself")
    membership.is_active = is_active
    event = StaffToggled(hospital_id=membership.hospital_id, subject_id=membership.user_id, is_active=is_active)
    await tx.record(event, by=actor)


async def delete_staff(tx: Tx, *, actor: Actor, user_id: int) -> None:
    """End somebody's work here. His account and what he did stay; he can be taken on again."""
    membership = (await _take(tx, actor, user_id)).membership
    await _keep_an_admin(tx, membership)
    _refuse_self(actor, membership, "You cannot delete yourself")
    await _end(tx, actor, membership)


async def leave_staff(tx: Tx, *, actor: Actor) -> None:
    """End one's own work here (LastAdmin). The account and what he did stay."""
    await queries.lock_staff(tx, actor.hospital_id)
    membership = (await queries.get_member(tx, actor, actor.user_id)).membership
    await _keep_an_admin(tx, membership)
    await _end(tx, actor, membership)


async def _end(tx: Tx, actor: Actor, membership: Membership) -> None:
    membership.is_active, membership.deleted_at = False, tx.now
    await tx.record(StaffDeleted(hospital_id=membership.hospital_id, subject_id=membership.user_id), by=actor)


async def _keep_an_admin(tx: Tx, membership: Membership) -> None:
    """A hospital always has somebody who can run it (LastAdmin)."""
    if membership.role is Role.ADMIN:
        admins = await queries.list_active_admins(tx, membership.hospital_id)
        if list(admins) == [membership.user_id]:
            raise LastAdmin


def _refuse_self(actor: Actor, membership: Membership, why: str) -> None:
    if membership.user_id == actor.user_id:
        raise Forbidden(why)
