"""`GET /queue/phases/{centreId}`: the board of four columns."""

from datetime import UTC, datetime

import pytest

from tests.appointments.wishes import later
from tests.queue.boards import STAFF, by_id, details, read, refused
from tests.queue.conftest import TODAY


def board(morning, **params):
    return read(morning.desk, f"/queue/phases/{morning.hospital.centre_id}", **params)


async def test_everybody_stands_in_his_column(morning, clock):
    expected = await morning.book("11:00")
    arrived = (await morning.check_in(await morning.book("10:00")))["id"]
    skipped, held, called, seen, done, left = await morning.walk_ins(6)
    await morning.do(skipped, "skip")
    await morning.do(held, "hold")
    await morning.do(called, "call")
    await morning.do(done, "start")
    await morning.do(done, "complete")
    await morning.do(seen, "start")
    await morning.do(left, "cancel")

    data = await board(morning)

    assert (data["date"], data["centreId"]) == (TODAY, morning.hospital.centre_id)
    assert [visit["appointmentId"] for visit in data["phases"].pop("appointmentsToday")] == [expected]
    assert by_id(data["phases"]) == {
        "waiting": [arrived, skipped, held],
        "withDoctor": [seen, called],
        "completed": [done],
    }


async def test_another_day_and_one_clinician(morning):
    colleague = await morning.clinician()
    mine, his = await morning.walk_in(), await morning.walk_in(colleague)
    tomorrow = await morning.book(appointmentDate="2026-03-03")

    ahead = await board(morning, date="2026-03-03")
    picked = await board(morning, doctorId=colleague.clinician_id)
    own = await read(morning.doctor, f"/queue/phases/{morning.hospital.centre_id}")

    assert [visit["appointmentId"] for visit in ahead["phases"]["appointmentsToday"]] == [tomorrow]
    assert ahead["phases"]["waiting"] == []
    assert by_id(picked["phases"]) == {"waiting": [his["id"]]}
    assert by_id(own["phases"]) == {"waiting": [mine["id"]]}


async def test_at_midnight_in_the_centres_zone_the_unfinished_move_to_the_new_day(morning, clock):
    awaited = await morning.book("16:00")
    waits, done = await morning.walk_ins(2)
    await morning.do(done, "start")
    await morning.do(done, "complete")
    midnight = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)  # in Kolkata
    await later(clock, morning.desk, seconds=(midnight - clock.now()).total_seconds())

    new, old = await board(morning), await board(morning, date=TODAY)

    assert (new["date"], by_id(new["phases"])) == ("2026-03-03", {"waiting": [waits]})
    assert [visit["appointmentId"] for visit in old["phases"].pop("appointmentsToday")] == [awaited]
    assert by_id(old["phases"]) == {"completed": [done]}


async def test_a_hold_that_ran_out_is_nobody_who_comes(morning, as_patient, clock):
    body = {"clinicianId": morning.doctor.clinician_id, "appointmentDate": TODAY, "appointmentTime": "15:00"}
    held = await as_patient.post("/booking/create", body)
    assert held.status_code == 201, held.text
    assert len((await board(morning))["phases"]["appointmentsToday"]) == 1

    await later(clock, morning.desk, minutes=16)

    assert (await board(morning))["phases"]["appointmentsToday"] == []


async def test_who_may_see_the_board(make, hospital, as_stranger):
    path = f"/queue/phases/{hospital.centre_id}"
    assert await make.who_may(hospital, lambda persona: persona.get(path)) == STAFF
    assert refused(await as_stranger.get(path)) == (404, "NOT_FOUND")
    away = await make.staff(hospital, "CENTRE_MANAGER", centre_id=await make.centre(hospital))
    assert refused(await away.get(path)) == (404, "NOT_FOUND")


@pytest.mark.parametrize("name", ["date", "doctorId"])
async def test_what_makes_no_sense_is_named(morning, name):
    answer = await morning.desk.get(f"/queue/phases/{morning.hospital.centre_id}", params={name: "x"})

    assert refused(answer) == (400, "VALIDATION_ERROR") and name in details(answer)
