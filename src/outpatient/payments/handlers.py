"""What follows after money was promised back."""

from outpatient.models import StoredEvent
from outpatient.payments.actions import Counter, send_refund


async def ask_provider(outside: Counter, event: StoredEvent) -> None:
    """Ask the payment provider to give it back; what was handed over at the desk needs nobody."""
    await send_refund(outside.database, outside.payments, event.payload["refund_id"])
