"""What lies ahead and what was paid: `GET /patient/dashboard`."""

from datetime import timedelta

import pytest

from outpatient.core.terms import PaymentStatus
from tests.appointments.wishes import MONDAY, booked, held

pytestmark = pytest.mark.anyio


async def dashboard(who, **params) -> dict:
    answer = await who.get("/patient/dashboard", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_it_has_every_key_of_the_seed(as_patient, as_clinician, pay):
    made = await booked(as_patient, as_clinician, sessionType="ONLINE")
    await pay(made["id"], 150_000)

    data = await dashboard(as_patient)

    [ahead], [paid] = data["upcomingAppointments"], data["recentPayments"]
    assert {key: ahead[key] for key in ("id", "appointmentDate", "appointmentTime", "sessionType")} == {
        "id": made["id"],
        "appointmentDate": "2026-03-03",
        "appointmentTime": "10:00:00",
        "sessionType": "ONLINE",
    }
    assert ahead["clinicianName"] == "Clinician"
    assert {key: paid[key] for key in ("appointmentId", "amount", "status", "paidAt")} == {
        "appointmentId": made["id"],
        "amount": 1500,
        "status": "PAID",
        "paidAt": "2026-03-02T03:30:00Z",
    }
    assert (data["totalAppointments"], data["totalSpent"]) == (1, 1500)


async def test_who_did_nothing_yet_sees_nothing(as_patient):
    assert await dashboard(as_patient) == {
        "upcomingAppointments": [],
        "recentPayments": [],
        "totalAppointments": 0,
        "totalSpent": 0,
    }


async def test_the_next_five_come_soonest_first(as_patient, as_clinician):
    made = {}
    for time in ("14:00:00", "09:00:00", "11:00:00", "10:00:00", "13:00:00", "12:00:00"):
        made[time] = (await booked(as_patient, as_clinician, time))["id"]
    today = (await booked(as_patient, as_clinician, "16:00:00", MONDAY))["id"]

    ahead = [row["id"] for row in (await dashboard(as_patient))["upcomingAppointments"]]

    assert ahead == [today, made["09:00:00"], made["10:00:00"], made["11:00:00"], made["12:00:00"]]


async def test_what_is_over_cancelled_or_a_stale_hold_lies_behind(as_patient, as_clinician, as_front_desk, clock):
    over = (await booked(as_patient, as_clinician, "10:00:00", MONDAY))["id"]
    running = (await booked(as_patient, as_clinician, "10:30:00", MONDAY))["id"]
    cancelled = (await booked(as_patient, as_clinician, "11:00:00"))["id"]
    await as_front_desk.delete(f"/appointments/{cancelled}")
    hold = await held(as_patient, as_clinician, "12:00:00")
    ahead = [row["id"] for row in (await dashboard(as_patient))["upcomingAppointments"]]
    assert ahead == [over, running, hold]

    clock.advance(hours=1, minutes=31)
    renewed = await as_patient.post("/patient-auth/refresh-token", {"refreshToken": as_patient.refresh_token})
    as_patient.headers["Authorization"] = f"Bearer {renewed.json()['data']['accessToken']}"

    data = await dashboard(as_patient)
    assert [row["id"] for row in data["upcomingAppointments"]] == [running]
    assert data["totalAppointments"] == 4


async def test_only_money_that_came_in_is_recent_and_what_went_back_is_not_spent(as_patient, as_clinician, pay, clock):
    times = ("09:00:00", "09:30:00", "10:00:00", "10:30:00", "11:00:00", "11:30:00", "12:00:00")
    made = [(await booked(as_patient, as_clinician, time))["id"] for time in times]
    for hour, appointment_id in enumerate(made[:6]):
        await pay(appointment_id, 150_000, at=clock.now() + timedelta(hours=hour))
    await pay(made[5], 150_000, refunded=50_050, status=PaymentStatus.PARTIALLY_REFUNDED, at=clock.now())

    data = await dashboard(as_patient)

    assert [row["appointmentId"] for row in data["recentPayments"]] == [made[4], made[3], made[2], made[1], made[5]]
    assert data["totalSpent"] == 8499.5


async def test_all_on_his_phone_or_the_one_he_chooses(as_patient, as_clinician, child, pay):
    own = (await booked(as_patient, as_clinician, "09:00:00"))["id"]
    childs = (await booked(as_patient, as_clinician, "10:00:00", patientId=child))["id"]
    await pay(own, 150_000)
    await pay(childs, 30_000)

    both, one = await dashboard(as_patient), await dashboard(as_patient, patientId=child)

    assert [row["id"] for row in both["upcomingAppointments"]] == [own, childs]
    assert (both["totalAppointments"], both["totalSpent"]) == (2, 1800)
    assert [row["id"] for row in one["upcomingAppointments"]] == [childs]
    assert (one["totalAppointments"], one["totalSpent"]) == (1, 300)
    assert [row["appointmentId"] for row in one["recentPayments"]] == [childs]


@pytest.mark.parametrize("path", ["dashboard", "appointments", "payments", "profile"])
async def test_another_persons_record_is_not_there(as_patient, make, hospital, path):
    other = await make.record(hospital)

    assert (await as_patient.get(f"/patient/{path}", params={"patientId": other})).status_code == 404
    assert (await as_patient.get(f"/patient/{path}", params={"patientId": 2**53 - 1})).status_code == 404
    assert (await as_patient.get(f"/patient/{path}", params={"patientId": "x"})).status_code == 400


@pytest.mark.parametrize("path", ["dashboard", "appointments", "payments", "profile"])
async def test_it_is_for_patients_alone(make, hospital, path):
    assert await make.who_may(hospital, lambda who: who.get(f"/patient/{path}")) == {"PATIENT"}
