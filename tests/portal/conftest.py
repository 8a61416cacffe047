"""What the portal's tests share."""

import pytest
from sqlalchemy import update

from outpatient.core.terms import Kinship, PaymentStatus
from outpatient.models import Patient, PatientAccess, Payment
from tests.makers import Persona


@pytest.fixture
async def child(make, hospital, as_patient) -> int:
    """A record on the patient's phone, for which he acts as a guardian."""
    async with make.database.transaction() as tx:
        record = await make.patient_row(tx, hospital, "Mira Rao", as_patient.phone, medical_history="Asthma")
        tx.session.add(
            PatientAccess(
                hospital_id=hospital.id, user_id=as_patient.user_id, patient_id=record.id, kinship=Kinship.GUARDIAN
            )
        )
    make.outpatient.callers.forget(as_patient.user_id)
    return record.id


@pytest.fixture
def pay(outpatient):
    """Writes down that money came in, and perhaps went back, for an appointment."""

    async def write(appointment_id: int, paid: int, *, refunded: int = 0, status=PaymentStatus.PAID, at=None) -> None:
        async with outpatient.database.transaction() as tx:
            await tx.execute(
                update(Payment)
                .where(Payment.appointment_id == appointment_id)
                .values(paid_minor=paid, refunded_minor=refunded, status=status, method="UPI", paid_at=at or tx.now)
            )

    return write


@pytest.fixture
def record_of(outpatient):
    """The row of a patient record."""

    async def read(patient_id: int) -> Patient:
        async with outpatient.database.reading() as tx:
            return await tx.session.get_one(Patient, patient_id)

    return read


async def ids(who: Persona, path: str) -> list[int]:
    """The ids of a list, in its order."""
    answer = await who.get(path)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["data"]]
