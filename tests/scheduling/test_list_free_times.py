"""The free times of a day, for those who are signed in: `GET /appointments/availability`."""

import pytest

pytestmark = pytest.mark.anyio

PATH = "/appointments/availability"
TUESDAY = "2026-03-03"


async def free(persona, hospital, clinician, on=TUESDAY, **given):
    params = {"clinician_id": clinician.clinician_id, "centre_id": hospital.centre_id, "date": on, **given}
    answer = await persona.get(PATH, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["availableSlots"]


async def test_the_free_times_of_a_day_are_listed_and_a_booked_one_is_gone(as_patient, as_clinician, hospital):
    before = await free(as_patient, hospital, as_clinician)
    assert before[:3] == ["09:00:00", "09:30:00", "10:00:00"] and before[-1] == "16:30:00" and len(before) == 16

    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": TUESDAY, "appointmentTime": "09:30"}
    assert (await as_patient.post("/appointments", wish)).status_code == 201

    assert await free(as_patient, hospital, as_clinician) == [time for time in before if time != "09:30:00"]


async def test_names_in_camel_case_ask_the_same(as_patient, as_clinician, hospital):
    params = {"clinicianId": as_clinician.clinician_id, "centreId": hospital.centre_id, "date": TUESDAY}
    answer = await as_patient.get(PATH, params=params)
    assert answer.json()["data"]["availableSlots"] == await free(as_patient, hospital, as_clinician)


async def test_without_a_centre_it_is_the_clinicians_main_one(as_patient, as_clinician, hospital, as_admin, make):
    second = await make.centre(hospital, "Europe/London")
    rules = [{"dayOfWeek": "TUESDAY", "startTime": "20:00", "endTime": "21:00", "isAvailable": True}]
    path = f"/clinicians/{as_clinician.clinician_id}/availability?centreId={second}"
    assert (await as_admin.put(path, {"availabilityRules": rules})).status_code == 200

    answer = await as_patient.get(PATH, params={"clinician_id": as_clinician.clinician_id, "date": TUESDAY})

    assert answer.json()["data"]["availableSlots"] == await free(as_patient, hospital, as_clinician)


async def test_everybody_who_is_signed_in_may_ask(make, hospital, as_clinician):
    params = {"clinician_id": as_clinician.clinician_id, "date": TUESDAY}
    assert await make.who_may(hospital, lambda persona: persona.get(PATH, params=params)) == {
        "ADMIN", "MANAGER", "CENTRE_MANAGER", "CARE_COORDINATOR", "FRONT_DESK", "CLINICIAN", "PATIENT",
    }  # fmt: skip


async def test_a_clinician_of_another_hospital_does_not_exist(as_stranger, as_clinician):
    params = {"clinician_id": as_clinician.clinician_id, "date": TUESDAY}
    assert (await as_stranger.get(PATH, params=params)).status_code == 404


async def test_staff_may_book_without_notice_and_patients_may_not(make, asking):
    hospital = await make.hospital(minimum_notice_minutes=120, booking_horizon_days=7)
    clinician = await make.clinician(hospital)
    patient, desk = await make.patient(hospital), await make.staff(hospital, "FRONT_DESK")

    assert (await free(patient, hospital, clinician, "2026-03-02"))[0] == "11:00:00"
    assert (await free(desk, hospital, clinician, "2026-03-02"))[0] == "09:00:00"
    assert (await free(patient, hospital, clinician, "2026-03-09"))[0] == "09:00:00"
    assert await free(patient, hospital, clinician, "2026-03-10") == []
    assert len(await free(desk, hospital, clinician, "2026-03-10")) == 16


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"date": None}, "date"),
        ({"date": "03/03/2026"}, "date"),
        ({"date": "20260303"}, "date"),
        ({"date": "2026-02-30"}, "date"),
        ({"date": "9999-12-31"}, "date"),
        ({"clinician_id": None}, "clinicianId"),
        ({"clinician_id": "x"}, "clinician_id"),
        ({"clinician_id": "9007199254740993"}, "clinician_id"),
        ({"centre_id": "0"}, "centre_id"),
    ],
)
async def test_a_question_that_says_nothing_names_the_field(as_patient, as_clinician, hospital, given, field):
    params = {"clinician_id": as_clinician.clinician_id, "centre_id": hospital.centre_id, "date": TUESDAY, **given}
    answer = await as_patient.get(PATH, params={key: value for key, value in params.items() if value is not None})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "VALIDATION_ERROR"
    assert list(answer.json()["error"]["details"]) == [field]


@pytest.mark.parametrize(
    ("given", "thing"),
    [({"clinician_id": 10**9}, "Clinician"), ({"centre_id": 10**9}, "Centre"), ({"serviceId": 10**9}, "Service")],
)
async def test_what_is_not_there_is_not_found(as_patient, as_clinician, hospital, given, thing):
    params = {"clinician_id": as_clinician.clinician_id, "centre_id": hospital.centre_id, "date": TUESDAY, **given}
    answer = await as_patient.get(PATH, params=params)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == f"{thing} not found"
