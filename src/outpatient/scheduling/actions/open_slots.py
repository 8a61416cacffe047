"""Dated intervals that are offered besides the weekly hours."""

from zoneinfo import ZoneInfo

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid
from outpatient.models import OpenSlot
from outpatient.scheduling import queries
from outpatient.scheduling.actions.when import When
from outpatient.scheduling.errors import SlotBooked, SlotOverlaps
from outpatient.scheduling.events import OpenSlotAdded, OpenSlotRemoved


async def add_open_slot(tx: Tx, *, actor: Actor, clinician_id: int, centre_id: int | None, when: When) -> OpenSlot:
    """Offer one dated interval, besides the weekly hours (Invalid: it is past; SlotOverlaps: another one is there)."""
    clinician = await queries.get_clinician(tx, actor, clinician_id, lock=True)
    centre = await queries.get_centre(tx, actor, centre_id or clinician.primary_centre_id)
    if when.starts_at is None and when.on is not None and when.start_minute is None:
        raise Invalid.field("startTime", "This field is required")
    starts_at, ends_at = when.instants(ZoneInfo(centre.time_zone))
    if starts_at < tx.now:
        raise Invalid.field(when.field, "This time is in the past")
    if (other := await queries.find_overlapping_open_slot(tx, clinician, starts_at, ends_at)) is not None:
        raise SlotOverlaps(details={"openSlotId": other.id})
    open_slot = await tx.add(
        OpenSlot(
            hospital_id=actor.hospital_id,
            clinician_id=clinician_id,
            centre_id=centre.id,
            starts_at=starts_at,
            ends_at=ends_at,
            created_by=actor.user_id,
            created_at=tx.now,
        )
    )
    await tx.record(
        OpenSlotAdded(
            hospital_id=actor.hospital_id,
            subject_id=open_slot.id,
            clinician_id=clinician_id,
            centre_id=centre.id,
            starts_at=starts_at,
            ends_at=ends_at,
        ),
        by=actor,
    )
    return open_slot


async def remove_open_slot(tx: Tx, *, actor: Actor, clinician_id: int, open_slot_id: int) -> OpenSlot:
    """Offer it no more (SlotBooked: it has an appointment). Repeatable."""
    await queries.get_clinician(tx, actor, clinician_id, lock=True)
    open_slot = await queries.get_open_slot(tx, actor, clinician_id, open_slot_id)
    if open_slot.removed_at is not None:
        return open_slot
    if await queries.is_open_slot_booked(tx, open_slot):
        raise SlotBooked
    open_slot.removed_at = tx.now
    await tx.record(
        OpenSlotRemoved(
            hospital_id=actor.hospital_id,
            subject_id=open_slot.id,
            clinician_id=clinician_id,
            centre_id=open_slot.centre_id,
        ),
        by=actor,
    )
    return open_slot
