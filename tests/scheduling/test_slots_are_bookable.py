"""What is shown is bookable and what is bookable is shown, in every zone and over clock changes."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

pytestmark = pytest.mark.anyio

MARCH, SEPTEMBER = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 9, 20, tzinfo=UTC)
FAR_AWAY = timezone(timedelta(hours=-9, minutes=-30))

DAYS = [
    pytest.param("Asia/Kolkata", MARCH, "2026-03-03", (9, 10), {"09:00": "03:30", "09:30": "04:00"}, id="Kolkata"),
    pytest.param("Asia/Kathmandu", MARCH, "2026-03-03", (9, 10), {"09:00": "03:15", "09:30": "03:45"}, id="Kathmandu"),
    pytest.param(
        "Europe/London", MARCH, "2026-03-29", (0, 3),
        {"00:00": "00:00", "00:30": "00:30", "02:00": "01:00", "02:30": "01:30"}, id="London-spring",
    ),
    pytest.param(
        "Europe/London", SEPTEMBER, "2026-10-25", (0, 3),
        {"00:00": "23:00", "00:30": "23:30", "01:00": "00:00", "01:30": "00:30", "02:00": "02:00", "02:30": "02:30"},
        id="London-autumn",
    ),
    pytest.param(
        "America/New_York", MARCH, "2026-03-08", (1, 4),
        {"01:00": "06:00", "01:30": "06:30", "03:00": "07:00", "03:30": "07:30"}, id="New_York-spring",
    ),
    pytest.param(
        "America/New_York", SEPTEMBER, "2026-11-01", (1, 3),
        {"01:00": "05:00", "01:30": "05:30", "02:00": "07:00", "02:30": "07:30"}, id="New_York-autumn",
    ),
    pytest.param(
        "Australia/Lord_Howe", MARCH, "2026-04-05", (1, 3),
        {"01:00": "14:00", "01:30": "14:30", "02:00": "15:30", "02:30": "16:00"}, id="Lord_Howe-autumn",
    ),
    pytest.param(
        "Australia/Lord_Howe", SEPTEMBER, "2026-10-04", (1, 4),
        {"01:00": "14:30", "01:30": "15:00", "02:30": "15:30", "03:00": "16:00", "03:30": "16:30"},
        id="Lord_Howe-spring",
    ),
]  # fmt: skip


async def day_of(make, clock, zone, now, on, hours):
    """A hospital in the zone, whose clinician works these hours of that weekday, and a patient."""
    clock.set(now)
    hospital = await make.hospital(zone)
    weekday = datetime.fromisoformat(on).weekday()
    clinician = await make.clinician(hospital, hours=((weekday, hours[0] * 60, hours[1] * 60),))
    return hospital, clinician, await make.patient(hospital)


@pytest.mark.parametrize(("zone", "now", "on", "hours", "expected"), DAYS)
async def test_every_listed_slot_can_be_booked_and_no_other(make, clock, asking, zone, now, on, hours, expected):
    hospital, clinician, patient = await day_of(make, clock, zone, now, on, hours)
    ask = asking(make.nobody(hospital), clinician.clinician_id)

    assert await ask.day(on) == {f"{time}:00": True for time in expected}
    listed = await ask.instants(on)
    assert [slot["start"][11:16] for slot in listed] == list(expected.values())

    for number, (time, slot) in enumerate(zip(expected, listed, strict=True)):
        wish = {"clinicianId": clinician.clinician_id}
        if number % 2:
            wish |= {"appointmentDate": on, "appointmentTime": time}
        else:
            wish["start"] = datetime.fromisoformat(slot["start"]).astimezone(FAR_AWAY).isoformat()
        made = await patient.post("/appointments", wish)
        assert made.status_code == 201, (time, made.text)
        booked = made.json()["data"]
        assert (booked["start"], booked["end"]) == (slot["start"], slot["end"])
        assert (booked["appointmentDate"], booked["appointmentTime"]) == (on, f"{time}:00")

    assert not any((await ask.day(on)).values())


@pytest.mark.parametrize(("zone", "now", "on", "hours", "expected"), DAYS)
async def test_times_that_are_not_listed_are_refused(make, clock, zone, now, on, hours, expected):
    _, clinician, patient = await day_of(make, clock, zone, now, on, hours)
    first, last = datetime.fromisoformat(f"{on}T00:00"), datetime.fromisoformat(f"{on}T06:00")
    wall = first
    while wall < last:
        time = wall.strftime("%H:%M")
        if time not in expected:
            wish = {"clinicianId": clinician.clinician_id, "appointmentDate": on, "appointmentTime": time}
            assert (await patient.post("/appointments", wish)).status_code == 409, time
        wall += timedelta(minutes=15)


@pytest.mark.parametrize("seconds", ["30", "00.5"])
async def test_a_time_between_the_minutes_is_no_slot(as_patient, as_clinician, seconds):
    wish = {"clinicianId": as_clinician.clinician_id, "start": f"2026-03-03T04:00:{seconds}Z"}
    assert (await as_patient.post("/appointments", wish)).status_code == 409
    wish = {
        "clinicianId": as_clinician.clinician_id,
        "appointmentDate": "2026-03-03",
        "appointmentTime": f"09:30:{seconds}",
    }
    assert (await as_patient.post("/appointments", wish)).status_code in (400, 409)


async def test_no_slot_ends_after_the_hours_do(make, hospital, asking):
    clinician = await make.clinician(hospital, hours=((1, 540, 615),), default_duration_minutes=30)
    assert await asking(make.nobody(hospital), clinician.clinician_id).free("2026-03-03") == ["09:00:00", "09:30:00"]
    wish = {"clinicianId": clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "10:00"}
    assert (await (await make.patient(hospital)).post("/appointments", wish)).status_code == 409


async def test_the_callers_own_zone_and_the_servers_change_nothing(make, clock, monkeypatch, asking):
    """A laptop in Tokyo, a server in Los Angeles, a clinic in Kathmandu: the clinic's clocks alone count."""
    import time

    monkeypatch.setenv("TZ", "America/Los_Angeles")
    time.tzset()
    try:
        hospital, clinician, patient = await day_of(make, clock, "Asia/Kathmandu", MARCH, "2026-03-03", (9, 17))
        wish = {"clinicianId": clinician.clinician_id, "start": "2026-03-03T18:15:00+09:00"}
        booked = (await patient.post("/appointments", wish)).json()["data"]
        assert (booked["appointmentDate"], booked["appointmentTime"]) == ("2026-03-03", "15:00:00")
        ask = asking(make.nobody(hospital), clinician.clinician_id)
        assert [time for time, free in (await ask.day("2026-03-03")).items() if not free] == ["15:00:00"]
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


async def test_one_clinician_at_two_centres_in_two_zones_is_one_person(
    make, as_admin, as_patient, hospital, as_clinician, ask
):
    london = await make.centre(hospital, "Europe/London")
    rules = [{"dayOfWeek": "TUESDAY", "startTime": "09:00", "endTime": "11:00"}]
    path = f"/clinicians/{as_clinician.clinician_id}/availability?centreId={london}"
    assert (await as_admin.put(path, {"availabilityRules": rules})).status_code == 200

    assert await ask.free("2026-03-03", centreId=london) == ["09:00:00", "09:30:00", "10:00:00", "10:30:00"]
    assert len(await ask.instants("2026-03-03")) == 16 + 4
    wish = {"clinicianId": as_clinician.clinician_id, "centreId": hospital.centre_id}
    # 14:30 in Kolkata is nine o'clock in London
    made = await as_patient.post("/appointments", {**wish, "appointmentDate": "2026-03-03", "appointmentTime": "14:30"})
    assert made.json()["data"]["start"] == "2026-03-03T09:00:00Z"

    assert await ask.free("2026-03-03", centreId=london) == ["09:30:00", "10:00:00", "10:30:00"]
    wish = {"clinicianId": as_clinician.clinician_id, "centreId": london, "appointmentDate": "2026-03-03"}
    assert (await as_patient.post("/appointments", {**wish, "appointmentTime": "09:00"})).status_code == 409
    made = await as_patient.post("/appointments", {**wish, "appointmentTime": "10:30"})
    assert made.json()["data"]["start"] == "2026-03-03T10:30:00Z"
    assert (await ask.day("2026-03-03", centreId=hospital.centre_id))["16:00:00"] is False


async def test_every_slot_of_a_day_with_buffers_services_and_lanes_can_be_booked(make, asking, make_service):
    hospital = await make.hospital(buffer_minutes=5, minimum_notice_minutes=90)
    clinician = await make.clinician(hospital, hours=((0, 540, 660), (0, 720, 800)), capacity=2)
    service = await make_service(hospital, 25, price_minor=90_000)
    ask, patient = asking(make.nobody(hospital), clinician.clinician_id), await make.patient(hospital)
    listed = await ask.day("2026-03-02", serviceId=service)
    assert listed == {
        "09:00:00": False, "09:30:00": False, "10:00:00": False, "10:30:00": True, "12:00:00": True, "12:30:00": True,
    }  # fmt: skip

    for time, available in listed.items():
        wish = {"clinicianId": clinician.clinician_id, "serviceId": service, "appointmentDate": "2026-03-02"}
        for _ in range(2):
            made = await patient.post("/appointments", {**wish, "appointmentTime": time})
            assert made.status_code == (201 if available else 409), (time, made.text)
        assert (await patient.post("/appointments", {**wish, "appointmentTime": time})).status_code == 409

    assert await ask.free("2026-03-02", serviceId=service) == []
