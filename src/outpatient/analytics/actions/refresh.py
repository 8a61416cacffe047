"""Counting anew exactly what events have touched, in the transaction that says how far we have come.

A count is never added to or taken from: what was touched is counted as a whole, so a repeat changes nothing and a slip
mends itself.
"""

from collections.abc import Collection, Sequence
from typing import TypeVar

from sqlalchemy import delete, insert, literal

from outpatient.analytics.queries.counts import (
    CELL,
    COUNTS,
    Cells,
    Named,
    Patients,
    These,
    count_cells,
    count_daily_newcomers,
    count_newcomers,
    find_touched,
    list_newcomer_cells,
)
from outpatient.analytics.rules import NOBODY, touched_by
from outpatient.core.database import Tx
from outpatient.models import DailyFigures, DailyNewcomers, Newcomer, StoredEvent

AT_ONCE = 1000  # cells, or patients, that one statement names

T = TypeVar("T")


async def refresh_figures(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """Count anew what these events have touched."""
    touched = touched_by(events)
    for cells in _at_once(await find_touched(tx, touched)):
        await recount_cells(tx, Named(cells))
    for patients in _at_once(touched.patients):
        await _welcome(tx, These(patients))


async def _welcome(tx: Tx, patients: These) -> None:
    """See anew when these patients came first, and count the days that this concerns."""
    before = await list_newcomer_cells(tx, patients)
    await recount_newcomers(tx, patients)
    for days in _at_once(before | await list_newcomer_cells(tx, patients)):
        await recount_daily_newcomers(tx, Named(days))


async def recount_cells(tx: Tx, cells: Cells) -> None:
    """Write what clinicians' days at centres come to; a day that came to nothing has no row."""
    of = DailyFigures
    await tx.execute(_no_sync(delete(of).where(cells.were(of.hospital_id, of.centre_id, of.clinician_id, of.day))))
    await tx.execute(insert(of).from_select([*CELL, *COUNTS], count_cells(cells)))


async def recount_newcomers(tx: Tx, patients: Patients) -> None:
    """Write when patients were new, and how they came."""
    await tx.execute(_no_sync(delete(Newcomer).where(patients.are(Newcomer.hospital_id, Newcomer.patient_id))))
    names = ["hospital_id", "centre_id", "patient_id", "day", "source"]
    await tx.execute(insert(Newcomer).from_select(names, count_newcomers(patients)))


async def recount_daily_newcomers(tx: Tx, cells: Cells) -> None:
    """Write how many were new on days, from when each of them was."""
    of = DailyNewcomers
    await tx.execute(_no_sync(delete(of).where(cells.were(of.hospital_id, of.centre_id, literal(NOBODY), of.day))))
    names = ["hospital_id", "centre_id", "day", "source", "patients"]
    await tx.execute(insert(of).from_select(names, count_daily_newcomers(cells)))


def _no_sync(statement: T) -> T:
    return statement.execution_options(synchronize_session=False)  # type: ignore[attr-defined,no-any-return]


def _at_once(many: Collection[T]) -> list[list[T]]:
    ordered = sorted(many)  # type: ignore[type-var]
    return [ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE)]
