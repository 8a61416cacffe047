"""Who is calling, as of now: the verified session joined to the user, the membership and the patients behind it."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, select

from outpatient.access.permissions import CENTRE_BOUND, RANK, ROLES, Permission
from outpatient.access.tokens import AccessTokens, Claims
from outpatient.core.clock import Clock
from outpatient.core.database import Database, Tx
from outpatient.core.errors import Forbidden, Unauthenticated
from outpatient.core.terms import Kinship, Role, SessionKind
from outpatient.models import Clinician, Hospital, Membership, MembershipCentre, Patient, PatientAccess, Session, User

MAX_LAG = timedelta(seconds=5)
CACHE_SIZE = 20_000  # users


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody in one hospital, in one role.

    `centre_ids` is None for those who see every centre; `patient_ids` are the records a patient may act for, his own
    first; `clinician_id` is his profile if he sees patients. A patient who answers a message from his phone has no
    session, and `user_id` 0 if he has no account.
    """

    user_id: int
    hospital_id: int
    role: Role
    session_id: int
    kind: SessionKind
    full_name: str = ""
    centre_ids: tuple[int, ...] | None = None
    clinician_id: int | None = None
    patient_ids: tuple[int, ...] = ()
    is_superadmin: bool = False

    def may(self, permission: Permission) -> bool:
        return self.role in ROLES[permission]

    def require(self, permission: Permission) -> None:
        if not self.may(permission):
            raise Forbidden("Name a hospital by X-Hospital-Id to act in it" if self.role is Role.SUPERADMIN else None)

    def outranks(self, role: Role) -> bool:
        """Whether he may act on somebody of that role: on those below him, and an ADMIN on fellow ADMINs."""
        return RANK[self.role] > RANK[role] or (self.role is role is Role.ADMIN)

    @property
    def is_patient(self) -> bool:
        return self.role is Role.PATIENT

    @property
    def is_clinician(self) -> bool:
        return self.role is Role.CLINICIAN

    def sees_centre(self, centre_id: int) -> bool:
        return self.centre_ids is None or centre_id in self.centre_ids


class Callers:
    """Resolves a token to an Actor; what it knows is at most five seconds old, and forgotten at once on change.

    Whoever changes what a person is or may do calls `tx.forget_person(user_id)`.
    """

    def __init__(self, database: Database, tokens: AccessTokens, clock: Clock) -> None:
        self._database, self._tokens, self._clock = database, tokens, clock
        self._known: OrderedDict[int, dict[tuple[int, int | None], tuple[datetime, int, Actor]]] = OrderedDict()
        self._changes = 0

    def read(self, token: str) -> Claims:
        """The verified claims of an access token (TokenExpired, InvalidToken)."""
        return self._tokens.read(token, self._clock.now())

    async def identify(self, claims: Claims, hospital_id: int | None) -> Actor:
        """The caller behind verified claims, in the hospital he chose among his own (Unauthenticated, Forbidden)."""
        now, key = self._clock.now(), (claims.session_id, hospital_id)
        known = self._known.get(claims.user_id, {}).get(key)
        if known and known[1] == claims.version and timedelta(0) <= now - known[0] < MAX_LAG:
            return known[2]
        changes = self._changes
        async with self._database.reading() as tx:
            actor = await load_actor(tx, claims, hospital_id)
        if changes == self._changes:  # else what was read may no longer be so
            self._known.setdefault(claims.user_id, {})[key] = (now, claims.version, actor)
            if len(self._known) > CACHE_SIZE:
                self._known.popitem(last=False)
        return actor

    def forget(self, user_id: int) -> None:
        """Know nothing of this user any more."""
        self._changes += 1
        self._known.pop(user_id, None)


async def load_actor(tx: Tx, claims: Claims, hospital_id: int | None) -> Actor:
    """Read who this is now. A revoked session, a disabled user or a raised version: Unauthenticated."""
    found = (
        await tx.execute(
            select(Session, User)
            .join(User, User.id == Session.user_id)
            .where(Session.id == claims.session_id, Session.user_id == claims.user_id)
        )
    ).one_or_none()
    if found is None:
        raise Unauthenticated
    session, user = found
    if session.revoked_at or session.expires_at <= tx.now or not user.is_active or user.version != claims.version:
        raise Unauthenticated("This session has ended. Please sign in again.")
    wanted = hospital_id or session.hospital_id
    if session.kind is SessionKind.PATIENT:
        return await _as_patient(tx, user, session, wanted)
    return await _as_staff(tx, user, session, wanted)


async def _as_staff(tx: Tx, user: User, session: Session, hospital_id: int | None) -> Actor:
    query = (
        select(Membership, Clinician.id)
        .join(Hospital, and_(Hospital.id == Membership.hospital_id, Hospital.is_active))
        .outerjoin(
            Clinician,
            and_(
                Clinician.hospital_id == Membership.hospital_id,
                Clinician.user_id == Membership.user_id,
                Clinician.deleted_at.is_(None),
            ),
        )
        .where(Membership.user_id == user.id, Membership.is_active, Membership.deleted_at.is_(None))
        .order_by(Membership.id)
    )
    members = (await tx.execute(query)).all()
    chosen = next((m for m in members if m[0].hospital_id == hospital_id), None)
    if chosen is None and user.is_superadmin:
        if hospital_id and not await tx.one_or_none(select(Hospital.id).where(Hospital.id == hospital_id)):
            raise Forbidden("There is no such hospital")
        role = Role.ADMIN if hospital_id else Role.SUPERADMIN
        return Actor(
            user_id=user.id,
            hospital_id=hospital_id or 0,
            role=role,
            session_id=session.id,
            kind=session.kind,
            full_name=user.full_name,
            is_superadmin=True,
        )
    if chosen is None:
        raise Forbidden("You do not work in this hospital") if members else Unauthenticated("This account is disabled")
    membership, clinician_id = chosen
    return Actor(
        user_id=user.id,
        hospital_id=membership.hospital_id,
        role=membership.role,
        session_id=session.id,
        kind=session.kind,
        full_name=user.full_name,
        centre_ids=await _centres_of(tx, membership),
        clinician_id=clinician_id,
        is_superadmin=user.is_superadmin,
    )


async def _centres_of(tx: Tx, membership: Membership) -> tuple[int, ...] | None:
    if membership.role not in CENTRE_BOUND:
        return None
    centres = await tx.all(
        select(MembershipCentre.centre_id).where(
            MembershipCentre.hospital_id == membership.hospital_id, MembershipCentre.membership_id == membership.id
        )
    )
    return tuple(centres)


async def _as_patient(tx: Tx, user: User, session: Session, hospital_id: int | None) -> Actor:
    records = await tx.all(
        select(PatientAccess)
        .join(Patient, and_(Patient.id == PatientAccess.patient_id, Patient.deleted_at.is_(None)))
        .join(Hospital, and_(Hospital.id == PatientAccess.hospital_id, Hospital.is_active))
        .where(PatientAccess.user_id == user.id, PatientAccess.hospital_id == hospital_id)
        .order_by(PatientAccess.patient_id)
    )
    if not records:
        raise Forbidden("You have no record in this hospital")
    own_first = sorted(records, key=lambda record: record.kinship is not Kinship.SELF)
    return Actor(
        user_id=user.id,
        hospital_id=own_first[0].hospital_id,
        role=Role.PATIENT,
        session_id=session.id,
        kind=session.kind,
        full_name=user.full_name,
        patient_ids=tuple(record.patient_id for record in own_first),
    )
