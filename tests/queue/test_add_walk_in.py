"""`POST /visits`: somebody comes without an appointment, to a clinician or to a department."""

import pytest

from outpatient.models import Patient, Payment
from tests.appointments.wishes import code_of, count, details_of, one
from tests.makers import new_phone
from tests.queue.conftest import refusal, sentence
from tests.queue.test_check_in import RECEPTION


async def test_somebody_new_gets_a_record_a_token_and_a_bill(morning, outpatient):
    phone = new_phone()
    answer = await morning.try_walk_in(patient={"fullName": "Meera Nair", "phone": phone}, notes="Fever")

    assert answer.status_code == 201
    visit = answer.json()["data"]
    assert (visit["status"], visit["tokenLabel"], visit["appointmentId"]) == ("WAITING", "T1", None)
    assert (visit["patientName"], visit["notes"], visit["room"]) == ("Meera Nair", "Fever", "Room 4")
    assert "meta" not in answer.json()
    assert (await one(outpatient, Patient, id=visit["patientId"])).phone == phone
    bill = await one(outpatient, Payment, visit_id=visit["id"])
    assert (bill.amount_minor, bill.currency, bill.status, bill.appointment_id) == (150_000, "INR", "PENDING", None)
    (entry,) = await morning.history(visit["id"])
    assert (entry["event"], entry["details"]["tokenLabel"]) == ("visit.walk_in_added", "T1")


async def test_somebody_known_keeps_his_record(morning, outpatient):
    phone = new_phone()
    first = await morning.walk_in(patient={"fullName": "Meera Nair", "phone": phone})
    await morning.do(first["id"], "cancel")
    again = await morning.walk_in(patient={"fullName": "meera  nair", "phone": phone})
    by_id = await morning.walk_in(await morning.clinician(), patientId=first["patientId"])
    assert {again["patientId"], by_id["patientId"]} == {first["patientId"]}
    assert await count(outpatient, Patient, phone=phone) == 1


async def test_a_service_has_its_price(morning, make, outpatient):
    admin = await make.staff(morning.hospital, "ADMIN")
    made = await admin.post("/services", {"name": "Dressing", "durationMinutes": 15, "price": 400})
    visit = await morning.walk_in(serviceId=made.json()["data"]["id"])
    assert (await one(outpatient, Payment, visit_id=visit["id"])).amount_minor == 40_000


async def test_the_urgent_are_first(morning):
    normal, urgent, vip = [await morning.walk_in(priority=how) for how in ("normal", "URGENT", "vip")]
    assert await morning.line() == [urgent["id"], vip["id"], normal["id"]]


async def test_a_department_gives_to_the_least_loaded_on_duty(morning):
    department_id = await morning.department()
    busy, free, off = [await morning.clinician(department_id, on_duty=duty) for duty in (True, True, False)]
    await morning.walk_ins(2, doctor=busy)
    await morning.walk_in(doctor=free)
    given = [(await morning.walk_in(departmentId=department_id))["clinicianId"] for _ in range(3)]
    assert given == [free.clinician_id, busy.clinician_id, free.clinician_id]
    assert off.clinician_id not in given


async def test_a_full_clinician_is_given_nobody_more(morning):
    department_id = await morning.department(daily_patient_limit=1)
    full, free = [await morning.clinician(department_id) for _ in range(2)]
    await morning.walk_in(doctor=full)
    await morning.next(full)
    assert (await morning.walk_in(departmentId=department_id))["clinicianId"] == free.clinician_id
    answer = await morning.try_walk_in(departmentId=department_id)
    assert answer.json()["data"]["clinicianId"] is None
    assert answer.json()["meta"]["warnings"] == [
        "Every clinician on duty has the day's limit of patients; the patient waits for whoever calls first"
    ]


async def test_nobody_on_duty_means_waiting_for_whoever_calls_first(morning):
    department_id = await morning.department()
    doctor = await morning.clinician(department_id, on_duty=False)
    answer = await morning.try_walk_in(departmentId=department_id)
    visit = answer.json()["data"]
    assert (visit["clinicianId"], visit["departmentId"], visit["tokenLabel"]) == (None, department_id, "D1")
    assert visit["estimatedWait"] is None
    assert answer.json()["meta"]["warnings"] == [
        "Nobody of this department is on duty; the patient waits for whoever calls first"
    ]
    assert await morning.line(doctor) == [visit["id"]]
    called = await morning.next(doctor)
    assert (called["id"], called["clinicianId"]) == (visit["id"], doctor.clinician_id)


async def test_limits_warn_and_the_desk_decides(in_hospital):
    morning = await in_hospital(daily_patient_limit=1, max_queue_length=2)
    answers = [await morning.try_walk_in() for _ in range(3)]
    over = "This day is over the clinician's limit of 1 patients"
    assert [answer.json().get("meta", {}).get("warnings", []) for answer in answers] == [
        [],
        [over],
        [over, "2 patients are waiting already; the limit is 2"],
    ]
    assert [answer.json()["data"]["tokenNumber"] for answer in answers] == [1, 2, 3]


async def test_off_duty_is_said(morning):
    answer = await morning.try_walk_in(await morning.clinician(on_duty=False))
    assert answer.json()["meta"]["warnings"] == ["The clinician is not on duty"]


async def test_nobody_stands_in_one_queue_twice(morning):
    first = await morning.walk_in()
    twice = await morning.try_walk_in(patientId=first["patientId"])
    assert refusal(twice) == (409, "ALREADY_IN_QUEUE")
    assert twice.json()["error"]["details"] == {"visitId": first["id"], "tokenLabel": "T1"}
    other = await morning.try_walk_in(await morning.clinician(), patientId=first["patientId"])
    assert other.status_code == 201  # two clinicians on one day are two visits


async def test_nobody_stands_in_one_department_twice(morning):
    department_id = await morning.department()
    for _ in range(2):
        await morning.clinician(department_id)
    first = await morning.walk_in(departmentId=department_id)
    twice = await morning.try_walk_in(departmentId=department_id, patientId=first["patientId"])
    assert refusal(twice) == (409, "ALREADY_IN_QUEUE")


@pytest.mark.parametrize("by_department", [False, True])
async def test_an_appointment_of_today_is_said(morning, by_department):
    department_id = await morning.department()
    doctor = await morning.clinician(department_id)
    patient_id = (await morning.appointment(await morning.book(doctor=doctor)))["patientId"]
    where = {"departmentId": department_id} if by_department else {"doctor": doctor}
    answer = await morning.try_walk_in(patientId=patient_id, **where)
    assert answer.status_code == 201
    assert answer.json()["meta"]["warnings"] == ["This patient has an appointment here today; check that in instead"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"doctorId": None}, "doctorId"),
        ({"patient": None}, "patientId"),
        ({"patientId": 1}, "patientId"),
        ({"patient": {"fullName": "Ravi"}}, "patient.phone"),
        ({"patient": {"fullName": " ", "phone": "+919812345670"}}, "patient.fullName"),
        ({"patient": {"fullName": "Ravi", "phone": "123"}}, "patient.phone"),
        ({"priority": "FIRST"}, "priority"),
        ({"notes": "x" * 2001}, "notes"),
        ({"departmentId": 1}, "departmentId"),
    ],
)
async def test_what_is_missing_or_wrong_is_named(morning, change, field):
    body = {"patient": {"fullName": "Ravi", "phone": new_phone()}, "doctorId": morning.doctor.clinician_id, **change}
    answer = await morning.desk.post("/visits", {name: value for name, value in body.items() if value is not None})
    assert list(details_of(answer)) == [field]
    assert await morning.line() == []


async def test_whoever_is_not_there_is_not_found(morning, make, as_stranger):
    there = await make.hospital()
    theirs = await make.clinician(there)
    their_patient = await make.record(there)
    for more in (
        {"doctor": theirs},
        {"departmentId": 999_999_999},
        {"patientId": their_patient},
        {"serviceId": 999_999_999},
    ):
        assert refusal(await morning.try_walk_in(**more)) == (404, "NOT_FOUND")


async def test_a_desk_takes_walk_ins_at_its_own_centre_only(morning, make):
    centre_id = await make.centre(morning.hospital)
    answer = await morning.try_walk_in(await morning.clinician(centre_id=centre_id))
    assert (refusal(answer), sentence(answer)) == (
        (403, "FORBIDDEN"),
        "You may take walk-ins for your own centres only",
    )


async def test_only_reception_admits(make, hospital, morning):
    body = {"doctorId": morning.doctor.clinician_id}
    may = await make.who_may(
        hospital,
        lambda who: who.post("/visits", {**body, "patient": {"fullName": "Ravi", "phone": new_phone()}}),
    )
    assert may == RECEPTION


async def test_the_same_key_is_the_same_visit(morning):
    body = {"patient": {"fullName": "Ravi", "phone": new_phone()}, "doctorId": morning.doctor.clinician_id}
    key = {"Idempotency-Key": "walk-in-1"}
    first, again = [await morning.desk.post("/visits", body, headers=key) for _ in range(2)]
    assert (again.status_code, again.json()["data"]["id"]) == (201, first.json()["data"]["id"])
    assert code_of(await morning.desk.post("/visits", {**body, "notes": "x"}, headers=key)) == "IDEMPOTENCY_MISMATCH"
    assert len(await morning.line()) == 1
