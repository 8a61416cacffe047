"""Schedules and free time: what the slot engine is asked with, brought by a constant number of queries."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, CompoundSelect, and_, cast, null, or_, select, union_all

from outpatient.core.clock import Clock
from outpatient.core.database import Database, Tx
from outpatient.core.errors import NotFound
from outpatient.core.statements import Rows, Statement
from outpatient.core.terms import BookingMode, Prepayment, SlotState
from outpatient.models import (
    AvailabilityRule,
    Centre,
    Clinician,
    Department,
    Hospital,
    HospitalConfig,
    OpenSlot,
    Service,
)
from outpatient.models.columns import Instant, text_to_instant
from outpatient.scheduling.rules import Busy, Grid, Hours, Opening, Slot, Window, day_bounds, find_slot, slots
from outpatient.scheduling.statements import BUSY

CACHE_SIZE = 5_000


class Runs(Protocol):
    """Something that runs hot statements: the database itself, or an open transaction."""

    async def run(self, statement: Statement, **arguments: Any) -> Rows: ...


@dataclass(frozen=True, slots=True)
class CentreHours:
    """When a clinician works at one centre."""

    centre_id: int
    zone: ZoneInfo
    hours: tuple[Hours, ...]
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class ServiceTerms:
    """Length (minutes) and price (minor units; None: the clinician's fee) of a service."""

    duration: int
    price_minor: int | None
    department_id: int | None


@dataclass(frozen=True, slots=True)
class Schedule:
    """Everything about a clinician that booking depends on, as of `version`."""

    hospital_id: int
    clinician_id: int
    version: int
    primary_centre_id: int
    department_id: int | None
    fee_minor: int
    currency: str
    duration: int
    buffer: int
    capacity: int
    daily_patient_limit: int | None
    notice: int
    horizon: int
    hold: timedelta
    booking_mode: BookingMode
    prepayment: Prepayment
    max_unpaid_holds: int
    centres: tuple[CentreHours, ...]
    zones: Mapping[int, ZoneInfo]
    services: Mapping[int, ServiceTerms]

    def grid(self, centre: CentreHours, service_id: int | None) -> Grid:
        """The grid of one centre for one service (NotFound: no such service)."""
        duration = self.duration if service_id is None else self.service(service_id).duration
        return Grid(centre.zone, centre.hours, centre.openings, duration, self.buffer, self.capacity)

    def service(self, service_id: int) -> ServiceTerms:
        try:
            return self.services[service_id]
        except KeyError:
            raise NotFound.of("Service") from None

    def price(self, service_id: int | None) -> int:
        """What a visit costs, in minor units: the service's price, else the clinician's fee."""
        price = None if service_id is None else self.service(service_id).price_minor
        return self.fee_minor if price is None else price

    def at_centre(self, centre_id: int | None) -> tuple[CentreHours, ...]:
        """The centre named, or all of them, the primary one first."""
        if centre_id is None:
            return self.centres
        return tuple(centre for centre in self.centres if centre.centre_id == centre_id)

    def window(self, now: datetime, *, is_staff: bool) -> Window:
        """Notice and horizon bind the public; staff may book from now on, as far ahead as they like."""
        return Window(now) if is_staff else Window(now, self.notice, self.horizon)


@dataclass(frozen=True, slots=True)
class OfferedSlot:
    """A slot and the centre where it is."""

    centre_id: int
    zone: ZoneInfo
    slot: Slot


class Schedules:
    """Schedules by clinician, kept in the process and checked by version whenever they are used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[tuple[int, int], Schedule] = OrderedDict()

    @property
    def clock(self) -> Clock:
        return self._database.clock

    async def get(self, hospital_id: int, clinician_id: int) -> Schedule:
        """The schedule as last seen, which may be outdated: whoever acts on it checks its version (NotFound)."""
        key = (hospital_id, clinician_id)
        if key not in self._known:
            return await self.reload(hospital_id, clinician_id)
        self._known.move_to_end(key)
        return self._known[key]

    async def reload(self, hospital_id: int, clinician_id: int, *, within: Tx | None = None) -> Schedule:
        """The schedule as it is now (inside `within`, if a transaction is open)."""
        if within is not None:
            return await load_schedule(within, hospital_id, clinician_id)
        async with self._database.reading() as tx:
            schedule = await load_schedule(tx, hospital_id, clinician_id)
        self._known[hospital_id, clinician_id] = schedule
        if len(self._known) > CACHE_SIZE:
            self._known.popitem(last=False)
        return schedule

    async def find_slots(
        self,
        hospital_id: int,
        clinician_id: int,
        *,
        first_on: date,
        last_on: date,
        centre_id: int | None = None,
        service_id: int | None = None,
        is_staff: bool = False,
    ) -> dict[date, list[OfferedSlot]]:
        """Every slot of every date, free or not: one query when the schedule is known, three more when it is not."""
        now = self.clock.now()
        schedule, busy = await self._see(hospital_id, clinician_id, first_on, last_on, now)
        if centre_id is not None and centre_id not in schedule.zones:
            raise NotFound.of("Centre")
        found: dict[date, list[OfferedSlot]] = {
            first_on + timedelta(n): [] for n in range((last_on - first_on).days + 1)
        }
        for centre in schedule.at_centre(centre_id):
            listed = slots(
                schedule.grid(centre, service_id),
                busy,
                first_on=first_on,
                last_on=last_on,
                window=schedule.window(now, is_staff=is_staff),
            )
            for on, day in listed.items():
                found[on].extend(OfferedSlot(centre.centre_id, centre.zone, slot) for slot in day)
        if len(schedule.centres) > 1:
            for day_slots in found.values():
                day_slots.sort(key=lambda offered: offered.slot.starts_at)
        return found

    async def _see(
        self, hospital_id: int, clinician_id: int, first_on: date, last_on: date, now: datetime
    ) -> tuple[Schedule, list[Busy]]:
        schedule = await self.get(hospital_id, clinician_id)
        while True:
            zones = {centre.zone for centre in schedule.centres} or {ZoneInfo("UTC")}
            rows = await self._database.run(
                BUSY,
                hospital_id=hospital_id,
                clinician_id=clinician_id,
                range_from=min(day_bounds(first_on, zone)[0] for zone in zones),
                range_to=max(day_bounds(last_on, zone)[1] for zone in zones) + timedelta(days=1),
            )
            if not rows:
                raise NotFound.of("Clinician")
            if rows[0]["schedule_version"] == schedule.version:
                return schedule, list(busy_rows(rows, now))
            schedule = await self.reload(hospital_id, clinician_id)


def busy_rows(rows: Rows, now: datetime) -> Iterable[Busy]:
    """Occupancy as the engine wants it; a hold that has run out occupies nothing."""
    for row in rows:
        if row["starts_at"] is None:
            continue
        expires_at = _instant(row["expires_at"])
        if expires_at is not None and expires_at <= now:
            continue
        if row["time_off_id"] is not None:
            state, ref = SlotState.TIME_OFF, row["time_off_id"]
        else:
            state, ref = SlotState.BOOKED if expires_at is None else SlotState.HELD, row["appointment_id"]
        yield Busy(_instant(row["starts_at"]), _instant(row["ends_at"]), row["lane"], state, ref)  # type: ignore[arg-type]


def _instant(value: datetime | str | None) -> datetime | None:
    return text_to_instant(value) if isinstance(value, str) else value


def find_offer(
    schedule: Schedule, starts_at: datetime, *, centre_id: int | None, service_id: int | None, window: Window
) -> OfferedSlot | None:
    """The slot that the schedule offers at that instant, whoever may have taken it; None when it offers none."""
    for centre in schedule.at_centre(centre_id):
        slot = find_slot(schedule.grid(centre, service_id), (), starts_at=starts_at, window=window)
        if slot is not None:
            return OfferedSlot(centre.centre_id, centre.zone, slot)
    return None


async def load_schedule(tx: Tx, hospital_id: int, clinician_id: int) -> Schedule:
    """Read a schedule (NotFound: no such clinician, or not active)."""
    found = (
        await tx.execute(
            select(Clinician, HospitalConfig, Hospital.currency, Department)
            .join(HospitalConfig, HospitalConfig.hospital_id == Clinician.hospital_id)
            .join(Hospital, and_(Hospital.id == Clinician.hospital_id, Hospital.is_active))
            .outerjoin(
                Department,
                and_(
                    Department.hospital_id == Clinician.hospital_id,
                    Department.id == Clinician.department_id,
                    Department.is_active,
                ),
            )
            .where(
                Clinician.hospital_id == hospital_id,
                Clinician.id == clinician_id,
                Clinician.is_active,
                Clinician.deleted_at.is_(None),
            )
        )
    ).one_or_none()
    if found is None:
        raise NotFound.of("Clinician")
    clinician, config, currency, department = found
    places = await tx.rows(_places(hospital_id, clinician_id, since=tx.now - timedelta(days=1)))
    services = await tx.rows(
        select(
            Service.id,
            Service.duration_minutes,
            Service.price_minor,
            Service.department_id,
        )
        .outerjoin(
            Department,
            and_(Department.hospital_id == Service.hospital_id, Department.id == Service.department_id),
        )
        .where(
            Service.hospital_id == hospital_id,
            Service.is_active,
            or_(Service.department_id.is_(None), Department.is_active),
        )
    )
    return Schedule(
        hospital_id=hospital_id,
        clinician_id=clinician_id,
        version=clinician.schedule_version,
        primary_centre_id=clinician.primary_centre_id,
        department_id=department.id if department else None,
        fee_minor=clinician.consultation_fee_minor,
        currency=currency,
        duration=clinician.default_duration_minutes or config.default_duration_minutes,
        buffer=config.buffer_minutes,
        capacity=clinician.capacity,
        daily_patient_limit=clinician.daily_patient_limit
        or (department.daily_patient_limit if department else None)
        or config.daily_patient_limit,
        notice=config.minimum_notice_minutes,
        horizon=config.booking_horizon_days,
        hold=timedelta(minutes=config.hold_minutes),
        booking_mode=(department.booking_mode if department else None) or config.booking_mode,
        prepayment=config.prepayment,
        max_unpaid_holds=config.max_unpaid_holds,
        centres=_centres(places, clinician.primary_centre_id),
        zones={row["centre_id"]: ZoneInfo(row["time_zone"]) for row in places},
        services={
            row["id"]: ServiceTerms(row["duration_minutes"], row["price_minor"], row["department_id"])
            for row in services
        },
    )


def _places(hospital_id: int, clinician_id: int, *, since: datetime) -> CompoundSelect[Any]:
    """Every centre of the hospital with each weekly rule of the clinician there, and his open slots, as one list."""
    no_minute, no_instant = cast(null(), BigInteger), cast(null(), Instant())
    at = (Centre.id.label("centre_id"), Centre.time_zone, Centre.is_active)
    weekly = select(
        *at,
        AvailabilityRule.weekday,
        AvailabilityRule.start_minute,
        AvailabilityRule.end_minute,
        no_instant.label("starts_at"),
        no_instant.label("ends_at"),
    ).outerjoin(
        AvailabilityRule,
        and_(
            AvailabilityRule.hospital_id == Centre.hospital_id,
            AvailabilityRule.centre_id == Centre.id,
            AvailabilityRule.clinician_id == clinician_id,
        ),
    )
    dated = (
        select(*at, no_minute, no_minute, no_minute, OpenSlot.starts_at, OpenSlot.ends_at)
        .join(OpenSlot, and_(OpenSlot.hospital_id == Centre.hospital_id, OpenSlot.centre_id == Centre.id))
        .where(OpenSlot.clinician_id == clinician_id, OpenSlot.removed_at.is_(None), OpenSlot.ends_at > since)
    )
    here = (Centre.hospital_id == hospital_id, Centre.deleted_at.is_(None))
    return union_all(weekly.where(*here), dated.where(*here))


def _centres(places: Iterable[Mapping[str, Any]], primary_id: int) -> tuple[CentreHours, ...]:
    zones: dict[int, ZoneInfo] = {}
    hours: dict[int, list[Hours]] = {}
    dated: dict[int, list[Opening]] = {}
    for row in places:
        if not row["is_active"]:
            continue
        centre_id = row["centre_id"]
        zones[centre_id] = ZoneInfo(row["time_zone"])
        if row["weekday"] is not None:
            hours.setdefault(centre_id, []).append(Hours(row["weekday"], row["start_minute"], row["end_minute"]))
        elif row["starts_at"] is not None:
            dated.setdefault(centre_id, []).append(Opening(row["starts_at"], row["ends_at"]))
    used = sorted(hours.keys() | dated.keys(), key=lambda centre_id: (centre_id != primary_id, centre_id))
    return tuple(CentreHours(c, zones[c], tuple(hours.get(c, ())), tuple(dated.get(c, ()))) for c in used)
