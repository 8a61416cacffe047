"""`PUT /clinicians/{id}`."""

import pytest

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(as_clinician):
    return f"/clinicians/{as_clinician.clinician_id}"


async def test_the_documented_change_is_made(as_admin, as_nobody, path):
    change = {
        "specialization": ["Clinical Psychologist", "Child Psychologist"],
        "consultationFee": 1800,
        "yearsOfExperience": 11,
    }

    answer = await as_admin.put(path, change)

    assert answer.status_code == 200, answer.text
    seen = (await as_nobody.get(path)).json()["data"]
    assert {key: seen[key] for key in change} == change
    assert (seen["fullName"], seen["languages"]) == ("Clinician", ["English"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fullName", "Dr. Renamed"),
        ("qualification", ["MBBS", "MD"]),
        ("languages", ["Tamil"]),
        ("profilePictureUrl", "https://example.com/new.jpg"),
        ("defaultConsultationDurationMinutes", 45),
        ("designation", "Head"),
        ("bio", "Writes."),
        ("room", "7"),
        ("capacity", 2),
        ("dailyPatientLimit", 12),
        ("isActive", False),
    ],
)
async def test_every_field_can_be_changed(as_admin, path, field, value):
    assert (await as_admin.put(path, {field: value})).json()["data"][field] == value


async def test_what_may_be_empty_can_be_emptied(as_admin, path):
    await as_admin.put(path, {"room": "7", "bio": "x", "defaultConsultationDurationMinutes": 45})

    answer = await as_admin.put(path, {"room": None, "bio": None, "defaultConsultationDurationMinutes": None})

    data = answer.json()["data"]
    assert (data["room"], data["bio"], data["defaultConsultationDurationMinutes"]) == (None, None, 30)


async def test_an_empty_body_changes_nothing(as_admin, as_nobody, path):
    before = (await as_nobody.get(path)).json()

    assert (await as_admin.put(path, {})).status_code == 200

    assert (await as_nobody.get(path)).json() == before


@pytest.mark.parametrize(
    ("field", "value"), [("fullName", None), ("consultationFee", -5), ("capacity", 0), ("specialization", None)]
)
async def test_a_bad_field_is_named(as_admin, path, field, value):
    refused = await as_admin.put(path, {field: value})

    assert refused.status_code == 400
    assert refused.json()["error"]["details"].keys() == {field}


async def test_a_new_fee_and_length_hold_for_the_very_next_booking(as_admin, as_patient, as_clinician, book, path):
    first = (await book(as_clinician.clinician_id)).json()["data"]
    assert first["consultationFee"] == 1500

    await as_admin.put(path, {"consultationFee": 1800, "defaultConsultationDurationMinutes": 60})
    second = await book(as_clinician.clinician_id, appointmentTime="11:00")

    made = second.json()["data"]
    assert made["consultationFee"] == 1800
    assert (made["start"], made["end"]) == ("2026-03-03T05:30:00Z", "2026-03-03T06:30:00Z")


async def test_more_capacity_makes_room_at_the_same_time(as_admin, as_clinician, make, hospital, book, path):
    second = await make.patient(hospital, "Second Patient")
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "10:00"}
    assert (await book(as_clinician.clinician_id)).status_code == 201
    assert (await second.post("/appointments", wish)).status_code == 409

    await as_admin.put(path, {"capacity": 2})

    assert (await second.post("/appointments", wish)).status_code == 201


async def test_another_primary_centre_is_where_he_works(as_admin, as_clinician, make, hospital, path):
    second = await make.centre(hospital)

    answer = await as_admin.put(path, {"primaryCentreId": second})

    assert answer.json()["data"]["primaryCentreId"] == second
    assert (await as_admin.get(f"/users/{as_clinician.user_id}")).json()["data"]["centreId"] == second


async def test_another_hospitals_centre_or_department_is_not_there(as_admin, make, path):
    other = await make.hospital()

    assert (await as_admin.put(path, {"primaryCentreId": other.centre_id})).status_code == 404
    assert (await as_admin.put(path, {"departmentId": 10**9})).status_code == 404


async def test_deactivating_is_refused_while_patients_are_to_come(as_admin, as_nobody, as_clinician, book, path):
    await book(as_clinician.clinician_id)

    refused = await as_admin.put(path, {"isActive": False, "consultationFee": 1})

    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "CLINICIAN_IN_USE"
    seen = (await as_nobody.get(path)).json()["data"]
    assert (seen["isActive"], seen["consultationFee"]) == (True, 1500)


async def test_a_centre_manager_manages_those_of_his_centre_and_keeps_them_there(
    as_centre_manager, at_another_centre, make, hospital, path
):
    assert (await as_centre_manager.put(path, {"bio": "Mine"})).status_code == 200
    other = f"/clinicians/{at_another_centre.clinician_id}"
    assert (await as_centre_manager.put(other, {"bio": "Not mine"})).status_code == 404
    second = await make.centre(hospital)
    assert (await as_centre_manager.put(path, {"primaryCentreId": second})).status_code == 404


async def test_who_may_update_clinicians(make, hospital, path):
    async def update(persona):
        return await persona.put(path, {"bio": "x"})

    assert await make.who_may(hospital, update) == {"ADMIN", "MANAGER", "CENTRE_MANAGER"}


async def test_another_hospitals_clinician_is_not_there(as_stranger, path):
    assert (await as_stranger.put(path, {"bio": "x"})).status_code == 404
