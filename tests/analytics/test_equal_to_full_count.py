"""Hundreds of random deeds, done as people do them; then what is kept is what a full count finds."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from outpatient.analytics import actions
from outpatient.analytics.actions import FIGURES, follow_events, rebuild_figures
from outpatient.core.followers import follow_inside
from outpatient.core.outbox import place_events
from outpatient.core.terms import Account
from outpatient.models import DailyFigures, Follower
from tests.analytics.conftest import full_count, kept
from tests.appointments.wishes import later
from tests.queue.conftest import Morning

pytestmark = pytest.mark.anyio

DEEDS = 400
SOURCES = ("WEBSITE", "WHATSAPP", "PHONE", "REFERRAL", "FRONT_DESK")
HOURS = [f"{hour:02}:{minute}" for hour in range(9, 17) for minute in ("00", "30")]


class Clinic:
    """A hospital whose people do something at random, within what they may."""

    def __init__(self, morning: Morning, dice: random.Random, ledger, doctors: list, patients: list[int]) -> None:
        self.morning, self.dice, self.ledger = morning, dice, ledger
        self.doctors, self.patients = doctors, patients
        self.appointments: list[int] = []
        self.visits: list[int] = []
        self.done: list[str] = []

    def day(self) -> str:
        """Mostly today."""
        today = self.morning.make.database.clock.now().date()
        return str(today + timedelta(days=self.dice.choice((0, 0, 0, 1, 2))))

    async def act(self) -> None:
        deeds = [self.book] * 5 + [self.walk_in] * 2 + [self.change] * 5 + [self.move] * 2
        deeds += [self.command] * 6 + [self.undo] * 2 + [self.pay] * 2 + [self.reassign]
        await self.dice.choice(deeds)()

    def note(self, what: str, answer) -> bool:
        assert answer.status_code < 500 and answer.status_code != 401, answer.text
        if answer.is_success:
            self.done.append(what)
        return answer.is_success

    async def book(self) -> None:
        doctor = self.dice.choice(self.doctors)
        answer = await self.morning.desk.post(
            "/appointments",
            {
                "patientId": self.dice.choice(self.patients),
                "clinicianId": doctor.clinician_id,
                "appointmentDate": self.day(),
                "appointmentTime": self.dice.choice(HOURS),
                "bookingSource": self.dice.choice(SOURCES),
            },
        )
        if self.note("book", answer):
            self.appointments.append(answer.json()["data"]["id"])

    async def walk_in(self) -> None:
        body = {"patientId": self.dice.choice(self.patients)}
        answer = await self.morning.try_walk_in(self.dice.choice(self.doctors), **body)
        if self.note("walk in", answer):
            self.visits.append(answer.json()["data"]["id"])

    async def change(self) -> None:
        if self.appointments:
            one = self.dice.choice(self.appointments[-12:])
            verb = self.dice.choice(("confirm", "cancel", "complete", "check-in", "check-in"))
            call = self.morning.desk.post if verb == "check-in" else self.morning.desk.patch
            if verb == "complete":
                call = self.admin.patch
            if self.note(verb, await call(f"/appointments/{one}/{verb}")):
                self.visits.append(await self.morning.visit_of(one))

    async def move(self) -> None:
        if self.appointments:
            where = {"appointmentDate": self.day(), "appointmentTime": self.dice.choice(HOURS)}
            one = self.dice.choice(self.appointments)
            self.note("move", await self.morning.desk.patch(f"/appointments/{one}/reschedule", where))

    async def command(self) -> None:
        if self.visits:
            verb = self.dice.choice(("call", "start", "start", "complete", "complete", "skip", "cancel", "no-show"))
            self.note(verb, await self.morning.attempt(self.dice.choice(self.visits[-8:]), verb))

    async def undo(self) -> None:
        if self.visits:
            self.note("undo", await self.morning.attempt(self.dice.choice(self.visits[-8:]), "undo"))

    async def reassign(self) -> None:
        if self.visits:
            to = {"doctorId": self.dice.choice(self.doctors).clinician_id}
            self.note("reassign", await self.morning.attempt(self.dice.choice(self.visits), "reassign", **to))

    async def pay(self) -> None:
        if self.appointments:
            payment_id = await self.ledger.of_appointment(self.dice.choice(self.appointments))
            amount = self.dice.choice((150_000, 50_000, -20_000))
            account = self.dice.choice((Account.DESK, Account.GATEWAY, Account.DISCOUNTS))
            today = self.morning.make.database.clock.now().date()
            await self.ledger.post(payment_id, amount, today, account)
            self.done.append("pay")


@pytest.fixture
async def opened(make, ledger):
    """Opens a hospital with a few doctors and patients."""

    async def opened(seed: int) -> Clinic:
        hospital = await make.hospital()
        desk = await make.staff(hospital, "FRONT_DESK")
        doctors = [await make.clinician(hospital, is_on_duty=True) for _ in range(2)]
        patients = [await make.record(hospital, f"Patient {number}") for number in range(5)]
        clinic = Clinic(Morning(make, hospital, desk, doctors[0]), random.Random(seed), ledger, doctors, patients)
        clinic.admin = await make.staff(hospital, "ADMIN")
        return clinic

    return opened


@pytest.fixture
async def lived(opened, clock, counted):
    """Two hospitals that have lived through some days, side by side."""
    here, there = await opened(1), await opened(2)
    await counted()
    for number in range(DEEDS):
        await (here if number % 5 else there).act()
        if number % 7 == 0 or number % 100 == 99:
            people = [person for clinic in (here, there) for person in (clinic.morning.desk, clinic.admin)]
            await later(clock, *people, **({"days": 1} if number % 100 == 99 else {"minutes": 3}))
        if number % 40 == 0 and number < DEEDS - 40:
            await counted()
    return here, there


def ids(lived) -> list[int]:
    return [clinic.morning.hospital.id for clinic in lived]


async def assert_equal(database, hospital_ids: list[int]) -> None:
    for hospital_id in hospital_ids:
        assert await kept(database, hospital_id) == await full_count(database, hospital_id)


async def test_figures_are_the_full_count(lived, outpatient, counted, never_begun, monkeypatch):
    here, there = lived
    database, hospitals = outpatient.database, ids(lived)
    wanted = {"book", "walk in", "confirm", "cancel", "check-in", "move", "start", "complete", "no-show", "undo", "pay"}
    assert wanted <= set(here.done), sorted(wanted - set(here.done))
    before = [await kept(database, hospital_id) for hospital_id in hospitals]
    assert before[0] != await full_count(database, hospitals[0])  # some of it is yet to be followed

    real = actions.refresh_figures

    async def dies(tx, events) -> None:
        await real(tx, events)
        raise ConnectionError

    while await place_events(database, outpatient.worker.reactions):
        pass
    with pytest.raises(ConnectionError):
        await follow_inside(database, FIGURES, dies, begin=actions.count_everything)
    assert [await kept(database, hospital_id) for hospital_id in hospitals] == before  # it died: nothing of it is there

    await counted()
    await assert_equal(database, hospitals)
    full = await full_count(database, hospitals[0])
    assert any(cell[7] for cell in full["days"].values())  # there are follow-ups
    assert any(cell[8] for cell in full["days"].values())  # and money

    await _spoil(database, hospitals[0])
    steps: list[int] = []
    await rebuild_figures(database, planned=steps.append, taken=lambda: None)
    assert steps and steps[0] >= 3
    await assert_equal(database, hospitals)

    await never_begun()
    assert await follow_events(database) == 1
    await assert_equal(database, hospitals)

    await never_begun()
    await rebuild_figures(database, planned=lambda _: None, taken=lambda: None)
    await assert_equal(database, hospitals)
    async with database.reading() as tx:
        position = await tx.one_or_none(select(Follower.position).where(Follower.name == FIGURES))
    assert position > 0
    await here.book()
    await there.walk_in()
    await counted()
    await assert_equal(database, hospitals)


async def _spoil(database, hospital_id: int) -> None:
    async with database.transaction() as tx:
        await tx.execute(update(DailyFigures).where(DailyFigures.hospital_id == hospital_id).values(completed=99))
        day = await tx.one_or_none(select(func.min(DailyFigures.day)).where(DailyFigures.hospital_id == hospital_id))
        tx.session.add(
            DailyFigures(
                hospital_id=hospital_id, centre_id=1, clinician_id=1, day=day.replace(year=2019), revenue_minor=1
            )
        )
