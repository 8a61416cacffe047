"""Socket.IO: who may connect, who may join which room, and what is told there in the words of seed 000."""

import asyncio
from contextlib import AsyncExitStack

import engineio
import httpx2
import pytest
from socketio.exceptions import ConnectionError as Refused
from sqlalchemy import select

from outpatient.models import Centre
from outpatient.realtime.audiences import TELLINGS
from tests.appointments.wishes import booked
from tests.realtime.conftest import department
from tests.realtime.sockets import Client, token_of

NAMES = {
    "appointment_created",
    "appointment_updated",
    "appointment_cancelled",
    "patient_created",
    "patient_updated",
    "new_checkin",
    "walkin_added",
    "visit_status_changed",
    "payment_processed",
}
"""What seed 000 and its clients call things."""
OURS = {
    "clinician_on_duty",
    "patient_deleted",
    "payment_link_created",
    "payment_updated",
    "refund_failed",
    "refund_processed",
    "refund_requested",
    "visit_updated",
}


def test_the_names_are_those_of_the_seed():
    assert {telling.socket for telling in TELLINGS.values() if telling.socket} == NAMES | OURS
    assert {then for telling in TELLINGS.values() for then in telling.then} == {
        "queue_updated",
        "phases_updated",
        "current_appointment_available",
    }


@pytest.mark.parametrize(
    "given",
    [
        {"auth": None},
        {"auth": {}},
        {"auth": {"token": "nonsense"}},
        {"auth": {"token": 7}},
        {"auth": "text"},
        {"auth": None, "headers": {"Authorization": "Basic abc"}},
    ],
    ids=str,
)
async def test_whoever_shows_no_good_token_is_refused(outpatient, connect, as_admin, given):
    with pytest.raises(Refused):
        async with connect(as_admin, **given):
            pass
    assert len(outpatient.live.sockets) == 0


async def test_a_token_in_the_address_opens_nothing(address, connect, as_admin):
    client = Client()
    with pytest.raises(Refused):
        await client.io.connect(f"{address}?token={token_of(as_admin)}", transports=["websocket"])


async def test_a_line_on_which_nobody_says_who_he_is_is_closed(outpatient, address, connect, as_admin, monkeypatch):
    monkeypatch.setattr("outpatient.realtime.sockets.STRANGERS", 0.2)
    async with connect(as_admin) as known:
        stranger, closed = engineio.AsyncClient(), asyncio.Event()
        stranger.on("disconnect", lambda *_: closed.set())
        await stranger.connect(address, transports=["websocket"], engineio_path="socket.io")
        await asyncio.wait_for(closed.wait(), 60)
        assert known.io.connected
        assert len(outpatient.live.sockets) == 1


async def test_a_failure_of_ours_in_a_join_is_said_without_its_text(connect, as_admin, hospital, monkeypatch):
    async def fail(*_):
        raise OSError("secret address")

    async with connect(as_admin) as client:
        monkeypatch.setattr("outpatient.realtime.sockets.clinic_board", fail)
        answer = await client.ask("join_queue_room", clinic_id=hospital.centre_id)

    assert answer == {"error": {"code": "INTERNAL_ERROR", "message": "Something went wrong"}}


async def test_the_token_may_come_by_the_header(connect, as_admin, hospital):
    async with connect(as_admin, auth=None, headers={"Authorization": as_admin.headers["Authorization"]}) as client:
        assert await client.ask("join_queue_room", clinic_id=hospital.centre_id) == {
            "joined": f"clinic_{hospital.centre_id}"
        }


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_both_transports_work(outpatient, connect, placed, walk_in, as_admin, hospital, transport, monkeypatch):
    async with connect(as_admin, transports=[transport]) as client:
        await client.join("join_queue_room", clinic_id=hospital.centre_id)
        visit = await walk_in()
        await placed()
        assert (await client.next("walkin_added"))[1]["visit_id"] == visit["id"]
        if transport == "polling":  # the last poll waits for as long as a ping may take
            monkeypatch.setattr(outpatient.live.sockets.server.eio, "ping_interval", 0.2)
            monkeypatch.setattr(outpatient.live.sockets.server.eio, "ping_timeout", 0.2)
            await client.barrier()


async def test_one_list_of_origins_for_sockets_and_calls(address, settings):
    async with httpx2.AsyncClient(base_url=address) as client:
        path = "/socket.io/?EIO=4&transport=polling"
        strange = await client.get(path, headers={"Origin": "https://evil.example"})
        ours = await client.get(path, headers={"Origin": settings.cors_origins[0]})
        own = await client.get(path, headers={"Origin": address})

    assert strange.status_code == 400
    assert "access-control-allow-origin" not in strange.headers
    assert ours.status_code == own.status_code == 200
    assert ours.headers["access-control-allow-origin"] == settings.cors_origins[0]


async def test_a_join_shows_the_queue_in_the_shape_of_the_seed(connect, walk_in, as_admin, hospital, doctor):
    seen, called, waiting = [await walk_in(name=name) for name in ("Seen", "Called", "Waiting")]
    for path in (f"{seen['id']}/call", f"{seen['id']}/start", f"{called['id']}/call"):
        answer = await as_admin.post(f"/visits/{path}")
        assert answer.status_code == 200, answer.text

    async with connect(as_admin) as client:
        clinic = await client.join("join_queue_room", clinic_id=hospital.centre_id)
        own = await client.join("join_doctor_room", doctor_id=str(doctor.clinician_id))

    assert set(clinic) == {"clinic_id", "waiting", "called", "in_progress", "completed", "total"}
    assert clinic["clinic_id"] == hospital.centre_id
    assert own["doctor_id"] == doctor.clinician_id
    for queue in (clinic, own):
        assert [len(queue[column]) for column in ("waiting", "called", "in_progress", "completed")] == [1, 1, 1, 0]
        assert queue["total"] == 3
        (item,) = queue["waiting"]
        assert item["id"] == waiting["id"]
        assert item["patient_name"] == "Waiting"
        assert item["queue_number"] == waiting["tokenNumber"]
        assert item["status"] == "waiting"
        assert item["check_in_time"] == "2026-03-02T03:30:00Z"
        assert {"patient_phone", "doctor_name", "service_name", "visit_type", "start_time", "end_time"} <= set(item)


async def test_who_may_not_be_in_a_room_does_not_get_in(
    connect, placed, walk_in, make, hospital, doctor, other_doctor, as_patient, as_front_desk, as_stranger
):
    elsewhere = await make.centre(hospital)
    tries = [
        (as_patient, "join_queue_room", {"clinic_id": hospital.centre_id}, "FORBIDDEN"),
        (as_patient, "join_doctor_room", {"doctor_id": doctor.clinician_id}, "FORBIDDEN"),
        (other_doctor, "join_queue_room", {"clinic_id": hospital.centre_id}, "FORBIDDEN"),
        (other_doctor, "join_doctor_room", {"doctor_id": doctor.clinician_id}, "NOT_FOUND"),
        (as_stranger, "join_queue_room", {"clinic_id": hospital.centre_id}, "NOT_FOUND"),
        (as_stranger, "join_doctor_room", {"doctor_id": doctor.clinician_id}, "NOT_FOUND"),
        (as_front_desk, "join_queue_room", {"clinic_id": elsewhere}, "NOT_FOUND"),
        (as_front_desk, "join_queue_room", {"clinic_id": "hospital:1"}, "NOT_FOUND"),
        (as_front_desk, "join_queue_room", {}, "NOT_FOUND"),
        (as_front_desk, "join_doctor_room", {"doctor_id": -1}, "NOT_FOUND"),
        (as_front_desk, "join_doctor_room", {"doctor_id": 2**70}, "NOT_FOUND"),
    ]
    async with AsyncExitStack() as stack:
        clients = []
        for persona, event, data, code in tries:
            client = await stack.enter_async_context(connect(persona))
            answer = await client.ask(event, **data)
            assert answer["error"]["code"] == code, (persona, event, data)
            name, told = await client.next()
            assert (name, told["error"]["code"]) == ("error", code)
            clients.append(client)
        await walk_in()
        await placed()
        for client in clients:
            assert await client.barrier() == []


async def test_a_socket_in_several_rooms_hears_each_change_once(
    connect, placed, walk_in, as_admin, hospital, doctor, make
):
    async with connect(as_admin) as client:
        await client.join("join_queue_room", clinic_id=hospital.centre_id)
        await client.join("join_doctor_room", doctor_id=doctor.clinician_id)
        await client.join("join_queue_room", clinic_id=hospital.centre_id)
        visit = await walk_in()
        assert (await as_admin.post(f"/visits/{visit['id']}/call")).status_code == 200
        await placed()
        heard = []
        while [name for name, _ in heard].count("phases_updated") < 2:
            heard.append(await client.next())
        assert await client.barrier() == []

    events = [data["event_id"] for name, data in heard if name in NAMES]
    assert [name for name, _ in heard if name in NAMES] == ["walkin_added", "visit_status_changed"]
    assert events == sorted(set(events))
    assert all("event_id" in data for _, data in heard)
    boards = [(data.get("clinic_id"), data.get("doctor_id")) for name, data in heard if name == "queue_updated"]
    assert boards == [(hospital.centre_id, None), (None, doctor.clinician_id)]
    available = [data for name, data in heard if name == "current_appointment_available"]
    assert [(data["visit_id"], data["status"], data["doctor_id"]) for data in available] == [
        (visit["id"], "called", doctor.clinician_id)
    ]


async def test_an_event_speaks_as_the_seed_does(connect, placed, walk_in, as_admin, hospital, doctor, department_id):
    async with connect(as_admin) as client:
        await client.join("join_queue_room", clinic_id=hospital.centre_id)
        visit = await walk_in()
        await placed()
        _, data = await client.next("walkin_added")
        _, queue = await client.next("queue_updated")

    assert data.pop("event_id") == queue["event_id"]
    assert data == {
        "visit_id": visit["id"],
        "appointment_id": None,
        "patient_id": visit["patientId"],
        "patient_name": "Ravi Kumar",
        "doctor_id": doctor.clinician_id,
        "department_id": department_id,
        "clinic_id": hospital.centre_id,
        "status": "waiting",
        "token_label": visit["tokenLabel"],
        "priority": "normal",
        "room": "12",
        "minutes": 0,
        "at": "2026-03-02T03:30:00Z",
    }
    assert [item["id"] for item in queue["waiting"]] == [visit["id"]]


async def test_rooms_hear_what_is_theirs(
    connect, placed, walk_in, make, hospital, as_admin, as_front_desk, doctor, other_doctor, as_stranger, department_id
):
    elsewhere = await make.centre(hospital)
    far_doctor = await make.clinician(hospital, centre_id=elsewhere)
    async with (
        connect(as_front_desk) as desk,
        connect(as_admin) as far_desk,
        connect(doctor) as own,
        connect(other_doctor) as colleague,
        connect(as_stranger) as stranger,
    ):
        await desk.join("join_queue_room", clinic_id=hospital.centre_id)
        await far_desk.join("join_queue_room", clinic_id=elsewhere)
        await own.join("join_doctor_room", doctor_id=doctor.clinician_id)
        await colleague.join("join_doctor_room", doctor_id=other_doctor.clinician_id)
        await stranger.join("join_queue_room", clinic_id=(await _own_centre(make, as_stranger)))
        near, far = await walk_in(), await walk_in(doctorId=far_doctor.clinician_id)
        anybody = await walk_in(departmentId=department_id)
        await placed()

        async def visits(client: Client) -> list[int]:
            return [data["visit_id"] for name, data in await client.barrier() if name in NAMES and "visit_id" in data]

        assert await visits(desk) == [near["id"], anybody["id"]]
        assert await visits(far_desk) == [far["id"]]
        assert await visits(own) == [near["id"], anybody["id"]]
        assert await visits(colleague) == [anybody["id"]]
        assert await stranger.barrier() == []


async def _own_centre(make, persona) -> int:
    async with make.database.reading() as tx:
        centre_id: int = await tx.one_or_none(select(Centre.id).where(Centre.hospital_id == persona.hospital_id))
        return centre_id


async def test_people_hear_of_their_own_without_joining(
    connect, placed, as_admin, as_patient, as_clinician, make, hospital
):
    somebody = await make.patient(hospital, "Somebody Else")
    async with connect(as_patient) as own, connect(as_clinician) as doctor, connect(somebody) as other:
        appointment = await booked(as_admin, as_clinician, patientId=as_patient.patient_id)
        cancelled = await as_admin.delete(f"/appointments/{appointment['id']}", {"reason": "ill"})
        assert cancelled.status_code == 200, cancelled.text
        await placed()

        for client in (own, doctor):
            heard = [(name, data) for name, data in await client.barrier() if "appointment" in name]
            assert [name for name, _ in heard] == ["appointment_created", "appointment_cancelled"]
            assert all(data["appointment_id"] == appointment["id"] for _, data in heard)
        assert await other.barrier() == []


async def test_whoever_leaves_a_room_hears_no_more(connect, placed, walk_in, as_admin, hospital):
    async with connect(as_admin) as client:
        await client.join("join_queue_room", clinic_id=hospital.centre_id)
        assert await client.ask("leave_queue_room", clinic_id=hospital.centre_id) == {
            "left": f"clinic_{hospital.centre_id}"
        }
        await walk_in()
        await placed()
        assert await client.barrier() == []


async def test_a_signed_out_user_is_disconnected(outpatient, connect, as_admin, as_manager):
    async with connect(as_admin) as stays, connect(as_manager) as leaves:
        answer = await as_manager.post("/auth/logout", {"refreshToken": as_manager.refresh_token})
        assert answer.status_code == 200
        await outpatient.live.check_sessions()
        await asyncio.wait_for(leaves.gone.wait(), 60)
        assert stays.io.connected
        assert len(outpatient.live.sockets) == 1


async def test_a_clinician_who_moves_department_hears_of_the_new_one(
    connect, placed, walk_in, make, hospital, as_admin, doctor, department_id
):
    new = await department(make, hospital)
    async with connect(doctor) as client:
        await client.join("join_doctor_room", doctor_id=doctor.clinician_id)
        answer = await as_admin.put(f"/clinicians/{doctor.clinician_id}", {"departmentId": new})
        assert answer.status_code == 200, answer.text
        await placed()
        visit = await walk_in(departmentId=new)
        await walk_in(departmentId=department_id)
        await placed()
        heard = [data["visit_id"] for name, data in await client.barrier() if name == "walkin_added"]

    assert heard == [visit["id"]]


async def test_nobody_connected_nobody_looks(outpatient, connect, as_admin):
    async with connect(as_admin):
        assert outpatient.live.tail.is_following
    async with asyncio.timeout(60):
        while outpatient.live.tail.is_following:
            await asyncio.sleep(0.01)
    assert not outpatient.live._tasks
