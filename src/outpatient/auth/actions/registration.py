"""Accounts that people make themselves, with an e-mail and a password."""

from hmac import compare_digest
from typing import Any

from outpatient.auth.errors import InvitationRefused, RegistrationClosed
from outpatient.clinicians.actions import register_clinician
from outpatient.core.database import Tx
from outpatient.core.terms import Kinship, Role
from outpatient.models import Patient, PatientAccess, User
from outpatient.patients.actions import register_patient


async def add_patient_account(
    tx: Tx, *, hospital_id: int, full_name: str, password_hash: str, **about: Any
) -> tuple[User, Patient]:
    """A user and his own record; `about` are the columns that both have."""
    user = await tx.add(User(full_name=full_name, password_hash=password_hash, created_at=tx.now, **about))
    patient = await register_patient(tx, by=None, hospital_id=hospital_id, full_name=full_name, **about)
    await tx.add(PatientAccess(hospital_id=hospital_id, user_id=user.id, patient_id=patient.id, kinship=Kinship.SELF))
    return user, patient


async def register_account(
    tx: Tx, *, hospital_id: int, role: Role, full_name: str, email: str, password_hash: str
) -> None:
    """Make the account of a patient, or of a clinician who was invited (DuplicateEntry: somebody has this e-mail)."""
    who: dict[str, Any] = {
        "hospital_id": hospital_id,
        "full_name": full_name,
        "email": email,
        "password_hash": password_hash,
    }
    if role is Role.CLINICIAN:
        await register_clinician(tx, **who)
    else:
        await add_patient_account(tx, phone=None, **who)


def check_invitation(code: str, given: str) -> None:
    """Refuse who was not invited (InvitationRefused), and everybody where there is no code (RegistrationClosed)."""
    if not code:
        raise RegistrationClosed
    if not compare_digest(code.encode(), given.encode("utf-8", "surrogatepass")):
        raise InvitationRefused
