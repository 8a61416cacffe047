"""What the patient tests share."""

import pytest
from sqlalchemy import select

from outpatient.models import AuditEntry

STAFF = ("ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK")


@pytest.fixture
def answers_by_role(make, hospital, as_nobody, as_stranger, as_patient):
    """Calls an endpoint as everybody: role → status, `NOBODY` and `STRANGER` (of another hospital) included.

    A body given as a function is made anew for each call.
    """

    async def call(method: str, path: str, body=None) -> dict[str, int]:
        callers = {"NOBODY": as_nobody, "STRANGER": as_stranger, "PATIENT": as_patient}
        for role in STAFF:
            callers[role] = await make.staff(hospital, role, centre_id=hospital.centre_id)
        callers["CLINICIAN"] = await make.clinician(hospital)
        return {
            role: (await who.call(method, path, json=body() if callable(body) else body)).status_code
            for role, who in callers.items()
        }

    return call


@pytest.fixture
def audited(outpatient):
    """Everything that the audit knows about a patient record, in order: (action, who)."""

    async def read(patient_id: int) -> list[tuple[str, int]]:
        async with outpatient.database.reading() as tx:
            entries = await tx.all(
                select(AuditEntry)
                .where(AuditEntry.subject == "patient", AuditEntry.subject_id == patient_id)
                .order_by(AuditEntry.id)
            )
        return [(entry.action, entry.actor_id) for entry in entries]

    return read
