"""Seed 001 `/analytics`: dashboard, top doctors, revenue, leads; who may ask, and for which centres."""

import asyncio
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from outpatient.models import Patient
from outpatient.patients.events import PatientUpdated
from tests.analytics.conftest import full_count, kept
from tests.appointments.wishes import Elsewhere, bring_to, code_of, shown
from tests.queue.conftest import Morning

pytestmark = pytest.mark.anyio

PATHS = ("/analytics/dashboard", "/analytics/top-doctors", "/analytics/revenue", "/analytics/leads-by-source")
EXPORT = "/analytics/export.csv?report=revenue"
TODAY = date(2026, 3, 2)


async def data(persona, path: str, **params):
    answer = await persona.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


@pytest.fixture
async def morning(make, hospital, as_front_desk) -> Morning:
    return Morning(make, hospital, as_front_desk, await make.clinician(hospital, is_on_duty=True))


@pytest.mark.parametrize("path", [*PATHS, EXPORT])
async def test_who_may_ask(make, hospital, path):
    assert await make.who_may(hospital, lambda who: who.get(path)) == {"ADMIN", "MANAGER", "CENTRE_MANAGER"}


@pytest.mark.parametrize("path", [*PATHS, EXPORT])
async def test_another_centre_is_not_there(make, hospital, as_centre_manager, as_admin, as_stranger, path):
    second = await make.centre(hospital)

    calls = ((as_centre_manager, hospital.centre_id), (as_centre_manager, second), (as_admin, second))
    calls = (*calls, (as_stranger, second))
    named = [f"{path}{'&' if '?' in path else '?'}centreId={centre_id}" for _, centre_id in calls]
    answers = [await who.get(one) for (who, _), one in zip(calls, named, strict=True)]
    assert [answer.status_code for answer in answers] == [200, 404, 200, 404]


async def test_an_empty_hospital_has_zeros(as_admin, counted):
    await counted()

    assert await data(as_admin, "/analytics/dashboard") == {
        "totalPatients": 0,
        "totalDoctors": 0,
        "totalFollowUps": 0,
        "totalRevenue": 0,
        "appointmentsToday": 0,
        "appointmentsThisWeek": 0,
        "appointmentsThisMonth": 0,
        "walkInsToday": 0,
    }
    assert await data(as_admin, "/analytics/top-doctors") == []
    assert await data(as_admin, "/analytics/leads-by-source") == []
    assert await data(as_admin, "/analytics/revenue", period="week") == {
        "period": "week",
        "totalRevenue": 0,
        "revenueByDate": [{"date": "2026-03-02", "revenue": 0}],
    }


async def test_the_dashboard_counts_what_takes_place(morning, as_admin, counted):
    await morning.book("10:00")
    await morning.book("10:30", on="2026-03-06")
    await morning.book("10:30", on="2026-03-09")  # Monday: the next week
    await morning.book("10:30", on="2026-04-01")
    cancelled = await morning.book("11:00")
    await bring_to(as_admin, cancelled, "CANCELLED")
    await morning.walk_in()
    await counted()

    found = await data(as_admin, "/analytics/dashboard")

    assert (found["appointmentsToday"], found["appointmentsThisWeek"], found["appointmentsThisMonth"]) == (1, 2, 3)
    assert (found["walkInsToday"], found["totalDoctors"]) == (1, 1)
    assert found["totalPatients"] == 6


async def test_who_was_seen_before_follows_up(morning, as_admin, counted, clock):
    first = await morning.book("10:00")
    await bring_to(as_admin, first, "COMPLETED")
    patient_id = (await shown(as_admin, first))["patientId"]
    await counted()
    assert (await data(as_admin, "/analytics/dashboard"))["totalFollowUps"] == 0

    again = {"patientId": patient_id, "clinicianId": morning.doctor.clinician_id, "appointmentTime": "10:00"}
    follow_ups = [
        await morning.desk.post("/appointments", {**again, "appointmentDate": on})
        for on in ("2026-03-03", "2026-03-04")
    ]
    await morning.desk.post("/appointments", {**again, "appointmentDate": "2026-03-02", "appointmentTime": "15:00"})
    other = await morning.make.clinician(morning.hospital)
    await morning.desk.post(
        "/appointments",
        {**again, "clinicianId": other.clinician_id, "appointmentDate": "2026-03-04", "appointmentTime": "15:00"},
    )
    await counted()
    assert (await data(as_admin, "/analytics/dashboard"))["totalFollowUps"] == 2

    await bring_to(as_admin, follow_ups[0].json()["data"]["id"], "CANCELLED")
    await counted()
    assert (await data(as_admin, "/analytics/dashboard"))["totalFollowUps"] == 1


@pytest.mark.parametrize("what", ["check-in", "undo", "no-show"])
async def test_each_move_of_the_queue_is_in_the_figures_at_once(morning, counted, outpatient, what):
    appointment = await morning.book("10:00")
    await counted()
    await morning.check_in(appointment)
    if what != "check-in":
        await counted()
        await morning.do(await morning.visit_of(appointment), what)
    await counted()
    here = (outpatient.database, morning.hospital.id)
    assert (await kept(*here))["days"] == (await full_count(*here))["days"]


async def test_an_undone_completion_takes_the_follow_up_with_it(morning, as_admin, counted):
    first = await morning.book("10:00")
    await morning.check_in(first)
    visit_id = await morning.visit_of(first)
    await morning.do(visit_id, "start")
    await morning.do(visit_id, "complete")
    again = {
        "patientId": (await shown(as_admin, first))["patientId"],
        "clinicianId": morning.doctor.clinician_id,
        "appointmentDate": "2026-03-04",
        "appointmentTime": "10:00",
    }
    assert (await morning.desk.post("/appointments", again)).status_code == 201
    await counted()
    assert (await data(as_admin, "/analytics/dashboard"))["totalFollowUps"] == 1

    await morning.do(visit_id, "undo")
    await counted()
    assert (await data(as_admin, "/analytics/dashboard"))["totalFollowUps"] == 0


async def test_top_doctors_by_appointments_then_by_money(make, hospital, morning, as_admin, ledger, counted):
    second, idle = await make.clinician(hospital), await make.clinician(hospital)
    one = await morning.book("10:00")
    for at in ("10:00", "10:30"):
        await morning.book(at, doctor=second)
    await ledger.post(await ledger.of_appointment(one), 150_050, TODAY)
    await counted()

    top = await data(as_admin, "/analytics/top-doctors")

    assert [(row["clinicianId"], row["totalAppointments"], row["totalRevenue"]) for row in top] == [
        (second.clinician_id, 2, 0),
        (morning.doctor.clinician_id, 1, 1500.5),
    ]
    assert {row["averageRating"] for row in top} == {None}
    assert {row["clinicianName"] for row in top} == {"Clinician"}
    assert idle.clinician_id not in [row["clinicianId"] for row in top]
    assert len(await data(as_admin, "/analytics/top-doctors", limit=1)) == 1
    assert await data(as_admin, "/analytics/top-doctors", **{"from": "2026-03-03"}) == []


async def test_revenue_is_net_and_every_day_is_there(morning, as_admin, ledger, counted, clock):
    payment_id = await ledger.of_appointment(await morning.book("10:00"))
    await ledger.post(payment_id, 150_000, date(2026, 2, 27))
    await ledger.post(payment_id, 50_000, TODAY, "GATEWAY")
    await ledger.post(payment_id, -20_000, TODAY)
    await ledger.post(payment_id, 7_000, TODAY, "DISCOUNTS")
    clock.set(datetime(2026, 3, 4, 6, tzinfo=UTC))
    await counted()
    admin = await morning.make.staff(morning.hospital, "ADMIN")

    month = await data(admin, "/analytics/revenue")
    assert month == {
        "period": "month",
        "totalRevenue": 300,
        "revenueByDate": [
            {"date": "2026-03-01", "revenue": 0},
            {"date": "2026-03-02", "revenue": 300},
            {"date": "2026-03-03", "revenue": 0},
            {"date": "2026-03-04", "revenue": 0},
        ],
    }
    assert [
        len((await data(admin, "/analytics/revenue", period=period))["revenueByDate"])
        for period in ("day", "week", "year")
    ] == [1, 3, 63]
    assert (await data(admin, "/analytics/revenue", period="year"))["totalRevenue"] == 1800
    named = await data(admin, "/analytics/revenue", **{"from": "2026-02-27", "to": "2026-02-28"})
    assert [day["revenue"] for day in named["revenueByDate"]] == [1500, 0]
    assert (await data(admin, "/analytics/dashboard"))["totalRevenue"] == 1800
    assert (await data(admin, "/analytics/dashboard", **{"from": "2026-03-01"}))["totalRevenue"] == 300


@pytest.mark.parametrize(
    ("zone", "last_minute", "first_minute"),
    [
        ("Asia/Kolkata", datetime(2026, 3, 2, 18, 29, tzinfo=UTC), datetime(2026, 3, 2, 18, 31, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 3, 4, 59, tzinfo=UTC), datetime(2026, 3, 3, 5, 1, tzinfo=UTC)),
    ],
)
async def test_a_day_is_the_centres_own(make, ledger, counted, clock, zone, last_minute, first_minute):
    """A payment a minute before midnight and one a minute after are two days' money, and "today" turns with them."""
    hospital = await make.hospital("UTC")
    centre_id = await make.centre(hospital, zone)
    desk = await make.staff(hospital, "ADMIN")
    morning = Morning(make, hospital, desk, await make.clinician(hospital, centre_id=centre_id))
    payment_id = await ledger.of_appointment(await morning.book("10:00", on="2026-03-03"))
    await ledger.post(payment_id, 100, date(2026, 3, 2))  # `entered_on` is the centre's day
    await ledger.post(payment_id, 200, date(2026, 3, 3))
    await counted()
    seen = []
    for at in (last_minute, first_minute):
        clock.set(at)
        admin = await make.staff(hospital, "ADMIN")
        revenue = await data(admin, "/analytics/revenue", period="day", centreId=centre_id)
        dashboard = await data(admin, "/analytics/dashboard", centreId=centre_id)
        seen.append((revenue["revenueByDate"], dashboard["appointmentsToday"]))

    assert seen == [
        ([{"date": "2026-03-02", "revenue": 1}], 0),
        ([{"date": "2026-03-03", "revenue": 2}], 1),
    ]


async def test_leads_are_counted_by_the_first_way_and_sum_to_a_hundred(morning, as_admin, counted):
    ids = []
    for number, source in enumerate(("WEBSITE", "WEBSITE", "WHATSAPP", "PHONE", "REFERRAL", "OTHER")):
        ids.append(await morning.book(morning.times[number], bookingSource=source))
    visit = await morning.walk_in()
    returning = (await shown(as_admin, ids[0]))["patientId"]
    await morning.walk_in(patientId=returning)  # he came by the website first
    assert visit["patientId"] != returning
    await bring_to(as_admin, ids[2], "CANCELLED")  # he came all the same
    await counted()

    leads = await data(as_admin, "/analytics/leads-by-source")

    assert leads[0] == {"source": "Website", "count": 2, "percentage": 29}
    assert [(row["source"], row["count"]) for row in leads[1:]] == [
        (source, 1) for source in ("WhatsApp", "Walk-in", "Phone", "Referral", "Other")
    ]
    assert sum(row["percentage"] for row in leads) == 100
    assert await data(as_admin, "/analytics/leads-by-source", to="2026-03-01") == []


async def test_centres_are_counted_apart_and_a_manager_sees_the_sum_of_his(make, hospital, morning, ledger, counted):
    second, third = await make.centre(hospital), await make.centre(hospital)
    away = await make.clinician(hospital, centre_id=second)
    admin = await make.staff(hospital, "ADMIN")
    here = await morning.book("10:00", bookingSource="PHONE")
    patient_id = (await shown(admin, here))["patientId"]
    body = {
        "patientId": patient_id,
        "clinicianId": away.clinician_id,
        "appointmentDate": "2026-03-02",
        "appointmentTime": "15:00",
        "bookingSource": "WEBSITE",
    }
    there = await admin.post("/appointments", body)
    await ledger.post(await ledger.of_appointment(here), 100_000, TODAY)
    await ledger.post(await ledger.of_appointment(there.json()["data"]["id"]), 30_000, TODAY)
    await counted()
    at_second = await make.staff(hospital, "CENTRE_MANAGER", centre_id=second)
    at_third = await make.staff(hospital, "CENTRE_MANAGER", centre_id=third)

    async def of(persona, **params) -> tuple:
        board = await data(persona, "/analytics/dashboard", **params)
        top = await data(persona, "/analytics/top-doctors", **params)
        leads = await data(persona, "/analytics/leads-by-source", **params)
        return (
            board["appointmentsToday"],
            board["totalRevenue"],
            board["totalDoctors"],
            [row["clinicianId"] for row in top],
            [(row["source"], row["count"]) for row in leads],
        )

    mine, theirs = morning.doctor.clinician_id, away.clinician_id
    assert await of(admin) == (2, 1300, 2, [mine, theirs], [("Phone", 1)])
    assert await of(admin, centreId=second) == (1, 300, 1, [theirs], [("Website", 1)])  # new to that centre
    assert await of(at_second) == await of(admin, centreId=second)
    assert await of(at_third) == (0, 0, 0, [], [])
    assert (await data(at_second, "/analytics/dashboard"))["totalPatients"] == 1


async def test_an_erased_patient_is_counted_no_more(make, hospital, as_front_desk, as_admin, counted, outpatient):
    patient_id = (await as_front_desk.post("/patients", {"fullName": "Asha", "phone": "+919812300001"})).json()["data"][
        "id"
    ]
    await counted()
    assert (await data(as_admin, "/analytics/dashboard"))["totalPatients"] == 1
    async with outpatient.database.transaction() as tx:
        await tx.execute(update(Patient).where(Patient.id == patient_id).values(deleted_at=tx.now))
    async with outpatient.database.transaction() as tx:
        event = PatientUpdated(hospital_id=hospital.id, subject_id=patient_id, fields=("deleted_at",))
        await tx.record(event, by=None)
    await counted()

    assert (await data(as_admin, "/analytics/dashboard"))["totalPatients"] == 0


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        ("/analytics/revenue", {"period": "century"}, "period"),
        ("/analytics/revenue", {"from": "2026-03-02", "to": "2026-03-01"}, "to"),
        ("/analytics/revenue", {"from": "2024-01-01", "to": "2026-03-01"}, "to"),
        ("/analytics/revenue", {"from": "yesterday"}, "from"),
        ("/analytics/dashboard", {"from": "2026-03-02", "to": "2026-03-01"}, "to"),
        ("/analytics/dashboard", {"centreId": "0"}, "centreId"),
        ("/analytics/top-doctors", {"limit": "101"}, "limit"),
        ("/analytics/leads-by-source", {"to": "1492-01-01"}, "to"),
        ("/analytics/export.csv", {"report": "secrets"}, "report"),
        ("/analytics/export.csv", {"report": "leads", "from": "2024-01-01", "to": "2025-01-01"}, "to"),
        ("/analytics/export.csv", {}, "report"),
    ],
)
async def test_bad_questions_name_the_field(as_admin, path, params, field):
    answer = await as_admin.get(path, params=params)

    assert (answer.status_code, code_of(answer)) == (400, "VALIDATION_ERROR")
    assert list(answer.json()["error"]["details"]) == [field]


async def test_seed_004_shows_a_doctor_by_month_and_by_day(make, hospital, morning, as_admin, counted):
    for at, status in (("09:00", "PENDING"), ("10:00", "CHECKED_IN"), ("10:30", "CONFIRMED"), ("11:00", "CANCELLED")):
        await bring_to(as_admin, await morning.book(at), status)
    await bring_to(as_admin, await morning.book("11:30"), "COMPLETED")
    await morning.book("10:00", on="2026-04-01")
    await morning.book("10:00", doctor=await make.clinician(hospital))
    await counted()
    path = f"/appointments/stats/doctor/{morning.doctor.clinician_id}"

    months = await data(as_admin, path)
    assert months == {
        "doctorId": morning.doctor.clinician_id,
        "totalAppointments": 6,
        "stats": [
            {
                "period": "2026-04",
                "count": 1,
                "scheduled": 1,
                "confirmed": 0,
                "completed": 0,
                "cancelled": 0,
                "noShow": 0,
            },
            {
                "period": "2026-03",
                "count": 5,
                "scheduled": 1,
                "confirmed": 2,
                "completed": 1,
                "cancelled": 1,
                "noShow": 0,
            },
        ],
    }
    days = await data(morning.doctor, path, groupBy="day", limit=1)
    assert (days["totalAppointments"], [row["period"] for row in days["stats"]]) == (6, ["2026-04-01"])


async def test_a_doctors_statistics_are_his_own(
    make, hospital, as_clinician, as_admin, as_manager, as_patient, as_stranger
):
    other = await make.clinician(hospital)
    path = f"/appointments/stats/doctor/{as_clinician.clinician_id}"
    people = (as_clinician, as_admin, other, as_stranger, as_manager, as_patient)

    assert [(await who.get(path)).status_code for who in people] == [200, 200, 404, 404, 403, 403]
    assert (await as_admin.get("/appointments/stats/doctor/999999")).status_code == 404
    wrong = await as_admin.get(path, params={"groupBy": "year"})
    assert (wrong.status_code, list(wrong.json()["error"]["details"])) == (400, ["groupBy"])


async def test_a_running_worker_has_the_figures_within_moments(morning, as_admin, outpatient, counted):
    await counted()
    async with Elsewhere(outpatient) as elsewhere:
        elsewhere.program.worker.start()
        try:
            await morning.book("10:00")
            async with asyncio.timeout(60):
                while (await data(as_admin, "/analytics/dashboard"))["appointmentsToday"] != 1:
                    await asyncio.sleep(0.05)
        finally:
            await elsewhere.program.worker.stop()
