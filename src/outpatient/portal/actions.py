"""What a patient changes of his own record."""

from typing import Any

from outpatient.access.actor import Actor
from outpatient.account.actions import update_account
from outpatient.core.database import Tx
from outpatient.models import Patient
from outpatient.patients.actions import update_own_patient
from outpatient.portal.queries import is_himself

ACCOUNT = {"full_name": "name", "email": "email", "gender": "gender"}
"""What of a record the account says, too → how the account calls it."""


async def update_profile(tx: Tx, *, actor: Actor, patient_id: int, **changes: Any) -> Patient:
    """Change what differs of a record (NotFound, PatientExists, Invalid); his own account follows his name and contact.

    An emptied e-mail address leaves the account's alone: it may be what he signs in with.
    """
    patient = await update_own_patient(tx, actor=actor, patient_id=patient_id, **changes)
    followed = {ACCOUNT[field]: value for field, value in changes.items() if field in ACCOUNT}
    if followed.get("email", "") is None:
        del followed["email"]
    if followed and await is_himself(tx, actor, patient_id):
        await update_account(tx, actor=actor, **followed)
    return patient
