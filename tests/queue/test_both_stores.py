"""The same day in the waiting room on SQLite and on PostgreSQL: the same answers, and the same rows in every table."""

from datetime import timedelta

from outpatient.models import Department
from tests.makers import new_phone
from tests.queue.conftest import TODAY
from tests.stories import Story, tell_on_both

TOMORROW = "2026-03-03"


async def _tell(story: Story) -> None:
    """Arrivals of all kinds, every command, refusals, repeats with a key, a night, and what was left over."""
    make, step, clock = story.make, story.step, story.clock
    hospital = await make.hospital(skip_positions=1, max_queue_length=4, early_arrival_minutes=60)
    desk = await make.staff(hospital, "FRONT_DESK", centre_id=hospital.centre_id)
    async with make.database.transaction() as tx:
        row = Department(
            hospital_id=hospital.id,
            centre_id=hospital.centre_id,
            name="Cardiology",
            token_prefix="D",
            default_consultation_minutes=7,
            created_at=tx.now,
        )
        department = (await tx.add(row)).id
    hours = tuple((weekday, 0, 1440) for weekday in range(7))
    rao = await make.clinician(hospital, hours=hours, department_id=department, is_on_duty=True, room="Room 4")
    sen = await make.clinician(hospital, hours=hours, department_id=department)
    das = await make.clinician(hospital, hours=hours, is_on_duty=True)
    names = ("Asha Rao", "Ravi Kumar", "Jane Smith", "Omar Ali", "Lila Sen", "Kim Lee")
    patients = [await make.record(hospital, name) for name in names]

    async def book(patient: int, doctor, **given) -> int:
        wish = {"clinicianId": doctor.clinician_id, "patientId": patient, "appointmentDate": TODAY, **given}
        return (await step(desk, "POST", "/appointments", wish))["id"]

    async def arrive(appointment: int, key: str | None = None) -> int:
        headers = {"Idempotency-Key": key} if key else {}
        path = f"/appointments/{appointment}/check-in"
        return (await step(desk, "POST", path, headers=headers)).get("id", 0)

    async def walk_in(key: str | None = None, **given) -> int:
        headers = {"Idempotency-Key": key} if key else {}
        return (await step(desk, "POST", "/visits", given, headers=headers)).get("id", 0)

    async def call_next(doctor, key: str | None = None) -> int:
        headers = {"Idempotency-Key": key} if key else {}
        path = f"/queue/doctor/{doctor.clinician_id}/next"
        return (await step(desk, "POST", path, headers=headers)).get("id", 0)

    async def do(visit: int, what: str, **body) -> None:
        clock.advance(seconds=61)
        await step(desk, "POST", f"/visits/{visit}/{what}", body or None)

    async def look() -> None:
        for doctor in (rao, sen, das):
            await step(desk, "GET", f"/queue/doctor/{doctor.clinician_id}")
        await step(desk, "GET", f"/queue/department/{department}")

    # arrivals: by appointment, too early, twice, with a key, of nobody; walk-ins old and new
    await call_next(sen)
    timed = await book(patients[0], rao, appointmentTime="09:30")
    late = await book(patients[1], rao, appointmentTime="15:00")
    token = await book(patients[2], das, bookingType="TOKEN")
    tomorrow = await book(patients[3], das, bookingType="TOKEN", appointmentDate=TOMORROW)
    first = await arrive(timed, "arrival-1")
    await arrive(timed, "arrival-1")
    await arrive(timed)
    await arrive(late)
    await arrive(tomorrow)
    await arrive(10**6)
    clock.advance(seconds=5)
    second = await arrive(token)
    clock.advance(seconds=5)
    urgent = await walk_in("walk-1", patientId=patients[3], departmentId=department, priority="URGENT", notes="Dizzy")
    await walk_in("walk-1", patientId=patients[3], departmentId=department, priority="URGENT", notes="Dizzy")
    await walk_in("walk-1", patientId=patients[4], departmentId=department)
    await walk_in(patientId=patients[3], departmentId=department)
    clock.advance(seconds=5)
    new = {"fullName": "Nina Roy", "phone": new_phone()}
    third = await walk_in(patient=new, doctorId=rao.clinician_id)
    clock.advance(seconds=5)
    await step(rao, "PUT", f"/clinicians/{rao.clinician_id}/on-duty", {"isOnDuty": False})
    anybody = await walk_in(patientId=patients[4], departmentId=department)
    clock.advance(seconds=5)
    more = await walk_in(patientId=patients[5], doctorId=das.clinician_id, priority="VIP")
    await look()

    # into the room and out of it
    assert await call_next(rao, "next-1") == urgent
    await call_next(rao, "next-1")
    await do(urgent, "start")
    await do(first, "start")
    clock.advance(minutes=6, seconds=20)
    await look()
    await do(urgent, "complete")
    await do(urgent, "complete")
    await do(urgent, "undo")
    await do(urgent, "complete")
    assert await call_next(sen) == anybody
    await do(anybody, "hold", reason="Blood test")
    await do(anybody, "recall")
    await do(anybody, "start")
    clock.advance(minutes=9)
    await do(anybody, "complete")
    await call_next(rao)
    await do(first, "skip", reason="Did not answer")
    await do(third, "delay", minutes=20, reason="Parking the car")
    await call_next(rao)
    await step(desk, "POST", f"/queue/doctor/{rao.clinician_id}/skip")
    await call_next(rao)
    await look()

    # two more, so that the clinician's pace is known
    for minutes, name in ((4, "Tara Das"), (11, "Zoe Roy")):
        visit = await walk_in(patient={"fullName": name, "phone": new_phone()}, doctorId=rao.clinician_id)
        await do(visit, "start")
        clock.advance(minutes=minutes)
        await do(visit, "complete")
    await look()

    # moves within and between lines
    await do(more, "priority", priority="NORMAL", reason="Feels better")
    await do(second, "priority", priority="VIP", reason="Minister")
    await step(desk, "PUT", "/queue/reorder", {"visitId": more, "newPosition": 1, "reason": "Ambulance"})
    await step(desk, "PUT", "/queue/reorder", {"visitId": second, "newPosition": 9})
    await do(more, "reassign", doctorId=rao.clinician_id, reason="Das is called away")
    await do(more, "undo")
    await do(more, "reassign", doctorId=sen.clinician_id)
    await do(third, "reassign", doctorId=10**6)
    await look()

    # ends and their reversals
    await do(second, "no-show", reason="Left")
    await arrive(token)
    await do(second, "cancel", reason="Went home")
    await do(second, "undo")
    await do(second, "call")
    await do(second, "start")
    await do(second, "complete")
    await do(second, "cancel")
    await do(third, "cancel")
    await step(desk, "PATCH", f"/visits/{more}/status", {"status": "IN_PROGRESS"})
    await step(desk, "PATCH", f"/visits/{more}/status", {"status": "EXPECTED"})
    for visit in (first, second, more, third):
        await step(desk, "GET", f"/visits/{visit}")
        await step(desk, "GET", f"/visits/{visit}/history")

    # the night: who was left over comes before who arrives
    clock.set(clock.now().replace(hour=3, minute=30) + timedelta(days=1))
    await arrive(late)
    await arrive(tomorrow)
    await walk_in(patientId=patients[1], doctorId=sen.clinician_id)
    await look()
    later = await call_next(sen)
    await do(later, "start")
    await do(more, "recall")
    await look()
    await step(desk, "GET", f"/queue/statistics/{hospital.centre_id}?from={TODAY}&to={TOMORROW}")


async def test_both_stores_tell_the_same_story(both_stores, tmp_path, monkeypatch):
    told = await tell_on_both(both_stores, tmp_path, monkeypatch, _tell)

    refused = {body["error"]["code"] for status, body in told.answers if status >= 400}
    assert {status for status, _ in told.answers} <= {200, 201, 400, 404, 409, 422}
    assert refused >= {
        "ALREADY_IN_QUEUE",
        "CONSULTATION_RUNNING",
        "DAY_IS_OVER",
        "IDEMPOTENCY_MISMATCH",
        "INVALID_TRANSITION",
        "QUEUE_EMPTY",
        "TOO_EARLY",
    }, refused
    rows = told.rows
    assert len(rows["visits"]) == 11
    assert {row["token_group"].partition(":")[0] for row in rows["token_counters"]} == {"department", "clinician"}
    assert len(rows["visit_history"]) >= 3
    assert rows["paces"]
    assert {row["name"] for row in rows["events"] if row["subject"] == "visit"} >= {
        "visit.checked_in",
        "visit.walk_in_added",
        "visit.status_changed",
        "visit.reordered",
        "visit.delayed",
        "visit.prioritised",
        "visit.reassigned",
        "visit.undone",
    }
    assert len(rows["idempotency_keys"]) == 3
    assert [row for row in rows["payments"] if row["appointment_id"] is None]
