"""An order at the payment provider, for exactly what is due."""

import asyncio

from outpatient.access.actor import Actor
from outpatient.adapters.payments.port import Payments
from outpatient.core.database import Database, Tx
from outpatient.core.errors import AdapterFailure, DuplicateEntry
from outpatient.models import Payment, PaymentOrder
from outpatient.payments.actions.due import exactly_due
from outpatient.payments.errors import ProviderUnavailable
from outpatient.payments.queries import find_asked_by_order, find_open_order, get_account

PROVIDER_SECONDS = 3


def name_of(payment: Payment, amount_minor: int) -> str:
    """Our name for an order at the provider: the same for the same amount, and never another installation's."""
    return f"pay-{payment.id}-{amount_minor}-{int(payment.created_at.timestamp())}"


def notes_of(payment: Payment) -> dict[str, str]:
    """What the provider shows beside an order, and tells us with each report about it."""
    about = {"paymentId": payment.id, "appointmentId": payment.appointment_id}
    return {name: str(value) for name, value in about.items() if value is not None}


async def create_order(
    database: Database,
    gateway: Payments,
    *,
    actor: Actor | None,
    appointment_id: int | None = None,
    payment_id: int | None = None,
    amount_minor: int | None = None,
) -> PaymentOrder:
    """The order by which what is due can be paid: an open one of this amount, else a new one. Repeatable.

    NotFound, PaymentClosed, NothingDue; Invalid: another amount than what is due; ProviderUnavailable after 3 s. The
    provider is asked outside of any transaction.
    """
    async with database.reading() as tx:
        account = await get_account(tx, actor, appointment_id=appointment_id, payment_id=payment_id)
        due = exactly_due(account, amount_minor)
        known = await find_open_order(tx, account.payment, gateway.provider, due)
    if known is not None:
        return known
    payment = account.payment
    try:
        async with asyncio.timeout(PROVIDER_SECONDS):
            order = await gateway.create_order(
                amount_minor=due,
                currency=payment.currency,
                receipt=name_of(payment, due),
                notes=notes_of(payment),
            )
    except (AdapterFailure, TimeoutError) as failure:
        raise ProviderUnavailable from failure
    if (order.amount_minor, order.currency) != (due, payment.currency):
        raise ProviderUnavailable("The payment provider answered with another order than it was asked for")
    try:
        async with database.transaction() as tx:
            return await _keep_order(tx, payment, gateway.provider, order.id, due, by=actor)
    except DuplicateEntry:  # somebody else asked for the same at this moment
        return await _kept_order(database, gateway.provider, order.id, payment)


async def _keep_order(
    tx: Tx, payment: Payment, provider: str, provider_order_id: str, amount_minor: int, *, by: Actor | None
) -> PaymentOrder:
    tx.audit("payment.order_created", "payment", payment.id, hospital_id=payment.hospital_id, by=by)
    return await tx.add(
        PaymentOrder(
            hospital_id=payment.hospital_id,
            payment_id=payment.id,
            provider=provider,
            provider_order_id=provider_order_id,
            amount_minor=amount_minor,
            currency=payment.currency,
            created_at=tx.now,
        )
    )


async def _kept_order(database: Database, provider: str, provider_order_id: str, payment: Payment) -> PaymentOrder:
    async with database.reading() as tx:
        asked = await find_asked_by_order(tx, provider, provider_order_id)
        kept = await tx.session.get(PaymentOrder, asked.id) if asked else None
    if kept is None or kept.payment_id != payment.id:
        raise ProviderUnavailable("The payment provider answered with somebody else's order")
    return kept
