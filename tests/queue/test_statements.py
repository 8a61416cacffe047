"""What the hot statements work out in SQL is what the rules and the events say."""

from collections import defaultdict
from contextlib import suppress
from dataclasses import fields
from datetime import date, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import select

from outpatient.core.events import Event
from outpatient.core.terms import VisitStatus as S
from outpatient.models import Pace, StoredEvent, Visit
from outpatient.queue.events import VisitCheckedIn, VisitEvent, VisitStatusChanged, WalkInAdded
from outpatient.queue.rules.order import arrival_position
from outpatient.queue.rules.wait import estimate_wait, left_of, pace_or_usual
from outpatient.queue.statements import CHECK_IN
from tests.queue.conftest import TODAY

ENVELOPE = {field.name for field in fields(Event)}
KINDS: dict[str, type[VisitEvent]] = {kind.name: kind for kind in VisitEvent.__subclasses__()}


async def _told(morning) -> dict[str, list[dict]]:
    told = defaultdict(list)
    async with morning.make.database.reading() as tx:
        for event in await tx.all(
            select(StoredEvent)
            .where(StoredEvent.hospital_id == morning.hospital.id, StoredEvent.subject == "visit")
            .order_by(StoredEvent.id)
        ):
            told[event.name].append(event.payload)
    return told


async def test_events_made_in_sql_say_what_their_classes_say(morning, clock):
    department = await morning.department()
    doctor = await morning.clinician(department)
    appointment = await morning.book(bookingType="TOKEN", at=None, doctor=doctor)
    arrived = await morning.check_in(appointment)
    clock.advance(seconds=1)
    await doctor.put(f"/clinicians/{doctor.clinician_id}/on-duty", {"isOnDuty": False})
    anybody = await morning.walk_in(departmentId=department)
    clock.advance(seconds=1)
    await morning.do(arrived["id"], "delay", minutes=1)
    clock.advance(minutes=2)
    await morning.next(doctor)
    clock.advance(seconds=1)
    await morning.next(doctor)
    await morning.do(arrived["id"], "no-show")
    clock.advance(seconds=1)
    await morning.check_in(appointment)

    told = await _told(morning)
    for name, payloads in told.items():
        expected = {field.name for field in fields(KINDS[name])} - ENVELOPE
        for payload in payloads:
            assert payload.keys() == expected, name
    first, again = told[VisitCheckedIn.name]
    assert first["before"] == {"status": "EXPECTED", "appointment_status": "PENDING", "checked_in_at": None}
    assert (first["appointment_id"], first["department_id"], first["status"]) == (appointment, department, "WAITING")
    assert again["before"]["status"] == again["before"]["appointment_status"] == "NO_SHOW"
    assert _instant(again["before"]["checked_in_at"]) == _instant(arrived["checkedInAt"])
    (walk_in,) = told[WalkInAdded.name]
    assert walk_in["before"] == {"status": "EXPECTED", "appointment_status": None, "checked_in_at": None}
    assert (walk_in["appointment_id"], walk_in["clinician_id"]) == (None, None)
    called, of_nobody = told[VisitStatusChanged.name][:2]
    assert _instant(called["before"].pop("not_before")) == _instant("2026-03-02T03:31:02Z")
    assert called["before"] == {"status": "WAITING", "called_at": None, "clinician_id": doctor.clinician_id}
    assert (of_nobody["was"], of_nobody["reason"], of_nobody["clinician_id"]) == ("WAITING", None, doctor.clinician_id)
    assert of_nobody["before"] == {"status": "WAITING", "called_at": None, "clinician_id": None, "not_before": None}
    assert anybody["clinicianId"] is None


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


class _Enough(Exception):
    """Ends a transaction of which nothing shall stay."""


PACES = (None, (60, 30), (601, 0), (613, 77), (899, 450), (14_400, 7_200))
ELAPSED = (None, 0, 0.4, 59.999, 60, 600.5, 13_500, 40_000)
Minutes = tuple[int, int, int]


@pytest.mark.parametrize("ahead", [0, 1, 2, 3, 7])
async def test_the_estimate_on_arrival_is_that_of_the_rules(morning, ahead):
    for measured, elapsed in product(PACES, ELAPSED):
        told, by_the_rules = await _estimates(morning, ahead, measured, elapsed)
        assert told == by_the_rules, (measured, elapsed)


async def _estimates(
    morning, ahead: int, measured: tuple[int, int] | None, elapsed: float | None
) -> tuple[Minutes, Minutes]:
    """What the statement tells somebody who arrives behind so many and one in the room, and what the rules tell him."""
    doctor, hospital_id = morning.doctor, morning.hospital.id
    estimates = []
    with suppress(_Enough):
        async with morning.make.database.transaction() as tx:
            begun = None if elapsed is None else tx.now - timedelta(seconds=elapsed)
            patient_id = (await morning.make.patient_row(tx, morning.hospital, "Ravi Kumar", None)).id

            def visit(status: S, number: int | None = None, **given: object) -> Visit:
                token = {"token_group": "x", "token_number": number, "token_label": "x"} if number else {}
                return Visit(
                    hospital_id=hospital_id,
                    patient_id=patient_id,
                    clinician_id=doctor.clinician_id,
                    centre_id=morning.hospital.centre_id,
                    service_on=date.fromisoformat(TODAY),
                    status=status,
                    position=arrival_position(tx.now) - 1 if number else None,
                    queue_day=date.fromisoformat(TODAY),
                    created_at=tx.now,
                    **token,
                    **given,
                )

            for number in range(1, ahead + 1):
                tx.session.add(visit((S.WAITING, S.CALLED, S.SKIPPED)[number % 3], number))
            tx.session.add(visit(S.ON_HOLD, 98))  # who is parked is before nobody
            if begun is not None:
                tx.session.add(visit(S.IN_PROGRESS, 99, started_at=begun))
            if measured is not None:
                mean, spread = measured
                pace = {"mean_seconds": mean, "spread_seconds": spread, "counted": 9}
                tx.session.add(Pace(clinician_id=doctor.clinician_id, hospital_id=hospital_id, **pace))
            arriving = await tx.add(visit(S.EXPECTED))
            (row,) = await tx.run(
                CHECK_IN,
                hospital_id=hospital_id,
                appointment_id=None,
                visit_id=arriving.id,
                centre_ids=None,
                now=tx.now,
                position=arrival_position(tx.now),
                actor_id=doctor.user_id,
                event_name=WalkInAdded.name,
                route="visits",
                idempotency_key=None,
                digest=None,
            )
            estimates.append((row["estimated_minutes"], row["estimated_from"], row["estimated_to"]))
            usual = pace_or_usual(*(measured or (None, None)), 15)
            wait = estimate_wait(ahead, usual, left_of(begun, tx.now, usual))
            estimates.append((wait.minutes, wait.earliest, wait.latest))
            raise _Enough
    told, by_the_rules = estimates
    return told, by_the_rules
