"""What patients find: `/patient/doctors` and each one's free slots."""

import pytest

from tests.compat.booking.conftest import TUESDAY, at_root

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "path", ["/patient/dashboard", "/patient/doctors", "/patient/doctors/1/availability", "/appointments/my"]
)
async def test_for_patients_only(nobody, doctor, as_front_desk, as_admin, path):
    assert (await nobody.get(path)).status_code == 401
    for caller in (doctor, at_root(as_front_desk), at_root(as_admin)):
        assert (await caller.get(path)).status_code == 403


async def test_doctors_come_in_pages_by_name(join, patient):
    ids = [(await join("doctor", f"Dr. {letter}")).id for letter in "CAB"]
    first = (await patient.get("/patient/doctors?page=1&limit=2")).json()
    second = (await patient.get("/patient/doctors?page=2&limit=2")).json()
    assert first == {
        "data": [
            {"id": ids[n], "name": name, "designation": None, "specialization": None}
            for n, name in ((1, "Dr. A"), (2, "Dr. B"))
        ],
        "page": 1,
        "total_pages": 2,
        "total": 3,
    }
    assert [row["id"] for row in second["data"]] == [ids[0]]
    assert (await patient.get("/patient/doctors")).json()["total_pages"] == 1
    assert (await patient.get("/patient/doctors?page=9")).json()["data"] == []


@pytest.mark.parametrize("query", ["page=0", "limit=0", "page=-1", "limit=-5", "limit=101", "page=x"])
@pytest.mark.parametrize("path", ["/patient/doctors", "/appointments/my"])
async def test_a_page_that_cannot_be_is_refused_by_name(patient, path, query):
    refused = await patient.get(f"{path}?{query}")
    assert (refused.status_code, list(refused.json()["error"]["details"])) == (400, [query.partition("=")[0]])


async def test_only_open_slots_that_are_free_and_to_come_are_listed(doctor, patient, as_clinician, clock):
    free = await doctor.slot("10:00", "10:45")
    taken, gone = await doctor.slot("11:00", "11:30"), await doctor.slot("09:30", "10:00", "2026-03-02")
    await patient.book(taken)
    clock.advance(hours=1)
    await patient.sign_in()

    shown = await patient.get(f"/patient/doctors/{doctor.id}/availability")

    assert shown.status_code == 200, shown.text
    assert shown.json() == {"data": [{"slot_id": free, "date": TUESDAY, "start_time": "10:00", "end_time": "10:45"}]}
    assert gone
    assert (await patient.get(f"/patient/doctors/{as_clinician.clinician_id}/availability")).json() == {"data": []}


async def test_what_is_listed_is_what_can_be_booked(doctor, patient, make, hospital, as_admin):
    """Time off, the horizon and a removed slot: neither shown nor booked."""
    await as_admin.put(f"/hospitals/{hospital.id}/config", {"bookingHorizonDays": 5})
    ids = {
        "free": await doctor.slot("10:00", "10:30"),
        "off": await doctor.slot("12:00", "12:30"),
        "far": await doctor.slot("10:00", "10:30", "2026-03-20"),
        "removed": await doctor.slot("14:00", "14:30"),
    }
    off = {"date": TUESDAY, "startTime": "11:30", "endTime": "13:00"}
    assert (await as_admin.post(f"/clinicians/{doctor.id}/time-off", off)).status_code == 201
    removed = await as_admin.delete(f"/clinicians/{doctor.id}/open-slots/{ids['removed']}")
    assert removed.status_code == 200

    listed = (await patient.get(f"/patient/doctors/{doctor.id}/availability")).json()["data"]

    assert [row["slot_id"] for row in listed] == [ids["free"]]
    answers = {name: (await patient.post("/appointments", {"slot_id": it})).status_code for name, it in ids.items()}
    assert answers == {"free": 201, "off": 409, "far": 409, "removed": 404}


async def test_days_are_the_centres_own(join, make):
    hospital = await make.hospital("America/New_York")
    doctor, patient = await join("doctor", "Dr. West", hospital), await join("patient", "Pat", hospital)
    slot = await doctor.slot("21:00", "21:30")
    (shown,) = (await patient.get(f"/patient/doctors/{doctor.id}/availability")).json()["data"]
    assert shown == {"slot_id": slot, "date": TUESDAY, "start_time": "21:00", "end_time": "21:30"}


async def test_another_hospitals_doctors_are_not_there(doctor, patient, join, make):
    elsewhere = await make.hospital()
    stranger = await join("patient", "Stranger", elsewhere)
    slot = await doctor.slot()
    assert (await stranger.get("/patient/doctors")).json()["data"] == []
    assert (await stranger.get(f"/patient/doctors/{doctor.id}/availability")).status_code == 404
    assert (await stranger.post("/appointments", {"slot_id": slot})).status_code == 404


@pytest.mark.parametrize("doctor_id", ["0", "999999999", str(2**53)])
async def test_a_doctor_who_is_not_there_is_not_found(patient, doctor_id):
    answer = await patient.get(f"/patient/doctors/{doctor_id}/availability")
    assert answer.status_code == (404 if doctor_id == "999999999" else 400)


async def test_the_dashboard_shows_what_lies_ahead(doctor, patient, clock):
    ids = [await patient.book(await doctor.slot(f"{hour}:00", f"{hour}:30")) for hour in (10, 11, 12)]
    await patient.post(f"/appointments/{ids[0]}/cancel")
    clock.advance(days=1, hours=2)  # 11:00
    await patient.sign_in()

    shown = (await patient.get("/patient/dashboard")).json()

    rows = shown.pop("appointments")
    assert shown == {
        "name": "John Doe",
        "total_appointments": 3,
        "upcoming_appointments": 2,
        "cancelled_appointments": 1,
    }
    assert [row["appointment_id"] for row in rows] == ids[1:]
