"""Open slots as patients find them, by id (seed 003)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from outpatient.access.actor import Actor
from outpatient.appointments.queries.limits import list_slots
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.terms import SlotState
from outpatient.models import OpenSlot
from outpatient.scheduling.queries import Schedule, load_schedule

ONE_DAY = timedelta(days=1)  # local dates and UTC dates differ by that at most


@dataclass(frozen=True, slots=True)
class Opening:
    """An open slot that can be booked, and the zone of its centre."""

    id: int
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo


async def get_opening(tx: Tx, actor: Actor, open_slot_id: int) -> OpenSlot:
    """An open slot of the actor's hospital that is still offered, booked or not (NotFound)."""
    found: OpenSlot | None = await tx.one_or_none(
        select(OpenSlot).where(
            OpenSlot.hospital_id == actor.hospital_id, OpenSlot.id == open_slot_id, OpenSlot.removed_at.is_(None)
        )
    )
    if found is None:
        raise NotFound.of("Slot")
    return found


async def list_openings(tx: Tx, actor: Actor, clinician_id: int) -> list[Opening]:
    """The open slots that a patient can book now, by the rule that booking asks (NotFound: no such clinician)."""
    schedule = await load_schedule(tx, actor.hospital_id, clinician_id)
    found = await _list_offered(tx, schedule)
    free = await _list_free(tx, schedule, found) if found else set()
    return [
        Opening(each.id, each.starts_at, each.ends_at, schedule.zones[each.centre_id])
        for each in found
        if (each.centre_id, each.starts_at, each.ends_at) in free
    ]


async def _list_offered(tx: Tx, schedule: Schedule) -> Sequence[OpenSlot]:
    """Open slots within the horizon; the rule decides about those at its edge."""
    found: Sequence[OpenSlot] = await tx.all(
        select(OpenSlot)
        .where(
            OpenSlot.hospital_id == schedule.hospital_id,
            OpenSlot.clinician_id == schedule.clinician_id,
            OpenSlot.removed_at.is_(None),
            OpenSlot.starts_at.between(tx.now, tx.now + timedelta(days=schedule.horizon) + 2 * ONE_DAY),
        )
        .order_by(OpenSlot.starts_at, OpenSlot.id)
    )
    return found


async def _list_free(tx: Tx, schedule: Schedule, offered: Sequence[OpenSlot]) -> set[tuple[int, datetime, datetime]]:
    """Centre, start and end of all that is free on the days of these slots."""
    first_on, last_on = offered[0].starts_at.date() - ONE_DAY, offered[-1].starts_at.date() + ONE_DAY
    window = schedule.window(tx.now, is_staff=False)
    free = set()
    for centre_id in {each.centre_id for each in offered}:
        for slot in await list_slots(
            tx, schedule, centre_id, first_on=first_on, last_on=last_on, service_id=None, window=window, now=tx.now
        ):
            if slot.state is SlotState.AVAILABLE:
                free.add((centre_id, slot.starts_at, slot.ends_at))
    return free
