"""Socket.IO's own JavaScript client, as seed 000's screens use it: rooms, both transports, refusals, coming back."""

import pytest

from tests.appointments.wishes import MONDAY, booked
from tests.clients.node import LOST, named, running
from tests.outside import Wire
from tests.realtime.sockets import token_of

TRANSPORTS = ["websocket", "polling"]


@pytest.fixture
def watching(address):
    """`async with watching(persona, [("join_queue_room", {"clinic_id": 1})]) as told`."""

    def watch(persona, *rooms, address=address, token=None, transport="websocket"):
        given = {"address": address, "token": token or token_of(persona), "rooms": rooms}
        return running("sockets.mjs", {**given, "options": {"transports": [transport]}})

    return watch


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_screen_hears_what_happens_in_its_rooms(
    watching, placed, walk_in, hospital, as_admin, as_front_desk, doctor, as_patient, transport
):
    rooms = [
        ("join_queue_room", {"clinic_id": hospital.centre_id}),
        ("join_doctor_room", {"doctor_id": doctor.clinician_id}),
    ]
    async with watching(as_front_desk, *rooms, transport=transport) as told:
        clinic, own = await told.each(("join_queue_room",), ("join_doctor_room",))
        assert clinic == [{"joined": f"clinic_{hospital.centre_id}"}]
        assert own == [{"joined": f"doctor_{doctor.clinician_id}"}]
        shown = [queue for name, queue in told.heard if name == "queue_updated"]
        assert [queue["total"] for queue in shown] == [0, 0]

        visit = await walk_in()
        appointment = await booked(as_admin, doctor, day=MONDAY, patientId=as_patient.patient_id)
        await placed()
        ((came,), (created,)) = await told.each(("walkin_added",), ("appointment_created",))
        assert came["visit_id"] == visit["id"]
        assert (created["appointment_id"], created["status"]) == (appointment["id"], "pending")

        assert (await as_front_desk.post(f"/appointments/{appointment['id']}/check-in")).status_code == 200
        assert (await doctor.post(f"/queue/doctor/{doctor.clinician_id}/next")).status_code == 200
        await placed()
        ((arrived,), (called,)) = await told.each(("new_checkin",), ("visit_status_changed",))
        assert arrived["appointment_id"] == appointment["id"]
        assert (called["visit_id"], called["was"], called["status"]) == (visit["id"], "waiting", "called")
        _, queue = await told.until(lambda it: it[0] == "queue_updated" and it[1]["called"])
        assert [[one["patient_name"] for one in queue[column]] for column in ("called", "waiting")] == [
            ["Ravi Kumar"],
            ["Asha Rao"],
        ]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_rooms_of_another_hospital_are_not_there(watching, as_stranger, hospital, doctor, transport):
    rooms = [
        ("join_queue_room", {"clinic_id": hospital.centre_id}),
        ("join_doctor_room", {"doctor_id": doctor.clinician_id}),
    ]
    async with watching(as_stranger, *rooms, transport=transport) as told:
        answers = await told.each(("join_queue_room",), ("join_doctor_room",))
        assert [answer["error"]["code"] for (answer,) in answers] == ["NOT_FOUND"] * 2

    heard = [name for name, *_ in told.heard]
    assert heard.count("error") == 2
    assert "queue_updated" not in heard


async def test_a_bad_token_is_refused_and_that_is_the_end(watching, as_admin):
    async with watching(as_admin, token="nonsense") as told:
        assert await told.end() == 0

    assert told.heard == [["connect_error", "Invalid or expired token"]]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_whoever_lost_his_line_comes_back_by_himself(
    watching, address, placed, walk_in, as_admin, hospital, transport
):
    room = ("join_queue_room", {"clinic_id": hospital.centre_id})
    async with (
        Wire(address) as wire,
        watching(as_admin, room, address=wire.url, transport=transport) as told,
    ):
        await told.until(named("join_queue_room"))
        await wire.cut()
        assert (await told.until(named("disconnect")))[1] in LOST
        missed = await walk_in()
        await placed()
        await wire.mend()

        assert "joined" in (await told.until(named("join_queue_room")))[1]
        queue = [queue for name, queue in told.heard if name == "queue_updated"][-1]
        assert [one["id"] for one in queue["waiting"]] == [missed["id"]]
        later = await walk_in()
        await placed()
        await told.until(lambda one: one[0] == "walkin_added" and one[1]["visit_id"] == later["id"])


async def test_whoever_was_too_slow_is_cut_off_and_comes_back(watching, outpatient, as_admin, hospital, monkeypatch):
    async with watching(as_admin, ("join_queue_room", {"clinic_id": hospital.centre_id})) as told:
        await told.until(named("join_queue_room"))
        with monkeypatch.context() as patience:
            patience.setattr("outpatient.realtime.sockets.MAX_WAITING", -1)
            await outpatient.live.sockets.drop_slow()

        assert (await told.until(named("disconnect")))[1] in LOST
        assert "joined" in (await told.until(named("join_queue_room")))[1]


async def test_whoever_is_signed_out_is_told_to_go_and_stays_away(watching, outpatient, as_manager, hospital):
    async with watching(as_manager, ("join_queue_room", {"clinic_id": hospital.centre_id})) as told:
        await told.until(named("join_queue_room"))
        answer = await as_manager.post("/auth/logout", {"refreshToken": as_manager.refresh_token})
        assert answer.status_code == 200
        await outpatient.live.check_sessions()
        assert await told.end() == 0

    assert told.heard[-1] == ["disconnect", "io server disconnect"]
