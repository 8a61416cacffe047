"""Signing in, and up, with a password."""

from typing import Any

from sqlalchemy import update

from outpatient.access.passwords import hash_password, verify_password
from outpatient.auth import queries
from outpatient.auth.actions.registration import add_patient_account
from outpatient.auth.actions.sessions import Opened, SignIn, open_session, open_staff_session
from outpatient.auth.errors import InvalidCredentials, PhoneKnown
from outpatient.core.database import Tx
from outpatient.core.terms import Gender, Role, SessionKind
from outpatient.models import User
from outpatient.patients.actions import birth_year_of


async def sign_in_staff_by_password(door: SignIn, *, password: str, role: Role | None = None, **by: str) -> Opened:
    """Open a staff session by phone, username or e-mail and password (InvalidCredentials)."""
    user = await _check_password(door, password, **by)
    async with door.database.transaction() as tx:
        return await open_staff_session(tx, door, await queries.get_user(tx, user.id), role)


async def sign_in_patient_by_password(door: SignIn, *, email: str, password: str, hospital_id: int | None) -> Opened:
    """Open a patient session by e-mail and password (InvalidCredentials).

    Whoever works or worked in a hospital may have a password that an ADMIN chose for him: he is a patient by code only.
    """
    user = await _check_password(door, password, email=email)
    async with door.database.transaction() as tx:
        if await queries.has_worked_anywhere(tx, user.id):
            raise InvalidCredentials
        return await _open_as_patient(tx, door, user, hospital_id)


async def sign_in_by_password(door: SignIn, *, email: str, password: str, hospital_id: int | None) -> Opened:
    """Open a session by e-mail and password: of staff for whoever works or worked in a hospital, else of a patient.

    InvalidCredentials: the password is wrong, or opens nothing (any more).
    """
    user = await _check_password(door, password, email=email)
    async with door.database.transaction() as tx:
        if user.is_superadmin or await queries.has_worked_anywhere(tx, user.id):
            return await open_staff_session(tx, door, await queries.get_user(tx, user.id))
        return await _open_as_patient(tx, door, user, hospital_id)


async def _open_as_patient(tx: Tx, door: SignIn, user: User, hospital_id: int | None) -> Opened:
    own = await queries.find_access(tx, user.id, hospital_id)
    if own is None:
        raise InvalidCredentials
    tokens = await open_session(tx, door, user, SessionKind.PATIENT, own.hospital_id)
    who = await queries.describe_user(tx, user.id, Role.PATIENT, hospital_id=own.hospital_id, clinician_id=None)
    return Opened({**who, "patient_id": own.patient_id}, tokens)


async def sign_up_patient(
    door: SignIn,
    *,
    hospital_id: int,
    name: str,
    email: str,
    phone: str,
    password: str,
    age: int | None,
    gender: Gender | None,
) -> Opened:
    """Make a user and his patient record.

    The phone is only a claim until a code proves it; one that is known here needs the code first (PhoneKnown).
    """
    hashed = await hash_password(password)
    async with door.database.transaction() as tx:
        if await queries.list_patients_of_phone(tx, hospital_id, phone) or await queries.find_user(tx, phone=phone):
            raise PhoneKnown(details={"phone": PhoneKnown.message})
        about: dict[str, Any] = {
            "phone": phone,
            "email": email,
            "gender": gender,
            "birth_year": birth_year_of(tx.now, age),
        }
        user, patient = await add_patient_account(
            tx, hospital_id=hospital_id, full_name=name, password_hash=hashed, **about
        )
        tokens = await open_session(tx, door, user, SessionKind.PATIENT, hospital_id)
        who = await queries.describe_user(tx, user.id, Role.PATIENT, hospital_id=hospital_id, clinician_id=None)
    return Opened({**who, "patient_id": patient.id}, tokens)


async def _check_password(door: SignIn, password: str, **by: str) -> User:
    """Whose password this is. Nobody's and a wrong one cost the same time and get the same answer."""
    async with door.database.reading() as tx:
        user = await queries.find_user(tx, **by)
    good, renewed = await verify_password(password, user.password_hash if user else None)
    if not good or user is None or not user.is_active:
        raise InvalidCredentials
    if renewed is not None:
        async with door.database.transaction() as tx:
            await tx.execute(
                update(User)
                .where(User.id == user.id, User.password_hash == user.password_hash)
                .values(password_hash=renewed)
            )
    return user
