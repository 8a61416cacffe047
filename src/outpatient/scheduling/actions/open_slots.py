"""Dated intervals that are offered besides the weekly hours."""

from zoneinfo import ZoneInfo

from sqlalchemy import update

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid
from outpatient.models import Clinician, OpenSlot
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


async def remove_every_open_slot(tx: Tx, *, actor: Actor, clinician: Clinician) -> None:
    """Offer none of a locked clinician's slots any more, booked or not; those that are over stay as they were."""
    removed = await tx.rows(
        update(OpenSlot)
        .where(
            OpenSlot.hospital_id == clinician.hospital_id,
            OpenSlot.clinician_id == clinician.id,
            OpenSlot.removed_at.is_(None),
            OpenSlot.ends_at > tx.now,
        )
        .values(removed_at=tx.now)
        .returning(OpenSlot.id, OpenSlot.centre_id)
        .execution_options(synchronize_session=False)
    )
    for row in removed:
        await tx.record(
            OpenSlotRemoved(
                hospital_id=clinician.hospital_id,
                subject_id=row["id"],
                clinician_id=clinician.id,
                centre_id=row["centre_id"],
            ),
            by=actor,
        )
