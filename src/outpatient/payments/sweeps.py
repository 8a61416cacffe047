"""What a payment provider has not told us is asked of it again, ever more seldom, for three days."""

from datetime import timedelta

from outpatient.payments.actions import Counter, ask_about_orders, ask_about_refunds

EVERY = timedelta(minutes=2)


async def reconcile(outside: Counter) -> None:
    """Find the payments whose webhook was lost, and what became of the refunds."""
    await ask_about_orders(outside.database, outside.payments)
    await ask_about_refunds(outside.database, outside.payments)
