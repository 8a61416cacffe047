"""What an appointment's changes mean for its money: what is asked, asked no more, and by which order."""

from sqlalchemy import select, update

from outpatient.core.database import Tx
from outpatient.core.terms import PaymentStatus
from outpatient.models import Payment, PaymentOrder


async def void_payment(tx: Tx, *, hospital_id: int, appointment_id: int, status: PaymentStatus) -> None:
    """Nothing is asked any more for an appointment that ended unpaid (`status`: CANCELLED or EXPIRED)."""
    await tx.execute(
        update(Payment)
        .where(
            Payment.hospital_id == hospital_id,
            Payment.appointment_id == appointment_id,
            Payment.status == PaymentStatus.PENDING,
        )
        .values(status=status)
    )


async def change_amount(tx: Tx, *, hospital_id: int, appointment_id: int, amount_minor: int) -> bool:
    """Ask another amount for an appointment that nothing was paid and no order was made for; False: it is too late."""
    changed = await tx.execute(
        update(Payment)
        .where(
            Payment.hospital_id == hospital_id,
            Payment.appointment_id == appointment_id,
            Payment.status == PaymentStatus.PENDING,
            Payment.paid_minor == 0,
            Payment.id.not_in(select(PaymentOrder.payment_id).where(PaymentOrder.hospital_id == hospital_id)),
        )
        .values(amount_minor=amount_minor)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


async def keep_order(tx: Tx, *, payment: Payment, provider: str, provider_order_id: str) -> PaymentOrder:
    """Keep the provider's order beside the payment that it is for."""
    return await tx.add(
        PaymentOrder(
            hospital_id=payment.hospital_id,
            payment_id=payment.id,
            provider=provider,
            provider_order_id=provider_order_id,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            created_at=tx.now,
        )
    )
