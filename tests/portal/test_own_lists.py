"""A patient's lists: `GET /patient/appointments` and `GET /patient/payments`."""

import pytest

from outpatient.models import Appointment
from tests.appointments.wishes import booked
from tests.portal.conftest import ids
from tests.signing import change

pytestmark = pytest.mark.anyio


async def test_an_appointment_has_every_key_of_the_seed(as_patient, as_clinician, pay, outpatient):
    made = await booked(as_patient, as_clinician, sessionType="ONLINE", notes="Brings reports")
    await pay(made["id"], 150_000)
    await change(outpatient, Appointment, Appointment.id == made["id"], meet_link="https://meet.example/abc")

    answer = await as_patient.get("/patient/appointments")

    [row] = answer.json()["data"]
    wanted = {
        "id": made["id"],
        "clinicianName": "Clinician",
        "centreName": "Main centre",
        "appointmentDate": "2026-03-03",
        "appointmentTime": "10:00:00",
        "sessionType": "ONLINE",
        "status": "PENDING",
        "paymentStatus": "PAID",
        "meetLink": "https://meet.example/abc",
    }
    assert {key: row[key] for key in wanted} == wanted
    assert answer.json()["meta"] == {"page": 1, "limit": 20, "total": 1, "totalPages": 1}
    assert "Brings reports" not in answer.text


async def test_a_payment_has_every_key_of_the_seed(as_patient, as_clinician, pay):
    made = await booked(as_patient, as_clinician)
    await pay(made["id"], 150_050)

    answer = await as_patient.get("/patient/payments")

    [row] = answer.json()["data"]
    wanted = {
        "appointmentId": made["id"],
        "clinicianName": "Clinician",
        "amount": 1500,
        "paidAmount": 1500.5,
        "status": "PAID",
        "paymentMethod": "UPI",
        "paidAt": "2026-03-02T03:30:00Z",
    }
    assert {key: row[key] for key in wanted} == wanted
    assert answer.json()["meta"]["total"] == 1


async def test_what_was_not_paid_yet_is_listed_too(as_patient, as_clinician):
    await booked(as_patient, as_clinician)

    [row] = (await as_patient.get("/patient/payments")).json()["data"]

    assert (row["status"], row["paidAt"], row["paymentMethod"]) == ("PENDING", None, None)


@pytest.mark.parametrize("path", ["/patient/appointments", "/patient/payments"])
async def test_the_newest_come_first_a_page_at_a_time(as_patient, as_clinician, path):
    for time in ("09:00:00", "10:00:00", "11:00:00"):
        await booked(as_patient, as_clinician, time)
    everything = await ids(as_patient, path)

    assert len(everything) == 3 and everything == sorted(everything, reverse=True)
    assert await ids(as_patient, f"{path}?limit=2") == everything[:2]
    assert await ids(as_patient, f"{path}?limit=2&page=2") == everything[2:]
    meta = (await as_patient.get(f"{path}?limit=2&page=2")).json()["meta"]
    assert meta == {"page": 2, "limit": 2, "total": 3, "totalPages": 2}


@pytest.mark.parametrize("path", ["/patient/appointments", "/patient/payments"])
async def test_nobody_elses_are_listed_and_those_on_his_phone_are(
    as_patient, as_clinician, make, hospital, child, path
):
    other = await make.patient(hospital, "Somebody Else")
    await booked(other, as_clinician, "09:00:00")
    await booked(as_patient, as_clinician, "10:00:00")
    await booked(as_patient, as_clinician, "11:00:00", patientId=child)

    def of(rows) -> set[int]:
        return {row["patientId"] for row in rows.json()["data"]}

    assert of(await as_patient.get(path)) == {as_patient.patient_id, child}
    assert of(await as_patient.get(f"{path}?patientId={child}")) == {child}
    assert of(await as_patient.get(f"{path}?patientId={as_patient.patient_id}")) == {as_patient.patient_id}
