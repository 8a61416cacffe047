"""What sign-in leaves behind, and how long it is kept."""

from datetime import timedelta

from sqlalchemy import delete, or_, select

from outpatient.core.database import Database
from outpatient.models import OtpChallenge, RefreshToken, Session

KEEP = timedelta(days=1)


async def forget_dead_sign_ins(database: Database) -> None:
    """Drop codes and sessions that ended more than a day ago; the audit trail keeps that they were."""
    async with database.transaction() as tx:
        past = tx.now - KEEP
        dead = select(Session.id).where(or_(Session.expires_at < past, Session.revoked_at < past))
        await tx.execute(delete(OtpChallenge).where(OtpChallenge.expires_at < past))
        await tx.execute(delete(RefreshToken).where(RefreshToken.session_id.in_(dead)))
        await tx.execute(delete(Session).where(Session.id.in_(dead)))
