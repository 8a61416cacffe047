"""Who wants to be written to, and how."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, func, select

from outpatient.core.database import Tx
from outpatient.core.terms import Channel, Purpose
from outpatient.models import Consent, OptOut


async def find_objection(
    tx: Tx, *, channel: Channel, address: str, patient_id: int | None, purpose: Purpose | None
) -> str | None:
    """Why this message must not be sent, if so. What has no `purpose` cannot be refused."""
    if purpose is None:
        return None
    if patient_id is not None and not (await list_consents(tx, patient_id))[purpose]["is_given"]:
        return f"The patient does not agree to messages ({purpose})"
    if await is_opted_out(tx, channel, address):
        return "The address wants no more messages (STOP)"
    return None


async def is_opted_out(tx: Tx, channel: Channel, address: str) -> bool:
    """Whether the address said STOP on this channel."""
    found = select(OptOut.address).where(OptOut.channel == channel, OptOut.address == address)
    return await tx.one_or_none(found) is not None


async def list_consents(tx: Tx, patient_id: int) -> dict[Purpose, Mapping[str, Any]]:
    """What the patient said last of each purpose; who never said anything agrees."""
    newest = (
        select(func.max(Consent.id).label("id")).where(Consent.patient_id == patient_id).group_by(Consent.purpose)
    ).subquery()
    rows = await tx.rows(
        select(Consent.purpose, Consent.is_given, Consent.source, Consent.at).join(
            newest, and_(newest.c.id == Consent.id)
        )
    )
    said = {row["purpose"]: row for row in rows}
    silent = {"is_given": True, "source": None, "at": None}
    return {purpose: said.get(purpose, {**silent, "purpose": purpose}) for purpose in Purpose}
