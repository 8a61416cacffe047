"""`GET /visits`: visits by whatever one knows of them, in pages."""

from datetime import UTC, datetime

import pytest

from tests.appointments.wishes import booked, later
from tests.queue.boards import details, read, refused
from tests.queue.conftest import TODAY

EVERYONE = {"ADMIN", "MANAGER", "CLINICIAN", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "PATIENT"}


async def listed(persona, **params) -> list[int]:
    return [visit["id"] for visit in await read(persona, "/visits", **params)]


async def visit_of(morning, appointment_id: int) -> int:
    return (await read(morning.desk, f"/appointments/{appointment_id}"))["visitId"]


async def test_filters_find_what_they_name(morning, make, as_admin, clock):
    second = await make.centre(morning.hospital)
    department = await morning.department()
    colleague = await morning.clinician(department)
    abroad = await make.clinician(morning.hospital, centre_id=second, is_on_duty=True)
    awaited = await visit_of(morning, await morning.book("11:00"))
    tomorrow = await visit_of(morning, await morning.book(appointmentDate="2026-03-03"))
    arrived = (await morning.check_in(await morning.book("10:00")))["id"]
    walk_in = await morning.walk_in(colleague)
    left = (await morning.walk_in())["id"]
    await morning.do(left, "cancel")
    there = await as_admin.post("/visits", {"patientId": walk_in["patientId"], "doctorId": abroad.clinician_id})
    assert there.status_code == 201, there.text
    there = there.json()["data"]["id"]
    walk_in, patient_id = walk_in["id"], walk_in["patientId"]
    everything = [tomorrow, there, left, walk_in, arrived, awaited]
    today = sorted(set(everything) - {tomorrow}, reverse=True)

    for params, found in (
        ({}, [tomorrow, *today]),
        ({"centreId": second}, [there]),
        ({"centreId": second + 1_000_000}, []),
        ({"doctorId": colleague.clinician_id}, [walk_in]),
        ({"clinicianId": morning.doctor.clinician_id}, [tomorrow, *sorted((awaited, arrived, left), reverse=True)]),
        ({"patientId": patient_id}, [there, walk_in]),
        ({"patientId": patient_id + 1_000_000}, []),
        ({"status": "EXPECTED"}, [tomorrow, awaited]),
        ({"status": "waiting"}, sorted((arrived, walk_in, there), reverse=True)),
        ({"status": "CANCELLED"}, [left]),
        ({"status": "CALLED"}, []),
        ({"visitType": "WALK_IN"}, sorted((walk_in, left, there), reverse=True)),
        ({"visitType": "appointment"}, [tomorrow, *sorted((awaited, arrived), reverse=True)]),
        ({"date": TODAY}, today),
        ({"date": "2026-03-03"}, [tomorrow]),
        ({"date": TODAY, "centreId": second}, [there]),
        ({"date": TODAY, "status": "WAITING", "doctorId": colleague.clinician_id, "visitType": "walk-in"}, [walk_in]),
        ({"patientId": patient_id, "centreId": morning.hospital.centre_id}, [walk_in]),
    ):
        assert await listed(as_admin, **params) == found, params


async def test_all_of_a_patients_visits_are_found_booked_or_not(morning, make, clock):
    """He books, walks in, is handed to a colleague, leaves, and comes again: all that is one history."""
    patient = await make.patient(morning.hospital)
    colleague = await morning.clinician()
    for at, command in (("10:00", None), ("11:00", "cancel")):
        answer = await booked(patient, morning.doctor, at, TODAY)
        visit_id = await visit_of(morning, answer["id"])
        if command:
            await morning.do(visit_id, command)
    first = await morning.desk.post("/visits", {"patientId": patient.patient_id, "doctorId": colleague.clinician_id})
    first = first.json()["data"]["id"]
    await morning.do(first, "reassign", doctorId=(await morning.clinician()).clinician_id)
    await morning.do(first, "no-show")
    again = await morning.desk.post("/visits", {"patientId": patient.patient_id, "doctorId": colleague.clinician_id})
    assert again.status_code == 201, again.text
    await morning.walk_in()

    by_desk, own = await listed(morning.desk, patientId=patient.patient_id), await listed(patient)

    assert by_desk == own and len(own) == 4
    assert {first, again.json()["data"]["id"]} < set(own)


async def test_a_visit_handed_over_is_the_colleagues(morning):
    colleague = await morning.clinician()
    visit_id = (await morning.check_in(await morning.book()))["id"]
    await morning.do(visit_id, "reassign", doctorId=colleague.clinician_id)

    assert await listed(morning.desk, doctorId=colleague.clinician_id) == [visit_id]
    assert await listed(morning.desk, doctorId=morning.doctor.clinician_id) == []


@pytest.mark.parametrize("narrow", [{}, {"date": TODAY}])
async def test_lists_come_in_pages(morning, narrow):
    made = sorted(await morning.walk_ins(5), reverse=True)

    answer = await morning.desk.get("/visits", params={"page": 2, "limit": 2, **narrow})
    beyond = await morning.desk.get("/visits", params={"page": 9, "limit": 2, **narrow})

    assert [visit["id"] for visit in answer.json()["data"]] == made[2:4]
    assert answer.json()["meta"] == {"page": 2, "limit": 2, "total": 5, "totalPages": 3}
    assert beyond.json()["data"] == [] and beyond.json()["meta"]["total"] == 5


async def test_a_row_says_who_and_when(morning):
    appointment_id = await morning.book("10:00")
    await morning.walk_in()

    walk_in, expected = await read(morning.desk, "/visits")

    assert (expected["appointmentId"], expected["visitType"], expected["status"]) == (
        appointment_id,
        "APPOINTMENT",
        "EXPECTED",
    )
    assert (expected["start"], expected["tokenLabel"], expected["clinicianName"]) == (
        "2026-03-02T04:30:00Z",
        None,
        "Clinician",
    )
    assert (walk_in["visitType"], walk_in["patientName"], walk_in["start"]) == ("WALK_IN", "Ravi Kumar", None)
    assert walk_in["checkedInAt"] == "2026-03-02T03:30:00Z"


async def test_a_carryover_is_marked_and_keeps_its_day(morning, clock):
    visit_id = (await morning.walk_in())["id"]
    midnight = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)  # in Kolkata
    await later(clock, morning.desk, seconds=(midnight - clock.now()).total_seconds())

    (visit,) = await read(morning.desk, "/visits", status="WAITING")

    assert (visit["id"], visit["isCarryover"], visit["serviceDay"]) == (visit_id, True, TODAY)
    assert await listed(morning.desk, date=TODAY) == [visit_id]


async def test_everybody_sees_his_own_and_nobody_a_strangers(morning, make, as_admin, as_stranger, as_patient):
    department = await morning.department()
    doctor = await morning.clinician(department, on_duty=False)
    away = await make.staff(morning.hospital, "FRONT_DESK", centre_id=await make.centre(morning.hospital))
    booked_visit = await visit_of(morning, (await booked(as_patient, morning.doctor, "10:00", TODAY))["id"])
    anybody = (await morning.walk_in(departmentId=department))["id"]

    for persona, sees in (
        (as_admin, [anybody, booked_visit]),
        (morning.desk, [anybody, booked_visit]),
        (away, []),
        (morning.doctor, [booked_visit]),
        (doctor, [anybody]),
        (as_patient, [booked_visit]),
        (await make.patient(morning.hospital, "Other"), []),
        (as_stranger, []),
    ):
        assert await listed(persona) == sees
        assert await listed(persona, date=TODAY) == sees
        assert await listed(persona, patientId=as_patient.patient_id) == [one for one in sees if one == booked_visit]
    assert await make.who_may(morning.hospital, lambda persona: persona.get("/visits")) == EVERYONE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "GONE"),
        ("visitType", "VIDEO"),
        ("date", "tomorrow"),
        ("centreId", "0"),
        ("patientId", str(2**64)),
        ("page", "0"),
        ("limit", "101"),
    ],
)
async def test_a_filter_that_makes_no_sense_is_named(morning, name, value):
    answer = await morning.desk.get("/visits", params={name: value})

    assert refused(answer) == (400, "VALIDATION_ERROR") and name in details(answer)
