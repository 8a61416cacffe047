"""Tickets: they let a browser open a stream, whose address can carry no header, without a token in that address."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from outpatient.access.actor import Actor
from outpatient.access.tokens import digest, new_secret
from outpatient.core.database import Tx
from outpatient.models import StreamTicket

TICKET_LASTS = timedelta(seconds=30)


async def issue_stream_ticket(tx: Tx, *, actor: Actor) -> tuple[str, datetime]:
    """A new ticket and when it ends: good once, for 30 seconds; we keep its digest alone."""
    secret, ends = new_secret(), tx.now + TICKET_LASTS
    await tx.add(
        StreamTicket(
            digest=digest(secret),
            user_id=actor.user_id,
            session_id=actor.session_id,
            hospital_id=actor.hospital_id,
            expires_at=ends,
        )
    )
    return secret, ends


async def use_stream_ticket(tx: Tx, *, ticket: str) -> StreamTicket | None:
    """Take a ticket, so that nobody can use it again; None if it never was, was used, or is too old."""
    taken: StreamTicket | None = await tx.one_or_none(
        delete(StreamTicket).where(StreamTicket.digest == digest(ticket)).returning(StreamTicket)
    )
    return taken if taken is not None and taken.expires_at > tx.now else None
