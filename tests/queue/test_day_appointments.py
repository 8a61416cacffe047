"""`GET /queue/upcoming` and `GET /queue/appointments`: the day's appointments, awaited and all."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select

from outpatient.models import Membership, MembershipCentre
from tests.appointments.wishes import later
from tests.queue.boards import STAFF, details, read, refused
from tests.queue.conftest import TODAY

BOTH = ("/queue/upcoming", "/queue/appointments")


async def listed(persona, path: str, **params) -> list[int]:
    return [row["id"] for row in (await read(persona, path, **params))["appointments"]]


async def test_upcoming_are_those_who_are_not_here_yet_by_time(morning):
    late, early, here, gone = [await morning.book(at) for at in ("12:00", "09:30", "10:00", "11:00")]
    token = await morning.book(bookingType="TOKEN", appointmentTime=None)
    await morning.check_in(here)
    await morning.desk.delete(f"/appointments/{gone}")
    await morning.book(appointmentDate="2026-03-03")

    data = await read(morning.desk, "/queue/upcoming")

    assert (data["date"], data["centreId"]) == (TODAY, None)
    assert [row["id"] for row in data["appointments"]] == [early, late, token]
    assert await listed(morning.desk, "/queue/appointments") == [early, here, gone, late, token]
    first = data["appointments"][0]
    assert (first["start"], first["visitStatus"]) == ("2026-03-02T04:00:00Z", "EXPECTED")
    assert first["visitId"] and first["patientName"].startswith("Patient ") and first["clinicianName"] == "Clinician"


async def test_who_is_late_is_still_awaited_and_who_was_given_up_is_not(morning, clock):
    late, missed = await morning.book("09:30"), await morning.book("10:00")
    await later(clock, morning.desk, hours=2)
    visit_id = (await read(morning.desk, f"/appointments/{missed}"))["visitId"]
    await morning.do(visit_id, "no-show")

    assert await listed(morning.desk, "/queue/upcoming") == [late]
    assert await listed(morning.desk, "/queue/appointments") == [late, missed]


@pytest.mark.parametrize("path", BOTH)
async def test_another_day(morning, path):
    await morning.book()
    tomorrow = await morning.book(appointmentDate="2026-03-03")

    data = await read(morning.desk, path, date="2026-03-03", centreId=morning.hospital.centre_id)

    assert [row["id"] for row in data["appointments"]] == [tomorrow]
    assert (data["date"], data["centreId"]) == ("2026-03-03", morning.hospital.centre_id)


async def test_today_is_each_centres_own(morning, make, as_admin, clock):
    """Half past midnight in Kolkata is half past seven in the evening of the day before in London."""
    london = await make.centre(morning.hospital, "Europe/London")
    evening = ((0, 1200, 1260),)
    abroad = await make.clinician(morning.hospital, centre_id=london, hours=evening)
    patient = await make.patient(morning.hospital)
    there = await as_admin.post(
        "/appointments",
        {
            "patientId": patient.patient_id,
            "clinicianId": abroad.clinician_id,
            "appointmentDate": TODAY,
            "appointmentTime": "20:00",
        },
    )
    assert there.status_code == 201, there.text
    past = await morning.book("16:00")
    here = await morning.book(appointmentDate="2026-03-03")
    half_past_midnight = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)
    await later(clock, as_admin, seconds=(half_past_midnight - clock.now()).total_seconds())

    everywhere = await read(as_admin, "/queue/upcoming")
    in_london = await read(as_admin, "/queue/upcoming", centreId=london)
    then = await read(as_admin, "/queue/upcoming", date=TODAY)

    assert {row["id"] for row in everywhere["appointments"]} == {there.json()["data"]["id"], here}
    assert everywhere["date"] is None
    assert [row["id"] for row in in_london["appointments"]] == [there.json()["data"]["id"]]
    assert in_london["date"] == TODAY
    assert {row["id"] for row in then["appointments"]} == {there.json()["data"]["id"], past}


@pytest.mark.parametrize("path", BOTH)
async def test_everybody_sees_what_is_his(morning, make, as_admin, as_stranger, path):
    second = await make.centre(morning.hospital)
    away = await make.staff(morning.hospital, "FRONT_DESK", centre_id=second)
    colleague = await morning.clinician()
    mine, his = await morning.book(), await morning.book(doctor=colleague)

    assert sorted(await listed(as_admin, path)) == sorted(await listed(morning.desk, path)) == [mine, his]
    assert await listed(colleague, path) == [his]
    assert await listed(away, path) == await listed(as_stranger, path) == []
    for persona in (away, as_stranger):
        answer = await persona.get(path, params={"centreId": morning.hospital.centre_id})
        assert refused(answer) == (404, "NOT_FOUND")
    assert await make.who_may(morning.hospital, lambda persona: persona.get(path)) == STAFF


@pytest.mark.parametrize("path", BOTH)
@pytest.mark.parametrize("name", ["date", "centreId"])
async def test_what_makes_no_sense_is_named(morning, path, name):
    answer = await morning.desk.get(path, params={name: "x"})

    assert refused(answer) == (400, "VALIDATION_ERROR") and name in details(answer)


async def test_a_desk_without_a_centre_sees_nothing(morning, make):
    await morning.book()
    lost = await make.staff(morning.hospital, "FRONT_DESK")
    its_own = select(Membership.id).where(Membership.user_id == lost.user_id)
    async with make.database.transaction() as tx:
        await tx.execute(delete(MembershipCentre).where(MembershipCentre.membership_id.in_(its_own)))
    make.outpatient.callers.forget(lost.user_id)

    for path in BOTH:
        assert await listed(lost, path) == []
