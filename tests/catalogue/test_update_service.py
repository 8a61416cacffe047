"""`PUT`, `PATCH` and `DELETE /services/{id}`."""

import pytest

pytestmark = pytest.mark.anyio

DAY = {"appointmentDate": "2026-03-03"}


@pytest.fixture
async def service(as_admin):
    """Half an hour for ₹450; its id."""
    made = await as_admin.post("/services", {"name": "ECG", "durationMinutes": 30, "price": 450})
    return made.json()["data"]["id"]


@pytest.fixture
def book(as_patient, as_clinician, service):
    """Books the service tomorrow at that time."""

    async def book(at):
        wish = {"clinicianId": as_clinician.clinician_id, "serviceId": service, **DAY, "appointmentTime": at}
        return await as_patient.post("/appointments", wish)

    return book


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_what_is_named_changes_and_nothing_else(as_admin, service, method):
    path = f"/services/{service}"
    before = (await as_admin.get(path)).json()["data"]

    answer = await as_admin.call(method, path, json={"name": "ECG at rest", "price": None})

    assert answer.status_code == 200, answer.text
    assert answer.json()["data"] == {**before, "name": "ECG at rest", "price": None}
    assert (await as_admin.call(method, path, json={})).json()["data"] == answer.json()["data"]
    assert (await as_admin.call(method, path, json={"durationMinutes": None})).status_code == 400
    assert (await as_admin.call(method, path, json={"departmentId": 10**9})).status_code == 404


async def test_a_new_price_and_length_hold_from_the_next_booking_on(as_admin, service, book):
    before = (await book("10:00")).json()["data"]

    await as_admin.put(f"/services/{service}", {"price": 600, "durationMinutes": 60})

    after = (await book("12:00")).json()["data"]
    kept = (await as_admin.get(f"/appointments/{before['id']}")).json()["data"]
    assert (before["consultationFee"], kept["consultationFee"]) == (450, 450)
    assert kept["end"] == "2026-03-03T05:00:00Z"
    assert (after["consultationFee"], after["end"]) == (600, "2026-03-03T07:30:00Z")


async def test_a_service_that_is_offered_no_more_keeps_its_bookings(as_admin, service, book):
    booked = (await book("10:00")).json()["data"]["id"]

    for _ in range(2):
        gone = await as_admin.delete(f"/services/{service}")
        assert gone.status_code == 200
        assert gone.json()["data"]["isActive"] is False

    assert (await book("11:00")).status_code == 404
    assert (await as_admin.get(f"/appointments/{booked}")).json()["data"]["status"] == "PENDING"
    assert (await as_admin.patch(f"/services/{service}", {"isActive": True})).json()["data"]["isActive"] is True
    assert (await book("11:00")).status_code == 201


async def test_only_admins_and_managers_change_services(make, hospital, service, as_stranger):
    path = f"/services/{service}"

    assert await make.who_may(hospital, lambda persona: persona.put(path, {"name": "N"})) == {"ADMIN", "MANAGER"}
    assert await make.who_may(hospital, lambda persona: persona.delete(path)) == {"ADMIN", "MANAGER"}
    assert (await as_stranger.put(path, {"name": "N"})).status_code == 404
    assert (await as_stranger.delete(path)).status_code == 404
