"""`POST /appointments/{id}/check-in`: arrival, token, place."""

import pytest

from outpatient.models import AuditEntry, StoredEvent
from tests.appointments.wishes import count, later
from tests.queue.conftest import refusal, sentence

RECEPTION = {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK"}


async def test_the_patient_arrives(morning):
    appointment_id = await morning.book("10:00")

    answer = await morning.desk.post(f"/appointments/{appointment_id}/check-in")

    assert answer.status_code == 200
    visit = answer.json()["data"]
    assert visit["appointmentId"] == appointment_id
    assert (visit["status"], visit["tokenNumber"], visit["tokenLabel"]) == ("WAITING", 1, "T1")
    assert visit["checkedInAt"] == "2026-03-02T03:30:00Z"
    assert visit["serviceDay"] == "2026-03-02"
    assert visit["isCarryover"] is False
    assert visit["estimatedWait"] == {"minutes": 0, "from": 0, "to": 0}
    appointment = await morning.appointment(appointment_id)
    assert (appointment["status"], appointment["visitStatus"]) == ("CHECKED_IN", "WAITING")


async def test_tokens_count_up_and_estimates_grow(morning):
    visits = [await morning.check_in(await morning.book(at)) for at in ("10:00", "10:30", "11:00")]

    assert [visit["tokenLabel"] for visit in visits] == ["T1", "T2", "T3"]
    assert [visit["estimatedWait"]["minutes"] for visit in visits] == [0, 15, 30]
    assert await morning.line() == [visit["id"] for visit in visits]


async def test_a_repeat_answers_with_the_same_visit_and_does_nothing_more(morning, outpatient, clock):
    appointment_id = await morning.book()
    first = await morning.check_in(appointment_id)
    await morning.pass_time(clock, minutes=1)

    again = await morning.check_in(appointment_id)

    same = ("id", "tokenNumber", "checkedInAt", "status", "patientName", "estimatedWait")
    assert {name: again[name] for name in same} == {name: first[name] for name in same}
    assert await morning.line() == [first["id"]]
    happened = {"subject": "visit", "subject_id": first["id"]}
    assert await count(outpatient, StoredEvent, name="visit.checked_in", **happened) == 1
    assert await count(outpatient, AuditEntry, action="visit.checked_in", **happened) == 1


@pytest.mark.parametrize("status", ["CALLED", "IN_PROGRESS", "SKIPPED", "ON_HOLD"])
async def test_who_is_here_stays_what_he_is(morning, status):
    visit_id = await morning.brought_to(status)
    again = await morning.check_in((await morning.visit(visit_id))["appointmentId"])
    assert (again["id"], again["status"], again["tokenLabel"]) == (visit_id, status, "T1")


@pytest.mark.parametrize(("status", "word"), [("COMPLETED", "completed"), ("CANCELLED", "cancelled")])
async def test_who_has_gone_is_refused(morning, status, word):
    visit = await morning.visit(await morning.brought_to(status))
    answer = await morning.desk.post(f"/appointments/{visit['appointmentId']}/check-in")
    assert refusal(answer) == (409, "INVALID_TRANSITION")
    assert sentence(answer) == f"This visit is {word}"


async def test_the_window_opens_so_many_minutes_before(in_hospital, clock):
    morning = await in_hospital(early_arrival_minutes=30)
    early, now = await morning.book("10:00"), await morning.book("09:30")
    assert (await morning.check_in(now))["tokenNumber"] == 1
    refused = await morning.desk.post(f"/appointments/{early}/check-in")
    assert refusal(refused) == (409, "TOO_EARLY")
    assert refused.json()["error"]["details"] == {"opensAt": "2026-03-02T04:00:00Z"}
    await morning.pass_time(clock, minutes=30)
    assert (await morning.check_in(early))["tokenNumber"] == 2


async def test_another_day_is_too_early_or_over(morning, clock):
    tomorrow = await morning.book("09:30", on="2026-03-03")
    refused = await morning.desk.post(f"/appointments/{tomorrow}/check-in")
    assert refusal(refused) == (409, "TOO_EARLY")
    assert (sentence(refused), refused.json()["error"]["details"]) == (
        "This visit is for 03 March 2026",
        {"serviceDay": "2026-03-03"},
    )
    today = await morning.book("10:00")
    await morning.pass_time(clock, days=1)
    refused = await morning.desk.post(f"/appointments/{today}/check-in")
    assert (refusal(refused), sentence(refused)) == ((409, "DAY_IS_OVER"), "This visit was for 02 March 2026")
    assert (await morning.check_in(tomorrow))["tokenLabel"] == "T1"


async def test_late_on_the_same_day_is_welcome(morning, clock):
    appointment_id = await morning.book("09:00")
    await morning.pass_time(clock, hours=8)
    assert (await morning.check_in(appointment_id))["status"] == "WAITING"


async def test_a_token_booking_arrives_at_any_hour(in_hospital):
    morning = await in_hospital(early_arrival_minutes=0)
    booked = await morning.book(bookingType="TOKEN")
    assert (await morning.check_in(booked))["tokenLabel"] == "T1"


async def test_an_expired_hold_is_refused(morning, make, clock):
    patient = await make.patient(morning.hospital)
    wish = {"clinicianId": morning.doctor.clinician_id, "appointmentDate": "2026-03-02", "appointmentTime": "11:00"}
    stale, fresh = [
        (await patient.post("/booking/create", {**wish, "appointmentTime": at})).json()["data"]["appointmentId"]
        for at in ("11:00", "11:30")
    ]
    assert (await morning.check_in(fresh))["status"] == "WAITING"
    await morning.pass_time(clock, minutes=15)
    refused = await morning.desk.post(f"/appointments/{stale}/check-in")
    assert refusal(refused) == (409, "HOLD_EXPIRED")


async def test_who_was_missed_comes_after_all_and_keeps_his_token(morning, clock, outpatient):
    came = await morning.brought_to("NO_SHOW")
    never = await morning.book(morning.times.pop(0))
    await morning.pass_time(clock, hours=1)
    await morning.do(await morning.visit_of(never), "no-show")
    other = await morning.walk_in()
    await morning.pass_time(clock, minutes=1)

    back = await morning.check_in((await morning.visit(came))["appointmentId"])
    late = await morning.check_in(never)

    assert (back["tokenLabel"], other["tokenLabel"], late["tokenLabel"]) == ("T1", "T2", "T3")
    assert (back["checkedInAt"], late["checkedInAt"]) == ("2026-03-02T03:30:00Z", "2026-03-02T04:31:00Z")
    assert await morning.line() == [other["id"], came, late["id"]]
    assert (await morning.appointment(never))["status"] == "CHECKED_IN"


async def test_who_was_missed_yesterday_is_refused(morning, clock):
    visit = await morning.visit(await morning.brought_to("NO_SHOW"))
    await morning.pass_time(clock, days=1)
    assert refusal(await morning.desk.post(f"/appointments/{visit['appointmentId']}/check-in")) == (409, "DAY_IS_OVER")


async def test_vips_arrive_at_the_head(morning):
    first = await morning.walk_in()
    booked = await morning.book()
    await morning.do(await morning.visit_of(booked), "priority", priority="VIP", reason="Board member")
    vip = await morning.check_in(booked)
    assert await morning.line() == [vip["id"], first["id"]]
    assert vip["estimatedWait"]["minutes"] == 0


async def test_the_day_is_the_centres(in_hospital, clock):
    morning = await in_hospital("America/New_York")  # it is half past ten on Sunday evening there
    every_day = await morning.clinician(hours=tuple((weekday, 0, 1440) for weekday in range(7)))
    on_sunday = await morning.book(doctor=every_day, on="2026-03-01", bookingType="TOKEN")
    on_monday = await morning.book("09:00")
    assert (await morning.check_in(on_sunday))["serviceDay"] == "2026-03-01"
    assert refusal(await morning.desk.post(f"/appointments/{on_monday}/check-in")) == (409, "TOO_EARLY")


async def test_only_reception_admits(make, hospital, morning):
    appointment_id = await morning.book()
    may = await make.who_may(hospital, lambda who: who.post(f"/appointments/{appointment_id}/check-in"))
    assert may == RECEPTION


async def test_what_one_may_not_see_is_not_there(make, hospital, morning, as_stranger):
    elsewhere = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))
    appointment_id = await morning.book()
    for persona in (as_stranger, elsewhere):
        assert refusal(await persona.post(f"/appointments/{appointment_id}/check-in")) == (404, "NOT_FOUND")
    assert refusal(await morning.desk.post("/appointments/999999999/check-in")) == (404, "NOT_FOUND")
    assert await morning.line() == []


async def test_the_same_key_is_the_same_arrival(morning, clock):
    appointment_id, other = await morning.book("10:00"), await morning.book("10:30")
    key = {"Idempotency-Key": "desk-7"}
    path = "/appointments/{}/check-in"
    first = (await morning.desk.post(path.format(appointment_id), headers=key)).json()
    await morning.do(first["data"]["id"], "call")
    again = (await morning.desk.post(path.format(appointment_id), headers=key)).json()
    assert (again["data"]["id"], again["data"]["status"]) == (first["data"]["id"], "CALLED")
    for mismatch in (
        await morning.desk.post(path.format(other), headers=key),
        await morning.desk.post(path.format(appointment_id), {"notes": "x"}, headers=key),
    ):
        assert refusal(mismatch) == (422, "IDEMPOTENCY_MISMATCH")
    assert await morning.status(await morning.visit_of(other)) == "EXPECTED"


async def test_a_refused_arrival_keeps_no_key(morning, clock):
    tomorrow, key = await morning.book("09:30", on="2026-03-03"), {"Idempotency-Key": "early-bird"}
    assert refusal(await morning.desk.post(f"/appointments/{tomorrow}/check-in", headers=key)) == (409, "TOO_EARLY")
    await later(clock, morning.desk, days=1)
    assert (await morning.desk.post(f"/appointments/{tomorrow}/check-in", headers=key)).status_code == 200
