"""Token numbers: unique and gapless in their group and period, with the prefix of the department."""

import asyncio

import pytest

from tests.queue.conftest import TODAY, refusal


async def test_each_clinician_has_a_series_of_his_own(morning):
    other = await morning.clinician()
    tokens = [(await morning.walk_in(doctor))["tokenLabel"] for doctor in (morning.doctor, other, morning.doctor)]
    assert tokens == ["T1", "T1", "T2"]


async def test_a_department_shares_one_series(morning):
    department_id = await morning.department("CARD-")
    one, two = [await morning.clinician(department_id) for _ in range(2)]
    booked = await morning.check_in(await morning.book(doctor=one))
    walked_in = [await morning.walk_in(two), await morning.walk_in(departmentId=department_id)]
    assert [visit["tokenLabel"] for visit in (booked, *walked_in)] == ["CARD-1", "CARD-2", "CARD-3"]


async def test_without_a_prefix_of_its_own_a_department_has_the_hospitals(in_hospital):
    morning = await in_hospital(token_prefix="H")
    doctor = await morning.clinician(await morning.department(None))
    assert (await morning.walk_in(doctor))["tokenLabel"] == "H1"


async def test_thirty_at_once_get_thirty_numbers_in_a_row(morning):
    visits = await asyncio.gather(*(morning.walk_in() for _ in range(30)))
    assert sorted(visit["tokenNumber"] for visit in visits) == list(range(1, 31))


async def test_a_refusal_takes_no_number(morning):
    visit = await morning.walk_in()
    assert refusal(await morning.try_walk_in(patientId=visit["patientId"])) == (409, "ALREADY_IN_QUEUE")
    tomorrow = await morning.book("09:30", on="2026-03-03")
    assert refusal(await morning.desk.post(f"/appointments/{tomorrow}/check-in")) == (409, "TOO_EARLY")
    assert (await morning.walk_in())["tokenNumber"] == 2


@pytest.mark.parametrize(
    ("reset", "restarts"),
    [
        ("DAILY", [1, 1, 1, 1]),
        ("WEEKLY", [1, 2, 1, 1]),
        ("MONTHLY", [1, 2, 3, 1]),
        ("NEVER", [1, 2, 3, 4]),
    ],
)
@pytest.mark.parametrize("is_departments", [False, True])
async def test_the_series_begins_again_with_its_period(in_hospital, clock, reset, restarts, is_departments):
    rules = {"token_reset_frequency": reset}
    morning = await in_hospital(**({} if is_departments else rules))
    doctor = await morning.clinician(await morning.department(**(rules if is_departments else {})))
    tokens = []
    for days in (0, 6, 1, 28):  # Monday 2 March, Sunday 8 March, Monday 9 March, Monday 6 April
        clock.advance(days=days)
        morning.desk = await morning.make.staff(morning.hospital, "FRONT_DESK")
        tokens.append((await morning.walk_in(doctor))["tokenNumber"])
    assert tokens == restarts


async def test_todays_number_is_given_on_arrival_whenever_it_was_booked(morning, clock):
    """Numbers that count bookings made today gave every booking of tomorrow number one."""
    tomorrow = [await morning.book(at, on="2026-03-03") for at in ("09:00", "09:30", "10:00")]
    assert (await morning.check_in(await morning.book()))["tokenNumber"] == 1
    assert [(await morning.visit(await morning.visit_of(one)))["tokenNumber"] for one in tomorrow] == [None] * 3
    await morning.pass_time(clock, days=1)
    assert [(await morning.check_in(one))["tokenNumber"] for one in reversed(tomorrow)] == [1, 2, 3]


async def test_who_was_checked_in_by_mistake_and_moved_gets_a_number_of_his_day(morning, clock):
    appointment_id = await morning.book()
    visit = await morning.check_in(appointment_id)
    await morning.do(visit["id"], "undo")
    moved = await morning.desk.patch(
        f"/appointments/{appointment_id}/reschedule", {"appointmentDate": "2026-03-03", "appointmentTime": "10:00"}
    )
    assert moved.status_code == 200, moved.text
    await morning.pass_time(clock, days=1)
    assert (await morning.walk_in())["tokenLabel"] == "T1"
    assert (await morning.check_in(appointment_id))["tokenLabel"] == "T2"


async def test_who_is_left_over_keeps_his_number_and_is_marked(morning, clock):
    left = await morning.walk_in()
    await morning.pass_time(clock, days=1)
    new = await morning.walk_in()
    first, second = await morning.queue()
    assert (first["id"], first["tokenLabel"], first["isCarryover"], first["serviceDay"]) == (
        left["id"],
        "T1",
        True,
        TODAY,
    )
    assert (second["id"], second["tokenLabel"], second["isCarryover"]) == (new["id"], "T1", False)
