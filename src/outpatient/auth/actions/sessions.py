"""Sessions: opened for who has proven himself, renewed by a chain of refresh tokens, ended by either side."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, update

from outpatient.access.actor import Actor
from outpatient.access.tokens import AccessTokens, digest, new_secret
from outpatient.auth import queries
from outpatient.auth.errors import InvalidCredentials, RefreshRefused
from outpatient.auth.events import SessionRevoked, SignedIn
from outpatient.core.database import Database, Tx, Who
from outpatient.core.terms import Role, SessionKind
from outpatient.models import RefreshToken, Session, User


@dataclass(frozen=True)
class SignIn:
    """What a sign-in works with: the store, the token maker, the pepper of one-time codes, the life of a session."""

    database: Database
    tokens: AccessTokens
    pepper: str
    session_life: timedelta


@dataclass(frozen=True)
class Tokens:
    """What a client keeps: the token it calls with, and the one it gets the next pair for."""

    access: str
    refresh: str


@dataclass(frozen=True)
class Opened:
    """A sign-in that worked: who (user or patient, as the wire shows him) and his tokens."""

    who: Any
    tokens: Tokens


async def open_staff_session(tx: Tx, door: SignIn, user: User, role: Role | None = None) -> Opened:
    """Open a session in the first hospital where the user works, in this role if one is named (InvalidCredentials)."""
    membership = await queries.find_membership(tx, user.id, role)
    if not user.is_active or (membership is None and (role is not None or not user.is_superadmin)):
        raise InvalidCredentials
    hospital_id = membership.hospital_id if membership else None
    role = membership.role if membership else Role.SUPERADMIN
    tokens = await open_session(tx, door, user, SessionKind.STAFF, hospital_id, role=role)
    who = await queries.describe_user(
        tx,
        user.id,
        role,
        hospital_id=hospital_id,
        clinician_id=await queries.find_clinician_id(tx, user.id, hospital_id) if hospital_id else None,
    )
    return Opened(who, tokens)


async def open_session(
    tx: Tx, door: SignIn, user: User, kind: SessionKind, hospital_id: int | None, *, role: Role | None = None
) -> Tokens:
    """Open a session for somebody who has proven who he is; `role` is what the token of staff tells their client."""
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
    return await _give_tokens(tx, door, user, session, role)


async def _give_tokens(tx: Tx, door: SignIn, user: User, session: Session, role: Role | None) -> Tokens:
    refresh = new_secret()
    await tx.add(RefreshToken(session_id=session.id, digest=digest(refresh), issued_at=tx.now))
    access = door.tokens.issue(
        user_id=user.id,
        session_id=session.id,
        kind=session.kind,
        hospital_id=session.hospital_id or 0,
        version=user.version,
        now=tx.now,
        role=Role.PATIENT if session.kind is SessionKind.PATIENT else role,
    )
    return Tokens(access, refresh)


async def refresh_session(door: SignIn, *, refresh_token: str) -> Tokens:
    """Exchange a refresh token for new tokens. One that was used before betrays a theft: its whole session ends.

    The session's end does not move: seven days after signing in, however often it was refreshed (RefreshRefused).
    """
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
            if (role := await _find_role(tx, session, user)) is not None:
                return await _give_tokens(tx, door, user, session, role)
        elif (stolen := await queries.find_session_of(tx, digest(refresh_token))) is not None:
            await revoke_session(tx, session=stolen, reason="refresh token used twice")
    raise RefreshRefused


async def _find_role(tx: Tx, session: Session, user: User) -> Role | None:
    """In which role a session may go on; None: not at all."""
    if session.revoked_at is not None or session.expires_at <= tx.now or not user.is_active:
        return None
    if session.kind is SessionKind.PATIENT:
        return Role.PATIENT if await queries.find_access(tx, user.id) is not None else None
    membership = await queries.find_membership(tx, user.id)
    if membership is not None:
        return membership.role
    return Role.SUPERADMIN if user.is_superadmin else None


async def sign_out(tx: Tx, *, refresh_token: str, by: Actor | None) -> None:
    """End the session behind a refresh token; an unknown one, or another person's, ends nothing and says nothing."""
    session = await queries.find_session_of(tx, digest(refresh_token))
    if session is not None and (by is None or session.user_id == by.user_id):
        await revoke_session(tx, session=session, reason="signed out", by=by)


async def revoke_session(tx: Tx, *, session: Session, reason: str, by: Who | None = None) -> None:
    """End a session now; ending it twice is ending it once."""
    await _revoke(tx, Session.id == session.id, session.user_id, reason, by)


async def end_every_session(tx: Tx, *, user: User, reason: str, by: Who | None = None) -> None:
    """End everything this user has open: no refresh token and no access token given out so far works any more."""
    user.version += 1
    await _revoke(tx, Session.user_id == user.id, user.id, reason, by)


async def end_staff_sessions(tx: Tx, *, user_id: int, hospital_id: int, reason: str, by: Who | None = None) -> None:
    """End what this user has open as staff of one hospital; as a patient, and elsewhere, he stays signed in."""
    which = and_(Session.user_id == user_id, Session.hospital_id == hospital_id, Session.kind == SessionKind.STAFF)
    await _revoke(tx, which, user_id, reason, by)


async def _revoke(tx: Tx, which: Any, user_id: int, reason: str, by: Who | None) -> None:
    ended = await tx.execute(
        update(Session)
        .where(which, Session.revoked_at.is_(None))
        .values(revoked_at=tx.now)
        .returning(Session.id, Session.hospital_id)
    )
    for session_id, hospital_id in ended.all():
        await tx.record(SessionRevoked(hospital_id=hospital_id, subject_id=session_id, reason=reason), by=by)
    tx.forget_person(user_id)
