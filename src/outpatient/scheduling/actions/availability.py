"""Weekly hours, and whether a clinician is on duty now."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid
from outpatient.models import AvailabilityRule, Clinician
from outpatient.scheduling import queries
from outpatient.scheduling.errors import HoursOverlap
from outpatient.scheduling.events import AvailabilityReplaced, OnDutySet
from outpatient.scheduling.rules import Hours, find_overlap


async def replace_availability(
    tx: Tx, *, actor: Actor, clinician_id: int, centre_id: int | None, hours: Sequence[Hours | None] | None
) -> int:
    """Set the weekly hours at one centre (the primary one, if none is named); answers the centre's id.

    A None among the hours is a closed entry. Hours that meet each other: Invalid; hours that meet those at another
    centre of the same zone: HoursOverlap. The same hours again, or none at all (None), change nothing.
    """
    clinician = await queries.get_clinician(tx, actor, clinician_id, lock=True)
    centre = await queries.get_centre(tx, actor, centre_id or clinician.primary_centre_id)
    if hours is None:
        return centre.id
    if (met := find_overlap(hours, hours)) is not None:
        first, second = sorted(met)
        raise Invalid.field(f"availabilityRules.{second}", f"Overlaps with rule {first} of the same day")
    rows = await queries.list_availability(tx, actor.hospital_id, clinician_id)
    kept = [_hours(row) for row in rows if row["centre_id"] == centre.id]
    # Wall-clock hours compare only where the clocks agree; elsewhere the guard on booked time decides.
    elsewhere = [row for row in rows if row["centre_id"] != centre.id and row["time_zone"] == centre.time_zone]
    if (met := find_overlap(hours, [_hours(row) for row in elsewhere])) is not None:
        where = elsewhere[met[1]]["centre_id"]
        raise HoursOverlap(details={f"availabilityRules.{met[0]}": f"Overlaps with the hours at centre {where}"})
    wanted = [one for one in hours if one is not None]
    if sorted(wanted, key=_in_week) == sorted(kept, key=_in_week):
        return centre.id
    await tx.execute(
        delete(AvailabilityRule).where(
            AvailabilityRule.hospital_id == actor.hospital_id,
            AvailabilityRule.clinician_id == clinician_id,
            AvailabilityRule.centre_id == centre.id,
        )
    )
    for one in wanted:
        tx.session.add(
            AvailabilityRule(
                hospital_id=actor.hospital_id,
                clinician_id=clinician_id,
                centre_id=centre.id,
                weekday=one.weekday,
                start_minute=one.start_minute,
                end_minute=one.end_minute,
            )
        )
    await tx.record(
        AvailabilityReplaced(hospital_id=actor.hospital_id, subject_id=clinician_id, centre_id=centre.id), by=actor
    )
    return centre.id


def _hours(row: Mapping[str, Any]) -> Hours:
    return Hours(row["weekday"], row["start_minute"], row["end_minute"])


def _in_week(hours: Hours) -> tuple[int, int]:
    return hours.weekday, hours.start_minute


async def set_on_duty(tx: Tx, *, actor: Actor, clinician_id: int, is_on_duty: bool) -> Clinician:
    """Say whether a clinician takes the next patient. Repeatable."""
    clinician = await queries.get_clinician(tx, actor, clinician_id, is_whole=True, lock=True)
    if clinician.is_on_duty is not is_on_duty:
        clinician.is_on_duty = is_on_duty
        await tx.record(
            OnDutySet(hospital_id=actor.hospital_id, subject_id=clinician_id, is_on_duty=is_on_duty), by=actor
        )
    return clinician
