"""`PUT`, `PATCH` and `DELETE /departments/{id}`."""

import pytest
from sqlalchemy import update

from outpatient.models import Clinician

pytestmark = pytest.mark.anyio

LEADS = {"ADMIN", "MANAGER", "CENTRE_MANAGER"}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_what_is_named_changes_and_nothing_else(as_admin, cardiology, method):
    path = f"/departments/{cardiology}"
    before = (await as_admin.get(path)).json()["data"]

    answer = await as_admin.call(method, path, json={"name": "Heart centre", "tokenPrefix": "H"})

    assert answer.status_code == 200, answer.text
    assert answer.json()["data"] == {**before, "name": "Heart centre", "tokenPrefix": "H"}
    assert (await as_admin.call(method, path, json={})).json()["data"] == answer.json()["data"]
    emptied = await as_admin.call(method, path, json={"tokenPrefix": None})
    assert emptied.json()["data"]["tokenPrefix"] is None
    assert (await as_admin.call(method, path, json={"name": None})).status_code == 400


async def test_a_department_is_closed_once_and_can_be_opened_again(as_admin, cardiology):
    path = f"/departments/{cardiology}"

    for _ in range(2):
        closed = await as_admin.delete(path)
        assert closed.status_code == 200
        assert closed.json()["data"]["isActive"] is False
    assert (await as_admin.patch(path, {"isActive": True})).json()["data"]["isActive"] is True


async def test_a_department_where_patients_are_still_to_come_stays_open(
    as_admin, as_patient, as_clinician, cardiology, outpatient
):
    async with outpatient.database.transaction() as tx:
        his = Clinician.id == as_clinician.clinician_id
        await tx.execute(update(Clinician).where(his).values(department_id=cardiology))
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "10:00"}
    booked = await as_patient.post("/appointments", wish)
    assert booked.status_code == 201

    for refused in (
        await as_admin.delete(f"/departments/{cardiology}"),
        await as_admin.patch(f"/departments/{cardiology}", {"isActive": False}),
    ):
        assert refused.status_code == 409
        assert refused.json()["error"]["code"] == "DEPARTMENT_IN_USE"
        assert refused.json()["error"]["details"] == {"appointments": 1, "patients": 0}
    assert (await as_admin.get(f"/departments/{cardiology}")).json()["data"]["isActive"] is True

    await as_admin.delete(f"/appointments/{booked.json()['data']['id']}")
    assert (await as_admin.delete(f"/departments/{cardiology}")).status_code == 200


async def test_those_who_lead_centres_change_and_close_departments(make, hospital, cardiology):
    path = f"/departments/{cardiology}"

    assert await make.who_may(hospital, lambda persona: persona.put(path, {"name": "N"})) == LEADS
    assert await make.who_may(hospital, lambda persona: persona.delete(path)) == LEADS


async def test_what_one_does_not_see_is_not_there(as_admin, as_stranger, as_centre_manager, make, hospital, cardiology):
    other = await make.centre(hospital)
    elsewhere = (await as_admin.post("/departments", {"name": "D", "centreId": other})).json()["data"]["id"]

    for persona, department_id in ((as_stranger, cardiology), (as_centre_manager, elsewhere)):
        assert (await persona.put(f"/departments/{department_id}", {"name": "N"})).status_code == 404
        assert (await persona.delete(f"/departments/{department_id}")).status_code == 404


async def test_a_closed_department_takes_no_new_patients(as_admin, as_patient, as_clinician, cardiology, outpatient):
    """Its services are offered no more, and its clinicians are booked without it."""
    async with outpatient.database.transaction() as tx:
        his = Clinician.id == as_clinician.clinician_id
        await tx.execute(update(Clinician).where(his).values(department_id=cardiology))
    service = {"name": "ECG", "durationMinutes": 30, "departmentId": cardiology}
    service_id = (await as_admin.post("/services", service)).json()["data"]["id"]
    wish = {"clinicianId": as_clinician.clinician_id, "appointmentDate": "2026-03-03", "appointmentTime": "10:00"}

    await as_admin.delete(f"/departments/{cardiology}")

    assert (await as_patient.post("/appointments", {**wish, "serviceId": service_id})).status_code == 404
    assert (await as_patient.get(f"/services/{service_id}")).status_code == 404
    booked = (await as_patient.post("/appointments", wish)).json()["data"]
    assert (await as_admin.get(f"/appointments/{booked['id']}")).json()["data"]["departmentId"] is None
