"""Queues as people read them: one clinician's, one department's, in order, with numbers and minutes."""

from outpatient.core.terms import VisitStatus
from tests.queue.conftest import TODAY


async def test_an_empty_queue_is_empty(morning):
    answer = await morning.desk.get(f"/queue/doctor/{morning.doctor.clinician_id}")
    assert answer.json()["data"] == {
        "doctorId": morning.doctor.clinician_id,
        "serviceDay": TODAY,
        "queue": [],
        "totalCount": 0,
    }


async def test_the_room_the_called_the_line_the_later_and_the_parked(morning, clock):
    seen, called, one, two, later, held = await morning.walk_ins(6)
    await morning.do(seen, "start")
    await morning.do(called, "call")
    await morning.do(later, "delay", minutes=45)
    await morning.do(held, "hold")
    await morning.brought_to("EXPECTED")
    await morning.do(two, "skip")

    queue = await morning.queue()

    assert [(visit["id"], visit["status"], visit["position"]) for visit in queue] == [
        (seen, "IN_PROGRESS", None),
        (called, "CALLED", None),
        (one, "WAITING", 1),
        (two, "SKIPPED", 2),
        (later, "WAITING", 3),
        (held, "ON_HOLD", None),
    ]
    waits = [visit["estimatedWait"] and visit["estimatedWait"]["minutes"] for visit in queue]
    assert waits == [None, None, 30, 45, 60, None]  # 15 for who is seen, 15 for who is called, and so on


async def test_who_is_seen_counts_for_what_is_left_of_him(morning, clock):
    seen, next_one = await morning.walk_ins(2)
    await morning.do(seen, "start")
    waits = []
    for minutes in (0, 10, 4, 30):
        await morning.pass_time(clock, minutes=minutes)
        waits.append((await morning.visit(next_one))["estimatedWait"]["minutes"])
    assert waits == [15, 5, 2, 2]  # longer than usual: a tenth of the usual is still expected


async def test_a_range_is_honest_about_what_is_not_known(morning):
    waits = [(await morning.walk_in())["estimatedWait"] for _ in range(5)]
    assert waits[0] == {"minutes": 0, "from": 0, "to": 0}
    assert all(wait["from"] <= wait["minutes"] <= wait["to"] for wait in waits)
    assert waits[1] == {"minutes": 15, "from": 5, "to": 25}


async def test_a_departments_usual_minutes_come_before_the_hospitals(in_hospital):
    morning = await in_hospital(default_consultation_minutes=20)
    quick = await morning.clinician(await morning.department(default_consultation_minutes=5))
    for doctor, minutes in ((morning.doctor, 20), (quick, 5)):
        await morning.walk_in(doctor)
        assert (await morning.walk_in(doctor))["estimatedWait"]["minutes"] == minutes


async def test_a_department_shows_all_its_lines_as_one(morning, clock):
    department_id = await morning.department()
    one, two, off = [await morning.clinician(department_id, on_duty=duty) for duty in (True, True, False)]
    ids = [(await morning.walk_in(doctor))["id"] for doctor in (one, two, one, off)]
    await morning.walk_in()
    answer = await morning.desk.get(f"/queue/department/{department_id}")
    data = answer.json()["data"]
    assert (data["departmentId"], data["serviceDay"], data["totalCount"]) == (department_id, TODAY, 4)
    assert [(visit["id"], visit["position"]) for visit in data["queue"]] == list(zip(ids, (1, 2, 3, 4), strict=True))
    assert [visit["estimatedWait"]["minutes"] for visit in data["queue"]] == [0, 0, 15, 0]


async def test_only_the_living_are_in_a_queue(morning):
    for status in sorted(VisitStatus, key=lambda one: one == "IN_PROGRESS"):  # one is seen at a time
        await morning.brought_to(status)
    here = {"WAITING", "CALLED", "IN_PROGRESS", "SKIPPED", "ON_HOLD"}
    assert {visit["status"] for visit in await morning.queue()} == here


async def test_the_number_of_statements_does_not_grow_with_the_queue(morning, outpatient, monkeypatch):
    seen: list[str] = []
    store = outpatient.database.store
    run = store.run

    async def run_counted(statement, arguments):
        seen.append(statement.name)
        return await run(statement, arguments)

    await morning.walk_ins(12)
    with monkeypatch.context() as patched:
        patched.setattr(store, "run", run_counted)
        assert len(await morning.queue()) == 12
    assert seen == ["clinician_queue"]
