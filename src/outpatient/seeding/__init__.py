"""A whole clinic of made-up people, placed by the program's own actions under a clock that walks through time.

Nothing of it is ever sent to anybody: its events get their place in the order, and no deliveries.
"""

import time
from datetime import datetime, timedelta
from random import Random

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from outpatient.analytics.actions import follow_events
from outpatient.app import Outpatient, create_app
from outpatient.core.clock import Clock, SetClock
from outpatient.seeding import queries
from outpatient.seeding.clinic import Clinic, open_clinic
from outpatient.seeding.history import History
from outpatient.seeding.morning import open_the_doors
from outpatient.seeding.people import Names
from outpatient.seeding.plan import PAST
from outpatient.seeding.report import Seeded, write_files
from outpatient.settings import Settings

__all__ = ["Seeded", "seed_clinic", "write_files"]

RUN_UP = timedelta(days=30)  # before the first appointment: the clinic opens, patients book


async def seed_clinic(settings: Settings, console: Console) -> Seeded:
    """Fill an empty database (a second or so for each hundred appointments); never in production."""
    if settings.in_production:
        raise ValueError("No made-up people in production")
    now, began = Clock().now().replace(microsecond=0), time.monotonic()
    clock = SetClock(now - PAST - RUN_UP)
    program = create_app(settings, clock, with_worker=False)
    try:
        dice = Random(4)
        names = Names(dice)
        bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*bar, console=console, transient=True) as progress:
            opening = progress.add_task("Opening the clinic", total=None)
            clinic = await open_clinic(program, names)
            progress.remove_task(opening)
            history = History(program, clinic, clock)
            await history.register_patients(names)
            steps = await history.plan(dice, now)
            for step in progress.track(steps, description="Six months of appointments"):
                await history.take(step)
            await open_the_doors(history, now)
            await history.settle()
            while await follow_events(program.database):
                pass
        return await _report(program, clinic, now, seconds=time.monotonic() - began)
    finally:
        await program.database.close()


async def _report(program: Outpatient, clinic: Clinic, now: datetime, *, seconds: float) -> Seeded:
    hospital_id = clinic.admin.hospital_id
    async with program.database.reading() as tx:
        return Seeded(
            at=now,
            hospital_id=hospital_id,
            clinicians=clinic.profiles,
            roles=clinic.roles,
            states=await queries.count_by_state(tx, hospital_id),
            patients=await queries.count_patients(tx, hospital_id),
            past=await queries.count_past(tx, hospital_id),
            conflicts=await queries.count_conflicts(tx, hospital_id),
            seconds=seconds,
        )
