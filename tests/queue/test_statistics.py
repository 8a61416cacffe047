"""`GET /queue/statistics/{centreId}`: a day in figures."""

from datetime import UTC, datetime
from statistics import fmean, median, quantiles

import pytest

from outpatient.appointments.actions import expire_stale_holds
from outpatient.models import Appointment
from tests.appointments.wishes import later
from tests.queue.boards import STAFF, details, read, refused
from tests.queue.conftest import TODAY

COUNTS = (
    *("totalAppointments", "walkIns", "carryovers", "expected", "waiting", "called", "inProgress"),
    *("onHold", "skipped", "completed", "cancelled", "noShow"),
)


def figures(morning, **params):
    return read(morning.desk, f"/queue/statistics/{morning.hospital.centre_id}", **params)


def counts(data: dict) -> dict[str, int]:
    """The counts that are not nought."""
    return {name: data[name] for name in COUNTS if data[name]}


async def test_an_empty_day(morning):
    data = await figures(morning)

    assert (data["date"], data["centreId"], data["doctorId"]) == (TODAY, morning.hospital.centre_id, None)
    assert counts(data) == {}
    nothing = {"counted": 0, "meanMinutes": None, "medianMinutes": None, "p90Minutes": None}
    assert data["way"] == data["consultations"] == nothing
    assert data["waits"] == {**nothing, "stillWaiting": 0}
    assert data["estimates"] == {"scored": 0, "withinRange": None, "medianErrorMinutes": None}


async def test_everybody_is_counted_once(morning):
    await morning.book("11:00")
    await morning.check_in(await morning.book("10:00"))
    skipped, held, called, done, left, missed, seen = await morning.walk_ins(7)
    for visit_id, commands in (
        (skipped, ["skip"]),
        (held, ["hold"]),
        (called, ["call"]),
        (done, ["start", "complete"]),
        (left, ["cancel"]),
        (missed, ["no-show"]),
        (seen, ["start"]),
    ):
        for command in commands:
            await morning.do(visit_id, command)

    data = await figures(morning)

    assert counts(data) == {
        "totalAppointments": 2,
        "walkIns": 7,
        **dict.fromkeys(
            ("expected", "waiting", "called", "inProgress", "onHold", "skipped", "completed", "cancelled", "noShow"), 1
        ),
    }


async def test_waits_ways_and_consultations_of_a_real_morning(morning, clock):
    """Six walk-ins at nine are seen one after the other; two more wait on: theirs is a wait so far."""
    visits = await morning.walk_ins(8)
    waits, ways, talks, now = [], [], [], 0.0
    for number, visit_id in enumerate(visits[:6]):
        waits.append(now)
        assert (await morning.next())["id"] == visit_id
        way, talk = 1 + number % 3, 4 + 3 * number
        clock.advance(minutes=way)
        await morning.do(visit_id, "start")
        await later(clock, morning.desk, minutes=talk)
        await morning.do(visit_id, "complete")
        ways.append(way)
        talks.append(talk)
        now += way + talk
    waits += [now, now]

    data = await figures(morning)

    assert data["waits"].pop("stillWaiting") == 2
    for name, minutes in (("waits", waits), ("way", ways), ("consultations", talks)):
        assert data[name] == {
            "counted": len(minutes),
            "meanMinutes": pytest.approx(fmean(minutes), abs=0.051),
            "medianMinutes": pytest.approx(median(minutes), abs=0.051),
            "p90Minutes": pytest.approx(quantiles(minutes, n=10, method="inclusive")[-1], abs=0.051),
        }
    clock.advance(minutes=10)
    assert (await figures(morning))["waits"]["meanMinutes"] == pytest.approx(
        fmean([*waits[:6], now + 10, now + 10]), abs=0.051
    )


async def test_who_comes_early_waits_from_his_time_on(morning, clock):
    visit = await morning.check_in(await morning.book("10:00"))  # an hour early
    await later(clock, morning.desk, minutes=60)
    assert (await figures(morning))["waits"]["meanMinutes"] == 0
    clock.advance(minutes=8)
    await morning.do(visit["id"], "call")

    assert (await figures(morning))["waits"] == {
        "counted": 1,
        "stillWaiting": 0,
        "meanMinutes": 8,
        "medianMinutes": 8,
        "p90Minutes": 8,
    }


async def test_estimates_are_scored(morning, clock):
    """Told 0, 15 and 30 minutes; called after 0, 16 and 60."""
    first, second, third = await morning.walk_ins(3)
    told = [(await morning.visit(visit_id))["estimatedWait"] for visit_id in (first, second, third)]
    assert [wait["minutes"] for wait in told] == [0, 15, 30]
    for visit_id, minutes in ((first, 0), (second, 16), (third, 44)):
        await later(clock, morning.desk, minutes=minutes)
        await morning.do(visit_id, "call")

    estimates = (await figures(morning))["estimates"]

    assert told[1]["from"] <= 16 <= told[1]["to"] and told[2]["to"] < 60
    assert estimates == {"scored": 3, "withinRange": 0.667, "medianErrorMinutes": 1.0}


async def test_midnight_in_the_centres_zone_ends_the_day(morning, clock):
    waits, done = await morning.walk_ins(2)
    await morning.do(done, "start")
    clock.advance(minutes=5)
    await morning.do(done, "complete")
    midnight = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)  # in Kolkata
    await later(clock, morning.desk, seconds=(midnight - clock.now()).total_seconds() - 1)
    assert counts(await figures(morning)) == {"walkIns": 2, "waiting": 1, "completed": 1}
    await later(clock, morning.desk, seconds=1)

    new, old = await figures(morning), await figures(morning, date=TODAY)

    assert new["date"] == "2026-03-03" and counts(new) == {"carryovers": 1, "waiting": 1}
    assert new["waits"]["counted"] == new["waits"]["stillWaiting"] == 0
    assert counts(old) == {"walkIns": 1, "completed": 1}
    assert old["waits"]["counted"] == 1 and old["consultations"]["meanMinutes"] == 5
    await morning.do(waits, "call")
    assert (await figures(morning))["waits"]["counted"] == 0


async def test_a_hold_that_ran_out_counts_the_same_before_and_after_it_is_swept(morning, as_patient, clock, outpatient):
    body = {"clinicianId": morning.doctor.clinician_id, "appointmentDate": TODAY, "appointmentTime": "15:00"}
    held = await as_patient.post("/booking/create", body)
    assert held.status_code == 201, held.text
    assert counts(await figures(morning)) == {"totalAppointments": 1, "expected": 1}
    await later(clock, morning.desk, minutes=16)

    before = counts(await figures(morning))
    async with outpatient.database.transaction() as tx:
        assert await expire_stale_holds(tx, Appointment.id == held.json()["data"]["appointmentId"]) == 1

    assert before == counts(await figures(morning)) == {"totalAppointments": 1, "cancelled": 1}


async def test_one_clinicians_figures(morning):
    colleague = await morning.clinician()
    await morning.walk_ins(2)
    await morning.walk_in(colleague)
    path = f"/queue/statistics/{morning.hospital.centre_id}"

    picked, own = await figures(morning, doctorId=colleague.clinician_id), await read(morning.doctor, path)

    assert (picked["doctorId"], counts(picked)) == (colleague.clinician_id, {"walkIns": 1, "waiting": 1})
    assert (own["doctorId"], counts(own)) == (morning.doctor.clinician_id, {"walkIns": 2, "waiting": 2})
    answer = await morning.doctor.get(path, params={"doctorId": colleague.clinician_id})
    assert refused(answer) == (404, "NOT_FOUND")


async def test_who_may_see_figures(make, hospital, as_stranger):
    path = f"/queue/statistics/{hospital.centre_id}"
    assert await make.who_may(hospital, lambda persona: persona.get(path)) == STAFF
    away = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))
    for persona in (away, as_stranger):
        assert refused(await persona.get(path)) == (404, "NOT_FOUND")


@pytest.mark.parametrize("name", ["date", "doctorId"])
async def test_what_makes_no_sense_is_named(morning, name):
    answer = await morning.desk.get(f"/queue/statistics/{morning.hospital.centre_id}", params={name: "x"})

    assert refused(answer) == (400, "VALIDATION_ERROR") and name in details(answer)
