"""`POST /services`."""

import pytest

pytestmark = pytest.mark.anyio

ECG = {"name": "ECG", "durationMinutes": 20, "price": 450.5, "description": "At rest"}


async def test_a_service_is_made(as_manager):
    answer = await as_manager.post("/services", ECG)

    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    assert made == {
        "id": made["id"],
        **ECG,
        "departmentId": None,
        "isActive": True,
        "createdAt": "2026-03-02T03:30:00Z",
    }
    assert (await as_manager.get(f"/services/{made['id']}")).json()["data"] == made


async def test_without_a_price_it_costs_the_clinicians_fee(as_admin, as_patient, as_clinician):
    service = (await as_admin.post("/services", {"name": "Talk", "durationMinutes": 60})).json()["data"]
    assert service["price"] is None

    booked = await as_patient.post(
        "/appointments",
        {
            "clinicianId": as_clinician.clinician_id,
            "serviceId": service["id"],
            "appointmentDate": "2026-03-03",
            "appointmentTime": "10:00",
        },
    )

    assert booked.json()["data"]["consultationFee"] == 1500
    assert booked.json()["data"]["end"] == "2026-03-03T05:30:00Z"


async def test_a_service_may_belong_to_an_open_department_of_the_hospital(as_admin, as_stranger):
    ours = (await as_admin.post("/departments", {"name": "Cardiology"})).json()["data"]["id"]
    theirs = (await as_stranger.post("/departments", {"name": "Cardiology"})).json()["data"]["id"]

    made = await as_admin.post("/services", {**ECG, "departmentId": ours})
    assert made.json()["data"]["departmentId"] == ours
    assert (await as_admin.post("/services", {**ECG, "departmentId": theirs})).status_code == 404
    await as_admin.delete(f"/departments/{ours}")
    assert (await as_admin.post("/services", {**ECG, "departmentId": ours})).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "n" * 121),
        ("durationMinutes", 0),
        ("durationMinutes", 1441),
        ("durationMinutes", None),
        ("price", -1),
        ("price", 1.001),
        ("price", "free"),
        ("description", "d" * 501),
        ("departmentId", -1),
    ],
)
async def test_a_bad_field_is_named(as_admin, field, value):
    refused = await as_admin.post("/services", {**ECG, field: value})

    assert refused.status_code == 400
    assert list(refused.json()["error"]["details"]) == [field]


async def test_only_admins_and_managers_make_services(make, hospital):
    assert await make.who_may(hospital, lambda persona: persona.post("/services", ECG)) == {"ADMIN", "MANAGER"}
