"""Reading what was counted: sums over days, and never over what people did on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select

from outpatient.access.actor import Actor
from outpatient.analytics.rules import HOSPITAL, TAKES_PLACE, first_day, last_day
from outpatient.centres.queries import get_centre
from outpatient.clinicians.queries import count_bookable, get_described
from outpatient.clinicians.rules import average_rating
from outpatient.core.database import Tx
from outpatient.core.days import Days
from outpatient.core.errors import NotFound
from outpatient.core.terms import BookingSource
from outpatient.models import (
    NO_SOURCE,
    Centre,
    Clinician,
    ClinicianRating,
    DailyFigures,
    DailyNewcomers,
    HospitalConfig,
    User,
)
from outpatient.scheduling.rules import local_day

GroupBy = Literal["month", "day"]
Row = Mapping[str, Any]

APPOINTMENTS: ColumnElement[int] = sum(
    (getattr(DailyFigures, status.lower()) for status in TAKES_PLACE[1:]), getattr(DailyFigures, TAKES_PLACE[0].lower())
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures somebody asks for: a hospital's (`centre_ids` None), or those of centres; and what day it is."""

    hospital_id: int
    centre_ids: tuple[int, ...] | None
    today: date

    def sees(self, of: type[DailyFigures]) -> ColumnElement[bool]:
        own = of.hospital_id == self.hospital_id
        return own if self.centre_ids is None else and_(own, of.centre_id.in_(self.centre_ids))

    @property
    def newcomers(self) -> ColumnElement[bool]:
        """Who is new to the hospital, or to its centres one by one."""
        of = DailyNewcomers
        centres = (HOSPITAL,) if self.centre_ids is None else self.centre_ids
        return and_(of.hospital_id == self.hospital_id, of.centre_id.in_(centres))


async def get_scope(tx: Tx, actor: Actor, centre_id: int | None) -> Scope:
    """The centre that is named, else all that the actor sees (NotFound: he does not see that one)."""
    if centre_id is not None:
        centre = await get_centre(tx, actor, centre_id)
        return Scope(actor.hospital_id, (centre.id,), local_day(tx.now, ZoneInfo(centre.time_zone)))
    zone = await tx.one_or_none(select(HospitalConfig.time_zone).where(HospitalConfig.hospital_id == actor.hospital_id))
    if actor.centre_ids is not None and len(actor.centre_ids) == 1:
        zone = (await get_centre(tx, actor, actor.centre_ids[0])).time_zone
    return Scope(actor.hospital_id, actor.centre_ids, local_day(tx.now, ZoneInfo(zone)))


def _sum(what: Any, *when: ColumnElement[bool]) -> ColumnElement[int]:
    total = func.sum(what)
    return func.coalesce(total.filter(*when) if when else total, 0)


async def get_dashboard(tx: Tx, scope: Scope, days: Days) -> dict[str, Any]:
    """Seed 001's dashboard: totals (of `days`, if some are named), and today, this week and this month as a whole."""
    of, today = DailyFigures, scope.today
    month = (first_day("month", today), last_day("month", today))
    week = (first_day("week", today), last_day("week", today))
    totals = select(_sum(of.follow_ups).label("total_follow_ups"), _sum(of.revenue_minor).label("total_revenue"))
    present = select(
        _sum(APPOINTMENTS, of.day == today).label("appointments_today"),
        _sum(APPOINTMENTS, of.day.between(*week)).label("appointments_this_week"),
        _sum(APPOINTMENTS, of.day.between(*month)).label("appointments_this_month"),
        _sum(of.walk_ins, of.day == today).label("walk_ins_today"),
    ).where(of.day.between(min(week[0], month[0]), max(week[1], month[1])))
    (summed,) = await tx.rows(totals.where(scope.sees(of), *days.hold(of.day)))
    (now,) = await tx.rows(present.where(scope.sees(of)))
    patients = await tx.one_or_none(
        select(_sum(DailyNewcomers.patients)).where(scope.newcomers, *days.hold(DailyNewcomers.day))
    )
    doctors = await count_bookable(tx, scope.hospital_id, scope.centre_ids)
    return {**summed, **now, "total_patients": patients, "total_doctors": doctors}


async def list_top_clinicians(tx: Tx, scope: Scope, days: Days, limit: int) -> list[dict[str, Any]]:
    """The clinicians with the most appointments, then the most money."""
    of = DailyFigures
    appointments, revenue = _sum(APPOINTMENTS), _sum(of.revenue_minor)
    top = (
        select(of.clinician_id, appointments.label("total_appointments"), revenue.label("total_revenue"))
        .where(scope.sees(of), *days.hold(of.day))
        .group_by(of.clinician_id)
        .having(or_(appointments > 0, revenue != 0))
        .order_by(appointments.desc(), revenue.desc(), of.clinician_id)
    ).subquery()
    rows = await tx.rows(
        select(*top.c, User.full_name.label("clinician_name"), ClinicianRating.stars, ClinicianRating.ratings)
        .join(Clinician, and_(Clinician.id == top.c.clinician_id, Clinician.hospital_id == scope.hospital_id))
        .join(User, User.id == Clinician.user_id)
        .outerjoin(ClinicianRating, ClinicianRating.clinician_id == Clinician.id)
        .order_by(top.c.total_appointments.desc(), top.c.total_revenue.desc(), top.c.clinician_id)
        .limit(limit)
    )
    return [{**row, "average_rating": average_rating(row["stars"], row["ratings"])} for row in rows]


async def list_revenue(tx: Tx, scope: Scope, days: Days) -> dict[date, int]:
    """Day → the money of that day, in minor units, where there was any."""
    of = DailyFigures
    query = select(of.day, _sum(of.revenue_minor)).where(scope.sees(of), *days.hold(of.day)).group_by(of.day)
    return {day: int(revenue) for day, revenue in await tx.execute(query)}


async def count_leads(tx: Tx, scope: Scope, days: Days) -> dict[BookingSource, int]:
    """Source → the patients who came by it first, where there are any."""
    of = DailyNewcomers
    terms = (scope.newcomers, *days.hold(of.day), of.source != NO_SOURCE)
    rows = await tx.execute(select(of.source, _sum(of.patients)).where(*terms).group_by(of.source))
    return {BookingSource(source): int(patients) for source, patients in rows}


async def list_doctor_stats(
    tx: Tx, actor: Actor, clinician_id: int, group_by: GroupBy, limit: int
) -> tuple[int, Sequence[Row]]:
    """All appointments of a clinician, and his latest periods that had any (NotFound: not to be seen)."""
    if actor.is_clinician and actor.clinician_id != clinician_id:
        raise NotFound.of("Clinician")
    await get_described(tx, actor.hospital_id, clinician_id)
    of = DailyFigures
    mine = and_(of.hospital_id == actor.hospital_id, of.clinician_id == clinician_id)
    count = APPOINTMENTS + of.cancelled
    period = func.substr(cast(of.day, String), 1, len("2026-03") if group_by == "month" else len("2026-03-02"))
    rows = await tx.rows(
        select(
            period.label("period"),
            _sum(count).label("count"),
            _sum(of.pending).label("scheduled"),
            _sum(of.confirmed + of.checked_in).label("confirmed"),
            _sum(of.completed).label("completed"),
            _sum(of.cancelled).label("cancelled"),
            _sum(of.no_show).label("no_show"),
        )
        .where(mine)
        .group_by(period)
        .having(_sum(count) > 0)
        .order_by(period.desc())
        .limit(limit)
    )
    return await tx.one_or_none(select(_sum(count)).where(mine)), rows


async def list_daily_figures(tx: Tx, scope: Scope, days: Days) -> Sequence[tuple[Any, ...]]:
    """(figures, centre's name, clinician's name or None) of every day, in order."""
    of = DailyFigures
    query = (
        select(of, Centre.name, User.full_name)
        .join(Centre, Centre.id == of.centre_id)
        .outerjoin(Clinician, Clinician.id == of.clinician_id)
        .outerjoin(User, User.id == Clinician.user_id)
        .where(scope.sees(of), *days.hold(of.day))
        .order_by(of.day, Centre.name, of.centre_id, User.full_name, of.clinician_id)
    )
    return [tuple(row) for row in await tx.execute(query)]


async def list_daily_leads(tx: Tx, scope: Scope, days: Days) -> Sequence[tuple[Any, ...]]:
    """(day, centre's name or None for the hospital, source, patients) of every day, in order."""
    of = DailyNewcomers
    query = (
        select(of.day, Centre.name, of.source, of.patients)
        .outerjoin(Centre, Centre.id == of.centre_id)
        .where(scope.newcomers, *days.hold(of.day), of.source != NO_SOURCE)
        .order_by(of.day, Centre.name, of.centre_id, of.source)
    )
    return [tuple(row) for row in await tx.execute(query)]
