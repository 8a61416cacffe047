"""The desk books for a caller, known or not: `POST /booking/front-desk`."""

import pytest

from outpatient.models import Patient
from tests.appointments.wishes import at_once, code_of, count, details_of, shown, wish
from tests.makers import new_phone
from tests.signing import PASSWORD, sent_code

pytestmark = pytest.mark.anyio


def caller(clinician, time="10:00", phone="+919876543210", name="Jane Smith", **more):
    return wish(clinician, time, patientPhone=phone, patientName=name, sessionType="IN_PERSON", **more)


async def test_an_unknown_caller_becomes_a_patient(as_front_desk, as_clinician, hospital, outpatient):
    phone = new_phone()

    answer = await as_front_desk.post("/booking/front-desk", caller(as_clinician, phone=phone, consultationFee=1500))

    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    seen = await shown(as_front_desk, made["id"])
    assert (seen["patientName"], seen["patientPhone"]) == ("Jane Smith", phone)
    assert (made["bookingSource"], made["consultationFee"], made["expiresAt"]) == ("FRONT_DESK", 1500, None)


async def test_a_known_caller_keeps_his_record_and_his_family_gets_their_own(as_front_desk, as_clinician):
    phone = new_phone()
    ids = []
    for time, written, name in (
        ("10:00", phone, "Jane Smith"),
        ("10:30", phone.removeprefix("+91"), "  jane   SMITH "),
        ("11:00", phone, "Tom Smith"),
    ):
        answer = await as_front_desk.post("/booking/front-desk", caller(as_clinician, time, written, name))
        ids.append(answer.json()["data"]["patientId"])
    assert ids[0] == ids[1] != ids[2]


async def test_who_only_claimed_the_callers_name_and_phone_sees_nothing_of_the_visit(
    as_front_desk, as_nobody, as_clinician, make, hospital, outpatient
):
    phone, stranger = new_phone(), make.nobody(hospital)
    claim = {"name": "Jane Smith", "email": f"s{phone[1:]}@example.com", "phone": phone, "password": PASSWORD}
    claimed = (await stranger.post("/auth/patient/signup", claim)).json()["data"]
    stranger.headers["Authorization"] = f"Bearer {claimed['accessToken']}"
    assert (await stranger.get("/patient-auth/me")).status_code == 200

    made = (await as_front_desk.post("/booking/front-desk", caller(as_clinician, phone=phone))).json()["data"]

    assert made["patientId"] == claimed["user"]["patientId"]
    assert (await stranger.get(f"/appointments/{made['id']}")).status_code == 403
    assert (await stranger.post(f"/booking/{made['id']}/cancel")).status_code == 403
    await as_nobody.post("/patient-auth/send-otp", {"phone": phone})
    right = {"phone": phone, "otp": await sent_code(outpatient, phone)}
    holder = (await as_nobody.post("/patient-auth/verify-otp", right)).json()["data"]
    assert (holder["patient"]["id"], holder["patient"]["email"]) == (made["patientId"], None)
    as_nobody.headers["Authorization"] = f"Bearer {holder['accessToken']}"
    assert (await as_nobody.get(f"/booking/{made['id']}")).status_code == 200


async def test_who_proved_his_phone_keeps_his_record_when_the_desk_books_for_him(
    as_front_desk, as_patient, as_clinician
):
    body = caller(as_clinician, phone=as_patient.phone, name="Asha Rao")
    made = (await as_front_desk.post("/booking/front-desk", body)).json()["data"]
    assert made["patientId"] == as_patient.patient_id
    assert (await as_patient.get(f"/booking/{made['id']}")).status_code == 200


async def test_ten_calls_of_one_new_patient_at_once_make_one_record(as_front_desk, as_clinician, hospital, outpatient):
    phone = new_phone()
    times = [f"{hour:02}:{minute}" for hour in range(10, 15) for minute in ("00", "30")]

    answers = await at_once(
        *(as_front_desk.post("/booking/front-desk", caller(as_clinician, time, phone)) for time in times)
    )

    assert answers == {201: 10}
    assert await count(outpatient, Patient, hospital_id=hospital.id, phone=phone) == 1


async def test_a_refused_booking_leaves_no_patient_behind(as_front_desk, as_clinician, hospital, outpatient):
    phone = new_phone()
    refused = await as_front_desk.post("/booking/front-desk", caller(as_clinician, "03:00", phone))
    assert code_of(refused) == "SLOT_UNAVAILABLE"
    assert await count(outpatient, Patient, hospital_id=hospital.id, phone=phone) == 0


async def test_what_is_wrong_is_named(as_front_desk, as_clinician):
    assert "patientPhone" in details_of(await as_front_desk.post("/booking/front-desk", wish(as_clinician)))
    for phone in ("CALL-ME", "12"):
        refused = await as_front_desk.post("/booking/front-desk", caller(as_clinician, phone=phone))
        assert "patientPhone" in details_of(refused)
    assert "patientName" in details_of(await as_front_desk.post("/booking/front-desk", caller(as_clinician, name=" ")))
    cheap = await as_front_desk.post("/booking/front-desk", caller(as_clinician, consultationFee=1))
    assert "consultationFee" in details_of(cheap)


async def test_the_desk_books_at_its_own_centre(as_front_desk, as_manager, make, hospital):
    clinician = await make.clinician(hospital, centre_id=await make.centre(hospital))
    assert (await as_front_desk.post("/booking/front-desk", caller(clinician))).status_code == 403
    assert (await as_manager.post("/booking/front-desk", caller(clinician))).status_code == 201


async def test_the_roles_of_the_desk(make, hospital, as_clinician, as_stranger):
    times = iter(f"{hour:02}:00" for hour in range(9, 17))
    may = await make.who_may(
        hospital, lambda persona: persona.post("/booking/front-desk", caller(as_clinician, next(times)))
    )
    assert may == {"ADMIN", "MANAGER", "FRONT_DESK"}
    assert (await as_stranger.post("/booking/front-desk", caller(as_clinician))).status_code == 404
