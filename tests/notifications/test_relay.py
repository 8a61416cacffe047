"""The outbox: every event gets one place in the one order, every message goes out once."""

import asyncio
import os

import pytest
from sqlalchemy import select

from outpatient.adapters.messages.local import LocalMessages
from outpatient.core.errors import AdapterFailure
from outpatient.core.outbox import MAX_ATTEMPTS, drain, place_events
from outpatient.models import Delivery, Notification, StoredEvent
from outpatient.patients.events import PatientRegistered
from tests.appointments.wishes import Elsewhere, booked
from tests.notifications.test_appointment_messages import messages_to

pytestmark = pytest.mark.anyio


async def deliveries_of(outpatient, appointment_id: int) -> list[Delivery]:
    async with outpatient.database.reading() as tx:
        query = select(Delivery).join(StoredEvent, StoredEvent.id == Delivery.event_id)
        mine = (StoredEvent.subject == "appointment", StoredEvent.subject_id == appointment_id)
        return list(await tx.all(query.where(*mine).order_by(Delivery.id)))


class RefusesOne(LocalMessages):
    """Sends to everybody but one, and counts."""

    refused: str = ""
    permanently: bool = False
    tries: int = 0

    async def send(self, *, message, at, doubtful_since=None):
        if message.to == self.refused:
            object.__setattr__(self, "tries", self.tries + 1)
            raise AdapterFailure("Not now.", permanent=self.permanently)
        return await super().send(message=message, at=at, doubtful_since=doubtful_since)


def refusing(outpatient, phone: str, *, permanently: bool = False) -> RefusesOne:
    adapter = RefusesOne(outpatient.settings.outbox_dir)
    for name, value in (("refused", phone), ("permanently", permanently), ("tries", 0)):
        object.__setattr__(adapter, name, value)
    return adapter


@pytest.mark.parametrize(("permanently", "tries"), [(False, MAX_ATTEMPTS + 1), (True, 2)])
async def test_a_failing_message_is_retried_and_parked_while_others_go_on(
    as_patient, as_clinician, make, hospital, outpatient, clock, permanently, tries
):
    await outpatient.worker.run_once()
    other = await make.patient(hospital, "Other")
    failing = refusing(outpatient, as_patient.phone, permanently=permanently)
    mine, theirs = await booked(as_patient, as_clinician), await booked(other, as_clinician, "11:00")
    async with Elsewhere(outpatient, messages=failing) as elsewhere:
        await elsewhere.program.worker.run_once()
        assert len(messages_to(outpatient, other.phone)) == 1
        for _ in range(MAX_ATTEMPTS + 2):
            clock.advance(minutes=15)
            await elsewhere.program.worker.run_once()
    assert failing.tries == tries  # WhatsApp is given up for SMS, in the round in which it failed for the last time
    (parked,) = await deliveries_of(outpatient, mine["id"])
    rounds = 1 if permanently else MAX_ATTEMPTS
    assert (parked.status, parked.attempts, parked.last_error) == ("PARKED", rounds, "AdapterFailure: Not now.")
    (done,) = await deliveries_of(outpatient, theirs["id"])
    assert (done.status, done.attempts, done.last_error) == ("DONE", 1, None)
    assert messages_to(outpatient, as_patient.phone) == []


async def test_a_message_that_failed_once_goes_out_five_seconds_later(as_patient, as_clinician, outpatient, clock):
    await outpatient.worker.run_once()
    await booked(as_patient, as_clinician)
    async with Elsewhere(outpatient, messages=refusing(outpatient, as_patient.phone)) as elsewhere:
        await elsewhere.program.worker.run_once()
    clock.advance(seconds=4)
    await outpatient.worker.run_once()
    assert messages_to(outpatient, as_patient.phone) == []
    clock.advance(seconds=1)
    await outpatient.worker.run_once()
    assert len(messages_to(outpatient, as_patient.phone)) == 1


class KilledError(BaseException):
    """The process dies here."""


class DiesAfterSending(LocalMessages):
    async def send(self, *, message, at, doubtful_since=None):
        await super().send(message=message, at=at, doubtful_since=doubtful_since)
        raise KilledError


async def test_a_crash_between_sending_and_noting_it_makes_no_second_message(
    as_patient, as_clinician, outpatient, clock
):
    await outpatient.worker.run_once()
    made = await booked(as_patient, as_clinician)
    async with Elsewhere(outpatient, messages=DiesAfterSending(outpatient.settings.outbox_dir)) as elsewhere:
        with pytest.raises(KilledError):
            await elsewhere.program.worker.run_once()
    (before,) = messages_to(outpatient, as_patient.phone)
    await outpatient.worker.run_once()
    (left,) = await deliveries_of(outpatient, made["id"])
    assert left.status == "PENDING"  # its lease is not over yet

    clock.advance(minutes=1)
    await outpatient.worker.run_once()

    assert messages_to(outpatient, as_patient.phone) == [before]
    (done,) = await deliveries_of(outpatient, made["id"])
    assert (done.status, done.attempts) == ("DONE", 2)
    async with outpatient.database.reading() as tx:
        assert len(await tx.all(select(Notification.id).where(Notification.appointment_id == made["id"]))) == 1


class Counts(LocalMessages):
    async def send(self, *, message, at, doubtful_since=None):
        SENT.append(message.key)
        await asyncio.sleep(0)
        return await super().send(message=message, at=at, doubtful_since=doubtful_since)


SENT: list[str] = []


async def test_four_drains_at_once_send_each_message_once(as_front_desk, as_clinician, make, hospital, outpatient):
    await outpatient.worker.run_once()
    SENT.clear()
    for hour in range(9, 17):
        for minute in ("00", "30"):
            patient = await make.record(hospital, f"Patient {hour}{minute}")
            await booked(as_front_desk, as_clinician, f"{hour:02}:{minute}", patientId=patient)
    async with Elsewhere(outpatient, messages=Counts(outpatient.settings.outbox_dir)) as elsewhere:
        worker = elsewhere.program.worker
        await asyncio.gather(*(drain(worker.database, worker.reactions, worker.outside) for _ in range(4)))
        await drain(worker.database, worker.reactions, worker.outside)
    assert len(SENT) == len(set(SENT)) == 16


async def positions(outpatient) -> list[int]:
    async with outpatient.database.reading() as tx:
        query = select(StoredEvent.position).where(StoredEvent.position.is_not(None)).order_by(StoredEvent.position)
        return list(await tx.all(query))


async def test_positions_are_unique_and_have_no_gaps(as_patient, as_clinician, outpatient):
    for time in ("10:00", "10:30", "11:00"):
        await booked(as_patient, as_clinician, time)
        await asyncio.gather(*(place_events(outpatient.database, outpatient.worker.reactions) for _ in range(4)))
    await outpatient.worker.run_once()
    found = await positions(outpatient)
    assert found == list(range(1, len(found) + 1))


async def test_an_event_that_commits_late_is_not_lost(outpatient, hospital, make):
    if "OUTPATIENT_TEST_SERVER" not in os.environ:
        pytest.skip("SQLite has one writer: nobody can commit between another's first and last word")
    await outpatient.worker.run_once()
    patient = await make.record(hospital)
    event = PatientRegistered(hospital_id=hospital.id, subject_id=patient)
    database, reactions = outpatient.database, outpatient.worker.reactions
    async with database.transaction() as slow:
        await slow.record(event, by=None)
        await slow.session.flush()
        async with database.transaction() as quick:
            await quick.record(event, by=None)
        assert await place_events(database, reactions) == 1
        assert await place_events(database, reactions) == 0
    assert await place_events(database, reactions) == 1

    async with database.reading() as tx:
        query = select(StoredEvent).where(StoredEvent.hospital_id == hospital.id).order_by(StoredEvent.id)
        first, second = [row for row in await tx.all(query) if row.subject_id == patient][-2:]
    assert first.position == second.position + 1  # the later commit has the later place, whatever its id
