"""What staff keep about a clinician's time: weekly hours, open slots, time off, and whom a change meets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, or_, select

from outpatient.access.actor import Actor
from outpatient.core.database import Tx
from outpatient.core.errors import NotFound
from outpatient.core.terms import AppointmentStatus, VisitStatus
from outpatient.models import (
    Appointment,
    AvailabilityRule,
    Centre,
    Clinician,
    OpenSlot,
    Patient,
    TimeOff,
    Visit,
)
from outpatient.scheduling.rules import Hours, day_bounds, takes_rest_of_day

WAITING_FOR_IT = (AppointmentStatus.PENDING, AppointmentStatus.CONFIRMED, AppointmentStatus.CHECKED_IN)
ONE_DAY = timedelta(days=1)  # local dates and UTC dates differ by that at most
NOT_YET_HERE = (None, VisitStatus.EXPECTED)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The clinicians whose time somebody may look after: his hospital's; a clinician's own only."""
    mine = and_(Clinician.hospital_id == actor.hospital_id, Clinician.deleted_at.is_(None))
    return and_(mine, Clinician.id == (actor.clinician_id or 0)) if actor.is_clinician else mine


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """The clinicians whose time somebody may look at; who is bound to centres, of those who see patients there."""
    if actor.centre_ids is None:
        return visible_to(actor)
    has_hours, has_slots = (
        exists().where(
            table.hospital_id == actor.hospital_id,
            table.clinician_id == Clinician.id,
            table.centre_id.in_(actor.centre_ids),
        )
        for table in (AvailabilityRule, OpenSlot)
    )
    return and_(visible_to(actor), or_(Clinician.primary_centre_id.in_(actor.centre_ids), has_hours, has_slots))


async def get_seen_clinician(tx: Tx, actor: Actor, clinician_id: int) -> Clinician:
    """The clinician whose time is looked at (NotFound)."""
    found: Clinician | None = await tx.one_or_none(
        select(Clinician).where(Clinician.id == clinician_id, seen_by(actor))
    )
    if found is None:
        raise NotFound.of("Clinician")
    return found


async def get_clinician(
    tx: Tx, actor: Actor, clinician_id: int, *, is_whole: bool = False, lock: bool = False
) -> Clinician:
    """The clinician (NotFound); `is_whole`: all of his time, which is for those who see his primary centre.

    Locked, no booking and no other change of his time passes before this transaction ends.
    """
    query = select(Clinician).where(Clinician.id == clinician_id, visible_to(actor))
    found: Clinician | None = await tx.one_or_none(query.with_for_update(key_share=True) if lock else query)
    if found is None or (is_whole and not actor.sees_centre(found.primary_centre_id)):
        raise NotFound.of("Clinician")
    return found


async def get_public_clinician(tx: Tx, hospital_id: int, clinician_id: int) -> Clinician:
    """A clinician as the public sees him: active (NotFound)."""
    found: Clinician | None = await tx.one_or_none(
        select(Clinician).where(
            Clinician.hospital_id == hospital_id,
            Clinician.id == clinician_id,
            Clinician.is_active,
            Clinician.deleted_at.is_(None),
        )
    )
    if found is None:
        raise NotFound.of("Clinician")
    return found


async def get_centre(tx: Tx, actor: Actor, centre_id: int) -> Centre:
    """One of the centres that the actor sees (NotFound)."""
    found: Centre | None = await tx.one_or_none(
        select(Centre).where(
            Centre.hospital_id == actor.hospital_id, Centre.id == centre_id, Centre.deleted_at.is_(None)
        )
    )
    if found is None or not actor.sees_centre(centre_id):
        raise NotFound.of("Centre")
    return found


async def get_zone(tx: Tx, clinician: Clinician) -> ZoneInfo:
    """The zone of the clinician's primary centre, by whose clocks his days are told."""
    return ZoneInfo(
        await tx.one_or_none(
            select(Centre.time_zone).where(
                Centre.hospital_id == clinician.hospital_id, Centre.id == clinician.primary_centre_id
            )
        )
    )


async def get_period(
    tx: Tx, clinician: Clinician, first_on: date | None, last_on: date | None
) -> tuple[datetime, datetime | None]:
    """The instants from the begin of a day (now, if none is named) to the end of another (None: for ever)."""
    zone = await get_zone(tx, clinician)
    since = tx.now if first_on is None else day_bounds(first_on, zone)[0]
    return since, None if last_on is None else day_bounds(last_on, zone)[1]


async def list_availability(
    tx: Tx, hospital_id: int, clinician_id: int, centre_id: int | None = None
) -> Sequence[Mapping[str, Any]]:
    """The weekly hours of a clinician, at one centre or at all of them, with the zone that each is kept in."""
    query = (
        select(
            AvailabilityRule.centre_id,
            AvailabilityRule.weekday,
            AvailabilityRule.start_minute,
            AvailabilityRule.end_minute,
            Centre.time_zone,
        )
        .join(Centre, and_(Centre.hospital_id == AvailabilityRule.hospital_id, Centre.id == AvailabilityRule.centre_id))
        .where(
            AvailabilityRule.hospital_id == hospital_id,
            AvailabilityRule.clinician_id == clinician_id,
            Centre.deleted_at.is_(None),
        )
        .order_by(AvailabilityRule.weekday, AvailabilityRule.start_minute, AvailabilityRule.centre_id)
    )
    return await tx.rows(query if centre_id is None else query.where(AvailabilityRule.centre_id == centre_id))


async def list_open_slots(
    tx: Tx, actor: Actor, clinician_id: int, *, since: datetime, until: datetime | None
) -> Sequence[OpenSlot]:
    """The open slots that end after `since` and begin before `until`, at the centres that the actor sees."""
    query = (
        select(OpenSlot)
        .where(
            OpenSlot.hospital_id == actor.hospital_id,
            OpenSlot.clinician_id == clinician_id,
            OpenSlot.removed_at.is_(None),
            OpenSlot.ends_at > since,
        )
        .order_by(OpenSlot.starts_at, OpenSlot.id)
    )
    if until is not None:
        query = query.where(OpenSlot.starts_at < until)
    if actor.centre_ids is not None:
        query = query.where(OpenSlot.centre_id.in_(actor.centre_ids))
    found: Sequence[OpenSlot] = await tx.all(query)
    return found


async def get_open_slot(tx: Tx, actor: Actor, clinician_id: int, open_slot_id: int) -> OpenSlot:
    """An open slot of the clinician, removed or not (NotFound)."""
    found: OpenSlot | None = await tx.one_or_none(
        select(OpenSlot).where(
            OpenSlot.hospital_id == actor.hospital_id,
            OpenSlot.clinician_id == clinician_id,
            OpenSlot.id == open_slot_id,
        )
    )
    if found is None or not actor.sees_centre(found.centre_id):
        raise NotFound.of("Open slot")
    return found


async def find_overlapping_open_slot(
    tx: Tx, clinician: Clinician, starts_at: datetime, ends_at: datetime
) -> OpenSlot | None:
    """One of the clinician's open slots, at whatever centre, that shares a moment with the interval."""
    found: OpenSlot | None = await tx.one_or_none(
        select(OpenSlot)
        .where(
            OpenSlot.hospital_id == clinician.hospital_id,
            OpenSlot.clinician_id == clinician.id,
            OpenSlot.removed_at.is_(None),
            OpenSlot.starts_at < ends_at,
            OpenSlot.ends_at > starts_at,
        )
        .order_by(OpenSlot.starts_at)
        .limit(1)
    )
    return found


async def is_open_slot_booked(tx: Tx, open_slot: OpenSlot) -> bool:
    """Whether somebody has, or had, an appointment in it; a hold that has run out is none."""
    found = await tx.one_or_none(
        select(Appointment.id)
        .where(
            Appointment.hospital_id == open_slot.hospital_id,
            Appointment.clinician_id == open_slot.clinician_id,
            Appointment.centre_id == open_slot.centre_id,
            Appointment.starts_at == open_slot.starts_at,
            Appointment.status != AppointmentStatus.CANCELLED,
            or_(Appointment.expires_at.is_(None), Appointment.expires_at > tx.now),
        )
        .limit(1)
    )
    return found is not None


async def list_time_off(
    tx: Tx, hospital_id: int, clinician_id: int, *, since: datetime, until: datetime | None
) -> Sequence[TimeOff]:
    """The time off that ends after `since` and begins before `until`."""
    query = (
        select(TimeOff)
        .where(
            TimeOff.hospital_id == hospital_id,
            TimeOff.clinician_id == clinician_id,
            TimeOff.removed_at.is_(None),
            TimeOff.ends_at > since,
        )
        .order_by(TimeOff.starts_at)
    )
    found: Sequence[TimeOff] = await tx.all(query if until is None else query.where(TimeOff.starts_at < until))
    return found


async def get_time_off(tx: Tx, clinician: Clinician, time_off_id: int) -> TimeOff:
    """A time off of the clinician, given back or not (NotFound)."""
    found: TimeOff | None = await tx.one_or_none(
        select(TimeOff).where(
            TimeOff.hospital_id == clinician.hospital_id,
            TimeOff.clinician_id == clinician.id,
            TimeOff.id == time_off_id,
        )
    )
    if found is None:
        raise NotFound.of("Time off")
    return found


async def find_overlapping_time_off(
    tx: Tx, clinician: Clinician, starts_at: datetime, ends_at: datetime
) -> TimeOff | None:
    """Time off of the clinician that shares a moment with the interval."""
    found = await list_time_off(tx, clinician.hospital_id, clinician.id, since=starts_at, until=ends_at)
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Affected:
    """An appointment that time off would meet; `is_present`: its patient is here already."""

    id: int
    patient_id: int
    patient_name: str
    centre_id: int
    service_on: date
    starts_at: datetime | None
    ends_at: datetime | None
    status: AppointmentStatus
    is_present: bool


async def list_affected(tx: Tx, clinician: Clinician, starts_at: datetime, ends_at: datetime) -> list[Affected]:
    """Live appointments that share a moment with the interval, and tokens of the days whose hours it takes.

    A hold that nobody paid in time is none.
    """
    overlaps = and_(Appointment.starts_at < ends_at, Appointment.ends_at > starts_at)
    rows = await tx.rows(
        select(Appointment, Patient.full_name, Visit.status.label("visit_status"), Centre.time_zone)
        .join(Patient, Patient.id == Appointment.patient_id)
        .join(Centre, Centre.id == Appointment.centre_id)
        .outerjoin(Visit, Visit.appointment_id == Appointment.id)
        .where(
            Appointment.hospital_id == clinician.hospital_id,
            Appointment.clinician_id == clinician.id,
            Appointment.status.in_(WAITING_FOR_IT),
            or_(Appointment.expires_at.is_(None), Appointment.expires_at > tx.now),
            or_(
                overlaps,
                and_(
                    Appointment.starts_at.is_(None),
                    Appointment.service_on.between(starts_at.date() - ONE_DAY, ends_at.date() + ONE_DAY),
                ),
            ),
        )
        .order_by(Appointment.service_on, Appointment.starts_at, Appointment.id)
    )
    rules = await list_availability(tx, clinician.hospital_id, clinician.id)
    hours = [(each["centre_id"], Hours(each["weekday"], each["start_minute"], each["end_minute"])) for each in rules]

    def is_met(found: Appointment, zone: str) -> bool:
        if found.starts_at is not None:
            return True
        here = (rule for centre_id, rule in hours if centre_id == found.centre_id)
        return takes_rest_of_day(starts_at, ends_at, found.service_on, ZoneInfo(zone), here, now=tx.now)

    return [
        Affected(
            found.id,
            found.patient_id,
            row["full_name"],
            found.centre_id,
            found.service_on,
            found.starts_at,
            found.ends_at,
            found.status,
            found.status is AppointmentStatus.CHECKED_IN or row["visit_status"] not in NOT_YET_HERE,
        )
        for row in rows
        for found in [row["Appointment"]]
        if is_met(found, row["time_zone"])
    ]
