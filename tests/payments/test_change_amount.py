"""What an appointment's changes mean for its money."""

import pytest
from sqlalchemy import update

from outpatient.core.errors import DuplicateEntry
from outpatient.models import Payment
from outpatient.payments.actions import change_amount, keep_order, void_payment
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


@pytest.mark.parametrize("status", ["PAID", "PARTIALLY_PAID", "REFUNDED", "FAILED"])
async def test_money_that_moved_is_not_voided(as_patient, as_clinician, outpatient, hospital, status):
    made = (await booked(as_patient, as_clinician))["id"]
    async with outpatient.database.transaction() as tx:
        await tx.execute(update(Payment).where(Payment.appointment_id == made).values(status=status))
        await void_payment(tx, hospital_id=hospital.id, appointment_id=made, status="CANCELLED")
    assert (await payment_of(outpatient, made)).status == status


async def test_another_hospitals_payment_is_out_of_reach(as_patient, as_clinician, outpatient, hospital):
    made = (await booked(as_patient, as_clinician))["id"]
    async with outpatient.database.transaction() as tx:
        await void_payment(tx, hospital_id=hospital.id + 1, appointment_id=made, status="CANCELLED")
        elsewhere = {"hospital_id": hospital.id + 1, "appointment_id": made, "amount_minor": 1}
        assert not await change_amount(tx, **elsewhere)
    assert (await payment_of(outpatient, made)).status == "PENDING"


async def test_an_order_is_kept_once(as_patient, as_clinician, outpatient):
    payment = await payment_of(outpatient, (await booked(as_patient, as_clinician))["id"])
    order = {"payment": payment, "provider": "local", "provider_order_id": f"order_of_{payment.id}"}
    async with outpatient.database.transaction() as tx:
        kept = await keep_order(tx, **order)
    assert (kept.amount_minor, kept.currency) == (150_000, "INR")
    with pytest.raises(DuplicateEntry):
        async with outpatient.database.transaction() as tx:
            await keep_order(tx, **order)
