"""A dated interval besides the weekly hours: `POST /clinicians/{id}/open-slots`."""

import pytest

pytestmark = pytest.mark.anyio

SUNDAY = {"date": "2026-03-08", "startTime": "18:00", "endTime": "18:45"}


def path(clinician):
    return f"/clinicians/{clinician.clinician_id}/open-slots"


async def test_it_is_offered_once_and_exactly_as_it_is(as_admin, as_clinician, as_patient, hospital, ask, clock):
    made = await as_admin.post(path(as_clinician), SUNDAY)

    assert made.status_code == 201, made.text
    assert made.json()["data"] == {
        "id": made.json()["data"]["id"],
        "clinicianId": as_clinician.clinician_id,
        "centreId": hospital.centre_id,
        "start": "2026-03-08T12:30:00Z",
        "end": "2026-03-08T13:15:00Z",
        "createdAt": "2026-03-02T03:30:00Z",
        "removedAt": None,
    }
    assert await ask.free("2026-03-08") == ["18:00:00"]
    assert await ask.free("2026-03-15") == []  # a Sunday, and no other Sunday

    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-08", "appointmentTime": "18:00"}
    booked = (await as_patient.post("/appointments", wish)).json()["data"]
    assert (booked["start"], booked["end"]) == ("2026-03-08T12:30:00Z", "2026-03-08T13:15:00Z")
    assert await ask.free("2026-03-08") == []


async def test_two_instants_say_the_same_in_any_offset(as_admin, as_clinician, ask):
    body = {"start": "2026-03-08T21:30:00+09:00", "end": "2026-03-08T08:15:00-05:00"}
    made = (await as_admin.post(path(as_clinician), body)).json()["data"]
    assert (made["start"], made["end"]) == ("2026-03-08T12:30:00Z", "2026-03-08T13:15:00Z")
    assert await ask.free("2026-03-08") == ["18:00:00"]


async def test_wall_clock_times_are_those_of_its_centre(as_admin, as_clinician, make, hospital, ask):
    london = await make.centre(hospital, "Europe/London")
    made = (await as_admin.post(path(as_clinician), {**SUNDAY, "centreId": london})).json()["data"]
    assert (made["start"], made["centreId"]) == ("2026-03-08T18:00:00Z", london)
    assert await ask.free("2026-03-08", centreId=london) == ["18:00:00"]
    assert await ask.free("2026-03-08", centreId=hospital.centre_id) == []


async def test_an_overlap_with_another_is_refused_by_its_id(as_admin, as_clinician, make, hospital):
    first = (await as_admin.post(path(as_clinician), SUNDAY)).json()["data"]["id"]
    for start, end in (("18:30", "19:00"), ("17:00", "18:01"), ("18:10", "18:20"), ("18:00", "18:45")):
        elsewhere = await make.centre(hospital)
        for centre in ({}, {"centreId": elsewhere}):
            refused = await as_admin.post(path(as_clinician), {**SUNDAY, "startTime": start, "endTime": end, **centre})
            assert refused.status_code == 409
            assert refused.json()["error"]["code"] == "SLOT_OVERLAPS"
            assert refused.json()["error"]["details"] == {"openSlotId": first}
    after = {**SUNDAY, "startTime": "18:45", "endTime": "19:00"}
    assert (await as_admin.post(path(as_clinician), after)).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "start"),
        ({"start": "2026-03-08T12:00:00Z"}, "end"),
        ({"start": "2026-03-08T12:00:00", "end": "2026-03-08T13:00:00Z"}, "start"),
        ({"start": "2026-03-08T12:00:00Z", "end": "2026-03-08T12:00:00Z"}, "end"),
        ({"start": "2026-03-08T12:00:00Z", "end": "2026-03-09T12:01:00Z"}, "end"),
        ({"start": "2026-03-08T12:00:30Z", "end": "2026-03-08T13:00:00Z"}, "start"),
        ({"start": "2026-03-01T12:00:00Z", "end": "2026-03-01T13:00:00Z"}, "start"),
        ({"date": "2026-03-08"}, "startTime"),
        ({"date": "2026-03-08", "startTime": "18:00"}, "endTime"),
        ({**SUNDAY, "endTime": "17:00"}, "endTime"),
        ({**SUNDAY, "startTime": "6 pm"}, "startTime"),
        ({**SUNDAY, "date": "2026-03-01"}, "date"),
        ({**SUNDAY, "date": "8 March"}, "date"),
    ],
)
async def test_what_is_no_future_interval_names_the_field(as_admin, as_clinician, body, field):
    refused = await as_admin.post(path(as_clinician), body)
    assert refused.status_code == 400, refused.text
    assert list(refused.json()["error"]["details"]) == [field]


async def test_a_time_that_the_clocks_skip_is_refused(make, clock):
    hospital = await make.hospital("Europe/London")
    admin, clinician = await make.staff(hospital, "ADMIN"), await make.clinician(hospital)
    body = {"date": "2026-03-29", "startTime": "01:30", "endTime": "02:30"}
    refused = await admin.post(path(clinician), body)
    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == ["startTime"]


async def test_who_may_add_one(make, hospital, as_clinician):
    times = iter(range(10, 20))

    async def call(persona):
        hour = next(times)
        body = {"date": "2026-03-08", "startTime": f"{hour}:00", "endTime": f"{hour}:30"}
        clinician_id = persona.clinician_id or as_clinician.clinician_id
        return await persona.post(f"/clinicians/{clinician_id}/open-slots", body)

    assert await make.who_may(hospital, call) == {"ADMIN", "MANAGER", "CENTRE_MANAGER", "CLINICIAN"}


async def test_nobody_adds_one_where_he_has_no_say(make, hospital, as_clinician, as_stranger, as_centre_manager):
    colleague, second = await make.clinician(hospital), await make.centre(hospital)
    assert (await colleague.post(path(as_clinician), SUNDAY)).status_code == 404
    assert (await as_stranger.post(path(as_clinician), SUNDAY)).status_code == 404
    assert (await as_centre_manager.post(path(as_clinician), {**SUNDAY, "centreId": second})).status_code == 404
    assert (await as_centre_manager.post(path(as_clinician), SUNDAY)).status_code == 201
