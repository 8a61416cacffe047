"""A booking that is paid online: hold the slot, ask the provider for an order, keep the order.

The hold is committed before the provider is called, so no transaction is open meanwhile; when the provider fails, the
hold ends at once.
"""

import asyncio
from dataclasses import dataclass

from sqlalchemy import func, select

from outpatient.access.actor import Actor
from outpatient.adapters.payments.port import Payments
from outpatient.appointments.actions.book import book_appointment
from outpatient.appointments.actions.change import cancel_appointment
from outpatient.appointments.actions.wish import Booked, Booking
from outpatient.appointments.errors import PaymentFailed, TooManyHolds
from outpatient.core.database import Database, Tx
from outpatient.core.errors import AdapterFailure
from outpatient.core.terms import AppointmentStatus
from outpatient.models import Appointment, Patient, Payment
from outpatient.payments.actions import keep_order
from outpatient.scheduling.queries import Schedules

PROVIDER_SECONDS = 3


@dataclass(frozen=True, slots=True)
class PrepaidBooking:
    """A hold and the order that pays for it (None: nothing to pay)."""

    booked: Booked
    order_id: str | None


async def book_prepaid(
    database: Database, schedules: Schedules, payments: Payments, *, actor: Actor, wish: Booking
) -> PrepaidBooking:
    """Hold a slot until it is paid. Refuses like `book_appointment`, and with TooManyHolds and PaymentFailed."""
    async with database.transaction() as tx:
        await _keep_hold_limit(tx, schedules, actor, wish)
        booked = await book_appointment(tx, schedules, actor=actor, wish=wish, is_prepaid=True)
        payment = await tx.session.get_one(Payment, booked.payment_id)
    if booked.amount_minor == 0:
        return PrepaidBooking(booked, None)
    try:
        order = await asyncio.wait_for(
            payments.create_order(
                amount_minor=booked.amount_minor,
                currency=booked.currency,
                receipt=f"outpatient-{payment.id}",
                notes={"appointmentId": str(booked.appointment_id)},
            ),
            PROVIDER_SECONDS,
        )
    except (AdapterFailure, TimeoutError) as failure:
        async with database.transaction() as tx:
            reason = "The payment provider did not answer"
            await cancel_appointment(tx, actor=None, appointment_id=booked.appointment_id, reason=reason)
        raise PaymentFailed from failure
    async with database.transaction() as tx:
        await keep_order(tx, payment=payment, provider="local", provider_order_id=order.id)
    return PrepaidBooking(booked, order.id)


async def _keep_hold_limit(tx: Tx, schedules: Schedules, actor: Actor, wish: Booking) -> None:
    """Nobody keeps many slots unpaid. Locks the patient's row, so that two devices cannot both be the last."""
    await tx.execute(
        select(Patient.id)
        .where(Patient.hospital_id == actor.hospital_id, Patient.id == wish.patient_id)
        .with_for_update()
    )
    held = await tx.one_or_none(
        select(func.count())
        .select_from(Appointment)
        .where(
            Appointment.hospital_id == actor.hospital_id,
            Appointment.patient_id == wish.patient_id,
            Appointment.status == AppointmentStatus.PENDING,
            Appointment.expires_at > tx.now,
        )
    )
    schedule = await schedules.reload(actor.hospital_id, wish.clinician_id, within=tx)
    if held >= schedule.max_unpaid_holds:
        raise TooManyHolds
