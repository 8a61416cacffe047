"""The public display: tokens, rooms, states and minutes; never a name, a phone or an id (lesson: it leaked ids)."""

import pytest
from pydantic import ValidationError

from outpatient.realtime.projections import OnDisplay
from tests.appointments.wishes import booked
from tests.realtime.conftest import department

KEYS = {"tokenLabel", "room", "status", "minutes"}


async def test_the_display_shows_its_departments_tokens_and_nothing_else(
    listen, placed, as_nobody, as_admin, hospital, department_id, doctor, make
):
    canary = {"fullName": "Canary Bird", "phone": "+919876501234"}
    other = await department(make, hospital, prefix="X")
    stranger = await make.clinician(hospital, department_id=other)
    come = {"patient": canary, "doctorId": doctor.clinician_id, "notes": "Canary notes", "priority": "URGENT"}
    first = (await as_admin.post("/visits", come)).json()["data"]
    await placed()
    async with listen(as_nobody, f"/sse/waiting-room/{department_id}") as reader:
        connected, queue = await reader.next(), await reader.next()
        second = {**come, "patient": {**canary, "fullName": "Canary Chick"}}
        visit = (await as_admin.post("/visits", second)).json()["data"]
        elsewhere = {**come, "doctorId": stranger.clinician_id}
        assert (await as_admin.post("/visits", elsewhere)).status_code == 201
        for path in (f"/queue/doctor/{doctor.clinician_id}/next", f"/visits/{first['id']}/start"):
            assert (await as_admin.post(path)).status_code == 200, path
        priority = {"priority": "NORMAL", "reason": "Canary reason"}
        assert (await as_admin.post(f"/visits/{visit['id']}/priority", priority)).status_code == 200
        assert (await as_admin.post(f"/visits/{first['id']}/complete")).status_code == 200
        await placed()
        told = [await reader.next() for _ in range(5)]
        assert reader.chunks.empty()

    assert connected.data == {"stream": "waiting-room"}
    assert queue.data == {
        "queue": [{"tokenLabel": first["tokenLabel"], "room": "12", "status": "WAITING", "minutes": 0}]
    }
    assert [(one.data["tokenLabel"], one.data["status"]) for one in told] == [
        (visit["tokenLabel"], "WAITING"),
        (first["tokenLabel"], "CALLED"),
        (first["tokenLabel"], "IN_PROGRESS"),
        (visit["tokenLabel"], "WAITING"),
        (first["tokenLabel"], "COMPLETED"),
    ]
    assert all(set(one.data) == KEYS for one in told)
    text = reader.raw.decode()
    assert "Canary" not in text
    assert "9876501234" not in text
    assert "Id" not in text  # patientId, visitId, eventId …


async def test_a_token_that_waits_elsewhere_leaves_the_display(
    listen, placed, as_nobody, as_admin, hospital, department_id, doctor, make, walk_in
):
    other = await department(make, hospital, prefix="X")
    colleague = await make.clinician(hospital, department_id=other)
    visit = await walk_in()
    await placed()
    async with (
        listen(as_nobody, f"/sse/waiting-room/{department_id}") as here,
        listen(as_nobody, f"/sse/waiting-room/{other}") as there,
    ):
        await here.until("queue.updated")
        await there.until("queue.updated")
        path = f"/visits/{visit['id']}/reassign"
        answer = await as_admin.post(path, {"doctorId": colleague.clinician_id, "reason": "Away"})
        assert answer.status_code == 200, answer.text
        await placed()
        gone, come = await here.next(), await there.next()

    assert gone.data == {"tokenLabel": visit["tokenLabel"], "room": None, "status": None, "minutes": None}
    assert come.data["tokenLabel"] == answer.json()["data"]["tokenLabel"]
    assert come.data["status"] == "WAITING"


async def test_whoever_is_expected_is_not_on_display(
    listen, placed, as_nobody, as_admin, as_patient, doctor, department_id
):
    async with listen(as_nobody, f"/sse/waiting-room/{department_id}") as reader:
        await reader.until("queue.updated")
        appointment = await booked(as_admin, doctor, patientId=as_patient.patient_id)
        cancelled = await as_admin.delete(f"/appointments/{appointment['id']}", {"reason": "ill"})
        assert cancelled.status_code == 200, cancelled.text
        await placed()
        answer = await as_admin.post("/visits", {"patientId": as_patient.patient_id, "doctorId": doctor.clinician_id})
        await placed()

        assert (await reader.next()).data["tokenLabel"] == answer.json()["data"]["tokenLabel"]


async def test_minutes_that_time_has_changed_are_shown_anew_and_only_then(
    listen, placed, outpatient, clock, as_nobody, as_admin, department_id, doctor, walk_in
):
    first, second = await walk_in(), await walk_in(name="Asha Rao")
    for path in (f"/queue/doctor/{doctor.clinician_id}/next", f"/visits/{first['id']}/start"):
        assert (await as_admin.post(path)).status_code == 200, path
    await placed()
    async with listen(as_nobody, f"/sse/waiting-room/{department_id}") as reader:
        before = (await reader.until("queue.updated")).data["queue"]
        await outpatient.live.refresh()
        again = await reader.next()
        await outpatient.live.refresh()
        clock.advance(minutes=5)
        await outpatient.live.refresh()
        after = await reader.next()
        assert reader.chunks.empty()

    assert (again.type, again.id, again.data["queue"]) == ("queue.updated", None, before)
    waits = {one["tokenLabel"]: one["minutes"] for one in before}
    assert {one["tokenLabel"]: one["minutes"] for one in after.data["queue"]} == {
        first["tokenLabel"]: None,
        second["tokenLabel"]: waits[second["tokenLabel"]] - 5,
    }
    assert set(after.data["queue"][0]) == KEYS


async def test_a_closed_departments_display_ends(listen, placed, as_nobody, as_admin, department_id):
    async with listen(as_nobody, f"/sse/waiting-room/{department_id}") as reader:
        await reader.until("queue.updated")
        assert (await as_admin.delete(f"/departments/{department_id}")).status_code == 200
        await placed()
        rest = await reader.rest()

    assert [(one.type, one.data) for one in rest] == [("bye", {"reason": "CLOSED"})]
    async with listen(as_nobody, f"/sse/waiting-room/{department_id}") as refused:
        assert await refused.chunks.get()
    assert refused.status == 404


async def test_a_clinicians_new_room_is_shown(listen, placed, as_nobody, as_admin, department_id, doctor, walk_in):
    await walk_in()
    await placed()
    async with listen(as_nobody, f"/sse/waiting-room/{department_id}") as reader:
        await reader.until("queue.updated")
        answer = await as_admin.put(f"/clinicians/{doctor.clinician_id}", {"room": "14"})
        assert answer.status_code == 200, answer.text
        await placed()
        shown = await reader.next()

    assert [one["room"] for one in shown.data["queue"]] == ["14"]


def test_nothing_else_can_be_put_on_display():
    with pytest.raises(ValidationError):
        OnDisplay(token_label="T1", room=None, status=None, minutes=None, patient_name="Asha")
