"""Reactions that say that their time has not come, and deliveries that know which try is their last."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from outpatient.core.outbox import MAX_ATTEMPTS, Later, React, ReactionTable, drain, is_last_try
from outpatient.models import Delivery
from outpatient.patients.events import PatientRegistered

pytestmark = pytest.mark.anyio


class Reaction:
    """An outside reaction that does what it is told, and remembers whether it was its last try."""

    __name__ = "reaction"

    def __init__(self) -> None:
        self.until, self.fails, self.tries = None, False, []

    async def __call__(self, outside, event) -> None:
        self.tries.append(is_last_try())
        if self.until is not None:
            raise Later(self.until)
        if self.fails:
            raise ConnectionError


@pytest.fixture
async def reaction(outpatient, hospital, make):
    """A reaction to something that has just happened, what it is delivered by, and its delivery."""
    await outpatient.worker.run_once()
    reaction = Reaction()
    table = ReactionTable({PatientRegistered: React(after=(reaction,))})
    patient = await make.record(hospital)
    async with outpatient.database.transaction() as tx:
        await tx.record(PatientRegistered(hospital_id=hospital.id, subject_id=patient), by=None)
    reaction.work = lambda: drain(outpatient.database, table, None)

    async def delivery() -> Delivery:
        async with outpatient.database.reading() as tx:
            return (await tx.all(select(Delivery).where(Delivery.reaction == "reaction").order_by(Delivery.id)))[-1]

    reaction.delivery = delivery
    return reaction


async def test_it_is_delivered_when_its_time_has_come_and_no_try_is_counted(reaction, clock):
    reaction.until = clock.now() + timedelta(hours=9)
    await reaction.work()
    waiting = await reaction.delivery()
    assert (waiting.status, waiting.attempts, waiting.due_at) == ("PENDING", 0, reaction.until)

    clock.advance(hours=8, minutes=59)
    await reaction.work()
    assert len(reaction.tries) == 1

    clock.advance(minutes=1)
    reaction.until = None
    await reaction.work()
    assert len(reaction.tries) == 2
    assert ((await reaction.delivery()).status, (await reaction.delivery()).attempts) == ("DONE", 1)


async def test_it_may_be_put_off_more_often_than_it_may_fail(reaction, clock):
    for _ in range(MAX_ATTEMPTS + 3):
        reaction.until = clock.now() + timedelta(hours=1)
        await reaction.work()
        clock.advance(hours=1)
    reaction.until = None
    await reaction.work()
    assert (await reaction.delivery()).status == "DONE"
    assert not any(reaction.tries)


async def test_only_the_last_try_is_the_last(reaction, clock):
    reaction.fails = True
    for _ in range(MAX_ATTEMPTS):
        await reaction.work()
        clock.advance(minutes=15)
    assert reaction.tries == [False] * (MAX_ATTEMPTS - 1) + [True]
    assert (await reaction.delivery()).status == "PARKED"
    assert not is_last_try()
