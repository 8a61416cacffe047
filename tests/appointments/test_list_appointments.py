"""Lists: `GET /appointments`, `/appointments/my-appointments`, `/booking/my-appointments`."""

import pytest

from tests.appointments.wishes import MONDAY, TUESDAY, booked, bring_to, details_of, later, shown

pytestmark = pytest.mark.anyio

WEDNESDAY = "2026-03-04"


def ids(answer) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["data"]]


async def test_a_row_says_what_the_seed_documents(as_manager, as_patient, as_clinician, make, hospital):
    made = await booked(as_patient, as_clinician, sessionType="ONLINE")

    (row,) = (await as_manager.get("/appointments")).json()["data"]

    documented = {
        "id": made["id"],
        "patientId": as_patient.patient_id,
        "patientName": "Asha Rao",
        "clinicianId": as_clinician.clinician_id,
        "clinicianName": "Clinician",
        "centreId": hospital.centre_id,
        "centreName": "Main centre",
        "appointmentDate": TUESDAY,
        "appointmentTime": "10:00:00",
        "sessionType": "ONLINE",
        "status": "PENDING",
        "consultationFee": 1500,
        "paymentStatus": "PENDING",
    }
    assert {key: row[key] for key in documented} == documented
    await as_manager.patch(f"/appointments/{made['id']}/confirm")
    assert (await as_manager.get("/appointments")).json()["data"][0]["status"] == "CONFIRMED"
    await as_manager.delete(f"/appointments/{made['id']}")
    (row,) = (await as_manager.get("/appointments")).json()["data"]
    assert (row["status"], row["paymentStatus"]) == ("CANCELLED", "CANCELLED")


async def test_filters_find_what_they_name(as_manager, as_patient, as_clinician, make, hospital):
    other_clinician, other_patient = await make.clinician(hospital), await make.patient(hospital, "Other")
    first = await booked(as_patient, as_clinician)
    second = await booked(other_patient, other_clinician, day=WEDNESDAY)
    third = await booked(as_patient, other_clinician, day="2026-04-01")
    await as_patient.patch(f"/appointments/{first['id']}/confirm")
    for params, found in (
        ({"centreId": hospital.centre_id}, [first, second, third]),
        ({"centreId": hospital.centre_id + 1_000_000}, []),
        ({"clinicianId": as_clinician.clinician_id}, [first]),
        ({"doctorId": other_clinician.clinician_id}, [second, third]),
        ({"patientId": as_patient.patient_id}, [first, third]),
        ({"date": WEDNESDAY}, [second]),
        ({"status": "CONFIRMED"}, [first]),
        ({"status": "pending"}, [second, third]),
        ({"month": "2026-03"}, [first, second]),
        ({"month": "2026-04", "patientId": as_patient.patient_id}, [third]),
    ):
        assert ids(await as_manager.get("/appointments", params=params)) == [row["id"] for row in found], params


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "GONE"),
        ("date", "tomorrow"),
        ("month", "2026-13"),
        ("month", "0000-01"),
        ("centreId", "0"),
        ("patientId", str(2**64)),
        ("page", "0"),
        ("limit", "101"),
    ],
)
async def test_a_filter_that_makes_no_sense_is_named(as_manager, name, value):
    assert name in details_of(await as_manager.get("/appointments", params={name: value}))


async def test_lists_come_in_pages(as_manager, as_patient, as_clinician):
    made = [(await booked(as_patient, as_clinician, f"{hour:02}:00"))["id"] for hour in range(9, 14)]

    answer = await as_manager.get("/appointments", params={"page": 2, "limit": 2})

    assert ids(answer) == made[2:4]
    assert answer.json()["meta"] == {"page": 2, "limit": 2, "total": 5, "totalPages": 3}


async def test_everybody_sees_his_own_and_nobody_a_strangers(
    as_manager, as_front_desk, as_patient, as_clinician, as_stranger, make, hospital
):
    second_centre = await make.centre(hospital)
    elsewhere = await make.clinician(hospital, centre_id=second_centre)
    other = await make.patient(hospital, "Other")
    here = (await booked(as_patient, as_clinician))["id"]
    there = (await booked(other, elsewhere))["id"]
    for persona, sees in (
        (as_manager, [here, there]),
        (as_front_desk, [here]),
        (as_patient, [here]),
        (other, [there]),
        (as_clinician, [here]),
        (elsewhere, [there]),
        (as_stranger, []),
    ):
        assert sorted(ids(await persona.get("/appointments"))) == sees
        for appointment_id in (here, there):
            answer = await persona.get(f"/appointments/{appointment_id}")
            assert answer.status_code == (200 if appointment_id in sees else 404)


async def test_anybody_signed_in_may_list(make, hospital):
    may = await make.who_may(hospital, lambda persona: persona.get("/appointments"))
    everyone = {"ADMIN", "MANAGER", "CLINICIAN", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "PATIENT"}
    assert may == everyone


async def test_one_appointment_shows_phone_link_and_notes(as_patient, as_manager, as_clinician):
    made = await booked(as_patient, as_clinician, notes="First consultation")
    seen = await shown(as_manager, made["id"])
    assert (seen["patientPhone"], seen["meetLink"], seen["notes"]) == (as_patient.phone, None, "First consultation")
    assert (seen["visitStatus"], seen["timeZone"]) == ("EXPECTED", "Asia/Kolkata")


@pytest.mark.parametrize("appointment_id", ["999999999", str(2**53)])
async def test_an_unknown_or_impossible_id_is_no_failure_of_ours(as_manager, appointment_id):
    assert (await as_manager.get(f"/appointments/{appointment_id}")).status_code in (400, 404)


async def test_a_clinicians_day_is_current_upcoming_and_past(as_admin, as_patient, as_clinician, clock, make, hospital):
    over, cancelled, going_on, ahead = [
        (await booked(as_patient, as_clinician, time, MONDAY))["id"] for time in ("09:00", "09:30", "10:00", "11:00")
    ]
    token = (await booked(as_patient, as_clinician, None, MONDAY, bookingType="TOKEN"))["id"]
    arrived = (await booked(as_patient, as_clinician, None, MONDAY, bookingType="TOKEN"))["id"]
    await as_patient.patch(f"/appointments/{cancelled}/cancel")
    await bring_to(as_admin, arrived, "CHECKED_IN")
    await booked(as_patient, await make.clinician(hospital), "12:00", MONDAY)
    await later(clock, as_clinician, minutes=75)

    day = (await as_clinician.get("/appointments/my-appointments")).json()["data"]

    assert {period: [row["id"] for row in rows] for period, rows in day.items()} == {
        "current": day_ids(day["current"], {going_on, arrived}),
        "upcoming": day_ids(day["upcoming"], {ahead, token}),
        "past": [cancelled, over],
    }
    assert day["upcoming"][0]["patientName"] == "Asha Rao"


def day_ids(rows, expected: set[int]) -> list[int]:
    """The order of tokens beside times is the engine's own; which rows there are is not."""
    found = [row["id"] for row in rows]
    assert set(found) == expected
    return found


async def test_only_clinicians_have_such_a_day(make, hospital):
    may = await make.who_may(hospital, lambda persona: persona.get("/appointments/my-appointments"))
    assert may == {"CLINICIAN"}


async def test_a_patients_bookings_come_newest_first(as_patient, as_clinician):
    first, second = await booked(as_patient, as_clinician), await booked(as_patient, as_clinician, day=WEDNESDAY)
    answer = await as_patient.get("/booking/my-appointments")
    assert ids(answer) == [second["id"], first["id"]]
    row = answer.json()["data"][0]
    documented = {
        "id": second["id"],
        "clinicianName": "Clinician",
        "centreName": "Main centre",
        "appointmentDate": WEDNESDAY,
        "appointmentTime": "10:00:00",
        "sessionType": "IN_PERSON",
        "status": "PENDING",
        "paymentStatus": "PENDING",
        "meetLink": None,
    }
    assert {key: row[key] for key in documented} == documented


async def test_a_patient_reads_his_booking_and_no_other(as_patient, as_clinician, make, hospital):
    other = await make.patient(hospital, "Other")
    made = await booked(other, as_clinician)
    assert (await other.get(f"/booking/{made['id']}")).json()["data"]["appointmentTime"] == "10:00:00"
    assert (await as_patient.get(f"/booking/{made['id']}")).status_code == 404


async def test_only_patients_have_bookings_of_their_own(make, hospital):
    may = await make.who_may(hospital, lambda persona: persona.get("/booking/my-appointments"))
    assert may == {"PATIENT"}
