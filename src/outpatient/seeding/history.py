"""Six months of a clinic: every appointment booked, confirmed, cancelled, kept or missed, at its moment."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from random import Random

from outpatient.app import Outpatient
from outpatient.appointments.actions import (
    Booking,
    book_appointment,
    cancel_appointment,
    complete_appointment,
    confirm_appointment,
    mark_no_show,
)
from outpatient.core.clock import SetClock
from outpatient.core.outbox import React, ReactionTable, place_events
from outpatient.core.terms import SlotState
from outpatient.patients.actions import create_patient
from outpatient.reactions import REACTIONS
from outpatient.scheduling.queries import Schedules
from outpatient.scheduling.rules import local_day
from outpatient.seeding.clinic import Clinic, SeenBy
from outpatient.seeding.people import Names
from outpatient.seeding.plan import FUTURE, PAST, FreeSlot, Planned, Step, plan_appointments

PATIENTS = 120
QUIET = ReactionTable({event: React(inside=entry.inside) for event, entry in REACTIONS.table.items()})
"""What happens inside transactions still happens; nothing happens after them, so nobody is ever told."""
SETTLE_EVERY = 200  # steps

TimedStep = tuple[datetime, Step, Planned]


@dataclass
class History:
    """What happens in a clinic, told by a clock that walks through it. `made` is plan number → appointment."""

    program: Outpatient
    clinic: Clinic
    clock: SetClock
    patients: list[int] = field(default_factory=list)
    made: dict[int, int] = field(default_factory=dict)
    taken: int = 0

    def __post_init__(self) -> None:
        self.schedules = Schedules(self.program.database)
        self.seen_by: dict[int, SeenBy] = {one.clinician_id: one for one in self.clinic.clinicians}

    async def register_patients(self, names: Names) -> None:
        """Make the records; the first is that of the patient whom one can sign in as."""
        self.patients = [self.clinic.patient_id]
        async with self.program.database.transaction() as tx:
            for _ in range(PATIENTS):
                one = names.patient()
                patient = await create_patient(
                    tx,
                    actor=self.clinic.admin,
                    full_name=one.full_name,
                    phone=one.phone,
                    email=one.email,
                    gender=one.gender,
                    age=one.age,
                    address=one.address,
                )
                self.patients.append(patient.id)

    async def plan(self, dice: Random, now: datetime) -> list[TimedStep]:
        """Everything that will happen, in order of time."""
        free = [await self._free_slots(clinician_id, now) for clinician_id in self.seen_by]
        began_at = self.clock.now() + timedelta(hours=1)
        planned = plan_appointments(dice, free, patients=len(self.patients), began_at=began_at, now=now)
        return sorted(((at, step, one) for one in planned for at, step in one.steps), key=itemgetter(0))

    async def _free_slots(self, clinician_id: int, now: datetime) -> Sequence[FreeSlot]:
        """What the clinician offers in the whole span, as the listing of slots tells it."""
        hospital_id = self.clinic.admin.hospital_id
        zone = (await self.schedules.get(hospital_id, clinician_id)).centres[0].zone
        found = await self.schedules.find_slots(
            hospital_id,
            clinician_id,
            first_on=local_day(now - PAST, zone),
            last_on=local_day(now + FUTURE - timedelta(days=1), zone),
            is_staff=True,
        )
        return [
            FreeSlot(clinician_id, offered.slot.starts_at, offered.slot.ends_at)
            for day in found.values()
            for offered in day
            if offered.slot.state is SlotState.AVAILABLE
        ]

    async def take(self, timed: TimedStep) -> None:
        """Let one step happen, at its moment."""
        at, step, one = timed
        self.clock.set(at)
        if step is Step.BOOK:
            await self._book(one)
        else:
            await self._change(step, one)
        self.taken += 1
        if self.taken % SETTLE_EVERY == 0:
            await self.settle()

    async def _book(self, one: Planned) -> None:
        seen_by = self.seen_by[one.slot.clinician_id]
        wish = Booking(
            patient_id=self.patients[one.patient],
            clinician_id=seen_by.clinician_id,
            centre_id=seen_by.centre_id,
            service_id=seen_by.follow_up_id if one.is_follow_up else None,
            starts_at=one.slot.starts_at,
            source=one.source,
        )
        booked = await book_appointment(self.program.database, self.schedules, actor=seen_by.desk, wish=wish)
        self.made[one.number] = booked.appointment_id

    async def _change(self, step: Step, one: Planned) -> None:
        seen_by, appointment_id = self.seen_by[one.slot.clinician_id], self.made[one.number]
        desk = seen_by.desk
        async with self.program.database.transaction() as tx:
            match step:
                case Step.CONFIRM:
                    await confirm_appointment(tx, actor=desk, appointment_id=appointment_id)
                case Step.CANCEL:
                    await cancel_appointment(tx, actor=desk, appointment_id=appointment_id, reason=one.reason)
                case Step.COMPLETE:
                    await complete_appointment(tx, actor=seen_by.actor, appointment_id=appointment_id)
                case Step.MISS:
                    await mark_no_show(tx, actor=desk, appointment_id=appointment_id)

    async def settle(self) -> None:
        """Give every event its place, and no deliveries."""
        while await place_events(self.program.database, QUIET):
            pass
