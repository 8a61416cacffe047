"""Signing in with a one-time code, and what a proven phone opens: his own record and his family's."""

from datetime import timedelta
from hmac import compare_digest

from sqlalchemy import update

from outpatient.access.tokens import new_challenge_id, otp_code
from outpatient.auth import queries
from outpatient.auth.actions.sessions import Opened, SignIn, end_every_session, open_session, open_staff_session
from outpatient.auth.errors import InvalidCredentials, InvalidOtp, OtpExpired
from outpatient.auth.events import OtpRequested
from outpatient.core.budgets import forgive, spend
from outpatient.core.database import Tx
from outpatient.core.errors import TooMany
from outpatient.core.terms import Kinship, SessionKind
from outpatient.models import OtpChallenge, Patient, PatientAccess, User
from outpatient.patients.actions import register_patient
from outpatient.patients.events import PatientUpdated
from outpatient.patients.rules import name_key

OTP_LIFE = timedelta(minutes=5)
OTP_TRIES = 5
GUESSES_OF_AN_ADDRESS = (20, timedelta(days=1))
GUESSES_OF_A_PHONE = (100, timedelta(days=1))

UNNAMED = "New patient"


async def request_staff_otp(tx: Tx, *, phone: str) -> None:
    """Ask for a code for a member of staff. A stranger's phone gets the same challenge, but no message."""
    user = await queries.find_user(tx, phone=phone)
    membership = await queries.find_membership(tx, user.id) if user else None
    challenge = await _challenge(tx, SessionKind.STAFF, phone, membership.hospital_id if membership else None)
    works_here = user is not None and user.is_active and (membership is not None or user.is_superadmin)
    if user is not None and works_here and user.phone_proven_at is not None:
        await tx.record(OtpRequested(hospital_id=challenge.hospital_id, subject_id=challenge.id), by=None)


async def request_patient_otp(tx: Tx, *, hospital_id: int, phone: str, full_name: str | None) -> None:
    """Ask for a code for a patient. The name waits in the challenge until the phone is proven."""
    challenge = await _challenge(tx, SessionKind.PATIENT, phone, hospital_id, full_name)
    await tx.record(OtpRequested(hospital_id=hospital_id, subject_id=challenge.id), by=None)


async def _challenge(
    tx: Tx, kind: SessionKind, phone: str, hospital_id: int | None, full_name: str | None = None
) -> OtpChallenge:
    return await tx.add(
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


async def sign_in_staff_by_otp(door: SignIn, *, phone: str, otp: str, address: str) -> Opened:
    """Open a staff session for the holder of a phone (InvalidOtp, OtpExpired, TooMany, InvalidCredentials)."""
    challenge = await _guess(door, SessionKind.STAFF, phone=phone, otp=otp, address=address)
    async with door.database.transaction() as tx:
        await _use(tx, challenge)
        user = await queries.find_user(tx, phone=phone)
        if user is None or user.phone_proven_at is None:
            raise InvalidCredentials
        return await open_staff_session(tx, door, user)


async def sign_in_patient_by_otp(
    door: SignIn, *, phone: str, otp: str, address: str, hospital_id: int | None, signed_in_as: int | None = None
) -> Opened:
    """Open a patient session: his own record (made if he is new) and those of his family on the same phone.

    A code is good in the hospital that it was asked for; `hospital_id` is the one that the client names, if it does.
    Somebody signed in (`signed_in_as`, a user's id) proves the phone that he put into his own account.
    """
    challenge = await _guess(door, SessionKind.PATIENT, phone=phone, otp=otp, address=address, hospital_id=hospital_id)
    assert challenge.hospital_id is not None
    async with door.database.transaction() as tx:
        await _use(tx, challenge)
        records = await queries.list_patients_of_phone(tx, challenge.hospital_id, phone)
        user = await _holder_of_phone(tx, phone, _own(records, challenge.full_name), challenge.full_name, signed_in_as)
        patient, is_new = await _link_records(tx, user, challenge.hospital_id, records, challenge.full_name)
        tokens = await open_session(tx, door, user, SessionKind.PATIENT, challenge.hospital_id)
        tx.forget_person(user.id)
    who = {"id": patient.id, "full_name": patient.full_name, "phone": patient.phone, "email": patient.email}
    return Opened({**who, "is_new_user": is_new}, tokens)


async def _guess(
    door: SignIn, kind: SessionKind, *, phone: str, otp: str, address: str, hospital_id: int | None = None
) -> OtpChallenge:
    """Count one try against the newest challenge and the day, then look at the code; a right one clears the day."""
    async with door.database.transaction() as tx:
        challenge = await queries.find_newest_challenge(tx, phone, kind)
        if challenge is None or hospital_id not in {None, challenge.hospital_id}:
            raise InvalidOtp
        if challenge.used_at is not None or challenge.expires_at <= tx.now:
            raise OtpExpired
        counted = await tx.execute(
            update(OtpChallenge)
            .where(OtpChallenge.id == challenge.id, OtpChallenge.tries < OTP_TRIES)
            .values(tries=OtpChallenge.tries + 1)
            .returning(OtpChallenge.tries)
            .execution_options(synchronize_session=False)
        )
        if counted.scalar_one_or_none() is None:
            wait = (challenge.expires_at - tx.now).total_seconds()
            raise TooMany("Too many wrong codes. Please ask for a new one.", retry_after=max(1, int(wait)))
    # Only tries at a living code count. An address has few, so a stranger uses up his own and not the holder's; all
    # addresses together have more, because who guesses from many could lock a phone for the day, but not try for long.
    days = {
        f"otp-guess:{kind}:{phone}:{address}": GUESSES_OF_AN_ADDRESS,
        f"otp-guess:{kind}:{phone}": GUESSES_OF_A_PHONE,
    }
    for key, limit in days.items():
        await spend(door.database, key, limit)
    if not compare_digest(otp_code(door.pepper, challenge.nonce), otp):
        raise InvalidOtp
    for key in days:
        await forgive(door.database, key)
    return challenge


async def _use(tx: Tx, challenge: OtpChallenge) -> None:
    """A code works once, however many hold it at the same moment."""
    used = await tx.execute(
        update(OtpChallenge)
        .where(OtpChallenge.id == challenge.id, OtpChallenge.used_at.is_(None))
        .values(used_at=tx.now)
        .returning(OtpChallenge.id)
        .execution_options(synchronize_session=False)
    )
    if used.scalar_one_or_none() is None:
        raise OtpExpired


def _own(records: list[Patient], full_name: str | None) -> Patient | None:
    """Which of the records on a phone is the caller's own: the one with the name he gave, else the oldest."""
    named = [record for record in records if full_name and record.name_key == name_key(full_name)]
    return next(iter(named or records), None)


async def _holder_of_phone(
    tx: Tx, phone: str, own: Patient | None, full_name: str | None, signed_in_as: int | None
) -> User:
    """The user of a phone that was just proven; who merely claimed it loses it, unless it was he who proved it."""
    user = await queries.find_user(tx, phone=phone)
    if user is not None and not user.is_active:
        raise InvalidCredentials
    if user is not None and user.phone_proven_at is None:
        if user.id == signed_in_as:
            user.phone_proven_at = tx.now
        else:
            await _lose_phone(tx, user)
            user = None
    if user is None:
        name = own.full_name if own else full_name or UNNAMED
        user = await tx.add(User(full_name=name, phone=phone, phone_proven_at=tx.now, created_at=tx.now))
    return user


async def _lose_phone(tx: Tx, user: User) -> None:
    """Take a phone, and the records on it, from an account that never proved it; one that had nothing else ends."""
    for access, record in await queries.list_access_by_phone(tx, user.id, user.phone):
        await tx.session.delete(access)
        if record.email is not None and record.email == user.email:  # else his mail would go to a stranger
            record.email = None
            event = PatientUpdated(hospital_id=record.hospital_id, subject_id=record.id, fields=("email",))
            await tx.record(event, by=None)
    user.phone = None
    await tx.session.flush()
    tx.forget_person(user.id)
    if await queries.find_access(tx, user.id) is None and not await queries.has_worked_anywhere(tx, user.id):
        user.password_hash = user.email = user.username = None
        await end_every_session(tx, user=user, reason="another person proved this phone")


async def _link_records(
    tx: Tx, user: User, hospital_id: int, records: list[Patient], full_name: str | None
) -> tuple[Patient, bool]:
    """Tie the user to every record on his proven phone; answers his own one, and whether it was made just now."""
    linked = {access.patient_id: access for access in await queries.list_access(tx, hospital_id, user.id)}
    own_id = next((access.patient_id for access in linked.values() if access.kinship is Kinship.SELF), None)
    is_new = not records and not linked
    if is_new:
        name = full_name or user.full_name
        records = [await register_patient(tx, by=None, hospital_id=hospital_id, full_name=name, phone=user.phone)]
    if own_id is None:
        own = _own(records, full_name or user.full_name)
        own_id = own.id if own else min(linked)
    for record in records:
        if record.id not in linked:
            row = {"hospital_id": hospital_id, "user_id": user.id, "patient_id": record.id}
            linked[record.id] = await tx.add(PatientAccess(**row, kinship=Kinship.GUARDIAN))
    linked[own_id].kinship = Kinship.SELF
    return await tx.session.get_one(Patient, own_id), is_new
