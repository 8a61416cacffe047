"""Time off: nothing of a clinician can be booked in it, and what was booked in it ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.errors import Forbidden, Invalid
from outpatient.core.terms import AppointmentStatus
from outpatient.models import Appointment, Occupancy, TimeOff
from outpatient.scheduling import queries
from outpatient.scheduling.actions.when import When
from outpatient.scheduling.errors import PatientsPresent, TimeOffOverlaps, TimeTaken
from outpatient.scheduling.events import TimeOffRemoved, TimeOffTaken
from outpatient.scheduling.queries import Affected
from outpatient.scheduling.statements import OCCUPY

ENDED = (AppointmentStatus.COMPLETED, AppointmentStatus.NO_SHOW)


@dataclass(frozen=True, slots=True)
class Plan:
    """Time off that could be taken, and the appointments that it meets: those it ends, and those that forbid it."""

    starts_at: datetime
    ends_at: datetime
    affected: list[Affected]
    kept: list[Affected]


async def plan_time_off(tx: Tx, *, actor: Actor, clinician_id: int, when: When) -> Plan:
    """What time off would do (Invalid: it is over; TimeOffOverlaps: there is some already). Changes nothing.

    Forbidden: it meets appointments at centres that the actor does not see.
    What of it is over stays as it was: it begins now at the earliest. Locks the clinician, so that the plan holds.
    """
    clinician = await queries.get_clinician(tx, actor, clinician_id, is_whole=True, lock=True)
    starts_at, ends_at = when.instants(await queries.get_zone(tx, clinician))
    if ends_at <= tx.now:
        raise Invalid.field(when.field, "This time is in the past")
    starts_at = max(starts_at, tx.now.replace(second=0, microsecond=0))
    if (other := await queries.find_overlapping_time_off(tx, clinician, starts_at, ends_at)) is not None:
        raise TimeOffOverlaps(details={"timeOffId": other.id})
    met = await queries.list_affected(tx, clinician, starts_at, ends_at)
    if not all(actor.sees_centre(each.centre_id) for each in met):
        raise Forbidden("The clinician has appointments in this time at a centre that is not yours")
    return Plan(
        starts_at, ends_at, [each for each in met if not each.is_present], [each for each in met if each.is_present]
    )


async def take_time_off(
    tx: Tx, *, actor: Actor, clinician_id: int, when: When, reason: str | None
) -> tuple[TimeOff, Plan]:
    """Take every lane of an interval and end the appointments in it; the patients read the reason.

    TimeOffOverlaps: there is time off already; PatientsPresent: some of the patients have come.
    """
    plan = await plan_time_off(tx, actor=actor, clinician_id=clinician_id, when=when)
    if plan.kept:
        raise PatientsPresent(
            details={"appointments": [{"id": each.id, "patientName": each.patient_name} for each in plan.kept]}
        )
    time_off = await tx.add(
        TimeOff(
            hospital_id=actor.hospital_id,
            clinician_id=clinician_id,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            reason=reason,
            created_by=actor.user_id,
            created_at=tx.now,
        )
    )
    await tx.record(
        TimeOffTaken(
            hospital_id=actor.hospital_id,
            subject_id=time_off.id,
            clinician_id=clinician_id,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            appointment_ids=tuple(each.id for each in plan.affected),
            reason=reason,
        ),
        by=actor,
    )
    await _occupy(tx, time_off)
    return time_off, plan


async def _occupy(tx: Tx, time_off: TimeOff) -> None:
    """Take the time. Who was seen early, or ends just before, needs the rest of his time, or his buffer, no more."""
    done = select(Appointment.id).where(
        Appointment.hospital_id == time_off.hospital_id,
        Appointment.clinician_id == time_off.clinician_id,
        Appointment.starts_at < time_off.ends_at,
        Appointment.ends_at > time_off.starts_at - timedelta(days=2),
        or_(Appointment.status.in_(ENDED), Appointment.ends_at <= time_off.starts_at),
    )
    needless = (
        Occupancy.hospital_id == time_off.hospital_id,
        Occupancy.clinician_id == time_off.clinician_id,
        Occupancy.ends_at > time_off.starts_at,
        Occupancy.appointment_id.in_(done),
    )
    await tx.execute(
        delete(Occupancy).where(
            *needless, Occupancy.starts_at >= time_off.starts_at, Occupancy.starts_at < time_off.ends_at
        )
    )
    await tx.execute(
        update(Occupancy).where(*needless, Occupancy.starts_at < time_off.starts_at).values(ends_at=time_off.starts_at)
    )
    (taken,) = await tx.run(
        OCCUPY,
        hospital_id=time_off.hospital_id,
        clinician_id=time_off.clinician_id,
        version=None,
        lane=None,
        starts_at=time_off.starts_at,
        ends_at=time_off.ends_at,
        appointment_id=None,
        time_off_id=time_off.id,
    )
    if taken["id"] is None:
        raise TimeTaken


async def remove_time_off(tx: Tx, *, actor: Actor, clinician_id: int, time_off_id: int) -> TimeOff:
    """Give the time back; the appointments that it ended stay ended. Repeatable."""
    clinician = await queries.get_clinician(tx, actor, clinician_id, is_whole=True, lock=True)
    time_off = await queries.get_time_off(tx, clinician, time_off_id)
    if time_off.removed_at is not None:
        return time_off
    await tx.execute(
        delete(Occupancy).where(Occupancy.hospital_id == actor.hospital_id, Occupancy.time_off_id == time_off.id)
    )
    time_off.removed_at = tx.now
    await tx.record(
        TimeOffRemoved(hospital_id=actor.hospital_id, subject_id=time_off.id, clinician_id=clinician_id), by=actor
    )
    return time_off
