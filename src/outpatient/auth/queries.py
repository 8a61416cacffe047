"""Users, challenges and sessions as sign-in needs them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, and_, select

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.terms import Kinship, Role, SessionKind
from outpatient.models import (
    Clinician,
    Hospital,
    Membership,
    OtpChallenge,
    Patient,
    PatientAccess,
    RefreshToken,
    Session,
    User,
)


async def find_user(tx: Tx, **by: str) -> User | None:
    """The user with this phone, e-mail or username."""
    found: User | None = await tx.one_or_none(select(User).filter_by(**by))
    return found


async def get_user(tx: Tx, user_id: int) -> User:
    user: User | None = await tx.one_or_none(select(User).where(User.id == user_id))
    assert user is not None
    return user


async def find_membership(tx: Tx, user_id: int, role: Role | None = None) -> Membership | None:
    """The user's first active membership, in this role if one is named."""
    query = (
        select(Membership)
        .join(Hospital, and_(Hospital.id == Membership.hospital_id, Hospital.is_active))
        .where(Membership.user_id == user_id, Membership.is_active, Membership.deleted_at.is_(None))
        .order_by(Membership.id)
        .limit(1)
    )
    found: Membership | None = await tx.one_or_none(query if role is None else query.where(Membership.role == role))
    return found


async def has_worked_anywhere(tx: Tx, user_id: int) -> bool:
    """Whether a hospital ever made this user one of its own."""
    return await tx.one_or_none(select(Membership.id).where(Membership.user_id == user_id).limit(1)) is not None


async def find_clinician_id(tx: Tx, user_id: int, hospital_id: int) -> int | None:
    found: int | None = await tx.one_or_none(
        select(Clinician.id).where(
            Clinician.hospital_id == hospital_id, Clinician.user_id == user_id, Clinician.deleted_at.is_(None)
        )
    )
    return found


async def find_newest_challenge(tx: Tx, phone: str, kind: SessionKind) -> OtpChallenge | None:
    """The newest code asked for by this phone; older ones are dead."""
    found: OtpChallenge | None = await tx.one_or_none(
        select(OtpChallenge)
        .where(OtpChallenge.phone == phone, OtpChallenge.kind == kind)
        .order_by(OtpChallenge.id.desc())
        .limit(1)
    )
    return found


async def list_patients_of_phone(tx: Tx, hospital_id: int, phone: str) -> list[Patient]:
    """Every record of a hospital that names this phone, the oldest first."""
    return list(
        await tx.all(
            select(Patient)
            .where(Patient.hospital_id == hospital_id, Patient.phone == phone, Patient.deleted_at.is_(None))
            .order_by(Patient.id)
        )
    )


def _access_of(user_id: int) -> Select[PatientAccess]:
    """The living records that a user may act for, in hospitals that are open; his own first in each."""
    return (
        select(PatientAccess)
        .join(Patient, and_(Patient.id == PatientAccess.patient_id, Patient.deleted_at.is_(None)))
        .join(Hospital, and_(Hospital.id == PatientAccess.hospital_id, Hospital.is_active))
        .where(PatientAccess.user_id == user_id)
        .order_by(PatientAccess.hospital_id, PatientAccess.kinship != Kinship.SELF, PatientAccess.patient_id)
    )


async def list_access(tx: Tx, hospital_id: int, user_id: int) -> list[PatientAccess]:
    return list(await tx.all(_access_of(user_id).where(PatientAccess.hospital_id == hospital_id)))


async def find_access(tx: Tx, user_id: int, hospital_id: int | None = None) -> PatientAccess | None:
    """The user's own record in the hospital named, else in the first one where he has any."""
    query = _access_of(user_id).limit(1)
    found: PatientAccess | None = await tx.one_or_none(
        query if hospital_id is None else query.where(PatientAccess.hospital_id == hospital_id)
    )
    return found


async def list_access_by_phone(tx: Tx, user_id: int, phone: str | None) -> list[tuple[PatientAccess, Patient]]:
    """What this user may act for among the records on this phone, in every hospital."""
    query = (
        select(PatientAccess, Patient)
        .join(Patient, Patient.id == PatientAccess.patient_id)
        .where(PatientAccess.user_id == user_id, Patient.phone == phone)
    )
    return [(access, patient) for access, patient in (await tx.execute(query)).all()]


async def get_own_patient(tx: Tx, actor: Actor) -> Patient:
    """The patient's own record (NotFound: it was erased a moment ago)."""
    patient: Patient | None = await tx.one_or_none(
        select(Patient).where(
            Patient.hospital_id == actor.hospital_id, Patient.id == actor.patient_ids[0], Patient.deleted_at.is_(None)
        )
    )
    if patient is None:
        raise NotFound.of("Patient")
    return patient


async def describe_user(
    tx: Tx, user_id: int, role: Role, *, hospital_id: int | None, clinician_id: int | None
) -> Mapping[str, Any]:
    """A user as seed 001 shows him."""
    user = await get_user(tx, user_id)
    return {
        "id": user.id,
        "full_name": user.full_name,
        "phone": user.phone,
        "email": user.email,
        "username": user.username,
        "role_id": role.number,
        "role_name": role,
        "is_active": user.is_active,
        "hospital_id": hospital_id,
        "clinician_id": clinician_id,
    }


async def find_session_of(tx: Tx, refresh_digest: str) -> Session | None:
    """The session that a refresh token belongs to, used or not."""
    found: Session | None = await tx.one_or_none(
        select(Session)
        .join(RefreshToken, RefreshToken.session_id == Session.id)
        .where(RefreshToken.digest == refresh_digest)
    )
    return found
