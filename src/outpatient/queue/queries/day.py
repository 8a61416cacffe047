"""A day as somebody asks for it: whose, where and when, put in order by the rules of the board."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from outpatient.access.actor import Actor
from outpatient.centres.queries import get_centre
from outpatient.core.database import Tx
from outpatient.core.errors import Invalid, NotFound
from outpatient.core.paging import MAX_LIMIT, Page
from outpatient.core.terms import Phase, VisitStatus
from outpatient.models import Clinician
from outpatient.queue.queries.boards import (
    Days,
    list_courses,
    list_day_appointments,
    list_todays,
    list_visits,
    list_visits_of_days,
)
from outpatient.queue.queries.visits import get_clinician, get_today, list_clinician_queue
from outpatient.queue.rules.board import OnBoard, Row, by_column, by_phase, by_status, on_board
from outpatient.queue.rules.figures import Figures, figures_of
from outpatient.scheduling.rules import local_day

MOST_DAYS = 31


@dataclass(frozen=True, slots=True)
class Board:
    """Visits in the order of their day, and the ways in which boards group them."""

    places: list[OnBoard]

    def of(self, status: VisitStatus | None) -> "Board":
        """The visits of that status alone (None: all of them)."""
        return self if status is None else Board([place for place in self.places if place.status is status])

    def by_status(self) -> dict[VisitStatus, list[OnBoard]]:
        return by_status(self.places)

    def by_phase(self) -> dict[Phase, list[OnBoard]]:
        return by_phase(self.places)

    def by_column(self) -> dict[str, list[OnBoard]]:
        return by_column(self.places)


async def see_board(
    tx: Tx,
    actor: Actor,
    centre_id: int,
    *,
    first_on: date | None = None,
    last_on: date | None = None,
    clinician_id: int | None = None,
) -> tuple[Days, Board]:
    """A centre's service days, or a clinician's at that centre (NotFound; Invalid: more days than a board shows)."""
    days, _ = await _days_at(tx, actor, centre_id, first_on, last_on)
    clinician = await _find_whose(tx, actor, clinician_id)
    return days, Board(on_board(await list_visits_of_days(tx, actor, days, clinician), tx.now))


async def see_clinician_day(tx: Tx, actor: Actor, clinician_id: int) -> Board:
    """A clinician's today at all his centres: who is here, those who wait for anybody of his department, who was seen.

    NotFound: there is no such clinician, or it is somebody else's queue.
    """
    clinician = await get_clinician(tx, actor, clinician_id)
    here = await list_clinician_queue(tx, actor, hospital_id=actor.hospital_id, clinician_id=clinician_id)
    today, done = await get_today(tx, clinician.primary_centre_id), VisitStatus.COMPLETED
    seen, _ = await list_visits(tx, actor, Page(1, MAX_LIMIT), clinician_id=clinician_id, status=done, on=today)
    return Board(on_board([*(Row(standing.visit, None) for standing in here), *seen], tx.now))


@dataclass(frozen=True, slots=True)
class DayFigures:
    """A service day in figures; whose, if not everybody's."""

    on: date
    clinician_id: int | None
    figures: Figures


async def see_figures(
    tx: Tx, actor: Actor, centre_id: int, *, on: date | None = None, clinician_id: int | None = None
) -> DayFigures:
    """A service day at a centre in figures, or a clinician's part of it (NotFound)."""
    days, zone = await _days_at(tx, actor, centre_id, on, on)
    clinician = await _find_whose(tx, actor, clinician_id)
    courses = await list_courses(tx, actor, days, clinician)
    figures = figures_of(courses, on=days.first_on, zone=zone, now=tx.now)
    return DayFigures(days.first_on, clinician.id if clinician else None, figures)


async def see_day_appointments(
    tx: Tx, actor: Actor, centre_id: int | None, on: date | None, *, not_here_yet: bool
) -> tuple[Sequence[dict[str, Any]], date | None]:
    """The appointments of a day, of one centre or of all that the actor may see, each on its own centre's day.

    With them the day, if it is the same everywhere (NotFound: no such centre).
    """
    todays = await list_todays(tx, actor)
    if centre_id is not None and centre_id not in todays:
        raise NotFound.of("Centre")
    centres = {one: on or today for one, today in todays.items() if centre_id in (None, one)}
    days = set(centres.values())
    rows = await list_day_appointments(tx, actor, centres, not_here_yet=not_here_yet)
    return rows, days.pop() if len(days) == 1 else on


async def _find_whose(tx: Tx, actor: Actor, clinician_id: int | None) -> Clinician | None:
    """The clinician whose board is wanted; a clinician's is his own, whether he says so or not (NotFound)."""
    if actor.is_clinician and clinician_id is None:
        clinician_id = actor.clinician_id or 0
    return None if clinician_id is None else await get_clinician(tx, actor, clinician_id)


async def _days_at(
    tx: Tx, actor: Actor, centre_id: int, first_on: date | None, last_on: date | None
) -> tuple[Days, ZoneInfo]:
    """Service days at a centre, and its zone; today, if nobody says which (Invalid)."""
    zone = ZoneInfo((await get_centre(tx, actor, centre_id)).time_zone)
    today = local_day(tx.now, zone)
    first_on = first_on or last_on or today
    last_on = last_on or first_on
    if not timedelta(0) <= last_on - first_on < timedelta(days=MOST_DAYS):
        raise Invalid.field("to", f"Must be from that day on, and at most {MOST_DAYS} days in all")
    return Days(centre_id=centre_id, first_on=first_on, last_on=last_on, today=today), zone
