"""What an appointment's changes mean for its money."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from outpatient.core.terms import CancelledBy, PaymentStatus
from outpatient.models import Payment
from outpatient.payments.actions import change_amount, void_payment
from tests.appointments.wishes import booked, payment_of

pytestmark = pytest.mark.anyio


async def test_what_is_asked_changes_until_something_was_paid(as_patient, as_clinician, outpatient, hospital):
    made = (await booked(as_patient, as_clinician))["id"]
    for paid, changed, amount in ((0, True, 120_000), (1, False, 120_000)):
        async with outpatient.database.transaction() as tx:
            await tx.execute(update(Payment).where(Payment.appointment_id == made).values(paid_minor=paid))
            asked = {"hospital_id": hospital.id, "appointment_id": made, "amount_minor": 120_000 - paid}
            assert await change_amount(tx, **asked) is changed
        assert (await payment_of(outpatient, made)).amount_minor == amount


async def test_what_was_discounted_keeps_its_amount(as_patient, as_clinician, as_front_desk, outpatient, hospital):
    made = (await booked(as_patient, as_clinician))["id"]
    await as_front_desk.post("/discounts", {"appointmentId": made, "amount": 100, "reason": "Waited long"})
    async with outpatient.database.transaction() as tx:
        assert not await change_amount(tx, hospital_id=hospital.id, appointment_id=made, amount_minor=1)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("PENDING", "CANCELLED"),
        ("FAILED", "CANCELLED"),
        ("PAID", "CANCELLED"),  # by a discount of all of it
        ("EXPIRED", "EXPIRED"),
        ("CANCELLED", "CANCELLED"),
    ],
)
async def test_what_is_unpaid_is_voided(as_patient, as_clinician, outpatient, hospital, was, becomes):
    made = (await booked(as_patient, as_clinician))["id"]
    async with outpatient.database.transaction() as tx:
        await tx.execute(update(Payment).where(Payment.appointment_id == made).values(status=was))
        await void(tx, hospital.id, made)
    assert (await payment_of(outpatient, made)).status == becomes


async def test_another_hospitals_payment_is_out_of_reach(as_patient, as_clinician, outpatient, hospital, make):
    made = (await booked(as_patient, as_clinician))["id"]
    other = await make.hospital()
    async with outpatient.database.transaction() as tx:
        assert not await change_amount(tx, hospital_id=other.id, appointment_id=made, amount_minor=1)
    assert (await payment_of(outpatient, made)).status == "PENDING"


async def void(tx, hospital_id: int, appointment_id: int) -> None:
    await void_payment(
        tx,
        hospital_id=hospital_id,
        appointment_id=appointment_id,
        status=PaymentStatus.CANCELLED,
        starts_at=tx.now + timedelta(days=1),
        cancelled_by=CancelledBy.STAFF,
        reason="The clinic is closed",
        by=None,
    )
