"""What the clock brings to appointments: reminders that are due, and patients who did not come."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from outpatient.appointments import sweeps
from outpatient.appointments.sweeps import find_no_shows, remind_due
from outpatient.models import Appointment, HospitalConfig, StoredEvent
from tests.appointments.wishes import MONDAY, booked, code_of, held, later, one, shown, visit_of
from tests.conftest import NOW
from tests.signing import change, program_like

pytestmark = pytest.mark.anyio

REMINDED, MISSED, PROPOSED = "appointment.reminder_due", "appointment.no_show", "appointment.no_show_proposed"


async def happened(outpatient, appointment_id: int, name: str) -> int:
    """How often this happened to an appointment."""
    async with outpatient.database.reading() as tx:
        of_it = (StoredEvent.subject == "appointment", StoredEvent.subject_id == appointment_id)
        return len(await tx.all(select(StoredEvent.id).where(*of_it, StoredEvent.name == name)))


async def configure(outpatient, hospital, **values) -> None:
    await change(outpatient, HospitalConfig, HospitalConfig.hospital_id == hospital.id, **values)


# ── reminders ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_reminder_is_due_three_hours_before_and_once(as_patient, as_clinician, outpatient, clock):
    made = await booked(as_patient, as_clinician, "14:00", MONDAY)  # now it is nine

    clock.advance(hours=1, minutes=59, seconds=59)
    await remind_due(outpatient.database)
    assert await happened(outpatient, made["id"], REMINDED) == 0
    clock.advance(seconds=1)
    await remind_due(outpatient.database)
    await remind_due(outpatient.database)

    assert await happened(outpatient, made["id"], REMINDED) == 1
    assert (await one(outpatient, Appointment, id=made["id"])).reminded_at == clock.now()


async def test_the_clock_going_back_reminds_nobody_twice(as_patient, as_clinician, outpatient, clock):
    made = await booked(as_patient, as_clinician, "14:00", MONDAY)
    for hours in (2, -1, 1, 0.5):
        clock.advance(hours=hours)
        await remind_due(outpatient.database)
    assert await happened(outpatient, made["id"], REMINDED) == 1


async def test_who_books_later_than_that_has_just_been_told(as_patient, as_clinician, outpatient, clock):
    made = await booked(as_patient, as_clinician, "11:00", MONDAY)
    clock.advance(minutes=30)
    await remind_due(outpatient.database)
    assert await happened(outpatient, made["id"], REMINDED) == 0


async def test_a_moved_appointment_is_reminded_of_anew_unless_the_move_is_news_enough(
    as_patient, as_clinician, outpatient, clock
):
    made = await booked(as_patient, as_clinician, "11:30", MONDAY)
    clock.advance(minutes=1)
    await remind_due(outpatient.database)
    assert await happened(outpatient, made["id"], REMINDED) == 0  # booked when it was due already

    async def move(to: str) -> None:
        moved = await as_patient.patch(f"/appointments/{made['id']}/reschedule", {"appointmentTime": to})
        assert moved.status_code == 200, moved.text

    await move("12:30")
    await later(clock, as_patient, hours=1)
    await remind_due(outpatient.database)
    assert await happened(outpatient, made["id"], REMINDED) == 1  # moved before it was due
    await move("12:00")
    await remind_due(outpatient.database)
    assert await happened(outpatient, made["id"], REMINDED) == 1  # moved when it was due already
    await move("16:30")
    await later(clock, as_patient, hours=4)
    await remind_due(outpatient.database)
    assert await happened(outpatient, made["id"], REMINDED) == 2


@pytest.mark.parametrize("verb", ["cancel", "check-in"])
async def test_nobody_is_reminded_of_what_needs_no_reminder(
    as_patient, as_front_desk, as_clinician, outpatient, clock, verb
):
    made = await booked(as_patient, as_clinician, "13:00", MONDAY)
    call = as_front_desk.post if verb == "check-in" else as_front_desk.patch
    assert (await call(f"/appointments/{made['id']}/{verb}")).status_code == 200
    clock.advance(hours=2)
    await remind_due(outpatient.database)
    assert await happened(outpatient, made["id"], REMINDED) == 0


async def test_holds_tokens_what_began_and_closed_hospitals_are_left_alone(
    as_patient, as_front_desk, as_clinician, make, hospital, outpatient, clock
):
    hold = await held(as_patient, as_clinician, "10:00")
    token = await booked(
        as_front_desk, as_clinician, None, MONDAY, bookingType="TOKEN", patientId=as_patient.patient_id
    )
    begun = await booked(as_patient, as_clinician, "12:30", MONDAY)
    await change(outpatient, Appointment, Appointment.id == hold, expires_at=NOW + timedelta(days=3))
    clock.advance(hours=24)  # the hold's reminder is due; the other began long ago
    await remind_due(outpatient.database)
    for one_id in (hold, token["id"], begun["id"]):
        assert await happened(outpatient, one_id, REMINDED) == 0

    from outpatient.models import Hospital

    clock.set(NOW)
    closed = await booked(as_patient, as_clinician, "15:00", MONDAY)
    await change(outpatient, Hospital, Hospital.id == hospital.id, is_active=False)
    clock.advance(hours=4)
    await remind_due(outpatient.database)
    assert await happened(outpatient, closed["id"], REMINDED) == 0
    await change(outpatient, Hospital, Hospital.id == hospital.id, is_active=True)
    await remind_due(outpatient.database)
    assert await happened(outpatient, closed["id"], REMINDED) == 1


@pytest.mark.parametrize(
    ("zone", "day", "time", "due"),
    [
        ("Pacific/Kiritimati", "2026-03-03", "00:30", "2026-03-02T07:30:00+00:00"),
        ("America/Los_Angeles", "2026-03-02", "23:30", "2026-03-03T04:30:00+00:00"),
        ("America/New_York", "2026-03-08", "03:00", "2026-03-08T04:00:00+00:00"),  # the clocks go forward at two
    ],
)
async def test_midnight_zones_and_changing_clocks(make, outpatient, clock, zone, day, time, due):
    from datetime import datetime

    hospital = await make.hospital(zone)
    clinician = await make.clinician(hospital, hours=tuple((weekday, 0, 1440) for weekday in range(7)))
    made = await booked(await make.patient(hospital), clinician, time, day)
    for seconds, times in ((-1, 0), (0, 1)):
        clock.set(datetime.fromisoformat(due) + timedelta(seconds=seconds))
        await remind_due(outpatient.database)
        assert await happened(outpatient, made["id"], REMINDED) == times


async def test_what_was_due_while_nobody_worked_is_found_by_the_next_program(
    as_patient, as_clinician, outpatient, clock
):
    made = await booked(as_patient, as_clinician, "14:00", MONDAY)
    clock.advance(hours=3)
    async with program_like(outpatient) as (restarted, _http):
        await restarted.worker.run_once()
    assert await happened(outpatient, made["id"], REMINDED) == 1


async def test_a_crowd_is_dealt_with_in_batches_and_four_at_once_do_it_once(
    as_front_desk, as_clinician, make, hospital, outpatient, clock, monkeypatch
):
    monkeypatch.setattr(sweeps, "BATCH", 3)
    made = []
    for half in range(16):
        patient = await make.record(hospital, f"Patient {half}")
        time = f"{13 + half // 2}:{'30' if half % 2 else '00'}"
        if half < 8:
            made.append((await booked(as_front_desk, as_clinician, time, MONDAY, patientId=patient))["id"])
    await configure(outpatient, hospital, reminder_minutes=600)
    await change(outpatient, Appointment, Appointment.id.in_(made), created_at=NOW - timedelta(days=1))
    await asyncio.gather(*(remind_due(outpatient.database) for _ in range(4)))
    await remind_due(outpatient.database)
    assert [await happened(outpatient, one_id, REMINDED) for one_id in made] == [1] * 8


# ── no-shows ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_who_has_not_come_fifteen_minutes_after_his_time_is_marked_once(
    as_patient, as_clinician, outpatient, clock
):
    made = await booked(as_patient, as_clinician, "10:00", MONDAY)
    clock.set(NOW + timedelta(hours=1, minutes=14, seconds=59))
    await find_no_shows(outpatient.database)
    assert await happened(outpatient, made["id"], MISSED) == 0
    clock.advance(seconds=1)
    for _ in range(5):
        await find_no_shows(outpatient.database)
    clock.advance(hours=-1)
    await find_no_shows(outpatient.database)

    assert await happened(outpatient, made["id"], MISSED) == 1
    assert (await one(outpatient, Appointment, id=made["id"])).status == "NO_SHOW"
    assert (await visit_of(outpatient, made["id"])).status == "NO_SHOW"


@pytest.mark.parametrize("was", ["PENDING", "CONFIRMED"])
async def test_who_has_arrived_is_never_marked(as_patient, as_front_desk, as_clinician, outpatient, clock, was):
    made = await booked(as_patient, as_clinician, "10:00", MONDAY)
    if was == "CONFIRMED":
        await as_patient.patch(f"/appointments/{made['id']}/confirm")
    await later(clock, as_front_desk, minutes=59)
    assert (await as_front_desk.post(f"/appointments/{made['id']}/check-in")).status_code == 200
    clock.advance(hours=5)
    await find_no_shows(outpatient.database)
    assert await happened(outpatient, made["id"], MISSED) == await happened(outpatient, made["id"], PROPOSED) == 0


async def test_who_comes_after_all_is_let_in_and_stays(as_patient, as_front_desk, as_clinician, outpatient, clock):
    made = await booked(as_patient, as_clinician, "10:00", MONDAY)
    await later(clock, as_front_desk, minutes=80)
    await find_no_shows(outpatient.database)
    assert (await as_front_desk.post(f"/appointments/{made['id']}/check-in")).status_code == 200
    await find_no_shows(outpatient.database)
    assert (await visit_of(outpatient, made["id"])).status == "WAITING"


async def test_a_mark_of_the_clock_is_not_undone_but_checked_in(
    as_patient, as_front_desk, as_clinician, outpatient, clock
):
    made = await booked(as_patient, as_clinician, "10:00", MONDAY)
    await later(clock, as_front_desk, minutes=80)
    await find_no_shows(outpatient.database)
    undone = await as_front_desk.post(f"/visits/{(await visit_of(outpatient, made['id'])).id}/undo")
    assert (undone.status_code, code_of(undone)) == (409, "NOTHING_TO_UNDO")
    assert "check him in" in undone.json()["error"]["message"]


async def test_where_people_decide_it_is_only_proposed(
    as_patient, as_clinician, as_front_desk, hospital, outpatient, clock
):
    await configure(outpatient, hospital, no_show_mode="PROPOSE", no_show_after_minutes=20)
    made = await booked(as_patient, as_clinician, "10:00", MONDAY)
    clock.advance(minutes=79)
    await find_no_shows(outpatient.database)
    assert await happened(outpatient, made["id"], PROPOSED) == 0
    await later(clock, as_front_desk, minutes=1)
    await find_no_shows(outpatient.database)
    await find_no_shows(outpatient.database)
    assert await happened(outpatient, made["id"], PROPOSED) == 1
    assert (await shown(as_front_desk, made["id"]))["status"] == "PENDING"


async def test_a_visit_by_video_is_only_proposed(as_patient, as_clinician, outpatient, clock):
    made = await booked(as_patient, as_clinician, "10:00", MONDAY, sessionType="ONLINE")
    clock.advance(minutes=80)
    await find_no_shows(outpatient.database)
    assert await happened(outpatient, made["id"], PROPOSED) == 1
    assert await happened(outpatient, made["id"], MISSED) == 0


@pytest.mark.parametrize(
    ("zone", "over"), [("Asia/Kolkata", "2026-03-02T18:30:00+00:00"), ("America/New_York", "2026-03-03T05:00:00+00:00")]
)
async def test_a_token_is_missed_when_its_day_is_over_at_its_centre(make, outpatient, clock, zone, over):
    from datetime import datetime

    hospital = await make.hospital(zone)
    clinician, desk = await make.clinician(hospital), await make.staff(hospital, "FRONT_DESK")
    patient = await make.record(hospital)
    made = await booked(desk, clinician, None, MONDAY, bookingType="TOKEN", patientId=patient)
    for seconds, times in ((-1, 0), (0, 1)):
        clock.set(datetime.fromisoformat(over) + timedelta(seconds=seconds))
        await find_no_shows(outpatient.database)
        assert await happened(outpatient, made["id"], MISSED) == times


async def test_what_was_missed_longer_ago_than_a_day_is_left_to_people(as_patient, as_clinician, outpatient, clock):
    made = await booked(as_patient, as_clinician, "10:00", MONDAY)
    clock.advance(hours=25, minutes=16)
    await find_no_shows(outpatient.database)
    assert await happened(outpatient, made["id"], MISSED) == 0


async def test_an_unpaid_hold_is_no_no_show(as_patient, as_clinician, outpatient, clock):
    hold = await held(as_patient, as_clinician, "10:00")
    await change(outpatient, Appointment, Appointment.id == hold, expires_at=NOW + timedelta(days=9))
    clock.advance(days=1, hours=1, minutes=20)
    await find_no_shows(outpatient.database)
    assert await happened(outpatient, hold, MISSED) == 0


async def test_at_minute_fifteen_check_in_and_mark_have_one_outcome(
    as_front_desk, as_clinician, make, hospital, outpatient, clock
):
    made = []
    for half in range(8):
        patient = await make.record(hospital, f"Patient {half}")
        time = f"{9 + half // 2:02}:{'30' if half % 2 else '00'}"
        if half:
            made.append((await booked(as_front_desk, as_clinician, time, MONDAY, patientId=patient))["id"])
    await later(clock, as_front_desk, hours=3, minutes=45)  # half past twelve and a quarter of an hour
    answers, _ = await asyncio.gather(
        asyncio.gather(*(as_front_desk.post(f"/appointments/{one_id}/check-in") for one_id in made)),
        find_no_shows(outpatient.database),
    )
    assert {answer.status_code for answer in answers} == {200}  # whoever was marked a moment before is let in
    for one_id in made:
        assert (await one(outpatient, Appointment, id=one_id)).status == "CHECKED_IN"
        assert (await visit_of(outpatient, one_id)).status == "WAITING"
        assert await happened(outpatient, one_id, "appointment.no_show") <= 1


@pytest.mark.parametrize("is_guarded", [True, False])
async def test_who_arrives_between_the_look_and_the_mark_is_not_marked(
    as_patient, as_front_desk, as_clinician, outpatient, clock, monkeypatch, is_guarded
):
    """And without the guard in the UPDATE he would be: the counter-proof."""
    made = await booked(as_patient, as_clinician, "10:00", MONDAY)
    await later(clock, as_front_desk, minutes=75)
    look = sweeps._is_any

    async def look_while_he_arrives(database, which):
        found = await look(database, which)
        if found:
            assert (await as_front_desk.post(f"/appointments/{made['id']}/check-in")).status_code == 200
        return found

    monkeypatch.setattr(sweeps, "_is_any", look_while_he_arrives)
    if not is_guarded:
        by_number = update(Appointment).where(Appointment.id == made["id"])
        monkeypatch.setattr(sweeps, "_claimed", lambda _which: by_number)
    await find_no_shows(outpatient.database)
    is_missed = (await one(outpatient, Appointment, id=made["id"])).status == "NO_SHOW"
    assert is_missed is not is_guarded


async def test_no_old_row_is_looked_at(outpatient, clock):
    """The cost does not grow with the years: both questions begin with the index on hospital and day."""
    which = (Appointment.hospital_id.in_([1, 2]), sweeps._started(NOW - timedelta(days=1), NOW))
    query = select(Appointment.id).where(*which, Appointment.no_show_proposed_at.is_(None)).limit(1)
    async with outpatient.database.reading() as tx:
        is_postgresql = tx.store.dialect == "postgresql"
        plan = "EXPLAIN " if is_postgresql else "EXPLAIN QUERY PLAN "
        if is_postgresql:
            await tx.execute(text("SET LOCAL enable_seqscan = off"))
        compiled = query.compile(dialect=tx.store.reads.dialect, compile_kwargs={"literal_binds": True})
        said = "\n".join(str(row) for row in (await tx.execute(text(plan + str(compiled).replace(":", "\\:")))).all())
    assert "hospital_id_service_on_starts_at" in said, said
