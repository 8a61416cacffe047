"""Signing in, staying signed in, signing out.

A wrong code or password is counted in a transaction of its own before it is looked at, so a refusal never undoes the
count, and any number of parallel guesses gets exactly the tries that the limit allows.
"""

from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from typing import Any

from sqlalchemy import update

from outpatient.access.actor import Actor, Callers
from outpatient.access.passwords import hash_password, verify_password
from outpatient.access.tokens import AccessTokens, digest, new_challenge_id, new_secret, otp_code
from outpatient.auth import queries
from outpatient.auth.errors import InvalidCredentials, InvalidOtp, OtpExpired, PhoneKnown, RefreshRefused
from outpatient.auth.events import OtpRequested, SessionRevoked, SignedIn
from outpatient.core.budgets import spend
from outpatient.core.database import Database, Tx
from outpatient.core.errors import TooMany
from outpatient.core.terms import Gender, Kinship, Role, SessionKind
from outpatient.models import OtpChallenge, Patient, PatientAccess, RefreshToken, Session, User
from outpatient.patients.actions import birth_year_of, register_patient
from outpatient.patients.rules import name_key

OTP_LIFE = timedelta(minutes=5)
OTP_TRIES = 5
OTP_GUESSES_A_DAY = (50, timedelta(days=1))


@dataclass(frozen=True)
class SignIn:
    """What a sign-in works with: the store, the token maker, the pepper of one-time codes, the life of a session."""

    database: Database
    tokens: AccessTokens
    callers: Callers
    pepper: str
    session_life: timedelta


@dataclass(frozen=True)
class Tokens:
    access: str
    refresh: str


@dataclass(frozen=True)
class Opened:
    """A sign-in that worked: who (user or patient, as the wire shows him) and his tokens."""

    who: Any
    tokens: Tokens


# -- one-time codes ----------------------------------------------------------------------------------------------------


async def request_staff_otp(tx: Tx, *, phone: str) -> None:
    """Ask for a code for a member of staff. An unknown phone gets the same answer, and no message."""
    user = await queries.find_user(tx, phone=phone)
    if user is None or not user.is_active:
        return
    membership = await queries.find_membership(tx, user.id)
    if membership is not None or user.is_superadmin:
        await _challenge(tx, SessionKind.STAFF, phone, membership.hospital_id if membership else None)


async def request_patient_otp(tx: Tx, *, hospital_id: int, phone: str, full_name: str | None) -> None:
    """Ask for a code for a patient. The name waits in the challenge until the phone is proven."""
    await _challenge(tx, SessionKind.PATIENT, phone, hospital_id, full_name)


async def _challenge(
    tx: Tx, kind: SessionKind, phone: str, hospital_id: int | None, full_name: str | None = None
) -> None:
    challenge = await tx.add(
        OtpChallenge(
            nonce=new_challenge_id(),
            kind=kind,
            phone=phone,
            hospital_id=hospital_id,
            full_name=full_name,
            created_at=tx.now,
            expires_at=tx.now + OTP_LIFE,
        )
    )
    await tx.record(OtpRequested(hospital_id=hospital_id, subject_id=challenge.id), by=None)


async def sign_in_staff_by_otp(door: SignIn, *, phone: str, otp: str) -> Opened:
    """Open a staff session for the holder of a phone (InvalidOtp, OtpExpired, TooMany)."""
    challenge = await _guess(door, phone, otp, SessionKind.STAFF)
    async with door.database.transaction() as tx:
        await _use(tx, challenge)
        user = await queries.find_user(tx, phone=phone)
        if user is None or not user.is_active:
            raise InvalidCredentials
        return await _open_staff(tx, door, user)


async def sign_in_patient_by_otp(door: SignIn, *, phone: str, otp: str) -> Opened:
    """Open a patient session: his own record (made if he is new) and those of his family on the same phone."""
    challenge = await _guess(door, phone, otp, SessionKind.PATIENT)
    assert challenge.hospital_id is not None
    async with door.database.transaction() as tx:
        await _use(tx, challenge)
        user = await _holder_of_phone(tx, door, phone, challenge.full_name)
        patient, is_new = await _link_records(tx, user, challenge.hospital_id, challenge.full_name)
        tokens = await open_session(tx, door, user, SessionKind.PATIENT, challenge.hospital_id)
        tx.after_commit(lambda: door.callers.forget(user.id))
    return Opened({**_plain_patient(patient), "is_new_user": is_new}, tokens)


async def _guess(door: SignIn, phone: str, otp: str, kind: SessionKind) -> OtpChallenge:
    """Count one try against the newest challenge, then look at the code."""
    await spend(door.database, f"otp-guess:{kind}:{phone}", OTP_GUESSES_A_DAY)
    async with door.database.transaction() as tx:
        challenge = await queries.find_open_challenge(tx, phone, kind)
        if challenge is None:
            raise InvalidOtp
        if challenge.used_at is not None or challenge.expires_at <= tx.now:
            raise OtpExpired
        counted = await tx.execute(
            update(OtpChallenge)
            .where(OtpChallenge.id == challenge.id, OtpChallenge.tries < OTP_TRIES)
            .values(tries=OtpChallenge.tries + 1)
            .execution_options(synchronize_session=False)
        )
        if counted.rowcount == 0:  # type: ignore[attr-defined]
            wait = (challenge.expires_at - tx.now).total_seconds()
            raise TooMany("Too many wrong codes. Please ask for a new one.", retry_after=max(1, int(wait)))
    if not compare_digest(otp_code(door.pepper, challenge.nonce), otp):
        raise InvalidOtp
    return challenge


async def _use(tx: Tx, challenge: OtpChallenge) -> None:
    """A code works once, however many hold it at the same moment."""
    used = await tx.execute(
        update(OtpChallenge).where(OtpChallenge.id == challenge.id, OtpChallenge.used_at.is_(None)).values(used_at=tx.now)
    )
    if used.rowcount == 0:  # type: ignore[attr-defined]
        raise OtpExpired


async def _holder_of_phone(tx: Tx, door: SignIn, phone: str, full_name: str | None) -> User:
    """The user of a phone that was just proven. Who signed up with it unproven loses it to its holder."""
    user = await queries.find_user(tx, phone=phone)
    if user is None:
        return await tx.add(
            User(full_name=full_name or "New patient", phone=phone, phone_proven_at=tx.now, created_at=tx.now)
        )
    if not user.is_active:
        raise InvalidCredentials
    if user.phone_proven_at is None:
        user.phone_proven_at, user.password_hash, user.version = tx.now, None, user.version + 1
        tx.after_commit(lambda: door.callers.forget(user.id))
    return user


async def _link_records(tx: Tx, user: User, hospital_id: int, full_name: str | None) -> tuple[Patient, bool]:
    """Tie the user to every record on his proven phone; his own is the one with his name, else the oldest."""
    assert user.phone is not None
    records = await queries.list_patients_of_phone(tx, hospital_id, user.phone)
    linked = {access.patient_id: access.kinship for access in await queries.list_access(tx, hospital_id, user.id)}
    is_new = not records and not linked
    if is_new:
        records = [await register_patient(tx, by=None, hospital_id=hospital_id, full_name=full_name or user.full_name, phone=user.phone)]
    own_id = next((patient_id for patient_id, kinship in linked.items() if kinship is Kinship.SELF), None)
    if own_id is None:
        named = [record for record in records if record.name_key == name_key(full_name or user.full_name)]
        own_id = (named or records)[0].id
    for record in records:
        if record.id not in linked:
            kinship = Kinship.SELF if record.id == own_id else Kinship.GUARDIAN
            await tx.add(PatientAccess(hospital_id=hospital_id, user_id=user.id, patient_id=record.id, kinship=kinship))
    own = next((record for record in records if record.id == own_id), None)
    return own or await _get_patient(tx, hospital_id, own_id), is_new


async def _get_patient(tx: Tx, hospital_id: int, patient_id: int) -> Patient:
    patient: Patient | None = await tx.session.get(Patient, patient_id)
    assert patient is not None and patient.hospital_id == hospital_id
    return patient


# -- passwords ---------------------------------------------------------------------------------------------------------


async def sign_in_staff_by_password(door: SignIn, *, password: str, role: Role | None = None, **by: str) -> Opened:
    """Open a staff session by phone, username or e-mail and password (InvalidCredentials)."""
    user = await _check_password(door, password, **by)
    async with door.database.transaction() as tx:
        return await _open_staff(tx, door, await queries.get_user(tx, user.id), role)


async def sign_in_patient_by_password(door: SignIn, *, email: str, password: str, hospital_id: int | None) -> Opened:
    """Open a patient session by e-mail and password (InvalidCredentials)."""
    user = await _check_password(door, password, email=email)
    async with door.database.transaction() as tx:
        chosen = await queries.find_patient_hospital(tx, user.id, hospital_id)
        if chosen is None:
            raise InvalidCredentials
        tokens = await open_session(tx, door, user, SessionKind.PATIENT, chosen)
        who = await queries.describe_user(tx, user.id, Role.PATIENT, hospital_id=chosen, clinician_id=None)
    return Opened(who, tokens)


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
    """Make a user and his patient record. A phone that anybody here already has must be proven by a code (PhoneKnown)."""
    hashed = await hash_password(password)
    async with door.database.transaction() as tx:
        if await queries.list_patients_of_phone(tx, hospital_id, phone) or await queries.find_user(tx, phone=phone):
            raise PhoneKnown(details={"phone": PhoneKnown.message})
        user = await tx.add(
            User(
                full_name=name,
                phone=phone,
                email=email,
                password_hash=hashed,
                gender=gender,
                birth_year=birth_year_of(tx.now, age),
                created_at=tx.now,
            )
        )
        patient = await register_patient(
            tx,
            by=None,
            hospital_id=hospital_id,
            full_name=name,
            phone=phone,
            email=email,
            gender=gender,
            birth_year=birth_year_of(tx.now, age),
        )
        await tx.add(
            PatientAccess(hospital_id=hospital_id, user_id=user.id, patient_id=patient.id, kinship=Kinship.SELF)
        )
        tokens = await open_session(tx, door, user, SessionKind.PATIENT, hospital_id)
        who = await queries.describe_user(tx, user.id, Role.PATIENT, hospital_id=hospital_id, clinician_id=None)
    return Opened({**who, "patient_id": patient.id}, tokens)


async def _check_password(door: SignIn, password: str, **by: str) -> User:
    async with door.database.reading() as tx:
        user = await queries.find_user(tx, **by)
    good, renewed = await verify_password(password, user.password_hash if user else None)
    if not good or user is None or not user.is_active:
        raise InvalidCredentials
    if renewed is not None:
        async with door.database.transaction() as tx:
            await tx.execute(update(User).where(User.id == user.id).values(password_hash=renewed))
    return user


# -- sessions ----------------------------------------------------------------------------------------------------------


async def _open_staff(tx: Tx, door: SignIn, user: User, role: Role | None = None) -> Opened:
    membership = await queries.find_membership(tx, user.id)
    if membership is None and not user.is_superadmin:
        raise InvalidCredentials
    if role is not None and (membership is None or membership.role is not role):
        raise InvalidCredentials
    hospital_id = membership.hospital_id if membership else None
    tokens = await open_session(tx, door, user, SessionKind.STAFF, hospital_id)
    who = await queries.describe_user(
        tx,
        user.id,
        membership.role if membership else Role.SUPERADMIN,
        hospital_id=hospital_id,
        clinician_id=await queries.find_clinician_id(tx, user.id, hospital_id) if hospital_id else None,
    )
    return Opened(who, tokens)


async def open_session(tx: Tx, door: SignIn, user: User, kind: SessionKind, hospital_id: int | None) -> Tokens:
    """Open a session for somebody who has proven who he is."""
    session = await tx.add(
        Session(
            user_id=user.id,
            hospital_id=hospital_id,
            kind=kind,
            created_at=tx.now,
            expires_at=tx.now + door.session_life,
        )
    )
    await tx.record(SignedIn(hospital_id=hospital_id, subject_id=user.id, session_id=session.id), by=None)
    return await _give_tokens(tx, door, user, session)


async def _give_tokens(tx: Tx, door: SignIn, user: User, session: Session) -> Tokens:
    refresh = new_secret()
    await tx.add(RefreshToken(session_id=session.id, digest=digest(refresh), issued_at=tx.now))
    access = door.tokens.issue(
        user_id=user.id,
        session_id=session.id,
        kind=session.kind,
        hospital_id=session.hospital_id or 0,
        version=user.version,
        now=tx.now,
    )
    return Tokens(access, refresh)


async def refresh_session(door: SignIn, *, refresh_token: str) -> Tokens:
    """Exchange a refresh token for new tokens. One that was used before betrays a theft: its whole session ends."""
    async with door.database.transaction() as tx:
        used = await tx.execute(
            update(RefreshToken)
            .where(RefreshToken.digest == digest(refresh_token), RefreshToken.used_at.is_(None))
            .values(used_at=tx.now)
            .returning(RefreshToken.session_id)
        )
        session_id = used.scalar_one_or_none()
        if session_id is not None:
            session = await tx.session.get_one(Session, session_id)
            user = await queries.get_user(tx, session.user_id)
            if session.revoked_at is None and session.expires_at > tx.now and user.is_active:
                return await _give_tokens(tx, door, user, session)
        elif (stolen := await queries.find_session_of(tx, digest(refresh_token))) is not None:
            await revoke_session(tx, door.callers, session=stolen, reason="refresh token used twice")
    raise RefreshRefused


async def sign_out(tx: Tx, callers: Callers, *, refresh_token: str, by: Actor | None) -> None:
    """End the session behind a refresh token; an unknown one ends nothing and says nothing."""
    session = await queries.find_session_of(tx, digest(refresh_token))
    if session is not None and (by is None or session.user_id == by.user_id):
        await revoke_session(tx, callers, session=session, reason="signed out", by=by)


async def revoke_session(tx: Tx, callers: Callers, *, session: Session, reason: str, by: Actor | None = None) -> None:
    """End a session now."""
    if session.revoked_at is not None:
        return
    session.revoked_at = tx.now
    await tx.record(SessionRevoked(hospital_id=session.hospital_id, subject_id=session.id, reason=reason), by=by)
    tx.after_commit(lambda: callers.forget(session.user_id))


def _plain_patient(patient: Patient) -> dict[str, Any]:
    return {"id": patient.id, "full_name": patient.full_name, "phone": patient.phone, "email": patient.email}


