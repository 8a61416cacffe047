"""What tickets for streams leave behind."""

from sqlalchemy import delete

from outpatient.core.database import Database
from outpatient.models import StreamTicket


async def forget_old_tickets(database: Database) -> None:
    """Drop the tickets that nobody used in time."""
    async with database.transaction() as tx:
        await tx.execute(delete(StreamTicket).where(StreamTicket.expires_at <= tx.now))
