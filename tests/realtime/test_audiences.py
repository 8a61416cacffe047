"""Every change reaches its audiences and nobody else (lessons: the public screen leaked ids, rooms were unchecked)."""

from contextlib import AsyncExitStack

import pytest

from outpatient.reactions import REACTIONS
from outpatient.realtime.audiences import TELLINGS
from tests.appointments.wishes import booked, wish
from tests.realtime.conftest import department


@pytest.fixture
async def stack():
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def tune_in(stack, listen):
    """`await tune_in(persona, path)`: a reader who has seen the queue."""

    async def open_one(persona, path):
        reader = await stack.enter_async_context(listen(persona, path))
        await reader.until("queue.updated")
        return reader

    return open_one


async def heard(reader, upto: int) -> list[tuple[str, int]]:
    """What a reader hears before the event of his own with which a test ends."""
    found = []
    while (message := await reader.next()).data.get("visitId") != upto:
        found.append((message.type, message.data.get("visitId")))
    return found


def test_every_event_has_an_audience_or_is_known_to_have_none():
    assert set(TELLINGS) == {event.name for event in REACTIONS.table}


async def test_the_reception_hears_of_its_hospital_and_its_centres_alone(
    tune_in, placed, walk_in, make, hospital, as_admin, as_front_desk, as_stranger
):
    elsewhere = await make.centre(hospital)
    far_doctor = await make.clinician(hospital, centre_id=elsewhere)
    far_desk = await make.staff(hospital, "FRONT_DESK", centre_id=elsewhere)
    owner = await tune_in(as_admin, f"/sse/reception/{hospital.id}")
    here = await tune_in(as_front_desk, f"/sse/reception/{hospital.id}")
    there = await tune_in(far_desk, f"/sse/reception/{hospital.id}")
    other = await tune_in(as_stranger, f"/sse/reception/{as_stranger.hospital_id}")

    near, far = await walk_in(), await walk_in(doctorId=far_doctor.clinician_id)
    await placed()

    assert [(await owner.next()).data["visitId"] for _ in range(2)] == [near["id"], far["id"]]
    assert (await here.next()).data["visitId"] == near["id"]
    assert (await there.next()).data["visitId"] == far["id"]
    assert here.chunks.empty()
    assert there.chunks.empty()
    assert other.chunks.empty()


async def test_a_doctor_hears_of_his_own_patients_and_of_those_who_wait_for_anybody(
    tune_in, placed, walk_in, doctor, other_doctor, make, hospital, department_id
):
    mine = await tune_in(doctor, f"/sse/doctor/{doctor.clinician_id}")
    at_reception = await tune_in(doctor, f"/sse/reception/{hospital.id}")
    his = await tune_in(other_doctor, f"/sse/doctor/{other_doctor.clinician_id}")
    far_doctor = await make.clinician(hospital, department_id=await department(make, hospital))
    far = await tune_in(far_doctor, f"/sse/doctor/{far_doctor.clinician_id}")

    own, foreign = await walk_in(), await walk_in(doctorId=other_doctor.clinician_id)
    anybody = await walk_in(departmentId=department_id)
    await placed()

    assert anybody["clinicianId"] is None
    for reader, first in ((mine, own), (at_reception, own), (his, foreign)):
        assert [(await reader.next()).data["visitId"] for _ in range(2)] == [first["id"], anybody["id"]]
        assert reader.chunks.empty()
    assert far.chunks.empty()


async def test_who_loses_a_patient_hears_of_it_like_who_gets_him(
    tune_in, placed, walk_in, as_admin, doctor, other_doctor, department_id
):
    mine = await tune_in(doctor, f"/sse/doctor/{doctor.clinician_id}")
    his = await tune_in(other_doctor, f"/sse/doctor/{other_doctor.clinician_id}")
    visit = await walk_in()
    anybody = await walk_in(departmentId=department_id)
    path = f"/visits/{visit['id']}/reassign"
    answer = await as_admin.post(path, {"doctorId": other_doctor.clinician_id, "reason": "Away"})
    assert answer.status_code == 200, answer.text
    answer = await other_doctor.post(f"/visits/{anybody['id']}/call")
    assert answer.status_code == 200, answer.text
    await placed()

    for reader, before in ((mine, [("visit.walk_in_added", visit["id"])]), (his, [])):
        messages = [await reader.next() for _ in range(len(before) + 3)]
        assert [(one.type, one.data["visitId"]) for one in messages] == [
            *before,
            ("visit.walk_in_added", anybody["id"]),
            ("visit.reassigned", visit["id"]),
            ("visit.status_changed", anybody["id"]),
        ]
        assert messages[-2].data["wasClinicianId"] == doctor.clinician_id
        assert reader.chunks.empty()


async def test_a_receptionist_sees_of_a_doctor_what_is_at_his_centre(
    tune_in, placed, make, hospital, as_admin, as_front_desk, doctor, walk_in
):
    far_desk = await make.staff(hospital, "FRONT_DESK", centre_id=await make.centre(hospital))
    near = await tune_in(as_front_desk, f"/sse/doctor/{doctor.clinician_id}")
    far = await tune_in(far_desk, f"/sse/doctor/{doctor.clinician_id}")

    visit = await walk_in()
    await placed()

    assert (await near.next()).data["visitId"] == visit["id"]
    assert far.chunks.empty()


async def test_people_hear_of_their_own_visits_and_appointments_alone(
    tune_in, placed, make, hospital, as_admin, as_patient, as_clinician, walk_in
):
    somebody = await make.patient(hospital, "Somebody Else")
    mine = await tune_in(as_patient, "/sse/me")
    theirs = await tune_in(somebody, "/sse/me")
    doctors = await tune_in(as_clinician, "/sse/me")

    appointment = await booked(as_admin, as_clinician, patientId=as_patient.patient_id)
    answer = await as_admin.put(f"/appointments/{appointment['id']}", {"notes": "between us"})
    assert answer.status_code == 200, answer.text
    await placed()

    created = await mine.next()
    assert created.type == "appointment.created"
    assert created.data["appointmentId"] == appointment["id"]
    assert created.data["patientName"] == "Asha Rao"
    assert "fields" not in (await mine.next()).data
    assert [(await doctors.next()).type for _ in range(2)] == ["appointment.created", "appointment.updated"]
    assert theirs.chunks.empty()


async def test_a_patients_stream_shows_where_he_stands_but_not_what_staff_wrote(
    listen, placed, make, as_admin, as_patient, doctor, walk_in
):
    await walk_in()
    body = {"patientId": as_patient.patient_id, "doctorId": doctor.clinician_id, "notes": "difficult"}
    visit = (await as_admin.post("/visits", body)).json()["data"]
    async with listen(as_patient, "/sse/me") as reader:
        queue = await reader.until("queue.updated")
        (mine,) = queue.data["queue"]
        assert (mine["id"], mine["position"]) == (visit["id"], 2)
        assert "notes" not in mine
        reason = {"priority": "URGENT", "reason": "shouts at everybody"}
        assert (await as_admin.post(f"/visits/{visit['id']}/priority", reason)).status_code == 200
        await placed()
        told = await reader.next()

    assert told.data["priority"] == "URGENT"
    assert b"shouts" not in reader.raw
    assert b"difficult" not in reader.raw


async def test_coming_on_duty_is_told_to_reception_and_doctor(
    tune_in, placed, hospital, as_admin, as_front_desk, doctor, other_doctor, walk_in
):
    desk = await tune_in(as_front_desk, f"/sse/reception/{hospital.id}")
    own = await tune_in(doctor, f"/sse/doctor/{doctor.clinician_id}")
    colleague = await tune_in(other_doctor, f"/sse/doctor/{other_doctor.clinician_id}")

    answer = await doctor.put(f"/clinicians/{doctor.clinician_id}/on-duty", {"isOnDuty": True})
    assert answer.status_code == 200, answer.text
    await placed()

    for reader in (desk, own):
        message = await reader.next()
        assert (message.type, message.data["isOnDuty"]) == ("clinician.on_duty_set", True)
        assert message.data["clinicianId"] == doctor.clinician_id
    assert colleague.chunks.empty()


async def test_new_records_are_told_to_the_reception_and_not_to_doctors(
    tune_in, placed, hospital, as_front_desk, as_admin, doctor, as_stranger
):
    desk = await tune_in(as_front_desk, f"/sse/reception/{hospital.id}")
    own = await tune_in(doctor, f"/sse/reception/{hospital.id}")
    other = await tune_in(as_stranger, f"/sse/reception/{as_stranger.hospital_id}")

    answer = await as_admin.post("/patients", {"fullName": "Meera Iyer", "phone": "+919811100001"})
    assert answer.status_code == 201, answer.text
    await placed()

    message = await desk.next()
    assert (message.type, message.data["patientName"]) == ("patient.created", "Meera Iyer")
    assert own.chunks.empty()
    assert other.chunks.empty()


async def test_whose_work_changes_is_sent_to_the_right_rooms(listen, placed, make, hospital, as_admin, doctor, walk_in):
    """A clinician who moves to another department hears of that one from then on."""
    new = await department(make, hospital)
    async with listen(doctor, f"/sse/doctor/{doctor.clinician_id}") as reader:
        queue = await reader.until("queue.updated")
        answer = await as_admin.put(f"/clinicians/{doctor.clinician_id}", {"departmentId": new})
        assert answer.status_code == 200, answer.text
        visit = await walk_in(departmentId=new)
        await placed()
        assert [one.type for one in await reader.rest()][-1] == "bye"

    async with listen(doctor, f"/sse/doctor/{doctor.clinician_id}", after=queue.id) as reader:
        await reader.until("connected")
        assert (await reader.next()).data["visitId"] == visit["id"]


MOVES = {
    "call": ([], "visit.status_changed"),
    "start": (["call"], "visit.status_changed"),
    "complete": (["call", "start"], "visit.status_changed"),
    "skip": ([], "visit.status_changed"),
    "recall": (["skip"], "visit.status_changed"),
    "hold": ([], "visit.status_changed"),
    "no-show": (["call"], "visit.status_changed"),
    "cancel": ([], "visit.status_changed"),
    "undo": (["call"], "visit.undone"),
    "delay": ([], "visit.delayed"),
    "priority": ([], "visit.prioritised"),
    "reorder": ([], "visit.reordered"),
    "next": ([], "visit.status_changed"),
    "reassign": ([], "visit.reassigned"),
}
"""Everything that can be done with a visit: what must be done before, and what it is told as."""


@pytest.mark.parametrize("move", MOVES)
async def test_every_move_of_a_visit_is_told_once_on_every_screen(
    move, tune_in, placed, walk_in, as_admin, as_nobody, hospital, doctor, other_doctor, department_id
):
    async def act(name: str) -> None:
        bodies = {
            "delay": {"minutes": 20},
            "priority": {"priority": "VIP", "reason": "Chest pain"},
            "reassign": {"doctorId": other_doctor.clinician_id, "reason": "Away"},
            "hold": {"reason": "Blood test"},
        }
        if name == "reorder":
            answer = await as_admin.put("/queue/reorder", {"visitId": visit["id"], "newPosition": 2})
        elif name == "next":
            answer = await as_admin.post(f"/queue/doctor/{doctor.clinician_id}/next")
        else:
            answer = await as_admin.post(f"/visits/{visit['id']}/{name}", bodies.get(name))
        assert answer.status_code == 200, answer.text

    visit, _ = await walk_in(), await walk_in()
    before, told_as = MOVES[move]
    for name in before:
        await act(name)
    await placed()
    screens = [
        await tune_in(as_admin, f"/sse/reception/{hospital.id}"),
        await tune_in(doctor, f"/sse/doctor/{doctor.clinician_id}"),
        await tune_in(as_nobody, f"/sse/waiting-room/{department_id}"),
    ]
    await act(move)
    await placed()

    for screen in screens:
        message = await screen.next()
        assert message.type == told_as
        assert message.data["tokenLabel"] == visit["tokenLabel"]
        assert screen.chunks.empty()


async def test_every_change_of_an_appointment_is_told_to_reception_and_doctor(
    tune_in, placed, as_admin, as_patient, as_clinician, hospital
):
    screens = [
        await tune_in(as_admin, f"/sse/reception/{hospital.id}"),
        await tune_in(as_clinician, f"/sse/doctor/{as_clinician.clinician_id}"),
    ]
    appointment = await booked(as_admin, as_clinician, patientId=as_patient.patient_id)
    path = f"/appointments/{appointment['id']}"
    for answer in (
        await as_admin.patch(f"{path}/confirm"),
        await as_admin.put(path, {"notes": "by the window"}),
        await as_admin.patch(f"{path}/reschedule", wish(as_clinician, "11:00:00")),
        await as_admin.delete(path, {"reason": "ill"}),
    ):
        assert answer.status_code == 200, answer.text
    await placed()

    told = ["created", "confirmed", "updated", "rescheduled", "cancelled"]
    for screen in screens:
        messages = [await screen.next() for _ in range(len(told) + 1)]
        assert [one.type for one in messages if one.type.startswith("appointment.")] == [
            f"appointment.{what}" for what in told
        ]
        assert [one.data["status"] for one in messages if one.type == "visit.status_changed"] == ["CANCELLED"]
        assert screen.chunks.empty()
