"""`GET /queue/clinic/{centreId}`: a centre's days, in groups."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, update

from outpatient.core.terms import VisitStatus
from outpatient.models import Clinician, Service, Visit
from outpatient.queue.queries import boards
from tests.appointments.wishes import later
from tests.queue.boards import STAFF, by_id, details, read, refused
from tests.queue.conftest import TODAY

TOMORROW = "2026-03-03"


def clinic(morning, **params):
    return read(morning.desk, f"/queue/clinic/{morning.hospital.centre_id}", **params)


async def test_every_visit_of_today_is_in_one_group(morning, clock):
    late, early = await morning.book("12:00"), await morning.book("10:00")
    waits = await morning.walk_in()
    seen, called, skipped, held, done, left, missed = await morning.walk_ins(7)
    await morning.do(done, "start")
    clock.advance(minutes=5)
    await morning.do(done, "complete")
    await morning.do(seen, "start")
    await morning.do(called, "call")
    await morning.do(skipped, "skip")
    await morning.do(held, "hold")
    await morning.do(left, "cancel")
    await morning.do(missed, "no-show")

    data = await clinic(morning)

    assert (data["centreId"], data["from"], data["to"]) == (morning.hospital.centre_id, TODAY, TODAY)
    queue = data["queue"]
    assert [visit["appointmentId"] for visit in queue.pop("expected")] == [early, late]
    assert by_id(queue) == {
        "waiting": [waits["id"], skipped],
        "called": [called],
        "inProgress": [seen],
        "onHold": [held],
        "completed": [done],
        "cancelled": [left],
        "noShow": [missed],
    }
    assert queue["total"] == 10
    assert [visit["position"] for visit in queue["waiting"]] == [1, 2]
    assert [visit["estimatedWait"]["minutes"] for visit in queue["waiting"]] == [30, 45]


async def test_an_item_says_who_comes_to_whom_and_for_what(morning, make):
    async with make.database.transaction() as tx:
        service = await tx.add(
            Service(hospital_id=morning.hospital.id, name="Follow-up", duration_minutes=30, created_at=tx.now)
        )
    appointment_id = await morning.book("10:00", serviceId=service.id)
    visit = await morning.check_in(appointment_id)
    await morning.walk_in()

    booked, walked_in = (await clinic(morning))["queue"]["waiting"]

    wanted = {
        "id": visit["id"],
        "appointmentId": appointment_id,
        "tokenLabel": "T1",
        "clinicianId": morning.doctor.clinician_id,
        "clinicianName": "Clinician",
        "serviceName": "Follow-up",
        "visitType": "APPOINTMENT",
        "start": "2026-03-02T04:30:00Z",
        "checkedInAt": "2026-03-02T03:30:00Z",
        "status": "WAITING",
    }
    assert {name: booked[name] for name in wanted} == wanted
    assert booked["patientName"].startswith("Patient ") and booked["patientPhone"].startswith("+91")
    assert (walked_in["visitType"], walked_in["start"], walked_in["serviceName"]) == ("WALK_IN", None, None)


async def test_a_board_of_several_days(morning):
    today, tomorrow = await morning.book(), await morning.book(appointmentDate=TOMORROW)

    both = await clinic(morning, from_=TODAY, to=TOMORROW)
    one = await clinic(morning, from_=TOMORROW)

    assert [visit["appointmentId"] for visit in both["queue"]["expected"]] == [today, tomorrow]
    assert [visit["appointmentId"] for visit in one["queue"]["expected"]] == [tomorrow]
    assert (one["from"], one["to"]) == (TOMORROW, TOMORROW)


async def test_a_state_can_be_picked_and_everybody_keeps_his_number(morning):
    first, _ = await morning.walk_ins(2)
    await morning.do(first, "skip")

    queue = (await clinic(morning, status="skipped"))["queue"]

    assert by_id(queue) == {"waiting": [first]} and queue["total"] == 1
    assert queue["waiting"][0]["position"] == 2


async def test_who_was_left_over_belongs_to_today_by_the_centres_midnight(morning, clock):
    department = await morning.department()
    other = await morning.clinician(department, on_duty=False)
    line, room, held, done = await morning.walk_ins(4)
    anybody = (await morning.walk_in(departmentId=department))["id"]
    await morning.do(room, "call")
    await morning.do(held, "hold")
    await morning.do(done, "start")
    await morning.do(done, "complete")
    everybody = {"waiting": [line, anybody], "called": [room], "onHold": [held], "completed": [done]}

    midnight = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)  # in Kolkata
    await later(clock, morning.desk, seconds=(midnight - clock.now()).total_seconds() - 1)
    before = (await clinic(morning))["queue"]
    await later(clock, morning.desk, seconds=1)
    after = await clinic(morning)
    yesterday = (await clinic(morning, from_=TODAY))["queue"]
    both = (await clinic(morning, from_=TODAY, to=TOMORROW))["queue"]
    of_nobody = (await clinic(morning, doctorId=other.clinician_id))["queue"]

    assert by_id(before) == everybody
    assert after["from"] == TOMORROW
    assert by_id(after["queue"]) == {"waiting": [line, anybody], "called": [room], "onHold": [held]}
    assert all(visit["isCarryover"] for visit in after["queue"]["waiting"])
    assert by_id(yesterday) == {"completed": [done]}
    assert by_id(both) == everybody
    assert by_id(of_nobody) == {"waiting": [anybody]}


async def test_a_clinicians_board_is_his_queue(morning):
    department = await morning.department()
    doctor, colleague = await morning.clinician(department), await morning.clinician(department, on_duty=False)
    mine, others = await morning.walk_in(doctor), await morning.walk_in(colleague)
    elsewhere = await morning.walk_in()
    path = f"/queue/clinic/{morning.hospital.centre_id}"

    everybody = (await clinic(morning))["queue"]
    picked = (await clinic(morning, doctorId=doctor.clinician_id))["queue"]
    by_the_other_name = (await clinic(morning, clinicianId=doctor.clinician_id))["queue"]
    own = (await read(doctor, path))["queue"]

    assert set(by_id(everybody)["waiting"]) == {mine["id"], others["id"], elsewhere["id"]}
    assert by_id(picked) == by_id(by_the_other_name) == by_id(own) == {"waiting": [mine["id"]]}
    assert refused(await doctor.get(path, params={"doctorId": colleague.clinician_id})) == (404, "NOT_FOUND")


async def test_staff_read_boards(make, hospital):
    may = await make.who_may(hospital, lambda persona: persona.get(f"/queue/clinic/{hospital.centre_id}"))
    assert may == STAFF


async def test_other_centres_and_other_hospitals_are_not_there(morning, make, as_stranger, as_admin):
    second = await make.centre(morning.hospital)
    away = await make.staff(morning.hospital, "FRONT_DESK", centre_id=second)
    await morning.walk_in()
    path = f"/queue/clinic/{morning.hospital.centre_id}"

    assert refused(await away.get(path)) == refused(await as_stranger.get(path)) == (404, "NOT_FOUND")
    assert (await read(away, f"/queue/clinic/{second}"))["queue"]["total"] == 0
    assert (await read(as_admin, path))["queue"]["total"] == 1
    unknown = {"doctorId": as_stranger.user_id + 1_000_000}
    assert refused(await as_admin.get(path, params=unknown)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"from": "2026-03-02", "to": "2026-03-01"}, "to"),
        ({"from": "2026-03-01", "to": "2026-04-01"}, "to"),
        ({"from": "yesterday"}, "from"),
        ({"from": "0001-01-01"}, "from"),
        ({"status": "ASLEEP"}, "status"),
        ({"doctorId": "0"}, "doctorId"),
    ],
)
async def test_what_makes_no_sense_is_named(morning, params, field):
    answer = await morning.desk.get(f"/queue/clinic/{morning.hospital.centre_id}", params=params)

    assert refused(answer) == (400, "VALIDATION_ERROR") and field in details(answer)


async def test_31_days_are_not_too_many(morning):
    data = await clinic(morning, from_="2026-03-01", to="2026-03-31")

    assert (data["from"], data["to"], data["queue"]["total"]) == ("2026-03-01", "2026-03-31", 0)


async def test_rows_that_make_no_sense_fail_no_board(morning, make):
    """Imported or half-lost: a stranger's service, a clinician who is gone, times that run backwards or are missing."""
    odd = await morning.walk_ins(6)
    gone = await morning.clinician()
    given = [
        {"service_id": None, "clinician_id": None, "department_id": 10**9},
        {"clinician_id": gone.clinician_id, "status": VisitStatus.IN_PROGRESS, "started_at": None},
        {"status": VisitStatus.CALLED, "called_at": None},
        {"status": VisitStatus.COMPLETED, "completed_at": None, "started_at": None},
        {
            "status": VisitStatus.COMPLETED,
            "started_at": datetime(2026, 3, 2, 4, tzinfo=UTC),
            "completed_at": datetime(2026, 3, 2, 3, tzinfo=UTC),
            "called_at": datetime(2020, 1, 1, tzinfo=UTC),
        },
        {"queue_day": date(2026, 3, 2) - timedelta(days=900), "estimated_minutes": -5},
    ]
    async with make.database.transaction() as tx:
        for visit_id, values in zip(odd, given, strict=True):
            await tx.execute(update(Visit).where(Visit.id == visit_id).values(**values))
        await tx.execute(update(Clinician).where(Clinician.id == gone.clinician_id).values(deleted_at=tx.now))
    good = await morning.book("11:00")
    centre_id = morning.hospital.centre_id

    queue = (await clinic(morning))["queue"]
    phases = await read(morning.desk, f"/queue/phases/{centre_id}")
    figures = await read(morning.desk, f"/queue/statistics/{centre_id}")
    listed = await read(morning.desk, "/visits")

    assert queue["total"] == len(listed) == 7 and sum(map(len, phases["phases"].values())) == 7
    assert [visit["appointmentId"] for visit in queue["expected"]] == [good]
    assert figures["totalAppointments"] == 1 and figures["walkIns"] == 6
    assert figures["consultations"]["counted"] == 0


async def test_a_board_is_one_read_however_many_visits(morning, make):
    statements = []
    engine = make.database.store.reads.sync_engine

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    async def count_reads() -> int:
        statements.clear()
        event.listen(engine, "before_cursor_execute", note)
        try:
            await clinic(morning)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return sum("visits" in statement for statement in statements)

    await morning.walk_in()
    few = await count_reads()
    await morning.walk_ins(12)

    assert few == await count_reads() == 1


async def test_more_than_a_board_can_show_is_refused(morning, monkeypatch):
    await morning.walk_ins(3)
    monkeypatch.setattr(boards, "MOST", 2)

    answer = await morning.desk.get(f"/queue/clinic/{morning.hospital.centre_id}")

    assert refused(answer) == (400, "VALIDATION_ERROR") and "fewer days" in details(answer)["to"]
