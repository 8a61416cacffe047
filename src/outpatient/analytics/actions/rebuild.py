"""Counting everything anew: once when the figures begin, and whenever somebody asks, while the clinic works.

Each step is a transaction under the lock that following takes too, so no two count the same cell at once; whatever
happens meanwhile is followed afterwards.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from outpatient.analytics.actions.refresh import recount_cells, recount_daily_newcomers, recount_newcomers
from outpatient.analytics.queries.counts import Between, Span
from outpatient.core.database import Database, Tx
from outpatient.core.followers import NOT_BEGUN, enlist, find_end, lock_follower
from outpatient.models import Appointment, Hospital, LedgerEntry, Patient

FIGURES = "figures"  # the follower's name
DAYS = timedelta(days=31)  # counted in one step
PATIENTS = 10_000  # looked at in one step
MAX_ID = 2**53 - 1


@dataclass(frozen=True)
class Step:
    """A part of a hospital's figures that is counted in one transaction."""

    hospital_id: int
    part: Span | Between | None  # None: how many were new on each day, from when each patient was

    async def take(self, tx: Tx) -> None:
        """Count this part anew."""
        if isinstance(self.part, Span):
            await recount_cells(tx, self.part)
        elif self.part is not None:
            await recount_newcomers(tx, self.part)
        else:
            await recount_daily_newcomers(tx, Span(self.hospital_id, None, None))


async def count_everything(tx: Tx) -> None:
    """Count all there is in one transaction: how the figures begin."""
    for step in await plan_rebuild(tx):
        await step.take(tx)


async def rebuild_figures(database: Database, *, planned: Callable[[int], None], taken: Callable[[], None]) -> int:
    """Count all there is, step by step; how many steps it took. `planned` and `taken` hear how far it is."""
    await enlist(database, FIGURES)
    async with database.reading() as tx:
        end, steps = await find_end(tx), await plan_rebuild(tx)
    planned(len(steps))
    for step in steps:
        async with database.transaction() as tx:
            await lock_follower(tx, FIGURES)
            await step.take(tx)
        taken()
    async with database.transaction() as tx:
        follower = await lock_follower(tx, FIGURES)
        if follower is not None and follower.position == NOT_BEGUN:
            follower.position = end  # all before the first step is in it, and the rest is followed
    return len(steps)


async def plan_rebuild(tx: Tx) -> Sequence[Step]:
    """Every step of counting everything, hospital by hospital."""
    steps: list[Step] = []
    for hospital_id in await tx.all(select(Hospital.id).order_by(Hospital.id)):
        steps += [Step(hospital_id, span) for span in await _spans(tx, hospital_id)]
        steps += [Step(hospital_id, some) for some in await _ranges(tx, hospital_id)]
        steps.append(Step(hospital_id, None))
    return steps


async def _spans(tx: Tx, hospital_id: int) -> list[Span]:
    """All of time, cut so that a step is not too much; the ends are open, for figures that nothing stands behind."""
    found: list[date] = []
    for model, day in ((Appointment, Appointment.service_on), (LedgerEntry, LedgerEntry.entered_on)):
        row = (await tx.execute(select(func.min(day), func.max(day)).where(model.hospital_id == hospital_id))).one()
        found += [on for on in row if on is not None]
    cuts: list[date] = []
    if found:
        on, last_on = min(found), max(found)
        while (on := on + DAYS) <= last_on:
            cuts.append(on)
    starts = [None, *cuts]
    ends = [*(cut - timedelta(days=1) for cut in cuts), None]
    return [Span(hospital_id, first_on, last_on) for first_on, last_on in zip(starts, ends, strict=True)]


async def _ranges(tx: Tx, hospital_id: int) -> list[Between]:
    """All patients of a hospital by their ids, so many at a time."""
    number = func.row_number().over(order_by=Patient.id)
    numbered = select(Patient.id, number.label("number")).where(Patient.hospital_id == hospital_id).subquery()
    firsts = await tx.all(select(numbered.c.id).where(numbered.c.number % PATIENTS == 1).order_by(numbered.c.id))
    lasts = [*(first - 1 for first in firsts[1:]), MAX_ID]
    return [Between(hospital_id, first, last) for first, last in zip(firsts, lasts, strict=False)]
