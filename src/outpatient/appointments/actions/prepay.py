"""A booking that is paid online: hold the slot, ask the provider for an order, keep the order.

The hold is committed before the provider is called, so no transaction is open meanwhile; when the provider fails, the
hold ends at once.
"""

from sqlalchemy import delete

from outpatient.access.actor import Actor
from outpatient.adapters.payments.port import Payments
from outpatient.appointments.actions.book import book_appointment
from outpatient.appointments.actions.change import cancel_appointment
from outpatient.appointments.actions.wish import Booked, Booking
from outpatient.appointments.errors import PaymentFailed
from outpatient.appointments.queries import find_unpaid_hold
from outpatient.core.database import Database, Tx
from outpatient.models import IdempotencyKey
from outpatient.payments.actions import create_order
from outpatient.payments.errors import NothingDue, PaymentClosed, ProviderUnavailable
from outpatient.scheduling.queries import Schedules

ROUTE = "booking/create"
"""The scope of this booking's idempotency keys."""


async def book_prepaid(
    database: Database, schedules: Schedules, payments: Payments, *, actor: Actor, wish: Booking
) -> Booked:
    """Hold a slot until it is paid. Refuses like `book_appointment`, and with PaymentFailed.

    Where nothing has to be paid first (a free visit, `prepayment` NONE) it is a firm booking without an order.
    """
    booked = await book_appointment(database, schedules, actor=actor, wish=wish, is_prepaid=True)
    if booked.expires_at is not None:
        await order_payment(database, payments, actor=actor, appointment_id=booked.appointment_id)
    return booked


async def order_payment(database: Database, payments: Payments, *, actor: Actor, appointment_id: int) -> None:
    """See that a hold has its order; repeatable, since an amount of a payment has one order (PaymentFailed)."""
    async with database.reading() as tx:
        payment = await find_unpaid_hold(tx, actor, appointment_id)
    if payment is None:
        return
    try:
        await create_order(database, payments, actor=actor, payment_id=payment.id)
    except ProviderUnavailable as failure:
        async with database.transaction() as tx:
            reason = "The payment provider did not answer"
            await cancel_appointment(tx, actor=None, appointment_id=appointment_id, reason=reason)
            await _forget_key(tx, actor, appointment_id)
        raise PaymentFailed from failure
    except (NothingDue, PaymentClosed):  # paid, or over, while we looked
        return


async def _forget_key(tx: Tx, actor: Actor, appointment_id: int) -> None:
    """A refusal is not kept: the same Idempotency-Key may try again."""
    await tx.execute(
        delete(IdempotencyKey).where(
            IdempotencyKey.hospital_id == actor.hospital_id,
            IdempotencyKey.user_id == actor.user_id,
            IdempotencyKey.route == ROUTE,
            IdempotencyKey.made_id == appointment_id,
        )
    )
