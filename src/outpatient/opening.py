"""The first person of an installation, whom nobody else can let in: the owner of the platform, or of a hospital."""

from dataclasses import dataclass, field

from sqlalchemy import exists, select

from outpatient.access.actor import Actor
from outpatient.access.passwords import hash_password
from outpatient.core.database import Tx
from outpatient.core.errors import Conflict
from outpatient.core.terms import Role, SessionKind
from outpatient.hospitals.actions import create_hospital
from outpatient.models import Hospital, User
from outpatient.staff.actions import Person, create_staff
from outpatient.staff.queries import list_usernames
from outpatient.staff.rules import free_username, username_from


@dataclass(frozen=True, slots=True)
class FirstPerson:
    """Who will hold the keys; the phone counts as proven, because he sits at the machine itself."""

    full_name: str
    phone: str
    email: str
    password: str = field(repr=False)
    username: str | None = None


class AlreadyOpen(Conflict):
    code = "ALREADY_OPEN"


async def open_platform(tx: Tx, person: FirstPerson) -> User:
    """Make the platform's SUPERADMIN, who opens hospitals (AlreadyOpen: there is one)."""
    await refuse_second_owner(tx)
    return await _add_user(tx, person, is_superadmin=True)


async def open_first_hospital(tx: Tx, person: FirstPerson, *, name: str, time_zone: str) -> tuple[User, Hospital]:
    """Make the first hospital and its ADMIN (AlreadyOpen: there is a hospital)."""
    await refuse_second_hospital(tx)
    user = await _add_user(tx, person, is_superadmin=False)
    opener = acting(user, Role.SUPERADMIN, hospital_id=0)
    hospital = await create_hospital(tx, actor=opener, name=name, slug=None, time_zone=time_zone, currency=None)
    opener = acting(user, Role.SUPERADMIN, hospital_id=hospital.id)
    await create_staff(tx, actor=opener, role=Role.ADMIN, person=Person(full_name=person.full_name, phone=person.phone))
    return user, hospital


async def refuse_second_owner(tx: Tx) -> None:
    if await tx.all(select(User.id).where(User.is_superadmin).limit(1)):
        raise AlreadyOpen("This platform has its SUPERADMIN already, and nothing was changed")


async def refuse_second_hospital(tx: Tx) -> None:
    if names := await tx.all(select(Hospital.name).order_by(Hospital.id).limit(1)):
        raise AlreadyOpen(
            f"{names[0]} is open already, and nothing was changed. Its ADMIN lets colleagues in (POST /api/v1/users); "
            "further hospitals are opened by a SUPERADMIN (outpatient init --superadmin, POST /api/v1/hospitals)"
        )


async def is_empty(tx: Tx) -> bool:
    """Whether nobody has ever used this database."""
    return not await tx.one_or_none(select(exists(select(Hospital.id)) | exists(select(User.id))))


async def _add_user(tx: Tx, person: FirstPerson, *, is_superadmin: bool) -> User:
    wanted = person.username or username_from(person.email, person.full_name)
    return await tx.add(
        User(
            full_name=person.full_name,
            phone=person.phone,
            email=person.email,
            username=free_username(wanted, await list_usernames(tx, wanted)),
            password_hash=await hash_password(person.password),
            phone_proven_at=tx.now,
            is_superadmin=is_superadmin,
            created_at=tx.now,
        )
    )


def acting(user: User, role: Role, *, hospital_id: int) -> Actor:
    """Somebody who acts without having signed in, because the machine itself lets him."""
    return Actor(
        user_id=user.id,
        hospital_id=hospital_id,
        role=role,
        session_id=0,
        kind=SessionKind.STAFF,
        full_name=user.full_name,
        is_superadmin=role is Role.SUPERADMIN,
    )
