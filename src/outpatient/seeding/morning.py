"""The clinic as a visitor finds it: clinicians on duty, one patient in the room, others called and waiting."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from outpatient.core.terms import Priority
from outpatient.queue.actions import (
    WalkIn,
    add_walk_in,
    call_next_patient,
    complete_visit,
    start_visit,
)
from outpatient.scheduling.actions import set_on_duty
from outpatient.scheduling.rules import day_bounds, local_day
from outpatient.seeding.clinic import SeenBy
from outpatient.seeding.history import History
from outpatient.seeding.people import ZONE

ON_DUTY = 4  # clinicians
WAITING = 6  # patients who come to each
SINCE = timedelta(minutes=70)


async def open_the_doors(history: History, now: datetime) -> None:
    """Let the last hour of a working day happen, on the service day of `now`: walk-ins, calls, consultations."""
    zone = ZoneInfo(ZONE)
    began = max(now - SINCE, day_bounds(local_day(now, zone), zone)[0])
    database, clock = history.program.database, history.clock
    for number, seen_by in enumerate(history.clinic.clinicians[:ON_DUTY]):
        clock.set(began)
        async with database.transaction() as tx:
            await set_on_duty(tx, actor=history.clinic.admin, clinician_id=seen_by.clinician_id, is_on_duty=True)
        patients = history.patients[number * WAITING + 1 :][:WAITING]
        arrivals = [began + (now - began) * (one + 1) / (WAITING + 2) for one in range(WAITING)]
        await _arrive(history, seen_by, patients[:2], arrivals[:2])
        first = await _call(history, seen_by)
        await _see(history, seen_by, first)
        await _arrive(history, seen_by, patients[2:], arrivals[2:])
        async with database.transaction() as tx:
            await complete_visit(tx, actor=seen_by.actor, visit_id=first)
        clock.set(now - timedelta(minutes=1))
        await _see(history, seen_by, await _call(history, seen_by))
        await _call(history, seen_by)
    clock.set(now)


async def _arrive(history: History, seen_by: SeenBy, patients: Sequence[int], arrivals: Sequence[datetime]) -> None:
    """Let patients come one after the other; one in six is an emergency."""
    for patient_id, at in zip(patients, arrivals, strict=True):
        history.clock.set(at)
        is_urgent = patient_id % WAITING == 0
        wish = WalkIn(
            patient_id=patient_id,
            clinician_id=seen_by.clinician_id,
            priority=Priority.URGENT if is_urgent else Priority.NORMAL,
        )
        async with history.program.database.transaction() as tx:
            await add_walk_in(tx, actor=seen_by.desk, wish=wish)


async def _call(history: History, seen_by: SeenBy) -> int:
    called = await call_next_patient(history.program.database, actor=seen_by.desk, clinician_id=seen_by.clinician_id)
    return called.id


async def _see(history: History, seen_by: SeenBy, visit_id: int) -> None:
    async with history.program.database.transaction() as tx:
        await start_visit(tx, actor=seen_by.actor, visit_id=visit_id)
