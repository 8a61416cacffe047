"""Moving an appointment: `PATCH /appointments/{id}/reschedule` and `PUT /appointments/{id}`."""

import pytest
from sqlalchemy import update

from outpatient.core.terms import Prepayment
from outpatient.models import Appointment, Service
from tests.appointments.wishes import (
    MONDAY,
    SATURDAY,
    TUESDAY,
    at_once,
    booked,
    bring_to,
    code_of,
    count,
    details_of,
    free_times,
    held,
    later,
    occupied,
    shown,
    visit_of,
    wish,
)

pytestmark = pytest.mark.anyio

WEDNESDAY = "2026-03-04"


def to(time: str = "14:00:00", day: str = WEDNESDAY) -> dict:
    return {"appointmentDate": day, "appointmentTime": time}


async def moved(persona, appointment_id, body):
    return await persona.patch(f"/appointments/{appointment_id}/reschedule", body)


async def test_the_old_time_is_free_again_and_the_new_one_taken(as_patient, as_clinician, outpatient):
    made = (await booked(as_patient, as_clinician))["id"]

    answer = await moved(as_patient, made, to())

    assert answer.status_code == 200, answer.text
    seen = answer.json()["data"]
    assert (seen["appointmentDate"], seen["appointmentTime"]) == (WEDNESDAY, "14:00:00")
    assert (seen["start"], seen["end"]) == ("2026-03-04T08:30:00Z", "2026-03-04T09:00:00Z")
    assert "10:00" in await free_times(as_patient, outpatient, as_clinician)
    assert "14:00" not in await free_times(as_patient, outpatient, as_clinician, WEDNESDAY)
    assert (await visit_of(outpatient, made)).service_on.isoformat() == WEDNESDAY
    assert await occupied(outpatient, as_clinician) == 1


async def test_put_moves_and_confirms_in_one(as_manager, as_patient, as_clinician):
    made = (await booked(as_patient, as_clinician))["id"]
    answer = await as_manager.put(f"/appointments/{made}", {**to("14:00:00", WEDNESDAY), "status": "CONFIRMED"})
    seen = answer.json()["data"]
    assert (seen["appointmentDate"], seen["appointmentTime"], seen["status"]) == (WEDNESDAY, "14:00:00", "CONFIRMED")


async def test_a_day_alone_keeps_the_time_and_a_time_alone_the_day(as_patient, as_clinician):
    made = (await booked(as_patient, as_clinician))["id"]
    seen = (await moved(as_patient, made, {"appointmentDate": WEDNESDAY})).json()["data"]
    assert (seen["appointmentDate"], seen["appointmentTime"]) == (WEDNESDAY, "10:00:00")
    seen = (await moved(as_patient, made, {"appointmentTime": "12:30"})).json()["data"]
    assert (seen["appointmentDate"], seen["appointmentTime"]) == (WEDNESDAY, "12:30:00")
    seen = (await moved(as_patient, made, {"startTime": "2026-03-03T09:00:00+05:30"})).json()["data"]
    assert (seen["appointmentDate"], seen["appointmentTime"]) == (TUESDAY, "09:00:00")


async def test_a_move_to_nowhere_is_refused(as_patient, as_clinician):
    made = (await booked(as_patient, as_clinician))["id"]
    refused = await moved(as_patient, made, {})
    assert (refused.status_code, list(refused.json()["error"]["details"])) == (400, ["start"])


async def test_nothing_new_changes_nothing(as_patient, as_manager, as_clinician):
    made = (await booked(as_patient, as_clinician))["id"]
    before = await shown(as_patient, made)
    for answer in (
        await moved(as_patient, made, to("10:00:00", TUESDAY)),
        await as_manager.put(f"/appointments/{made}", {}),
    ):
        assert (answer.status_code, answer.json()["data"]) == (200, before)
    history = (await as_patient.get(f"/appointments/{made}/history")).json()["data"]
    assert [entry["event"] for entry in history] == ["appointment.created"]


async def test_an_occupied_time_is_refused_with_the_nearest_free_ones(as_patient, as_clinician, make, hospital):
    made = (await booked(as_patient, as_clinician))["id"]
    await booked(await make.patient(hospital, "Other"), as_clinician, "11:00")

    refused = await moved(as_patient, made, to("11:00:00", TUESDAY))

    assert (refused.status_code, code_of(refused)) == (409, "SLOT_UNAVAILABLE")
    times = [slot["appointmentTime"] for slot in refused.json()["error"]["details"]["nearestSlots"]]
    assert "11:00:00" not in times and len(times) == 5
    assert (await shown(as_patient, made))["appointmentTime"] == "10:00:00"


async def test_off_the_grid_outside_the_hours_or_past_is_refused(as_patient, as_manager, as_clinician):
    made = (await booked(as_patient, as_clinician))["id"]
    for persona in (as_patient, as_manager):
        for body in (to("10:15", TUESDAY), to("02:00", TUESDAY), to("10:00", SATURDAY)):
            assert code_of(await moved(persona, made, body)) == "SLOT_UNAVAILABLE"
        assert "appointmentDate" in details_of(await moved(persona, made, to("10:00", "2026-02-27")))
        both = {**to(), "start": "2026-03-04T08:30:00Z"}
        assert "start" in details_of(await moved(persona, made, both))


async def test_the_duration_is_kept(as_patient, as_clinician, outpatient, hospital):
    made = (await booked(as_patient, as_clinician))["id"]
    async with outpatient.database.transaction() as tx:
        service = await tx.add(Service(hospital_id=hospital.id, name="Long", duration_minutes=60, created_at=tx.now))
        await tx.execute(update(Appointment).where(Appointment.id == made).values(service_id=service.id))
    seen = (await moved(as_patient, made, to("14:00", WEDNESDAY))).json()["data"]
    assert (seen["start"], seen["end"]) == ("2026-03-04T08:30:00Z", "2026-03-04T09:30:00Z")
    assert code_of(await moved(as_patient, made, to("14:30", WEDNESDAY))) == "SLOT_UNAVAILABLE"


async def test_nobody_moves_what_he_may_not_see(as_patient, as_front_desk, as_stranger, as_clinician, make, hospital):
    other = await make.patient(hospital, "Other")
    made = (await booked(other, as_clinician))["id"]
    elsewhere = await make.clinician(hospital, centre_id=await make.centre(hospital))
    there = (await booked(other, elsewhere))["id"]
    assert (await moved(as_patient, made, to())).status_code == 404
    assert (await moved(as_stranger, made, to())).status_code == 404
    assert (await moved(as_front_desk, there, to())).status_code == 404
    assert (await moved(as_front_desk, made, to())).status_code == 200


@pytest.mark.parametrize("status", ["CHECKED_IN", "COMPLETED", "CANCELLED", "NO_SHOW"])
async def test_what_has_begun_or_ended_stays_where_it_is(as_admin, as_patient, as_clinician, status):
    made = (await booked(as_patient, as_clinician, "09:00", MONDAY))["id"]
    await bring_to(as_admin, made, status)
    assert code_of(await moved(as_patient, made, to())) == "INVALID_TRANSITION"


async def test_a_hold_moves_and_stays_a_hold(as_patient, as_clinician, outpatient):
    hold = await held(as_patient, as_clinician)
    seen = (await moved(as_patient, hold, to("11:00", TUESDAY))).json()["data"]
    assert (seen["appointmentTime"], seen["expiresAt"]) == ("11:00:00", "2026-03-02T03:45:00Z")


async def test_a_stale_hold_makes_room(as_patient, as_clinician, clock, make, hospital):
    other = await make.patient(hospital, "Other")
    await held(other, as_clinician, "11:00")
    made = (await booked(as_patient, as_clinician))["id"]
    await later(clock, as_patient, minutes=16)
    assert (await moved(as_patient, made, to("11:00", TUESDAY))).status_code == 200


async def test_a_token_moves_to_another_day_only(make):
    hospital = await make.hospital(daily_patient_limit=1)
    clinician, patient = await make.clinician(hospital), await make.patient(hospital)
    desk = await make.staff(hospital, "FRONT_DESK", centre_id=hospital.centre_id)
    made = (await booked(patient, clinician, None, bookingType="TOKEN"))["id"]
    await booked(patient, clinician, None, WEDNESDAY, bookingType="TOKEN")

    assert "appointmentTime" in details_of(await moved(patient, made, to()))
    assert code_of(await moved(patient, made, {"appointmentDate": SATURDAY})) == "SLOT_UNAVAILABLE"
    assert "appointmentDate" in details_of(await moved(patient, made, {"appointmentDate": "2026-02-27"}))
    assert code_of(await moved(patient, made, {"appointmentDate": WEDNESDAY})) == "DAY_FULL"
    seen = (await moved(patient, made, {"appointmentDate": MONDAY})).json()["data"]
    assert (seen["appointmentDate"], seen["appointmentTime"]) == (MONDAY, None)
    assert (await moved(desk, made, {"appointmentDate": WEDNESDAY})).status_code == 200


async def test_a_full_day_takes_no_move(make):
    hospital = await make.hospital(daily_patient_limit=1)
    clinician, patient = await make.clinician(hospital), await make.patient(hospital)
    made = (await booked(patient, clinician))["id"]
    await booked(patient, clinician, day=WEDNESDAY)
    assert code_of(await moved(patient, made, to())) == "DAY_FULL"
    assert (await moved(patient, made, to("15:00", TUESDAY))).status_code == 200


async def test_a_move_and_a_booking_of_the_same_slot_at_once(as_patient, as_clinician, make, hospital, outpatient):
    for hour in range(10, 14):
        mine = (await booked(as_patient, as_clinician, f"{hour}:30"))["id"]
        other = await make.patient(hospital, "Other")
        answers = await at_once(
            moved(as_patient, mine, to(f"{hour}:00", TUESDAY)),
            other.post("/appointments", wish(as_clinician, f"{hour}:00")),
        )
        assert answers in ({200: 1, 409: 1}, {201: 1, 409: 1})
    live = await count(outpatient, Appointment, clinician_id=as_clinician.clinician_id)
    assert await occupied(outpatient, as_clinician) == live


async def test_two_that_swap_their_times_at_once_end_as_they_began(as_patient, as_clinician, make, hospital):
    other = await make.patient(hospital, "Other")
    mine, theirs = (await booked(as_patient, as_clinician))["id"], (await booked(other, as_clinician, "11:00"))["id"]
    for _ in range(3):
        answers = await at_once(
            moved(as_patient, mine, to("11:00", TUESDAY)), moved(other, theirs, to("10:00", TUESDAY))
        )
        assert answers == {409: 2}


async def test_ten_moves_to_one_slot_succeed_once(as_manager, as_clinician, make, hospital):
    made = []
    for hour in range(9, 14):
        for minute in ("00", "30"):
            record = await make.record(hospital, f"Patient {hour}{minute}")
            made.append((await booked(as_manager, as_clinician, f"{hour:02}:{minute}", patientId=record))["id"])
    answers = await at_once(*(moved(as_manager, appointment_id, to()) for appointment_id in made))
    assert answers == {200: 1, 409: 9}


async def test_the_fee_changes_for_leads_only_and_only_before_it_is_closed(
    as_centre_manager, as_care_coordinator, as_patient, as_clinician, outpatient
):
    made = (await booked(as_patient, as_clinician))["id"]
    fee = {"consultationFee": 1200}
    assert "consultationFee" in details_of(await as_care_coordinator.put(f"/appointments/{made}", fee))
    assert (await as_centre_manager.put(f"/appointments/{made}", fee)).json()["data"]["consultationFee"] == 1200
    await as_patient.patch(f"/appointments/{made}/cancel")
    refused = await as_centre_manager.put(f"/appointments/{made}", {"consultationFee": 1300})
    assert "consultationFee" in details_of(refused)


async def test_notes_and_session_type_change_and_notes_may_be_emptied(as_manager, as_patient, as_clinician):
    made = (await booked(as_patient, as_clinician, notes="Cough"))["id"]
    seen = (await as_manager.put(f"/appointments/{made}", {"sessionType": "online"})).json()["data"]
    assert (seen["sessionType"], seen["notes"]) == ("ONLINE", "Cough")
    seen = (await as_manager.put(f"/appointments/{made}", {"notes": None})).json()["data"]
    assert seen["notes"] is None


async def test_under_prepayment_all_a_move_needs_no_second_hold(make):
    hospital = await make.hospital(prepayment=Prepayment.ALL, max_unpaid_holds=1)
    clinician, patient = await make.clinician(hospital), await make.patient(hospital)
    made = (await booked(patient, clinician))["id"]
    assert (await moved(patient, made, to())).status_code == 200
